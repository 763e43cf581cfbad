"""Ready networks: each can be trained at once on all data it says it suits."""

import pytest

from engine.build.shapes import ShapeCache
from engine.data.sets import DATA_SETS
from engine.errors import BadInput
from engine.spec.codec import decode, encode
from engine.spec.data import DataSpec
from engine.templates import TEMPLATES, default_scaling, new_project
from engine.validation import validate
from tests.engine.build.network_examples import DIABETES, DIGITS, IRIS, NEWS, samples_of

INFOS = {each.id: each.info for each in DATA_SETS.values() if each.info is not None}
SUITED = [
    (template.id, source)
    for template in TEMPLATES.values()
    for source, info in INFOS.items()
    if info.kind in template.kinds
]


@pytest.fixture(scope="module")
def cache():
    return ShapeCache()


def test_the_ids_that_programs_and_people_know():
    assert set(TEMPLATES) == {
        *("empty", "perceptron", "mlp", "cnn", "cnn2", "residual", "lstm", "gru", "simple_rnn"),
        *("bidirectional", "conv1d"),
    }
    for template in TEMPLATES.values():
        assert template.title
        assert template.help.endswith(".")


@pytest.mark.parametrize(("template", "source"), [pair for pair in SUITED if pair[0] != "empty"])
def test_a_new_project_has_no_findings_and_fits_its_data(template, source, cache):
    info = INFOS[source]
    spec = new_project(template, DataSpec(source=source), info, "Mine")
    facts = cache.facts(spec.network, info, spec.data.scaling)
    assert validate(spec, info, facts) == ()
    wanted = info.n_classes or info.n_targets
    assert facts[spec.network.outputs[0].id].output_shape == (wanted,)
    assert set(spec.canvas) == set(spec.network.ids)
    assert decode(encode(spec)) == spec
    assert (spec.name, spec.data.source) == ("Mine", source)


def test_empty_has_only_an_input():
    spec = new_project("empty", DataSpec(), DIGITS)
    assert [layer.kind for layer in spec.network.layers] == ["InputLayer"]


@pytest.mark.parametrize(
    ("info", "scaling"),
    [
        (DIGITS, "unit"),
        (IRIS, "standard"),
        (DIABETES, "standard"),
        (NEWS, "none"),
        (samples_of((8, 8, 1), kind="image"), "standard"),
    ],
)
def test_scaling_follows_the_kind_of_data_unless_one_was_chosen(info, scaling):
    assert default_scaling(info) == scaling
    assert new_project("mlp", DataSpec(), info).data.scaling == scaling
    chosen = DataSpec(scaling="symmetric")
    assert new_project("mlp", chosen, info).data.scaling == "symmetric"


@pytest.mark.parametrize(
    ("template", "info", "words"),
    [
        ("nonsense", DIGITS, "perceptron"),
        ("cnn", IRIS, "mlp"),
        ("lstm", IRIS, "mlp"),
        ("<b>" * 200, DIGITS, "cnn2"),
    ],
)
def test_what_does_not_exist_or_suit_is_refused_with_what_does(template, info, words):
    with pytest.raises(BadInput) as caught:
        new_project(template, DataSpec(), info)
    assert words in str(caught.value)
    assert len(str(caught.value)) <= 160


def test_the_residual_network_meets_in_add():
    network = new_project("residual", DataSpec(), DIGITS).network
    add = next(layer for layer in network.layers if layer.kind == "Add")
    assert [wire.port for wire in network.wires_into(add.id)] == [0, 1]


def test_the_perceptron_reaches_a_mean_far_from_zero():
    assert new_project("perceptron", DataSpec(), DIABETES).training.optimizer.kind == "SGD"
    assert new_project("perceptron", DataSpec(), IRIS).training.optimizer.kind == "Adam"


@pytest.mark.slow
def test_the_first_project_reads_digits():
    import keras

    from engine.build.model import build, compile_model
    from engine.data.loading import load

    data = load(DataSpec())
    spec = new_project("cnn", DataSpec(), data.info)
    keras.utils.set_random_seed(spec.training.seed)
    model = build(spec.network, data.info, spec.data.scaling)
    compile_model(model, spec, data.info)
    part, settings = data.training, spec.training
    model.fit(part.x, part.y, settings.batch_size, settings.epochs, verbose=0)
    figures = model.evaluate(data.test.x, data.test.y, verbose=0, return_dict=True)
    assert figures["accuracy"] >= 0.97
