"""Projects of version 0.1 answer as they did: every template on every set, with what 0.1 answered and how it built."""

import keras
import numpy as np
import pytest

from engine.build.model import build
from engine.data.loading import load
from engine.data.preprocessing import fitted
from engine.data.readers import READERS
from engine.spec.data import DataSpec
from tests.engine.build.kept_examples import (
    answers,
    as_0_1_built,
    content_of,
    fill,
    info_of,
    names,
    project_of,
    samples_of,
    scaling_of,
    sources,
    statistics_of,
)

ANSWERED = tuple(name for name in names() if name in answers())
# Each template once in full; the rest differs in nothing but the scaling and the sizes of what was answered.
ONE_EACH = tuple({name.partition("/")[0]: name for name in reversed(ANSWERED)}.values())


def both(name):
    """Return the model of today and that of version 0.1, with the same weights."""
    source = name.partition("/")[2]
    info, spec = info_of(source), project_of(name)
    models = (
        build(spec.network, info, statistics_of(source)),
        as_0_1_built(content_of(name), info, scaling_of(source)),
    )
    for model in models:
        fill(model)
    return models


@pytest.mark.parametrize("name", ONE_EACH)
def test_every_template_answers_bit_for_bit_as_it_was_built_by_0_1(name):
    source = name.partition("/")[2]
    now, then = both(name)
    assert [layer.name for layer in now.layers] == [layer.name for layer in then.layers]
    assert [weight.path for weight in now.weights] == [weight.path for weight in then.weights]
    x = samples_of(source)
    np.testing.assert_array_equal(now(x), then(x))
    # Another processor may round the last bits differently than the one that answered then.
    np.testing.assert_allclose(now(x), answers()[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("source", sources())
def test_every_set_is_answered_bit_for_bit_by_what_0_1_built(source):
    name = f"mlp/{source}"
    now, then = both(name)
    x = samples_of(source)
    np.testing.assert_array_equal(now(x), then(x))
    np.testing.assert_allclose(now(x), answers()[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", names())
def test_behind_the_scaling_every_network_is_what_it_was(name):
    source = name.partition("/")[2]
    content, network = content_of(name), project_of(name).network
    scaling = scaling_of(source)
    old = {
        layer["id"]: (layer["kind"], layer["parameters"]) for layer in content["network"]["layers"]
    }
    new = {
        layer.id: (layer.kind, layer.model_dump(mode="json")["parameters"])
        for layer in network.layers
    }
    wires = {(w["source"], w["target"], w["port"]) for w in content["network"]["wires"]}
    if scaling is not None:
        entry = network.inputs[0].id
        name = f"{entry}_scaling"
        full = fitted(network, info_of(source), statistics_of(source)).layer(name)
        expected = {k: v for k, v in scaling["parameters"].items() if k not in ("dtype", "axis")}
        given = full.model_dump(mode="json")["parameters"]
        assert (full.kind, given) == (scaling["kind"], expected)
        del new[name]
        wires = {(name if s == entry else s, t, p) for s, t, p in wires} | {(entry, name, 0)}
    assert new == old
    assert list(new) == list(old)
    assert {(w.source, w.target, w.port) for w in network.wires} == wires


@pytest.mark.parametrize(
    "source", [s for s in sources() if READERS[s].origin in ("bundled", "generated")]
)
def test_the_training_part_gives_the_numbers_that_it_gave(source):
    data, then = load(DataSpec(reader=source)), statistics_of(source)
    np.testing.assert_allclose(data.statistics.mean, then.mean, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(data.statistics.variance, then.variance, rtol=1e-12)
    np.testing.assert_array_equal(
        data.training.x[:4].astype(data.info.input_dtype), samples_of(source)
    )


def test_new_weights_of_a_seed_are_those_of_0_1():
    name = "inception_blocks/digits"
    models = []
    for make in (0, 1):
        keras.utils.set_random_seed(7)
        models.append(both_unfilled(name)[make]())
    for now, then in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(now, then)


def both_unfilled(name):
    source = name.partition("/")[2]
    info = info_of(source)
    return (
        lambda: build(project_of(name).network, info, statistics_of(source)),
        lambda: as_0_1_built(content_of(name), info, scaling_of(source)),
    )
