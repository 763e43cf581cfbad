"""The notice beside the run bar: nothing else moves for it."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QMainWindow, QPushButton, QTextEdit, QToolBar, QToolButton

from widgets.base.notice import NoticeBar
from widgets.training.run_bar import RunBar
from widgets.training.run_strip import HEIGHT_PX, RunStrip

SHORT = "Run 1 was stopped."
LONG = "This network is for pictures of 8 × 8; Circles has points with 2 values. " * 6
ANSWERS = (("use", "Use the Proposed Network"), ("keep", "Keep Mine"))


class Window(QMainWindow):
    def __init__(self):
        super().__init__()
        self.bar, self.notice = RunBar(), NoticeBar()
        self.train = QPushButton("Train")
        tools = QToolBar()
        tools.addWidget(self.train)
        self.strip = RunStrip(self.bar, self.notice, self)
        tools.addWidget(self.strip)
        self.addToolBar(tools)
        self.page = QTextEdit()
        self.setCentralWidget(self.page)


@pytest.fixture(params=[700, 1000, 1600])
def window(request, qtbot):
    made = Window()
    qtbot.addWidget(made)
    made.resize(request.param, 500)
    with qtbot.waitExposed(made):
        made.show()
    return made


def places(window):
    return [
        QRect(each.mapTo(window, QPoint(0, 0)), each.size())
        for each in (window.train, window.page, window.strip)
    ]


@pytest.mark.parametrize("sentence", [SHORT, LONG])
@pytest.mark.parametrize("answers", [(), ANSWERS])
def test_a_notice_moves_nothing_and_shows_every_word(window, sentence, answers):
    before = places(window)
    window.notice.show_notice(sentence, answers)
    window.notice.layout().activate()
    assert places(window) == before
    label = window.notice.findChild(QLabel, "notice.sentence")
    assert label.height() >= label.heightForWidth(label.width())
    for button in window.notice.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width()
        assert window.notice.rect().contains(
            QRect(button.mapTo(window.notice, QPoint(0, 0)), button.size())
        )
    window.notice.clear()
    assert places(window) == before
    assert window.bar.isVisible()


def test_a_short_notice_stays_in_the_tool_bar_beside_a_running_training(window):
    window.bar.show_phase("preparing")
    window.notice.show_notice(SHORT, ())
    assert window.notice.height() == HEIGHT_PX
    assert window.bar.isVisible()
    assert window.bar.geometry().right() <= window.notice.x() - window.strip.x()


def test_what_a_running_training_needs_is_never_covered(window):
    window.bar.show_phase("preparing")
    window.notice.show_notice(LONG, ANSWERS)
    assert window.bar.width() >= window.bar.least_width_px
    assert window.notice.x() >= window.strip.mapTo(window, window.bar.geometry().topRight()).x()


def test_a_notice_stands_beside_the_result_near_the_button(window):
    window.bar.show_result("Finished: test accuracy 98.89%", "Handwritten digits, run 3")
    window.notice.show_notice(SHORT, ())
    assert window.notice.x() == window.strip.x() + window.bar.least_width_px
    room = window.strip.width() - window.bar.least_width_px
    assert window.notice.width() == min(room, 760)


def test_a_short_question_leaves_the_result_to_be_seen(qtbot):
    window = Window()
    qtbot.addWidget(window)
    window.resize(870, 500)
    with qtbot.waitExposed(window):
        window.show()
    window.bar.show_result(
        "Finished: test accuracy 98.89%", "Handwritten digits, run 1 · took 0:05"
    )
    ways = (("try", "Draw a Digit"), ("change", "Change a Layer"), ("own", "Bring Your Data"))
    window.notice.show_notice("What is next?", ways)
    assert window.bar.isVisible()
    assert window.bar.width() == window.bar.least_width_px
    assert window.notice.height() == HEIGHT_PX


def test_the_last_button_stays_in_place_from_one_notice_to_the_next(window, qtbot):
    def right_of_last():
        shown = [b for b in window.notice.findChildren(QPushButton, "notice.next") if b.isVisible()]
        return shown[-1].mapTo(window, shown[-1].rect().topRight()).x()

    close = window.notice.findChild(QToolButton, "notice.close")
    for sentence, answers in (
        ("Problem 1 of 2: " + LONG[:60], ANSWERS),
        ("It is short.", ANSWERS[:1]),
    ):
        window.notice.show_notice(sentence, (*answers, ("next", "Next")))
        is_beside = window.notice.height() == HEIGHT_PX
        end = close.x() + window.notice.x() if is_beside else window.notice.geometry().right()
        qtbot.waitUntil(lambda: abs(end - right_of_last()) <= 12)  # noqa: B023 - called at once
        assert window.notice.geometry().right() == window.strip.geometry().right() or (
            window.notice.width() == 760
        )
