"""Several topics share one bar."""

import pytest

from app.shell.notices import Notices
from widgets.base.notice import NoticeBar

ANSWERS = (("yes", "Yes"),)


@pytest.fixture
def bar(qtbot):
    made = NoticeBar()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def notices(bar):
    return Notices(bar)


def test_the_most_pressing_topic_is_in_front_and_the_others_wait(notices, bar):
    notices.topic("next").show_notice("What is next.")
    notices.topic("fit").show_notice("It does not fit.", ANSWERS)
    assert bar.sentence == "It does not fit."
    notices.topic("said").show_notice("It went wrong.", is_trouble=True)
    assert bar.sentence == "It went wrong."
    notices.topic("said").clear()
    assert bar.sentence == "It does not fit."
    notices.topic("fit").clear()
    assert bar.sentence == "What is next."
    notices.topic("next").clear()
    assert bar.sentence == ""


def test_an_answer_goes_to_who_asked(notices, bar, qtbot):
    behind, front = notices.topic("next"), notices.topic("fit")
    behind.show_notice("What is next.", ANSWERS)
    front.show_notice("It does not fit.", ANSWERS)
    with qtbot.waitSignal(front.chosen) as chosen, qtbot.assertNotEmitted(behind.chosen):
        bar.chosen.emit("yes")
    assert chosen.args == ["yes"]


def test_a_dismissed_topic_makes_room_for_the_next(notices, bar, qtbot):
    notices.topic("next").show_notice("What is next.")
    notices.topic("fit").show_notice("It does not fit.")
    with qtbot.waitSignal(notices.topic("fit").dismissed):
        bar.dismissed.emit()
    assert bar.sentence == "What is next."
    assert notices.topic("fit").sentence == ""


def test_what_two_topics_say_alike_is_dismissed_once(notices, bar):
    notices.topic("said").show_notice("It went wrong.")
    notices.topic("run").show_notice("It went wrong.", ANSWERS, is_trouble=True)
    bar.dismissed.emit()
    assert bar.sentence == ""
