"""Ready networks: each can be trained at once on all data it says it suits."""

import math

import numpy as np
import pytest

from engine.build.shapes import ShapeCache
from engine.data.preprocessing import preprocessing_layers, usual_scaling
from engine.data.readers import READERS
from engine.errors import BadInput
from engine.spec.codec import decode, encode
from engine.spec.data import DataSpec
from engine.templates import TEMPLATES, new_project
from engine.templates.architectures import FAMILIES
from engine.validation import validate
from tests.engine.build.network_examples import DIABETES, DIGITS, IRIS, NEWS, samples_of
from tests.engine.training.problems import loaded

ARCHITECTURES = {name.lower() for family in FAMILIES for name in family.names}
INFOS = {each.id: each.info for each in READERS.values() if each.info is not None}
# One data set of each kind, shape and task: what a network is cut to.
DISTINCT = tuple(
    {(i.kind, i.input_shape, i.task, i.n_targets): s for s, i in INFOS.items()}.values()
)
OWN = [each for each in TEMPLATES.values() if each.id not in ARCHITECTURES]
SUITED = [
    (template.id, source)
    for template in OWN
    for source in DISTINCT
    if not template.why_not(INFOS[source])
]
CLEANED = INFOS["digits_to_clean"]
RING = INFOS["ring"]
SAMPLES = 4


@pytest.fixture(scope="module")
def cache():
    return ShapeCache()


def test_the_ids_that_programs_and_people_know():
    assert {each.id for each in OWN} == {
        *("empty", "perceptron", "mlp", "residual", "normalized", "wide_and_deep"),
        *(
            "cnn",
            "cnn2",
            "photos",
            "lenet5",
            "vgg",
            "resnet",
            "inception_blocks",
            "mobilenet_blocks",
        ),
        *("simple_rnn", "lstm", "gru", "bidirectional", "bidirectional_gru", "conv1d", "dilated"),
        *("transformer", "autoencoder", "conv_autoencoder", "variational", "unet"),
        *("gan_points", "gan_digits"),
    }
    assert len(TEMPLATES) == len(OWN) + len(ARCHITECTURES)
    for template in TEMPLATES.values():
        assert template.title
        assert template.group
        assert template.help.endswith(".")


@pytest.mark.parametrize(("template", "source"), [pair for pair in SUITED if pair[0] != "empty"])
def test_a_new_project_has_no_findings_and_fits_its_data(template, source, cache):
    info = INFOS[source]
    spec = new_project(template, DataSpec(reader=source), info, "Mine")
    facts = cache.facts(spec.network, info)
    assert validate(spec, info, facts) == ()
    wanted = (info.n_classes or info.n_targets,)
    if spec.networks:
        wanted = info.input_shape  # the generator, which comes first, gives a sample
    assert facts[spec.network.outputs[0].id].output_shape == wanted
    assert set(spec.canvas) == set(spec.network.ids)
    assert decode(encode(spec)) == spec
    assert (spec.name, spec.data.reader) == ("Mine", source)


@pytest.mark.parametrize(
    "template", [each.id for each in OWN if each.id != "empty" and each.networks is None]
)
def test_it_trains_a_step_and_the_saved_file_answers_the_same_without_netsmith(template, tmp_path):
    import keras

    from engine.build.model import build, compile_model

    info = next(i for i in (DIGITS, IRIS, NEWS, CLEANED) if not TEMPLATES[template].why_not(i))
    spec = new_project(template, DataSpec(), info, scaling="none")
    keras.utils.set_random_seed(0)
    model = build(spec.network, info)
    compile_model(model, spec, info)
    model.run_eagerly = True  # one step is not worth a graph
    random = np.random.default_rng(0)
    x = random.integers(0, 9, (SAMPLES, *info.input_shape)).astype(info.input_dtype)
    y = random.integers(0, info.n_classes or 2, SAMPLES)
    if info.task == "regression":
        y = random.random((SAMPLES, info.n_targets), np.float32)
    before = [weight.numpy() for weight in model.trainable_weights]
    assert np.isfinite(model.train_on_batch(x, y)).all()
    unmoved = [w.path for w, old in zip(model.trainable_weights, before, strict=True)
               if np.array_equal(w.numpy(), old)]  # fmt: skip
    assert not unmoved
    model.save(tmp_path / "model.keras")
    reopened = keras.models.load_model(tmp_path / "model.keras")
    answers = [each(x, training=False) for each in (reopened, model)]  # no mirrored pictures
    np.testing.assert_allclose(*answers, atol=1e-6)


@pytest.mark.parametrize(("template", "info"), [("gan_points", RING), ("gan_digits", DIGITS)])
def test_a_pair_of_networks_takes_a_step_of_each(template, info):
    import tensorflow as tf

    from engine.training.loop.preparation import new_program

    spec = new_project(template, DataSpec(reader=info.source), info)
    random = np.random.default_rng(0)
    x = random.random((SAMPLES, *info.input_shape), np.float32)
    program = new_program(spec, loaded(info, (x, np.zeros(SAMPLES, np.int32))))
    before = {
        role: [weight.numpy() for weight in network.weights]
        for role, network in program.networks.items()
    }
    assert before.keys() == {"generator", "discriminator"}
    found = program.step(tf.constant(x), None)
    assert all(np.isfinite(value) for value in found.values())
    for role, network in program.networks.items():
        moved = [
            np.any(w.numpy() != old) for w, old in zip(network.weights, before[role], strict=True)
        ]
        assert all(moved), role
    made = program.networks["generator"].output_shape
    assert made == (None, *info.input_shape)


