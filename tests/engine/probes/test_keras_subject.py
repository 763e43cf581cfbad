"""Looking into Keras networks changes nothing in them."""

import keras
import numpy as np
import pytest

from engine.probes import taking
from engine.probes.keras_subject import KerasSubject
from engine.probes.probe import Probe, ProbeError, ProbeKind, Unavailable
from engine.probes.table import PROBES

X = np.random.default_rng(0).normal(size=(1, 8, 8, 3)).astype(np.float32)


def network():
    inner_in = keras.Input((8, 8, 3))
    inner = keras.Model(inner_in, keras.layers.Conv2D(4, 3, padding="same")(inner_in), name="inner")
    entered = keras.Input((8, 8, 3), name="input")
    x = inner(entered)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Dropout(0.5, seed=3, name="drop")(x)
    x = keras.layers.ActivityRegularization(0.1, name="penalty")(x)
    x = keras.layers.Reshape((8, 32), name="rows")(x)
    states = keras.layers.LSTM(5, return_sequences=True, return_state=True, name="lstm")(x)
    return keras.Model(entered, keras.layers.Dense(3, dtype="float16", name="out")(states[1]))


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture
def subject(model):
    return KerasSubject({"network": model}, lambda _name, _part, _number: [X])


def activations(subject, layer, **options):
    return taking.sample(subject, Probe("test", "activations", layer, options))


def test_every_layer_gives_what_keras_gives_in_inference(subject, model):
    for name in ("inner", "norm", "drop", "rows"):
        within = keras.Model(model.inputs[0], model.get_layer(name).output if name != "inner" else
                             model.get_layer("norm").input)  # fmt: skip
        wanted = np.asarray(within(X, training=False))[0]
        given = np.asarray(subject.outputs(name, "test", 0)[0])[0]
        np.testing.assert_allclose(given, wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "form", "total", "outputs"),
    [
        ("input", "maps", 3, 1),
        ("inner", "maps", 4, 1),
        ("norm", "maps", 4, 1),
        ("penalty", "maps", 4, 1),
        ("rows", "strip", 32, 1),
        ("lstm", "strip", 5, 3),
        ("out", "bars", 3, 1),
    ],
)
def test_every_kind_of_layer_has_a_picture(subject, layer, form, total, outputs):
    found = activations(subject, layer)
    assert (found.form, found.total, found.outputs) == (form, total, outputs)
    assert found.not_finite == 0


def test_nothing_in_the_network_changes(subject, model):
    before = [np.array(variable) for variable in model.variables]
    for step in range(3):
        subject.renew(step)
        for layer in model.layers:
            subject.outputs(layer.name, "validation", 0)
        subject.call("network", [X])
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(variable), value)
    assert model.losses == []


def test_a_layer_that_remembers_forgets_what_it_was_shown():
    entered = keras.Input(batch_shape=(1, 4, 2), name="input")
    layer = keras.layers.LSTM(3, stateful=True, name="lstm")
    model = keras.Model(entered, layer(entered))
    before = [np.array(variable) for variable in model.variables]
    subject = KerasSubject({"": model}, lambda *_: [np.ones((1, 4, 2), np.float32)])
    first = np.array(subject.outputs("lstm", "test", 0)[0])
    subject.renew(1)
    np.testing.assert_array_equal(np.array(subject.outputs("lstm", "test", 0)[0]), first)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(np.asarray(variable), value)


def test_weights_as_they_are_now_are_used_once_a_step(subject, model):
    before = activations(subject, "out").values
    model.get_layer("out").bias.assign([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(activations(subject, "out").values, before)
    subject.renew(7)
    after = activations(subject, "out")
    np.testing.assert_allclose(after.values - before, [1, 2, 3], atol=0.01)
    assert after.step == 7
    model.get_layer("out").bias.assign([0.0, 0.0, 0.0])


def test_the_sample_that_is_asked_for_is_shown(model):
    shown = {("validation", 0): X, ("test", 4): np.zeros_like(X)}
    subject = KerasSubject({"network": model}, lambda _name, part, number: [shown[part, number]])
    assert activations(subject, "input", part="test", number=4).maximum == 0.0
    assert activations(subject, "input").maximum == pytest.approx(X.max())


def test_layers_of_several_networks_are_found_by_their_ids():
    ins = [keras.Input((2,), name=name) for name in ("noise", "picture")]
    models = {
        name: keras.Model(entered, keras.layers.Dense(2, name=f"{name}_dense")(entered))
        for name, entered in zip(("generator", "discriminator"), ins, strict=True)
    }

    def samples(name, _part, _number):
        if name == "generator":
            raise ProbeError("The generator takes noise.")
        return [np.ones((1, 2), np.float32)]

    subject = KerasSubject(models, samples)
    assert activations(subject, "discriminator_dense").form == "bars"
    assert activations(subject, "generator_dense") == Unavailable("The generator takes noise.")
    assert subject.network("generator") is models["generator"]
    with pytest.raises(ProbeError, match="no network"):
        subject.network("")


def test_a_layer_that_is_gone_is_named(subject):
    for kind in ("weights", "histograms", "activations"):
        found = taking.sample(subject, Probe("test", kind, "gone"))
        assert found == Unavailable('The network being shown has no layer "gone".')


def test_a_row_from_outside_is_taken(subject, model, monkeypatch):
    def make(subject, probe):
        kernel = subject.layer(probe.target).kernel
        return lambda: float(np.linalg.norm(subject.read(kernel)))

    monkeypatch.setitem(PROBES, "norm", ProbeKind("norm", "Norm of a kernel", make, float))
    wanted = float(np.linalg.norm(np.asarray(model.get_layer("out").kernel)))
    assert taking.sample(subject, Probe("test", "norm", "out")) == pytest.approx(wanted)


def test_a_layer_that_networks_share_is_shown_in_the_last_of_them():
    entered, other = keras.Input((2,), name="noise"), keras.Input((2,), name="again")
    shared = keras.layers.Dense(3, name="shared")
    models = {
        "sampler": keras.Model(other, shared(other)),
        "generator": keras.Model(entered, shared(entered)),
    }
    asked = []
    subject = KerasSubject(models, lambda name, *_: asked.append(name) or [np.ones((1, 2), "f4")])
    assert activations(subject, "shared").shape == (3,)
    assert asked == ["generator"]
