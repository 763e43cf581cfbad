"""Groups, reusable blocks and notes as edits: each one undo step, the network as it was."""

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QMessageBox

from app.app_model import AppModel
from app.controllers.editor.arranging import ArrangingController
from app.controllers.editor.groups import GroupsController
from app.controllers.editor.library import LibraryController
from app.controllers.editor.network import NetworkController
from app.controllers.editor.notes import NotesController
from app.document import Document
from app.shell.clipboard import read_layers
from engine.data.choice import describe
from engine.editing.folding import fold
from engine.errors import BadInput
from engine.spec.data import DataSpec
from engine.spec.network import WireSpec
from engine.spec.project import ProjectSpec
from engine.templates import new_project
from widgets.canvas import InputPort, LayerPalette, NetworkCanvas
from widgets.canvas.quick_add import QuickAdd

INNER = ("conv2d", "maxpooling2d", "conv2d_2")


class Parts:
    """The controllers over real widgets and the ready project; no TensorFlow, no disk but the library."""

    def __init__(self):
        data = DataSpec(reader="digits")
        spec = new_project("cnn", data, describe(data), "test")
        self.document, self.app_model = Document(spec, lambda _spec: None), AppModel()
        self.canvas, self.palette = NetworkCanvas(), LayerPalette()
        self.network = NetworkController(self.document, self.app_model, self.canvas, self.palette)
        self.arranging = ArrangingController(self.document, self.app_model, self.canvas)
        self.groups = GroupsController(self.document, self.app_model, self.canvas)
        self.notes = NotesController(self.document, self.canvas)
        self.library = LibraryController(self.document, self.app_model, self.canvas, self.palette)
        self.said = []
        self.app_model.said.connect(self.said.append)

    def group(self, *layer_ids):
        self.app_model.set_selection(layer_ids or INNER)
        self.groups.group()

    @property
    def spec(self):
        return self.document.spec

    @property
    def undone(self):
        return self.document.undo_stack.undoText()


@pytest.fixture
def parts(qtbot):
    made = Parts()
    qtbot.addWidget(made.canvas)
    qtbot.addWidget(made.palette)
    return made


def answer(monkeypatch, text, agreed=True):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_a, **_k: (text, agreed))


def write_note(parts, text):
    parts.notes.add()
    parts.canvas.end_writing()
    parts.canvas.notes_changed.emit({0: parts.spec.notes[0].but(text=text)}, "Write note")


def clipboard_text():
    return QGuiApplication.clipboard().text()


def test_grouping_opening_and_ungrouping_leave_the_project_as_it_was(parts):
    first = parts.spec
    parts.group()
    assert parts.undone == "Group 3 layers"
    assert set(parts.canvas.graph.blocks) == set(first.network.ids) - set(INNER) | {"group_1"}
    assert parts.canvas.block("group_1").selected
    parts.groups.toggle()
    assert parts.undone == "Open Group 1"
    assert set(parts.canvas.graph.blocks) == set(first.network.ids)
    assert parts.spec.canvas == first.canvas
    parts.groups.toggle()
    parts.groups.ungroup()
    assert parts.undone == "Ungroup Group 1"
    assert parts.spec == first
    for _ in range(4):
        parts.document.undo_stack.undo()
    assert parts.spec == first


def test_a_double_click_is_an_undo_step_too(parts):
    parts.group()
    parts.canvas.collapse_requested.emit("group_1", False)
    assert parts.undone == "Open Group 1"
    parts.canvas.collapse_requested.emit("group_1", True)
    assert parts.undone == "Collapse Group 1"


def test_layers_between_come_along_and_it_is_said(parts):
    parts.group("conv2d", "conv2d_2")
    assert parts.spec.groups[0].layers == INNER
    assert parts.said == ["1 layer that lies on the way between them came along"]


def test_what_needs_a_group_says_so(parts):
    for command in (parts.groups.toggle, parts.groups.ungroup, parts.groups.rename):
        with pytest.raises(BadInput, match="select the group"):
            command()


def test_renaming_asks_and_undoes(parts, monkeypatch):
    parts.group()
    answer(monkeypatch, "Features")
    parts.groups.rename()
    assert parts.spec.groups[0].title == "Features"
    assert parts.undone == "Rename group Group 1"
    answer(monkeypatch, "", agreed=False)
    parts.groups.rename()
    assert parts.spec.groups[0].title == "Features"


