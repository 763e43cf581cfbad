"""What blocks show beside their words: outputs of a sample and shares of the cost."""

from dataclasses import replace

import numpy as np
import pytest
from canvas_examples import KINDS, chain
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem

from engine.probes.activations import layer_output
from widgets.base.theme import DARK, LIGHT
from widgets.canvas import NetworkCanvas
from widgets.canvas.block import BlockItem
from widgets.canvas.block_texts import TEXT_LEFT, THUMB, in_lines, set_out
from widgets.canvas.facts import BlockFacts
from widgets.canvas.look import Look, elided, text_width
from widgets.canvas.ports import BLOCK_SIZE
from widgets.canvas.thumbnails import fitted, output_picture, picture

FACTS = BlockFacts(
    "norm", "BatchNormalization", "axis -1", "Normalization", parameters="8 parameters"
)
POSITIVE = np.ones((4, 4), np.float32)


@pytest.fixture
def block(qapp):
    return BlockItem(FACTS, Look(LIGHT))


def painted(block, zoom=2.0):
    image = QImage(
        round(BLOCK_SIZE[0] * zoom), round(BLOCK_SIZE[1] * zoom), QImage.Format.Format_RGB32
    )
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    painter.scale(zoom, zoom)
    block.paint(painter, QStyleOptionGraphicsItem())
    painter.end()
    return image


def test_an_output_stands_in_place_of_the_weights(block):
    block.show_thumbnail(-POSITIVE)
    weights = painted(block)
    block.show_output(POSITIVE)
    assert painted(block) != weights
    block.show_output(None)
    assert painted(block) == weights


def test_a_name_beside_a_picture_takes_the_icons_place(block):
    assert block._texts.title == "BatchNormalization"
    block.show_output(POSITIVE)
    assert block._texts.title == "BatchNormalization"
    long = replace(FACTS, title="ContrastLimitedEqualization")
    block.show_facts(long)
    assert block._texts.title_left == TEXT_LEFT
    assert block._texts.title.startswith("ContrastLimited")


@pytest.mark.parametrize("has_picture", [False, True])
@pytest.mark.parametrize(
    "detail", ["32 filters · 3×3 · same · relu", "3840 filters · 1×1 · same · sigmoid", "2×2", ""]
)
def test_the_words_of_a_block_are_not_cut(qapp, detail, has_picture):
    """A block said "32 filters · 3×3 · s…" between empty margins."""
    look = Look(LIGHT)
    texts = set_out(replace(FACTS, title="Conv2D", detail=detail), look, has_picture)
    wanted = detail or FACTS.parameters
    for lines, font in ((texts.details, look.detail), (texts.middle_details, look.middle_detail)):
        assert len(lines) <= 2
        assert " · ".join(lines) in (detail, wanted)
        assert all(text_width(line, font) <= texts.right - TEXT_LEFT for line in lines)


def test_what_two_lines_cannot_hold_is_cut_at_the_end(qapp):
    look = Look(LIGHT)
    lines = in_lines("one two three · four", look.small, 40)
    assert lines == (elided("one two three", look.small, 40), "four")
    assert in_lines("", look.small, 10) == ()


@pytest.mark.parametrize("show", [BlockItem.show_output, BlockItem.show_thumbnail])
def test_from_afar_the_name_is_shown_instead_of_the_picture(block, show):
    """Trained blocks of a small window had weights and no name."""
    before = painted(block, 0.3)
    show(block, POSITIVE)
    assert painted(block, 0.3) == before


def test_a_share_is_a_bar_at_the_right(block):
    before = painted(block)
    block.show_share(0.0)
    empty = painted(block)
    block.show_share(1.0)
    full = painted(block)
    assert before != empty != full
    x, bottom = round(2 * (BLOCK_SIZE[0] - 5)), round(2 * (BLOCK_SIZE[1] - 14))
    block.show_share(0.3)
    part = painted(block)
    assert part.pixel(x, bottom) == full.pixel(x, bottom)
    assert part.pixel(x, 40) == empty.pixel(x, 40)
    block.show_share(None)
    assert painted(block) == before


def test_bytes_are_a_picture_already(qapp):
    grey = picture(np.array([[0, 255]], np.uint8), DARK)
    assert [grey.pixelColor(x, 0).red() for x in (0, 1)] == [0, 255]
    colour = picture(np.array([[[1, 2, 3]]], np.uint8), DARK)
    assert colour.pixelColor(0, 0).getRgb()[:3] == (1, 2, 3)


def test_a_picture_keeps_its_proportions_unless_it_would_be_a_thread(block):
    wide = fitted(picture(np.zeros((10, 20), np.float32), LIGHT), THUMB)
    assert wide.width() == 2 * wide.height()
    assert fitted(picture(np.zeros((1, 10), np.float32), LIGHT), THUMB) == THUMB


def test_the_canvas_passes_them_to_its_blocks(qtbot):
    canvas = NetworkCanvas()
    qtbot.addWidget(canvas)
    canvas.show_kinds(KINDS)
    canvas.resize(600, 500)
    canvas.show_network(chain(input="InputLayer", a="Dense"), {"input": (0, 0), "a": (0, 9000)})
    canvas.focus_on(("input",))
    assert canvas.visible_ids() == ("input",)
    canvas.show_output("a", POSITIVE)
    canvas.show_output("gone", POSITIVE)
    canvas.show_shares({"a": 0.5})
    blocks = canvas.graph.blocks
    assert blocks["a"].output is POSITIVE
    assert (blocks["a"]._share, blocks["input"]._share) == (0.5, None)


# ---- What a layer gives ----


def output_of(array):
    return layer_output("a", [np.asarray(array, np.float32)], (72, 72))


def test_maps_stand_side_by_side():
    maps = np.zeros((4, 4, 4))
    maps[..., 0], maps[..., 3] = 1.0, -1.0
    image = output_picture(output_of(maps), LIGHT)
    assert (image.width(), image.height()) == (8, 8)
    assert QColor(image.pixel(0, 0)) == QColor(LIGHT.positive)
    assert QColor(image.pixel(7, 7)) == QColor(LIGHT.negative)
    assert QColor(image.pixel(7, 0)) == QColor(LIGHT.zero)


def test_a_vector_is_bars_on_the_line_of_zero():
    image = output_picture(output_of([1.0, -1.0, np.nan]), LIGHT)
    third, middle = image.width() // 3, image.height() // 2
    at = [[QColor(image.pixel(n * third + 8, y)) for n in range(3)] for y in (5, 2 * middle - 5)]
    assert at[0] == [QColor(LIGHT.positive), QColor(LIGHT.zero), QColor(LIGHT.bad)]
    assert at[1] == [QColor(LIGHT.zero), QColor(LIGHT.negative), QColor(LIGHT.bad)]


def test_a_sequence_runs_from_left_to_right():
    image = output_picture(output_of([[1.0], [-1.0]]), LIGHT)
    assert (image.width(), image.height()) == (2, 1)
    assert QColor(image.pixel(0, 0)) == QColor(LIGHT.positive)


@pytest.mark.parametrize("array", [[0.0], [[0.0]], np.zeros((1, 1, 1)), [np.nan]])
def test_the_smallest_outputs_have_a_picture(array):
    assert not output_picture(output_of(array), DARK).isNull()


def test_a_picture_of_another_network_is_grey(block):
    block.show_output(output_of([1.0, 2.0]))
    clear = painted(block)
    block.show_old(True)
    assert painted(block) != clear
    block.show_old(False)
    assert painted(block) == clear
