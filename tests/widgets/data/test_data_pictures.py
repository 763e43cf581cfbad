import numpy as np
import pytest
from PySide6.QtCore import QPoint

from widgets.base.theme import DARK, LIGHT
from widgets.data.class_bars import ClassBars, PartCounts
from widgets.data.pictures import PictureGrid, as_image

STAMP = np.array([[255, 0, 0], [0, 0, 80]], np.uint8)  # (2, 3): no flip or transpose looks the same


def grab(widget):
    picture = widget.grab().toImage()
    return picture, picture.devicePixelRatio()


def test_an_image_owns_its_pixels_and_keeps_their_places():
    pixels = STAMP.copy()
    image = as_image(pixels)
    pixels[:] = 7
    assert (image.width(), image.height()) == (3, 2)
    shown = [[image.pixelColor(x, y).red() for x in range(3)] for y in range(2)]
    assert shown == STAMP.tolist()


def test_colours_are_in_their_order():
    image = as_image(np.array([[[255, 10, 0], [0, 20, 255]]], np.uint8))
    assert image.pixelColor(0, 0).getRgb()[:3] == (255, 10, 0)
    assert image.pixelColor(1, 0).getRgb()[:3] == (0, 20, 255)


def test_pictures_are_painted_upright_in_their_cells(qtbot):
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.show_pictures((np.zeros((2, 2), np.uint8), STAMP), ("zero", "stamp"))
    grid.resize(400, grid.heightForWidth(400))
    picture, scale = grab(grid)
    cell = grid.cell(1)

    def at(x, y):
        point = QPoint(int((cell.left() + x) * scale), int((cell.top() + y) * scale))
        return picture.pixelColor(point).red()

    side, top = cell.width(), (cell.height() - cell.width() * 2 // 3) // 2
    assert at(side * 0.1, top + 4) == 255
    assert at(side * 0.9, top + 4) == 0
    assert at(side * 0.9, cell.height() - top - 6) == 80
    assert at(side * 0.1, cell.height() - top - 6) == 0


def test_an_answer_stands_right_of_its_picture(qtbot):
    grid = PictureGrid()
    qtbot.addWidget(grid)
    white = np.full((2, 2), 255, np.uint8)
    grid.show_pictures((np.zeros_like(white),) * 2, ("a picture",) * 2, (white,) * 2)
    grid.resize(400, grid.heightForWidth(400))
    picture, scale = grab(grid)
    for index in range(2):
        centre = grid.cell(index).center()
        reds = [
            picture.pixelColor(QPoint(x, centre.y()) * scale).red()
            for x in (centre.x(), centre.x() + grid.cell(0).width() + 2)
        ]
        assert reds == [0, 255]
    assert not grid.cell(0).adjusted(0, 0, grid.cell(0).width(), 0).intersects(grid.cell(1))


def test_a_narrow_grid_grows_in_height(qtbot):
    grid = PictureGrid()
    qtbot.addWidget(grid)
    grid.show_pictures((STAMP,) * 12, ("x",) * 12)
    assert grid.heightForWidth(100) == 12 * grid.heightForWidth(2000)
    grid.resize(100, 2000)
    assert grid.cell(1).left() == 0


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_bars_are_as_long_as_their_counts_in_the_colours_of_the_parts(qtbot, theme):
    bars = ClassBars()
    qtbot.addWidget(bars)
    bars.set_theme(theme)
    parts = (PartCounts("training", (60, 20)), PartCounts("validation", (40, 20)))
    bars.show_counts(("cat", "<b>dog</b>"), parts)
    bars.resize(400, bars.sizeHint().height())
    assert bars.total(0) == 100
    assert bars.bar(1).width() == pytest.approx(0.4 * bars.bar(0).width())
    picture, scale = grab(bars)

    def colour(index, share):
        bar = bars.bar(index)
        x, y = bar.left() + share * bar.width(), bar.center().y()
        return picture.pixelColor(int(x * scale), int(y * scale)).name()

    assert colour(0, 0.5) == theme.series[0]
    assert colour(0, 0.7) == theme.series[1]
    assert colour(1, 0.4) == theme.series[0]
    assert colour(1, 0.6) == theme.series[1]
    assert "<b>dog</b>: 20 training, 20 validation" in bars.accessibleName()


def test_a_long_legend_takes_no_room_from_the_bars(qtbot):
    bars = ClassBars()
    qtbot.addWidget(bars)
    bars.set_theme(LIGHT)
    bars.show_counts(("a", "b"), (PartCounts("training " * 9, (60, 20)),))
    bars.resize(200, bars.sizeHint().height())
    bars.grab()
    assert 60 < bars.bar(0).right() < 200


def test_no_counts_take_no_room(qtbot):
    bars = ClassBars()
    qtbot.addWidget(bars)
    bars.show_counts(("a",), (PartCounts("training", (0,)),))
    assert bars.bar(0).width() == 0
    bars.show_counts((), ())
    assert bars.sizeHint().height() == 0
    bars.resize(50, 20)
    assert not bars.grab().isNull()