def test_the_network_is_edited_around_a_collapsed_group(parts):
    parts.group()
    parts.canvas.add_requested.emit(
        "Dropout", 0.0, 0.0, WireSpec(source="conv2d_2", target="maxpooling2d_2")
    )
    folding = fold(parts.spec.network, parts.spec.groups)
    shown = folding.shown_places(parts.spec.canvas)
    assert {("group_1", "dropout_2"), ("dropout_2", "maxpooling2d_2")} <= {
        (w.source, w.target) for w in folding.network.wires
    }
    places = sorted(shown.values())
    assert all(abs(a[1] - b[1]) >= 68 for a, b in itertools.pairwise(places))
    assert {x for x, _y in places} == {places[0][0]}


def test_arranging_takes_a_collapsed_group_as_one_block(parts):
    parts.group()
    before = parts.spec.canvas
    parts.arranging.arrange()
    after = parts.spec.canvas
    steps = {after[n][1] - before[n][1] for n in INNER} | {
        after[n][0] - before[n][0] for n in INNER
    }
    assert len(steps) <= 2
    shown = fold(parts.spec.network, parts.spec.groups).shown_places(after)
    rows = sorted(y for _x, y in shown.values())
    assert {b - a for a, b in itertools.pairwise(rows)} == {104.0}


def test_a_duplicated_group_is_a_group(parts):
    parts.group()
    parts.network.duplicate()
    assert [group.title for group in parts.spec.groups] == ["Group 1", "Group 1"]
    assert len(set(parts.spec.groups[1].layers) & set(INNER)) == 0


def test_groups_and_notes_travel_as_text_between_projects(parts, qtbot):
    parts.group()
    parts.app_model.set_selection(("conv2d_2", "maxpooling2d_2"))
    parts.network.copy()
    assert read_layers(clipboard_text().encode()).groups == ()  # only a part of it was selected
    write_note(parts, "why")
    parts.canvas.select_all()
    parts.network.copy()
    other = Parts()
    qtbot.addWidget(other.canvas)
    qtbot.addWidget(other.palette)
    QGuiApplication.clipboard().setText(clipboard_text())  # the text alone, as after an editor
    other.document.load(ProjectSpec(), lambda _spec: None)
    other.canvas.paste_requested.emit(500.0, 300.0)
    assert other.undone == f"Paste {len(parts.spec.network.layers)} layers"
    assert other.spec.network == parts.spec.network
    assert other.spec.groups == parts.spec.groups
    moved = {
        (n.x - m.x, n.y - m.y) for n, m in zip(other.spec.notes, parts.spec.notes, strict=True)
    }
    steps = {
        (x - parts.spec.canvas[name][0], y - parts.spec.canvas[name][1])
        for name, (x, y) in other.spec.canvas.items()
    }
    assert moved == steps
    assert (len(moved), other.canvas.selected_notes()) == (1, (0,))
    for _again in range(2):
        other.network.paste()
    assert len(other.spec.groups) == 3
    other.document.undo_stack.undo()
    assert (len(other.spec.groups), len(other.spec.notes)) == (2, 2)


def test_a_note_is_copied_cut_and_duplicated_alone(parts):
    write_note(parts, "why")
    parts.canvas.select_note(0)
    parts.canvas.ask_duplicate()
    assert parts.undone == "Duplicate note"
    assert (len(parts.spec.notes), parts.canvas.selected_notes()) == (2, (1,))
    parts.canvas.ask_cut()
    assert parts.undone == "Remove note"
    parts.network.paste()
    assert parts.undone == "Paste note"
    assert [note.text for note in parts.spec.notes] == ["why", "why"]
    full = parts.spec.but(notes=parts.spec.notes * 500)
    parts.document.edit("Fill", full)
    parts.network.paste()
    assert parts.spec == full
    assert "at most 1000 notes" in parts.said[-1]


def test_selected_notes_move_and_go_with_the_blocks(parts):
    write_note(parts, "why")
    first = parts.spec
    parts.canvas.select_all()
    parts.canvas.nudge(2, -1)
    assert (parts.spec.notes[0].x, parts.spec.notes[0].y) == (
        first.notes[0].x + 16, first.notes[0].y - 8,
    )  # fmt: skip
    parts.canvas.ask_delete()
    assert (parts.spec.notes, parts.spec.network.layers) == ((), ())
    for _step in range(2):
        parts.document.undo_stack.undo()
    assert parts.spec == first


def test_a_swapped_layer_stays_in_its_group(parts):
    parts.group()
    parts.network.swap(("maxpooling2d",), "AveragePooling2D")
    assert len(parts.spec.groups[0].layers) == 3


# ---- Reusable blocks ----


