"""Notes by mouse and by keys; the canvas asks and never changes one."""

import pytest
from canvas_examples import Recorder
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPlainTextEdit

from engine.spec.note import SMALLEST_NOTE, NoteSpec
from widgets.base.theme import DARK

LEFT = Qt.MouseButton.LeftButton
NOTE = NoteSpec(text="<b>first</b>", x=240.0, y=0.0)
OTHER = NoteSpec(text="second", x=240.0, y=160.0, colour="warning")


@pytest.fixture
def heard(canvas):
    canvas.show_notes((NOTE, OTHER))
    canvas.zoom_to(1.0)
    canvas.centerOn(240, 120)
    return Recorder(canvas, ("notes_changed", "note_removed", "selection_changed"))


def middle(canvas, note):
    return canvas.mapFromScene(note.x + note.width / 2, note.y + note.height / 2)


def drag(canvas, start, end):
    area = canvas.viewport()
    QTest.mousePress(area, LEFT, pos=start)
    QTest.mouseMove(area, (start + end) / 2)
    QTest.mouseMove(area, end)
    QTest.mouseRelease(area, LEFT, pos=end)


def test_a_drag_moves_a_note_and_the_grid_catches_it(canvas, heard):
    start = middle(canvas, NOTE)
    drag(canvas, start, start + QPoint(43, 0))
    assert heard.said == [("notes_changed", {0: NOTE.but(x=280.0)}, "Move note")]


def test_the_corner_resizes_and_never_below_a_word(canvas, heard):
    corner = canvas.mapFromScene(NOTE.x + NOTE.width, NOTE.y + NOTE.height) - QPoint(4, 4)
    drag(canvas, corner, corner + QPoint(40, 20))
    assert heard.said[-1] == (
        "notes_changed",
        {0: NOTE.but(width=224.0, height=116.0)},
        "Resize note",
    )
    canvas.show_notes((NOTE, OTHER))
    drag(canvas, corner, corner - QPoint(170, 90))
    smallest = dict(zip(("width", "height"), SMALLEST_NOTE, strict=True))
    assert heard.said[-1] == ("notes_changed", {0: NOTE.but(**smallest)}, "Resize note")


def test_a_cancelled_drag_puts_the_note_back(canvas, heard):
    start = middle(canvas, NOTE)
    QTest.mousePress(canvas.viewport(), LEFT, pos=start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(60, 0))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, pos=start + QPoint(60, 0))
    assert heard.said == []


@pytest.mark.parametrize(
    ("key", "modifiers", "changes"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, {"x": 248.0}),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, {"y": -8.0}),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, {"width": 192.0}),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, {"height": 104.0}),
    ],
)
def test_arrows_move_and_resize_the_selected_note(canvas, heard, key, modifiers, changes):
    canvas.select_next_note()
    QTest.keyClick(canvas, key, modifiers)
    assert heard.said[-1][:2] == ("notes_changed", {0: NOTE.but(**changes)})


def test_delete_asks_for_the_note_alone_and_escape_lets_it_go(canvas, heard):
    canvas.select_next_note()
    canvas.select_next_note()
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert heard.said == [("note_removed", 1)]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected_note == -1


def test_selecting_a_block_lets_the_note_go(canvas, heard):
    canvas.select_next_note()
    canvas.set_selected(("conv",))
    assert canvas.selected_note == -1
    canvas.select_next_note()
    assert canvas.selected_ids() == ()
    assert heard.said[-1] == ("selection_changed", ())


@pytest.mark.parametrize("by", ["mouse", "Enter", "F2"])
def test_a_note_is_written_as_plain_text(canvas, heard, by):
    if by == "mouse":
        QTest.mouseDClick(canvas.viewport(), LEFT, pos=middle(canvas, NOTE))
    else:
        canvas.select_next_note()
        QTest.keyClick(canvas, Qt.Key.Key_F2 if by == "F2" else Qt.Key.Key_Return)
    editor = canvas.findChild(QPlainTextEdit, "canvas.note_editor")
    assert editor.toPlainText() == "<b>first</b>"
    QTest.keyClicks(editor, "new")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard.said[-1] == ("notes_changed", {0: NOTE.but(text="new")}, "Write note")


def test_escape_gives_up_and_looking_elsewhere_keeps(canvas, heard):
    canvas.select_next_note()
    canvas.write_note()
    QTest.keyClicks(canvas._editor, "lost")
    QTest.keyClick(canvas._editor, Qt.Key.Key_Escape)
    assert heard.said == []
    canvas.write_note()
    QTest.keyClicks(canvas._editor, "kept")
    canvas.zoom_in()
    assert heard.said[-1][1][0].text == "kept"


def test_the_menu_colours(canvas, heard):
    canvas.select_next_note()
    canvas._show_note_menu(QPoint(0, 0))
    menu = canvas.findChild(QMenu, "canvas.note_menu")
    next(action for action in menu.actions() if action.text() == "Green").trigger()
    menu.close()
    assert heard.said == [("notes_changed", {0: NOTE.but(colour="good")}, "Colour note")]


