"""The command palette: which command comes first, what is shown, what Enter runs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget

from widgets.shell.command_palette import CommandPalette, PaletteCommand, ranked

COMMANDS = (
    PaletteCommand("file.new", "New Project", "Ctrl+N"),
    PaletteCommand("view.page.export", "Export"),
    PaletteCommand("export.model", "Export Model…", "Ctrl+E", why_not="train the network first"),
    PaletteCommand("network.template.densenet121", "Replace the Network by DenseNet121", rank=2, replaces=True),
    PaletteCommand("network.template.mlp", "Replace the Network by Dense network, 5 layers", rank=2, replaces=True),
    PaletteCommand("layer.add.EinsumDense", "Add EinsumDense", rank=1),
    PaletteCommand("layer.add.Dense", "Add Dense", rank=1),
    PaletteCommand("layer.add.AveragePooling2D", "Add AveragePooling2D", rank=1),
    PaletteCommand("view.zoom_in", "Zoom In"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("dense", ["layer.add.Dense", "layer.add.EinsumDense", "network.template.mlp", "network.template.densenet121"]),
        ("densenet", ["network.template.densenet121"]),
        ("ein", ["layer.add.EinsumDense"]),
        ("POOL add", ["layer.add.AveragePooling2D"]),
        ("in", ["view.zoom_in", "layer.add.EinsumDense", "layer.add.AveragePooling2D"]),
        ("export", ["view.page.export", "export.model"]),
        ("page", ["view.page.export"]),
        ("nothing of the kind", []),
    ],
)  # fmt: skip
def test_the_best_hit_is_first(query, expected):
    assert [command.id for command in ranked(query, COMMANDS)] == expected


def test_without_a_query_what_is_possible_stands_in_its_order():
    assert "export.model" not in [command.id for command in ranked("  ", COMMANDS)]
    assert ranked("", COMMANDS)[0].id == "file.new"


@pytest.fixture
def palette(qtbot):
    made = CommandPalette()
    qtbot.addWidget(made)
    made.show_commands(COMMANDS)
    made.open()
    return made


def part(palette, kind, name):
    return palette.findChild(kind, f"command_palette.{name}")


def test_enter_runs_the_first_after_the_palette_is_gone(palette, qtbot):
    seen = []
    palette.chosen.connect(lambda chosen: seen.append((chosen, palette.isVisible())))
    qtbot.keyClicks(part(palette, QLineEdit, "search"), "dense")
    with qtbot.waitSignal(palette.chosen):
        qtbot.keyClick(part(palette, QLineEdit, "search"), Qt.Key.Key_Return)
    assert seen == [("layer.add.Dense", False)]


def test_arrows_move_and_pass_over_what_is_not_possible(palette, qtbot):
    search, shown = part(palette, QLineEdit, "search"), part(palette, QTreeWidget, "list")
    qtbot.keyClicks(search, "export")
    assert shown.topLevelItem(1).text(0) == "Export Model…: train the network first"
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(search, key)
        assert shown.currentItem().text(0) == "Export"


def test_no_hit_is_said_and_enter_does_nothing(palette, qtbot):
    search = part(palette, QLineEdit, "search")
    qtbot.keyClicks(search, "qwx")
    nothing = part(palette, QLabel, "nothing")
    assert nothing.text() == "No command is called “qwx”: try another word."
    assert not nothing.isHidden()
    palette.chosen.connect(lambda _id: pytest.fail("something was run"))
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert palette.isVisible()
    search.clear()
    assert nothing.isHidden()


def test_shortcuts_stand_in_a_column_of_their_own(palette):
    item = part(palette, QTreeWidget, "list").topLevelItem(0)
    assert (item.text(0), item.text(1)) == ("New Project", "Ctrl+N")
    assert item.textAlignment(1) & Qt.AlignmentFlag.AlignRight
