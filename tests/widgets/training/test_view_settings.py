"""The settings of live views."""

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel

from widgets.forms.boxes import NumberBox
from widgets.training.view_settings import ViewSettings


@pytest.fixture
def settings(qtbot):
    made = ViewSettings()
    qtbot.addWidget(made)
    return made


def test_each_view_can_be_detached_and_attached(settings):
    asked = []
    settings.attached.connect(lambda name, on: asked.append((name, on)))
    for name in ("loss", "weights", "histogram"):
        box = settings.findChild(QCheckBox, f"field.view.{name}")
        assert box.isChecked()
        box.click()
        box.click()
    assert asked == [(name, on) for name in ("loss", "weights", "histogram") for on in (False, True)]  # fmt: skip


def test_the_limit_is_a_share_and_showing_it_asks_for_nothing(settings):
    asked = []
    settings.limit_requested.connect(asked.append)
    settings.show_limit(0.08)
    assert not asked
    settings.findChild(NumberBox, "field.view_limit").setValue(3.0)
    assert asked == [pytest.approx(0.03)]


def test_the_cost_is_said_beside_the_limit(settings):
    settings.show_cost(0.0131, 17.6)
    text = settings.findChild(QLabel, "views.cost").text()
    assert text == "Views 1.3 % of 5 %, 18 frames a second."
