import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from widgets.base.notice import NoticeBar
from widgets.base.theme import DARK

ANSWERS = (("go_on", "Go On"), ("less", "Rock & roll"))


@pytest.fixture
def bar(qtbot):
    made = NoticeBar()
    qtbot.addWidget(made)
    made.resize(700, 40)
    return made


def buttons(bar):
    return [button for button in bar.findChildren(QPushButton) if not button.isHidden()]


def test_it_is_hidden_until_there_is_something_to_say(bar):
    assert bar.isHidden()
    bar.show_notice("Something", ())
    assert bar.sentence == "Something"
    bar.clear()
    assert (bar.isHidden(), bar.sentence) == (True, "")


def test_an_answer_is_asked_for_by_its_id(bar, qtbot):
    bar.show_notice("Something", ANSWERS)
    assert [button.text() for button in buttons(bar)] == ["Go On", "Rock && roll"]
    with qtbot.waitSignal(bar.chosen) as chosen:
        qtbot.mouseClick(buttons(bar)[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["less"]


def test_the_same_notice_keeps_its_buttons_and_another_replaces_them(bar):
    bar.show_notice("Something", ANSWERS)
    first = buttons(bar)
    bar.show_notice("Something", ANSWERS)
    assert buttons(bar) == first
    bar.show_notice("Something", ANSWERS[:1], is_trouble=True)
    assert [button.text() for button in buttons(bar)] == ["Go On"]


def test_it_can_be_hidden_by_whoever_has_read_it(bar, qtbot):
    bar.show_notice("Something", ANSWERS)
    with qtbot.waitSignal(bar.dismissed):
        qtbot.mouseClick(bar.findChild(QToolButton, "notice.close"), Qt.MouseButton.LeftButton)


def test_text_is_plain_and_long_text_wraps(bar, qtbot):
    bar.set_theme(DARK)
    bar.show_notice("<b>long</b> " * 30, ANSWERS)
    with qtbot.waitExposed(bar):
        bar.show()
    label = bar.findChild(QLabel, "notice.sentence")
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.width() < 700
    assert label.heightForWidth(label.width()) > label.fontMetrics().height() * 2