def test_a_saved_block_is_in_the_palette_and_placing_it_is_one_step(parts, monkeypatch):
    parts.group()
    answer(monkeypatch, "Features")
    parts.library.save()
    assert parts.palette.index_of("Features").isValid()
    before = parts.spec
    parts.palette.block_requested.emit("Features")
    assert parts.undone == "Place Features"
    assert [group.title for group in parts.spec.groups] == ["Group 1", "Features"]
    wires = {(w.source, w.target) for w in parts.spec.network.wires}
    assert {("conv2d_2", "conv2d_3"), ("conv2d_4", "maxpooling2d_2")} <= wires
    parts.document.undo_stack.undo()
    assert parts.spec == before


def test_blocks_are_placed_where_they_are_dropped(parts):
    parts.app_model.set_selection(("flatten", "dropout"))
    parts.library.keep("Flat")
    parts.canvas.block_requested.emit("Flat", 900.0, 80.0, None)
    shown = fold(parts.spec.network, parts.spec.groups).shown_places(parts.spec.canvas)
    assert shown["flat"] == (900.0, 80.0)
    parts.canvas.block_requested.emit("Gone", 0.0, 0.0, None)


def test_a_block_is_typed_behind_a_layer_and_before_a_port(parts):
    parts.app_model.set_selection(("flatten", "dropout"))
    parts.library.keep("Flat")
    before = parts.spec.network.wires
    parts.canvas.open_quick_add((900.0, 80.0), "conv2d")
    quick_add = parts.canvas.findChild(QuickAdd)
    quick_add.search.setText("flat")
    assert {quick_add.model.index(row, 0).data() for row in range(2)} == {"Flat", "Flatten"}
    QTest.keyClicks(quick_add.search, " layers you saved")
    QTest.keyClick(quick_add.search, Qt.Key.Key_Return)
    assert parts.undone == "Place Flat"
    new = WireSpec(source="conv2d", target="flatten_2")
    assert set(parts.spec.network.wires) - set(before) >= {new}
    assert set(before) < set(parts.spec.network.wires)  # one more branch: nothing is cut
    shown = fold(parts.spec.network, parts.spec.groups).shown_places(parts.spec.canvas)
    assert shown["flat"] == (896.0, 80.0)  # on the grid
    parts.document.undo_stack.undo()
    parts.canvas.block_requested.emit("Flat", 900.0, 80.0, InputPort("dense", 0))
    assert WireSpec(source="dropout_2", target="dense") in parts.spec.network.wires
    parts.canvas.set_selected(("dense",))
    parts.canvas.open_swap()
    quick_add.search.setText("flat layers")
    assert quick_add.model.rowCount() == 0


def test_replacing_a_block_is_asked(parts, monkeypatch):
    parts.app_model.set_selection(("dense",))
    parts.library.keep("Head")
    answer(monkeypatch, "Head")
    parts.app_model.set_selection(("flatten", "dense"))
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Cancel)
    parts.library.save()
    assert "1 layer that" in parts.palette.index_of("Head").data(Qt.ItemDataRole.ToolTipRole)
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Yes)
    parts.library.save()
    assert "2 layers" in parts.palette.index_of("Head").data(Qt.ItemDataRole.ToolTipRole)


def test_renaming_and_deleting_blocks(parts, monkeypatch):
    parts.app_model.set_selection(("dense",))
    parts.library.keep("Head")
    parts.library.keep("Tail")
    answer(monkeypatch, "Tail")
    parts.palette.block_rename_requested.emit("Head")
    assert "already" in parts.said[-1]
    answer(monkeypatch, "Top")
    parts.palette.block_rename_requested.emit("Head")
    assert parts.palette.index_of("Top").isValid()
    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Yes)
    parts.palette.block_delete_requested.emit("Top")
    assert not parts.palette.index_of("Top").isValid()


def test_a_damaged_block_is_said_once_the_library_is_read(parts, own_home):
    parts.app_model.set_selection(("dense",))
    parts.library.keep("Head")
    (own_home / "blocks" / "bad.json").write_text("{")
    parts.library.keep("Tail")
    assert any('"bad.json" was skipped' in words for words in parts.said)


# ---- Notes ----


def test_notes_are_added_changed_and_deleted_each_as_one_step(parts):
    first = parts.spec
    parts.notes.add()
    note = parts.spec.notes[0]
    parts.canvas.end_writing()
    parts.canvas.notes_changed.emit({0: note.but(text="why")}, "Write note")
    parts.canvas.note_removed.emit(0)
    assert parts.spec == first
    parts.document.undo_stack.undo()
    assert parts.spec.notes[0].text == "why"
    for _ in range(2):
        parts.document.undo_stack.undo()
    assert parts.spec == first
