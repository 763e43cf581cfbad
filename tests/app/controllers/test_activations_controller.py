"""What the selected layer gives: live, still, of another sample, in grey."""

from types import SimpleNamespace

import pytest

from app.app_model import AppModel
from app.controllers.live.activations import ActivationsController
from app.document import Document
from engine.machine.facts import EngineFacts
from engine.probes.probe import Unavailable
from engine.runs.trained import Trained
from engine.spec.sample import SampleSpec
from engine.training.live.events import RunStarted
from tests.app.controllers.live_parts import DATA, FACTS, INFO, OTHER, SPEC, Still, Worker, gives
from widgets.activations import ActivationsPanel


@pytest.fixture
def house(qtbot):
    app_model = AppModel()
    made = SimpleNamespace(
        document=Document(SPEC, lambda _spec: None), app_model=app_model, worker=Worker(),
        still=Still(app_model), panel=ActivationsPanel(),
    )  # fmt: skip
    qtbot.addWidget(made.panel)
    made.controller = ActivationsController(
        made.document, app_model, made.worker, made.still, made.panel
    )
    with qtbot.waitExposed(made.panel):
        made.panel.show()
    app_model.set_engine(EngineFacts("3", "2", ("cpu",)))
    app_model.set_info(INFO)
    app_model.set_data(DATA)
    app_model.set_checked(FACTS, ())
    yield made
    made.controller._soon.stop()


@pytest.fixture
def training(house):
    house.worker.begin(house.app_model)
    house.worker.events_ready.emit((RunStarted("run", 1, 1, 1, 1, "cpu", 1, (), number=3),))
    house.app_model.set_selection(("conv",))
    return house


def now(house):
    house.controller._soon.stop()
    house.controller._follow()


def source(house):
    return house.panel._source.text()


def hint(house):
    return house.panel._hint.text()


def shown(house):
    assert not house.panel.is_empty()
    return house.panel.view.output.values.max()


# ---- While nothing is trained ----


def test_a_block_is_to_be_selected_first(house):
    now(house)
    assert house.panel.is_empty()
    assert hint(house) == "Select a block to see what it gives."


def test_the_untrained_network_is_shown_and_named(house):
    house.app_model.set_selection(("conv",))
    assert house.still.asked == [("dock.activations", ("conv",))]
    assert shown(house) == 1
    assert source(house) == "untrained network · validation sample 1 of 3: a"


def test_the_trained_model_is_named_and_whether_it_was_edited_since(house):
    house.app_model.set_trained(Trained("run", SPEC, INFO, None, (), {}, number=3))
    house.app_model.set_selection(("conv",))
    assert source(house) == "Set, run 3 · validation sample 1 of 3: a"
    house.document.edit("change", SPEC.but(network=OTHER))
    now(house)
    assert source(house) == "Set, run 3, edited since · validation sample 1 of 3: a"


def test_another_sample_is_shown_at_once(house):
    house.app_model.set_selection(("conv",))
    house.document.edit("pin", SPEC.but(pinned=(SampleSpec(part="test", number=1),)))
    now(house)
    assert shown(house) == 2
    assert source(house).endswith("test sample 2 of 3: b")


def test_nothing_is_computed_while_nobody_looks(house):
    house.panel.hide()
    house.app_model.set_selection(("conv",))
    now(house)
    assert not house.still.asked


def test_a_layer_that_gives_nothing_says_what_to_do(house):
    house.still.broken.add("conv")
    house.app_model.set_selection(("conv",))
    assert hint(house).startswith("This layer gives nothing yet")
    house.app_model.set_checked({}, ())
    now(house)
    assert hint(house).startswith("What the block gives appears here once")


def test_what_a_generator_makes_is_not_of_a_sample(house):
    network = SPEC.network.with_changed(SPEC.network.layer("input").but(noise=True))
    house.document.edit("noise", SPEC.but(network=network))
    house.app_model.set_selection(("conv",))
    assert source(house) == "untrained network · always the same noise"


# ---- While it trains ----


def test_the_training_is_asked_for_the_selected_layer_as_it_is_shown(training):
    (probe,) = training.worker.probes
    assert (probe.id, probe.kind, probe.target) == ("dock.activations", "activations", "conv")
    assert probe.size_px == training.panel.size_px
    assert probe.options == {"part": "validation", "number": 0, "output": 1}
    assert hint(training) == "What the block gives appears here with the first steps."
    training.worker.sample(lambda each: gives(each, 8.0), step=1200)
    assert shown(training) == 8
    assert source(training) == "Set, run 3, step 1,200 · validation sample 1 of 3: a"


def test_a_covered_or_detached_panel_asks_for_nothing(training):
    training.panel.set_attached(False)
    now(training)
    assert training.worker.probes == ()
    training.panel.set_attached(True)
    training.panel.hide()
    now(training)
    assert training.worker.probes == ()


def test_samples_of_the_layer_that_was_selected_before_are_dropped(training):
    (probe,) = training.worker.probes
    training.app_model.set_selection(("flat",))
    training.worker.sample(gives(probe), probe)
    assert training.panel.is_empty()
    assert [each.target for each in training.worker.probes] == ["flat"]


def test_a_failure_is_said(training):
    training.worker.sample(Unavailable("conv gives text, which has no picture."))
    assert hint(training) == "conv gives text, which has no picture."


def test_a_layer_that_is_not_being_trained_says_so(training):
    training.app_model.running_spec = SPEC.but(network=SPEC.network.without_layers(["flat"]))
    training.app_model.set_selection(("flat",))
    assert training.worker.probes == ()
    assert hint(training) == "This layer is not in the network that is being trained."


def test_the_picture_is_grey_while_network_or_data_moved_on(training):
    training.worker.sample(gives)
    assert not training.panel.is_old()
    training.document.edit("change", SPEC.but(network=OTHER))
    assert training.panel.is_old()
    assert training.panel.view.toolTip() == "Set, run 3; the network changed since"
    training.document.edit("back", SPEC)
    assert not training.panel.is_old()
    training.document.edit("data", SPEC.but(data=SPEC.data.but(options={"samples": 9})))
    assert training.panel.is_old()
    training.worker.end(training.app_model)
    assert not training.panel.is_old()


def test_after_the_training_its_weights_are_shown(training):
    training.worker.end(training.app_model)
    training.app_model.set_trained(Trained("run", SPEC, INFO, None, (), {}, number=3))
    now(training)
    assert source(training).startswith("Set, run 3 · ")
