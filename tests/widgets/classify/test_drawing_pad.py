"""The drawing pad: strokes in, pictures out."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from widgets.classify import DrawingPad
from widgets.classify.drawing_pad import IMAGE_SIDE_PX


@pytest.fixture
def pad(qtbot):
    made = DrawingPad()
    qtbot.addWidget(made)
    made.resize(200, 200)
    with qtbot.waitExposed(made):
        made.show()
    return made


def stroke(qtbot, pad, *points):
    button = Qt.MouseButton.LeftButton
    qtbot.mousePress(pad, button, pos=QPoint(*points[0]))
    for point in points[1:]:
        qtbot.mouseMove(pad, QPoint(*point))
    qtbot.mouseRelease(pad, button, pos=QPoint(*points[-1]))


def grey(image):
    return np.array(
        [[image.pixelColor(x, y).red() for x in range(0, 280, 4)] for y in range(0, 280, 4)]
    )


def test_ink_lies_where_it_was_drawn(qtbot, pad):
    with qtbot.waitSignal(pad.drawn) as drawn:
        stroke(qtbot, pad, (20, 40), (100, 40), (180, 40))  # a bar in the upper fifth
    image = drawn.args[0]
    assert (image.width(), image.height()) == (IMAGE_SIDE_PX, IMAGE_SIDE_PX)
    pixels = grey(image)
    assert pixels[14].max() == 255
    assert pixels[14, 10:60].min() == 255
    assert pixels[30:].max() == 0


def test_a_click_leaves_a_dot(qtbot, pad):
    stroke(qtbot, pad, (100, 100))
    assert 2 < (grey(pad.image()) > 128).sum() < 60


def test_strokes_in_a_row_are_handed_out_together(qtbot, pad):
    heard = []
    pad.drawn.connect(heard.append)
    with qtbot.waitSignal(pad.drawn):
        stroke(qtbot, pad, (20, 40), (100, 40))
        stroke(qtbot, pad, (20, 150), (100, 150))
    assert len(heard) == 1
    pad.undo_stroke()
    assert not pad.is_empty()
    pad.undo_stroke()
    assert pad.is_empty()


def test_strokes_are_undone_one_by_one(qtbot, pad):
    stroke(qtbot, pad, (20, 40), (100, 40))
    first = grey(pad.image())
    stroke(qtbot, pad, (20, 150), (100, 150))
    with qtbot.waitSignal(pad.drawn):
        pad.undo_stroke()
    assert np.array_equal(grey(pad.image()), first)
    with qtbot.waitSignal(pad.cleared), qtbot.assertNotEmitted(pad.drawn, wait=0):
        pad.undo_stroke()
    assert pad.is_empty()


def test_clearing_is_said_once(qtbot, pad):
    with qtbot.assertNotEmitted(pad.cleared, wait=0):
        pad.clear()
    stroke(qtbot, pad, (20, 40), (100, 40))
    with qtbot.waitSignal(pad.cleared):
        pad.clear()
    assert not pad._timer.isActive()
    assert grey(pad.image()).max() == 0


def test_paper_and_ink_follow_the_training_pictures(qtbot, pad):
    pad.set_background("light")
    stroke(qtbot, pad, (20, 100), (180, 100))
    pixels = grey(pad.image())
    assert pixels[0, 0] == 255
    assert pixels[35, 35] == 0


def test_the_pen_has_a_width(qtbot, pad):
    pad.set_pen_width(2)
    stroke(qtbot, pad, (20, 100), (180, 100))
    thin = (grey(pad.image()) > 128).sum()
    pad.clear()
    pad.set_pen_width(20)
    stroke(qtbot, pad, (20, 100), (180, 100))
    assert (grey(pad.image()) > 128).sum() > 5 * thin


def test_a_drawing_survives_another_size(qtbot, pad):
    stroke(qtbot, pad, (20, 40), (100, 40), (180, 150))
    before = grey(pad.image())
    pad.resize(400, 300)
    assert np.array_equal(grey(pad.image()), before)


def test_the_other_button_draws_nothing(qtbot, pad):
    qtbot.mousePress(pad, Qt.MouseButton.RightButton, pos=QPoint(50, 50))
    qtbot.mouseRelease(pad, Qt.MouseButton.RightButton, pos=QPoint(50, 50))
    assert pad.is_empty()