def test_nothing_is_changed_where_nothing_may_be(canvas, heard):
    canvas.set_read_only(True)
    start = middle(canvas, NOTE)
    drag(canvas, start, start + QPoint(80, 0))
    canvas.select_next_note()
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert [said for said in heard.said if said[0].startswith("note")] == []


def test_notes_lie_behind_blocks_and_follow_the_theme(canvas, heard):
    canvas.show_notes((NOTE.but(x=0.0, y=0.0),))
    canvas.set_theme(DARK)
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.block_center("input"))
    assert canvas.selected_note == -1
    assert heard.said[-1] == ("selection_changed", ("input",))
    canvas.show_notes(())
    assert not canvas.new_note().text


# ---- Notes beside blocks ----

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_control_adds_notes_to_what_is_selected_and_takes_them_away(canvas, heard):
    canvas.fit()
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.block_center("conv"))
    QTest.mouseClick(canvas.viewport(), LEFT, CONTROL, middle(canvas, NOTE))
    QTest.mouseClick(canvas.viewport(), LEFT, CONTROL, middle(canvas, OTHER))
    assert (canvas.selected_ids(), canvas.selected_notes()) == (("conv",), (0, 1))
    assert canvas.selected_note == -1
    QTest.mouseClick(canvas.viewport(), LEFT, CONTROL, canvas.block_center("pool"))
    QTest.mouseClick(canvas.viewport(), LEFT, CONTROL, middle(canvas, OTHER))
    assert (canvas.selected_ids(), canvas.selected_notes()) == (("conv", "pool"), (0,))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert (canvas.selected_ids(), canvas.selected_notes()) == ((), ())


def test_a_band_takes_the_notes_inside_and_cancelled_gives_them_back(canvas, heard):
    canvas.fit()
    area = canvas.viewport()
    corner = canvas.mapFromScene(NOTE.x + NOTE.width + 20, NOTE.y - 20)
    end = canvas.mapFromScene(NOTE.x - 10, NOTE.y + NOTE.height + 20)
    drag(canvas, corner, end)
    assert canvas.selected_notes() == (0,)
    QTest.mousePress(area, LEFT, pos=corner)
    QTest.mouseMove(area, QPoint(2, area.height() - 2))
    assert canvas.selected_notes() == (0, 1)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(area, LEFT, pos=corner)
    assert canvas.selected_notes() == ()


def test_notes_go_with_the_blocks_that_are_dragged(canvas, heard):
    moves = Recorder(canvas, ("move_requested", "copy_requested", "delete_requested"))
    canvas.fit()
    canvas.select_all()
    item = canvas._notes[0]
    for start in (canvas.block_center("conv"), middle(canvas, NOTE)):
        QTest.mousePress(canvas.viewport(), LEFT, pos=start)
        QTest.mouseMove(canvas.viewport(), start + QPoint(20, 0))
        QTest.mouseMove(canvas.viewport(), start + QPoint(60, 0))
        assert item.pos().x() > NOTE.x
        QTest.mouseRelease(canvas.viewport(), LEFT, pos=start + QPoint(60, 0))
        assert item.pos().x() == NOTE.x  # until the answer moves it
        assert canvas.selected_notes() == (0, 1)
    assert [said[0] for said in moves.said] == ["move_requested"] * 2
    canvas.select(())
    canvas.select_notes((0, 1))
    canvas.ask_copy()
    canvas.ask_delete()
    assert moves.said[2:] == [("copy_requested",), ("delete_requested", (), ())]
    assert heard.said[-1] == ("selection_changed", ())


def test_a_new_note_never_lies_exactly_over_another(canvas, heard):
    first = canvas.new_note()
    canvas.show_notes((first,))
    assert canvas.new_note().y > first.y


def test_several_notes_are_dragged_together_and_a_click_takes_one(canvas, heard):
    canvas.select_notes((0, 1))
    start = middle(canvas, OTHER)
    drag(canvas, start, start + QPoint(43, 0))
    moved = {0: NOTE.but(x=280.0), 1: OTHER.but(x=280.0)}
    assert heard.said == [("notes_changed", moved, "Move 2 notes")]
    assert canvas.selected_notes() == (0, 1)
    QTest.mouseClick(canvas.viewport(), LEFT, pos=start + QPoint(43, 0))
    assert canvas.selected_notes() == (1,)


def test_an_arrow_moves_several_notes_and_escape_lets_them_go(canvas, heard):
    canvas.select_notes((0, 1))
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    moved = {0: NOTE.but(y=8.0), 1: OTHER.but(y=168.0)}
    assert heard.said == [("notes_changed", moved, "Move 2 notes")]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.selected_notes() == ()


def test_who_selects_a_note_is_heard_once(canvas, heard, qtbot):
    with qtbot.waitSignal(canvas.notes_selected):
        canvas.select_note(1)
    with qtbot.assertNotEmitted(canvas.notes_selected):
        canvas.select_note(1)
