"""The picture of a sample and what a unit sees of it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QToolButton

from widgets.base.theme import DARK, LIGHT
from widgets.sample import SamplePanel

WHITE = np.full((4, 8), 255, np.uint8)
MASK = np.zeros((4, 8), bool)
MASK[1:3, 2:6] = True


@pytest.fixture
def panel(qtbot):
    made = SamplePanel()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_sample(WHITE, "Training sample 1 of 9: seven")
    made.show_field(MASK, "Unit 1, 1 of conv sees 2 × 4 of 4 × 8 places.")
    return made


def colour_at(panel, down, right):
    """Colour at a place of the picture, given as shares."""
    place, image = panel.view.place(), panel.view.grab().toImage()
    ratio = image.devicePixelRatio()
    x, y = place.left() + right * place.width(), place.top() + down * place.height()
    return QColor(image.pixel(round(x * ratio), round(y * ratio)))


def test_what_is_not_seen_is_covered(panel):
    assert colour_at(panel, 0.5, 0.5) == QColor("white")
    assert colour_at(panel, 0.1, 0.1).lightness() < 200
    panel.show_field(None, "")
    assert colour_at(panel, 0.1, 0.1) == QColor("white")


def test_the_picture_keeps_its_proportions_inside_the_view(panel):
    place = panel.view.place()
    assert place.width() / place.height() == pytest.approx(2)
    assert panel.view.rect().contains(place.toRect())


def test_a_click_chooses_the_unit_there(panel, qtbot):
    place = panel.view.place()
    at = QPoint(round(place.left() + 0.75 * place.width()), round(place.center().y()))
    with qtbot.waitSignal(panel.view.place_chosen) as said:
        qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=at)
    assert said.args == pytest.approx([0.5, 0.75], abs=0.01)
    outside = QPoint(1, 1)
    with qtbot.waitSignal(panel.view.place_chosen) as said:
        qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=outside)
    assert said.args == [0, 0]


def test_the_arrow_keys_go_to_the_neighbours(panel, qtbot):
    with qtbot.waitSignal(panel.view.step_requested) as said:
        qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert said.args == [1, 0]
    panel.show_field(None, "")
    with qtbot.assertNotEmitted(panel.view.step_requested):
        qtbot.keyClick(panel.view, Qt.Key.Key_Down)


def test_commands_have_buttons(panel, qtbot):
    action = QAction("Next", panel)
    action.setObjectName("view.sample.next")
    panel.set_actions(action)
    with qtbot.waitSignal(action.triggered):
        panel.findChild(QToolButton, "sample.view.sample.next").click()


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize(
    "values", [np.zeros((6, 5, 3), np.uint8), np.eye(3, 40, dtype=np.float32), None]
)
def test_every_kind_of_sample_is_drawn(panel, tokens, values):
    panel.set_theme(tokens)
    panel.show_sample(values, "")
    panel.show_field(None if values is None else np.ones(values.shape[:2], bool), "")
    assert not panel.grab().isNull()
