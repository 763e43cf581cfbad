"""Made samples beside real ones."""

import numpy as np
import pytest

from engine.data.picture_sheet import sheet
from widgets.base.theme import DARK, LIGHT
from widgets.plots.generated import GeneratedPanel

RANDOM = np.random.default_rng(0)


@pytest.fixture
def panel(qtbot):
    made = GeneratedPanel()
    qtbot.addWidget(made)
    made.resize(320, 320)
    with qtbot.waitExposed(made):
        made.show()
    return made


def colours(panel):
    picture = panel.grab().toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_made_points_stand_over_the_real_ones(panel, tokens):
    panel.set_theme(tokens)
    real, made = RANDOM.normal(size=(50, 2)), RANDOM.normal(size=(30, 2))
    panel.show_real_points(real)
    assert tokens.series[1] not in colours(panel) or not len(panel.points[1])
    assert panel.caption == ""
    panel.show_points(made, 1234)
    np.testing.assert_allclose(panel.points[0], real)
    np.testing.assert_allclose(panel.points[1], made)
    assert "1,234" in panel.caption
    assert tokens.series[1] in colours(panel)


def test_the_view_is_that_of_the_real_points_however_far_made_ones_stray(panel):
    panel.show_real_points(np.array([[-1.0, -1.0], [1.0, 1.0]]))
    before = panel._points.getPlotItem().getViewBox().viewRange()
    panel.show_points(np.array([[90.0, 90.0]]), 1)
    assert panel._points.getPlotItem().getViewBox().viewRange() == before


def test_pictures_are_sheets_side_by_side(panel):
    pictures = np.full((4, 5, 5, 1), 200, np.uint8)
    panel.show_real_pictures(sheet(pictures))
    assert "#c8c8c8" in colours(panel)
    panel.show_pictures(sheet(np.full((4, 5, 5, 1), 100, np.uint8)), 7)
    assert {"#c8c8c8", "#646464"} <= colours(panel)
    panel.show_real_pictures(sheet(pictures))
    assert "#646464" not in colours(panel)


def test_without_samples_it_says_why(panel):
    panel.show_points(np.zeros((1, 2)), 1)
    panel.show_empty("Nothing is made here.")
    assert panel._hint.isVisible()
    assert panel._hint.text() == "Nothing is made here."
    assert panel.caption == ""


def test_no_name_lies_over_points(panel, qtbot):
    panel.show_real_points(RANDOM.normal(size=(50, 2)))
    item = panel._points.getPlotItem()
    assert item.legend is None
    words = item.titleLabel.item.toPlainText()
    assert words.index("Real") < words.index("Generated")
    area = item.getViewBox().sceneBoundingRect()
    qtbot.waitUntil(lambda: item.titleLabel.sceneBoundingRect().bottom() <= area.top() + 1)
