"""The box for numbers, typed into key by key."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from engine.catalog.model import Field
from widgets.base.theme import DARK, LIGHT, palette
from widgets.forms.boxes import NumberBox

RATE = Field("learning_rate", "float", 0.001, minimum=0.0, maximum=1000.0)
EPOCHS = Field("epochs", "int", 30, minimum=1, maximum=1_000_000)
SEED = Field("seed", "int", None, optional=True, minimum=0)


@pytest.fixture
def page(qtbot):
    """A box of each kind and a line that takes the focus away, in a shown window."""
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    page.other = QLineEdit()
    column.addWidget(page.other)

    def add(field, value):
        box = NumberBox(field)
        box.show_value(value)
        column.addWidget(box)
        box.numbers, box.problems = [], []
        box.valueChanged.connect(box.numbers.append)
        box.refused.connect(box.problems.append)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        return box

    page.add = add
    return page


@pytest.mark.parametrize(
    ("field", "before", "text", "value"),
    [
        (RATE, 0.001, "0.05", 0.05),
        (RATE, 0.001, "0,05", 0.05),
        (RATE, 0.001, "1,5e-3", 0.0015),
        (RATE, 0.001, "5,1", 5.1),
        (RATE, 0.001, "2.5", 2.5),
        (EPOCHS, 30, "1e3", 1000),
        (EPOCHS, 30, "1 000", 1000),
        (EPOCHS, 30, "64", 64),
        (SEED, 3, "", None),
        (SEED, 3, "none", None),
    ],
)
def test_what_is_typed_is_the_value(page, country, type_keys, field, before, text, value):
    box = page.add(field, before)
    type_keys(box, text)
    assert box.text() == text  # every key was let in
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert (box.value(), type(box.value())) == (value, type(value))
    assert box.numbers == [value]
    assert not box.problem()


@pytest.mark.parametrize(
    ("field", "before", "text", "word"),
    [
        (RATE, 0.001, "10000", "from 0 to 1000"),
        (RATE, 0.001, "-5", "from 0 to 1000"),
        (RATE, 0.001, "1,000", "two ways"),
        (RATE, 0.001, "nan", "such as 0.5"),
        (RATE, 0.001, "1e400", "too large"),
        (RATE, 0.001, "abc", "such as 0.5"),
        (RATE, 0.001, "", "such as 0.5"),
        (EPOCHS, 30, "5,1", "whole number"),
        (EPOCHS, 30, "1,5e-3", "whole number"),
        (EPOCHS, 30, "1.000", "two ways"),
        (EPOCHS, 30, "-5", "from 1 to 1000000"),
        (EPOCHS, 30, "0", "from 1 to 1000000"),
        (EPOCHS, 30, "1e7", "from 1 to 1000000"),
        (EPOCHS, 30, "1_000", "whole number"),
        (EPOCHS, 30, "٣", "whole number"),
        (EPOCHS, 30, "½", "whole number"),
        (EPOCHS, 30, "none", "whole number"),
    ],
)
def test_what_is_no_value_stays_marked_with_a_word_and_changes_nothing(
    page, country, type_keys, field, before, text, word
):
    box = page.add(field, before)
    type_keys(box, text)
    page.other.setFocus()
    assert not box.hasFocus()
    assert box.text() == text
    assert box.value() == before
    assert word in box.problem()
    assert box.problems[-1] == box.problem()
    assert box.numbers == []


def test_a_pasted_text_with_space_and_line_end_is_read(page, country):
    box = page.add(EPOCHS, 30)
    box.setFocus()
    box.selectAll()
    QApplication.clipboard().setText(" 64\n")
    QTest.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 64


def test_typing_slowly_past_a_bound_leaves_no_part_of_the_number_behind(page, qtbot, type_keys):
    box = page.add(RATE, 0.001)
    type_keys(box, "1000")
    qtbot.waitUntil(lambda: box.value() == 1000.0)
    QTest.keyClicks(box, "0")
    qtbot.waitUntil(lambda: bool(box.problem()))
    assert box.value() == 0.001
    assert box.numbers == [1000.0, 0.001]


def test_escape_brings_the_value_from_before_the_typing_back(page, type_keys):
    box = page.add(EPOCHS, 30)
    type_keys(box, "many")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.problem()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert (box.text(), box.value(), box.problem()) == ("30", 30, "")
    assert box.problems[-1] == ""


def test_a_mended_text_is_taken_and_the_mark_goes(page, type_keys):
    box = page.add(EPOCHS, 30)
    type_keys(box, "3o")
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClick(box, Qt.Key.Key_End)
    QTest.keyClick(box, Qt.Key.Key_Backspace)
    QTest.keyClicks(box, "1")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert (box.text(), box.value(), box.problem()) == ("31", 31, "")


def test_a_value_is_shown_with_a_point_in_every_country(page, country):
    box = page.add(RATE, 0.0005)
    assert box.text() == "0.0005"
    box.setFocus()
    page.other.setFocus()
    assert (box.text(), box.numbers) == ("0.0005", [])


def test_the_wheel_changes_only_the_box_that_has_the_focus(page):
    box = page.add(EPOCHS, 30)

    def roll():
        middle = QPointF(box.rect().center())
        event = QWheelEvent(
            middle, box.mapToGlobal(middle), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(box, event)

    page.other.setFocus()
    roll()
    assert box.value() == 30
    box.setFocus()
    roll()
    assert box.value() == 31


@pytest.mark.parametrize(
    ("field", "value", "key", "stepped"),
    [
        (EPOCHS, 30, Qt.Key.Key_Up, 31),
        (EPOCHS, 1, Qt.Key.Key_Down, 1),
        (RATE, 0.001, Qt.Key.Key_Up, 0.002),
        (RATE, 0.001, Qt.Key.Key_Down, 0.0005),
        (RATE, 1000.0, Qt.Key.Key_Up, 1000.0),
        (SEED, None, Qt.Key.Key_Up, 0),
        (SEED, 0, Qt.Key.Key_Down, None),
        (SEED, None, Qt.Key.Key_Down, 0),
    ],
)
def test_arrows_go_to_the_next_number_within_the_bounds(page, field, value, key, stepped):
    box = page.add(field, value)
    box.setFocus()
    QTest.keyClick(box, key)
    assert box.value() == stepped


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
def test_a_wrong_text_is_framed_in_the_colour_of_errors(page, tokens):
    box = page.add(EPOCHS, 30)
    box.setPalette(palette(tokens))

    def has_mark():
        picture = box.grab().toImage()
        row = range(10, picture.width() - 10)
        return any(picture.pixelColor(x, 1).name() == tokens.bad for x in row)

    assert not has_mark()
    box.setValue("many")
    assert has_mark()
