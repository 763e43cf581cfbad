"""What the program said last is never cut."""

import pytest

from widgets.status_sentence import StatusSentence

LONG = (
    'The file "a very long name of a model.keras" was not opened: ' + "it needs this and that, " * 4
)


@pytest.fixture
def label(qtbot):
    made = StatusSentence()
    qtbot.addWidget(made)
    made.resize(600, made.height())
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_long_sentence_takes_the_lines_it_needs(label):
    label.show_sentence("Saved.")
    line = label.height()
    label.show_sentence(LONG)
    assert label.height() == 2 * line
    assert not label.toolTip()
    label.resize(1600, label.height())
    assert label.height() == line


def test_what_even_three_lines_cut_is_the_tooltip(label):
    label.show_sentence("a" + " word" * 300)
    assert label.height() == 3 * label.fontMetrics().height()
    assert label.toolTip() == label.text()
    label.show_sentence("Saved.")
    assert not label.toolTip()