def test_the_epochs_of_a_pair_follow_the_number_of_samples():
    def epochs(samples):
        data = DataSpec(reader="ring", options={"samples": samples})
        return new_project("gan_points", data, RING).training.epochs

    assert epochs(5000) == 286  # of 14 batches
    assert epochs(500) == 2000


@pytest.mark.parametrize(
    ("template", "shape", "words"),
    [
        ("cnn", None, "It is for pictures, not for tables."),
        ("wide_and_deep", (8, 8, 1), "It is for tables and points, not for pictures."),
        ("vgg", (6, 8, 1), "It is for pictures of at least 8 × 8 pixels."),
        ("vgg", (8, 8, 1), ""),
    ],
)
def test_it_says_for_which_data_it_is(template, shape, words):
    info = IRIS if shape is None else samples_of(shape, kind="picture")
    assert TEMPLATES[template].why_not(info) == words
    assert TEMPLATES[template].why_not(None)
    assert TEMPLATES[template].example(info).outputs


@pytest.mark.parametrize("side", [8, 16, 28, 32, 64, 224])
@pytest.mark.parametrize("channels", [1, 3])
def test_picture_networks_fit_every_usual_size(side, channels, cache):
    info = samples_of((side, side, channels), kind="picture")
    for template in OWN:
        if template.group == "Pictures":
            network = template.build(info)
            facts = cache.facts(network, info)
            assert not [fact.error for fact in facts.values() if fact.error], template.id
            assert facts[network.outputs[0].id].output_shape == (10,)
            assert sum(fact.parameters for fact in facts.values()) < 7e6, template.id


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3), (64, 48, 3), (9, 15, 1)])
def test_networks_that_draw_fit_every_usual_size(shape, cache):
    info = CLEANED.with_input(shape=shape).with_target(shape=(math.prod(shape),))
    for template in OWN:
        if template.answers_picture:
            network = template.build(info)
            facts = cache.facts(network, info)
            assert not [fact.error for fact in facts.values() if fact.error], template.id
            assert facts[network.outputs[0].id].output_shape == (math.prod(shape),)


def test_the_penalties_of_the_variational_autoencoder_are_its_divergence():
    import keras

    from engine.build.model import build

    keras.utils.set_random_seed(0)
    model = build(TEMPLATES["variational"].network(CLEANED), CLEANED)
    x = np.random.default_rng(0).integers(0, 17, (64, 8, 8, 1)).astype(np.float32)
    inner = keras.Model(
        model.inputs[0], [model.get_layer(n).output for n in ("dense_2", "dense_3")]
    )
    mean, narrow = (part.numpy() for part in inner(x))
    spread = np.exp(-narrow)
    divergence = ((mean**2 + spread**2 - 1) / 2 - np.log(spread)).sum(axis=1).mean()
    model(x, training=True)
    weight = 2 * 0.02 / CLEANED.n_targets
    constant = mean.shape[1] / 2  # moves no weight
    assert float(sum(model.losses)) == pytest.approx(weight * (divergence + constant), rel=1e-4)
    assert not np.array_equal(model(x, training=True), model(x, training=True))
    np.testing.assert_array_equal(model(x), model(x))


def test_a_network_that_draws_asks_for_answers_that_are_pictures():
    assert "answer is a picture" in TEMPLATES["unet"].why_not(DIGITS)
    numbers = CLEANED.with_target(shape=(3,), columns=("a", "b", "c"))
    assert TEMPLATES["unet"].why_not(numbers)
    assert TEMPLATES["unet"].example(DIGITS).outputs


def test_attention_is_told_the_order_of_its_steps(cache):
    network = TEMPLATES["transformer"].build(NEWS)
    facts = cache.facts(network, NEWS)
    places, width = NEWS.input_shape[0], 32
    assert facts["einsumdense"].parameters == width * width + places * width
    assert [wire.source for wire in network.wires_into("multiheadattention")] == ["einsumdense"] * 2


def test_empty_has_only_an_input_and_what_prepares_its_samples():
    spec = new_project("empty", DataSpec(), DIGITS)
    assert [layer.kind for layer in spec.network.layers] == ["InputLayer", "Rescaling"]
    assert spec.network.layers[1].parameters == {"scale": 1 / 16}


@pytest.mark.parametrize(
    ("info", "scaling"),
    [
        (DIGITS, "unit"),
        (IRIS, "standard"),
        (DIABETES, "standard"),
        (NEWS, "none"),
        (samples_of((8, 8, 1), kind="picture"), "standard"),
    ],
)
def test_scaling_follows_the_kind_of_data_unless_one_was_chosen(info, scaling):
    assert usual_scaling(info) == scaling
    blocks = {"unit": ["Rescaling"], "standard": ["Normalization"], "none": []}
    network = new_project("mlp", DataSpec(), info).network
    assert [network.layer(name).kind for name in preprocessing_layers(network)] == blocks[scaling]
    bare = new_project("mlp", DataSpec(), info, scaling="none").network
    assert preprocessing_layers(bare) == ()


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
