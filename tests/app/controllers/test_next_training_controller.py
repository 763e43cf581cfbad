"""Which training takes what the forms set; which groups stay open."""

import pytest

from app.app_model import AppModel
from app.controllers.training.next_training import NextTrainingController
from app.settings import SettingsFile
from engine.catalog import catalog
from engine.spec.training import TrainingSpec
from widgets.forms import LayerForm, TrainingForm
from widgets.forms.texts import APPLIES_NEXT


@pytest.fixture
def settings(tmp_path):
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def make(qtbot, settings):
    def make():
        app_model, training, layer = AppModel(), TrainingForm(), LayerForm()
        for form in (training, layer):
            qtbot.addWidget(form)
        training.show_training(TrainingSpec(), catalog())
        controller = NextTrainingController(app_model, settings, training, layer)
        return controller, app_model, training, layer

    return make


@pytest.mark.parametrize(
    ("state", "waits"), [("", False), ("waiting", False), ("running", True), ("paused", True)]
)
def test_both_forms_say_that_settings_wait_while_a_run_goes_on(make, state, waits):
    _controller, app_model, training, layer = make()
    app_model.set_training(state)
    line = training.findChild(object, "form.training.applies")
    assert (line.text() == APPLIES_NEXT) == waits
    for name in ("form.layer.applies", "form.shared.applies"):
        assert layer.findChild(object, name).isHidden() != waits


def test_groups_stay_open_from_one_start_to_the_next(make, settings):
    _controller, _app_model, training, _layer = make()
    training.findChild(object, "group.training.loss").click()
    training.findChild(object, "group.training.optimizer").click()
    assert settings.read().training_groups == ("loss", "optimizer")
    _second, _app_model, training, _layer = make()
    assert training._groups.open_names() == ("loss", "optimizer")
