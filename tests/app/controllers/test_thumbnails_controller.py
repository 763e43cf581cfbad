"""What the blocks show: chosen, remembered, asked for in sight alone, live and still."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.app_model import AppModel
from app.controllers.live.thumbnails import ThumbnailsController
from app.document import Document
from app.settings import SettingsFile
from engine.machine.facts import EngineFacts
from engine.probes.activations import LayerOutput
from engine.probes.probe import Unavailable
from engine.runs.trained import Trained
from engine.spec.issues import LayerFacts
from engine.spec.sample import SampleSpec
from tests.app.controllers.live_parts import (
    DATA,
    FACTS,
    INFO,
    OTHER,
    SPEC,
    AtOnce,
    Canvas,
    Observer,
    Still,
    Worker,
    gives,
    weights,
)


@pytest.fixture
def house(qtbot, tmp_path):
    app_model = AppModel()
    made = SimpleNamespace(
        document=Document(SPEC, lambda _spec: None), app_model=app_model, worker=Worker(), canvas=Canvas(),
        file=SettingsFile(tmp_path / "settings.json"), still=Still(app_model), observer=Observer(),
    )  # fmt: skip
    made.controller = ThumbnailsController(
        made.document, app_model, AtOnce(), made.worker, made.file, made.observer, made.still, made.canvas
    )  # fmt: skip
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_info(INFO)
    app_model.set_data(DATA)
    app_model.set_checked(FACTS, ())
    yield made
    made.controller._soon.stop()


@pytest.fixture
def flowing(house, qtbot):
    house.controller.choose("activations")
    qtbot.waitUntil(lambda: house.canvas.outputs.get("conv") is not None)
    return house


def now(house):
    """Let what waits a moment be done."""
    house.controller._soon.stop()
    house.controller._ask()


def value(house, layer="conv"):
    return house.canvas.outputs[layer].values.max()


def test_weights_are_shown_at_first_and_another_choice_is_remembered(house):
    assert house.controller.choice == "weights"
    house.controller.toggle_activations()
    assert house.file.read().thumbnails == "activations"
    house.controller.toggle_activations()
    assert house.file.read().thumbnails == "weights"
    house.controller.choose("off")
    assert house.controller._probes(SPEC.network.ids) == ()


# ---- While nothing is trained ----


def test_only_blocks_in_sight_are_asked_for_and_once(flowing):
    assert flowing.still.asked == [("thumbnails", ("input", "conv"))]
    now(flowing)
    assert len(flowing.still.asked) == 1  # the view moved, but nothing new came into sight
    flowing.canvas.visible = ("conv", "flat")
    now(flowing)
    assert flowing.still.asked[-1] == ("thumbnails", ("conv", "flat"))


def test_an_edit_another_sample_or_another_model_asks_again(flowing):
    flowing.app_model.set_checked(dict(FACTS), ())
    now(flowing)
    assert value(flowing) == 2
    pinned = (SampleSpec(part="test", number=1),)
    flowing.document.edit("pin", SPEC.but(pinned=pinned))
    now(flowing)
    assert value(flowing) == 3


def test_a_layer_that_gives_nothing_has_no_picture(flowing):
    flowing.still.broken.add("conv")
    flowing.app_model.set_checked(dict(FACTS), ())
    now(flowing)
    assert flowing.canvas.outputs["conv"] is None


def test_a_picture_that_enters_is_shown_in_its_own_colours(flowing):
    entering = flowing.canvas.outputs["input"]
    assert entering.dtype == np.uint8
    assert entering.shape == (6, 6)


def test_weights_of_the_trained_model_are_shown_where_they_are_the_layers_own(house):
    now(house)
    assert not house.observer.asked
    house.app_model.set_trained(Trained("run", SPEC, INFO, None, (), {}))
    now(house)
    assert house.observer.asked == [("conv",)]  # others have no weights
    np.testing.assert_array_equal(house.canvas.thumbnails["conv"], np.ones((3, 3, 1, 2)))
    wider = {**FACTS, "conv": LayerFacts((4, 4, 3), weights=(("kernel", (3, 3, 1, 3)),))}
    house.app_model.set_checked(wider, ())
    now(house)
    assert house.canvas.thumbnails["conv"] is None


def test_off_takes_every_picture_away(flowing):
    flowing.controller.choose("off")
    assert set(flowing.canvas.outputs.values()) == {None}


def test_a_change_while_the_canvas_is_hidden_shows_when_it_is_seen(flowing, qtbot):
    flowing.canvas.visible = ()
    flowing.app_model.set_checked(dict(FACTS), ())
    now(flowing)
    flowing.canvas.visible = ("conv",)
    flowing.canvas.shown.emit()
    qtbot.waitUntil(lambda: value(flowing) == 2)


def test_other_data_take_the_outputs_away_at_once(flowing):
    flowing.app_model.set_data(None)
    assert set(flowing.canvas.outputs.values()) == {None}


# ---- While it trains ----


def test_a_training_is_asked_for_the_blocks_in_sight(flowing):
    flowing.worker.begin(flowing.app_model)
    now(flowing)
    probes = flowing.worker.probes
    assert [(p.id, p.kind, p.target) for p in probes] == [
        ("thumbnails:input", "activations", "input"),
        ("thumbnails:conv", "activations", "conv"),
    ]
    assert probes[0].options == {"part": "validation", "number": 0}
    flowing.worker.sample(lambda probe: gives(probe, 42.0))
    assert value(flowing) == 42
    flowing.canvas.visible = ("flat",)
    now(flowing)
    assert [probe.target for probe in flowing.worker.probes] == ["flat"]
    flowing.controller.choose("off")
    now(flowing)
    assert flowing.worker.probes == ()


def test_weights_come_live_too(house):
    house.worker.begin(house.app_model)
    now(house)
    assert [(p.kind, p.target) for p in house.worker.probes] == [("weights", "conv")]
    house.worker.sample(weights(kernel=np.full((3, 3, 1, 2), 7.0)))
    assert house.canvas.thumbnails["conv"].max() == 7


def test_another_sample_pinned_in_mid_run_is_asked_for(flowing):
    flowing.worker.begin(flowing.app_model)
    flowing.document.edit("pin", SPEC.but(pinned=(SampleSpec(part="test", number=2),)))
    now(flowing)
    assert flowing.worker.probes[1].options == {"part": "test", "number": 2}


def test_a_layer_that_is_new_is_not_asked_for_and_old_pictures_are_grey(flowing):
    flowing.worker.begin(flowing.app_model)
    now(flowing)
    assert not flowing.canvas.is_old
    flowing.document.edit("change", SPEC.but(network=OTHER))
    now(flowing)
    assert flowing.canvas.is_old
    flowing.document.edit("back", SPEC)
    now(flowing)
    assert not flowing.canvas.is_old
    flowing.document.edit("remove", SPEC.but(network=SPEC.network.without_layers(["conv"])))
    flowing.worker.end(flowing.app_model)
    now(flowing)
    assert not flowing.canvas.is_old


def test_other_data_leave_the_pictures_of_a_training(flowing):
    flowing.worker.begin(flowing.app_model)
    flowing.app_model.set_data(None)
    assert value(flowing) == 1


def test_late_samples_of_another_choice_and_failures_show_nothing(flowing):
    flowing.worker.begin(flowing.app_model)
    now(flowing)
    probe = flowing.worker.probes[1]
    flowing.worker.sample(Unavailable("gone"), probe)
    assert flowing.canvas.outputs["conv"] is None
    flowing.controller.choose("weights")
    flowing.worker.sample(gives(probe), probe)
    assert not isinstance(flowing.canvas.outputs["conv"], LayerOutput)
