"""The palette of layers."""

import pytest
from canvas_examples import BY_NAME, KINDS, Recorder
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTreeView

from widgets.base.theme import DARK
from widgets.canvas import LAYER_MIME, LayerPalette
from widgets.canvas.block import BlockItem
from widgets.canvas.facts import BlockFacts
from widgets.canvas.kinds_model import BLOCK_MIME, GROUP_ROLE, KIND_ROLE
from widgets.canvas.look import Look
from widgets.canvas.palette import chip

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def palette(qtbot):
    widget = LayerPalette()
    qtbot.addWidget(widget)
    widget.resize(240, 600)
    widget.show_kinds(KINDS)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture
def said(palette):
    return Recorder(palette, ["add_requested"])


@pytest.fixture
def search(palette):
    return palette.findChild(QLineEdit, "palette.search")


@pytest.fixture
def entries(palette):
    return palette.findChild(QTreeView, "palette.list")


def groups(palette):
    return [palette.model.index(row, 0) for row in range(palette.model.rowCount())]


def shown(palette):
    return [index.data(KIND_ROLE) for index in groups(palette)]


def test_common_kinds_come_first_and_open_the_rest_is_folded(palette, entries):
    names = [index.data(GROUP_ROLE) for index in groups(palette)]
    assert names == [
        "Common",
        "Basic",
        "Convolution",
        "Pooling",
        "Normalization",
        "Merging",
        "Attention",
    ]
    assert [entries.isExpanded(index) for index in groups(palette)] == [True] + [False] * 6
    common = groups(palette)[0]
    listed = [
        palette.model.index(row, 0, common).data(KIND_ROLE)
        for row in range(palette.model.rowCount(common))
    ]
    assert listed == [kind.name for kind in KINDS if kind.common]


def test_every_kind_can_be_found(palette):
    assert all(palette.index_of(kind.name).data(KIND_ROLE) == kind.name for kind in KINDS)
    assert not palette.index_of("Nothing").isValid()


def test_typing_filters_and_enter_adds_the_first_hit(palette, search, said):
    QTest.keyClicks(search, "conv")
    assert shown(palette) == ["Conv2D", "Conv2DTranspose"]
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert said.said == [("add_requested", "Conv2D")]


def test_enter_without_words_or_hits_adds_nothing(search, said):
    QTest.keyClick(search, Qt.Key.Key_Return)
    QTest.keyClicks(search, "zebra")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert said.said == []


def test_esc_brings_the_groups_back_as_they_were(palette, search, entries):
    entries.setExpanded(groups(palette)[2], True)
    entries.setExpanded(groups(palette)[0], False)
    QTest.keyClicks(search, "conv")
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert [entries.isExpanded(index) for index in groups(palette)[:3]] == [False, False, True]


def test_an_unsupported_kind_is_disabled_with_its_reason(palette, search, entries, said):
    index = palette.index_of("Lambda")
    assert not index.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "Runs any code" in index.data(Qt.ItemDataRole.ToolTipRole)
    QTest.keyClicks(search, "lambda")
    QTest.mouseDClick(
        entries.viewport(), LEFT, NONE, entries.visualRect(palette.index_of("Lambda")).center()
    )
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert said.said == []


def test_the_tooltip_is_the_help(palette):
    assert BY_NAME["Dense"].help in palette.index_of("Dense").data(Qt.ItemDataRole.ToolTipRole)


def test_a_click_selects_and_a_double_click_adds(palette, entries, said):
    at = entries.visualRect(palette.index_of("Dense")).center()
    QTest.mouseClick(entries.viewport(), LEFT, NONE, at)
    assert entries.currentIndex().data(KIND_ROLE) == "Dense"
    assert said.said == []
    QTest.mouseDClick(entries.viewport(), LEFT, NONE, at)
    assert said.said == [("add_requested", "Dense")]


def test_the_plus_adds_at_each_click(palette, entries, said):
    row = entries.visualRect(palette.index_of("Conv2D"))
    plus = row.center()
    plus.setX(row.right() - 10)
    QTest.mouseClick(entries.viewport(), LEFT, NONE, plus)
    QTest.mouseDClick(entries.viewport(), LEFT, NONE, plus)
    assert said.said == [("add_requested", "Conv2D")] * 2


def test_keys_reach_every_entry(palette, search, entries, said):
    QTest.keyClicks(search, "conv")
    QTest.keyClick(search, Qt.Key.Key_Down)
    assert entries.hasFocus()
    QTest.keyClick(entries, Qt.Key.Key_Down)
    QTest.keyClick(entries, Qt.Key.Key_Return)
    assert said.said == [("add_requested", "Conv2DTranspose")]


def test_a_click_unfolds_a_group(palette, entries):
    group = groups(palette)[2]
    at = entries.visualRect(group).center()
    QTest.mouseClick(entries.viewport(), LEFT, NONE, at)
    assert entries.isExpanded(group)
    QTest.mouseClick(entries.viewport(), LEFT, NONE, at)
    assert not entries.isExpanded(group)


def test_a_drag_carries_the_kind(palette):
    content = palette.model.mimeData([palette.index_of("Conv2D")])
    assert content.formats() == [LAYER_MIME]
    assert bytes(content.data(LAYER_MIME).data()) == b"Conv2D"
    assert palette.index_of("Conv2D").flags() & Qt.ItemFlag.ItemIsDragEnabled


def test_the_users_blocks_are_shown_searched_placed_renamed_and_deleted(
    palette, search, entries, qtbot
):
    heard = Recorder(
        palette,
        ["add_requested", "block_requested", "block_rename_requested", "block_delete_requested"],
    )
    palette.show_blocks({"Dense twice": 2})
    assert [index.data(GROUP_ROLE) for index in groups(palette)][:2] == ["My blocks", "Common"]
    assert bytes(
        palette.model.mimeData([palette.index_of("Dense twice")]).data(BLOCK_MIME).data()
    ) == b"Dense twice"  # fmt: skip
    QTest.keyClicks(search, "twice")
    QTest.keyClick(search, Qt.Key.Key_Return)
    for key in (Qt.Key.Key_F2, Qt.Key.Key_Delete):
        QTest.keyClick(entries, key)
    assert heard.said == [
        ("block_requested", "Dense twice"),
        ("block_rename_requested", "Dense twice"),
        ("block_delete_requested", "Dense twice"),
    ]


def test_what_the_mouse_carries_is_sharp_and_in_the_colours_of_the_theme(qapp):
    picture = chip("Dense", "mdi6.grid", QColor("#ff0000"), DARK, 2.0)
    assert picture.devicePixelRatio() == 2.0
    image = picture.toImage()
    assert image.height() == 64
    assert image.pixelColor(image.width() // 2, 2).red() > 200  # the border
    assert image.pixelColor(image.width() - 12, 32) == QColor(DARK.raised)


def test_show_kinds_and_themes_ask_for_nothing(palette, said):
    palette.show_kinds(KINDS[:3])
    palette.set_theme(DARK)
    assert not palette.grab().isNull()
    assert said.said == []


def test_blocks_show_their_group_in_its_colour(qapp):
    light, dark = Look(), Look(DARK)
    assert light.group("Convolution") != light.group("Pooling")
    assert light.group("Convolution") != dark.group("Convolution")
    assert light.group("Unheard of") == light.group("Neither this")
    assert BlockItem(BlockFacts("x", "Dense"), light).layer_id == "x"
