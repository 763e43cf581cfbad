"""What the cache says of a network is what building it gives; nothing large is ever made."""

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.make_layer_table import settings_of
from engine.build import layer_call
from engine.build.model import build
from engine.build.shapes import ShapeCache
from engine.catalog import catalog
from engine.errors import SpecError
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.training.loop.initial import weight_shapes
from tests.engine.build.network_examples import (
    DIGITS,
    NEWS,
    chain,
    classifier,
    conv,
    dense,
    extend,
    samples_of,
    wired,
)

LAYERS = catalog().family("layer")
SUPPORTED = [kind for kind in LAYERS.values() if not kind.unsupported and kind.name != "InputLayer"]
SHAPES = {1: (12,), 2: (8, 4), 3: (16, 16, 3), 4: (8, 8, 8, 3), 5: (3, 8, 8, 8, 3)}
OWN_SHAPES = {
    "GroupNormalization": (4, 32),
    "HashedCrossing": (1,),
    "TextVectorization": (1,),
    "MelSpectrogram": (4000,),
    "STFTSpectrogram": (600, 1),
}
DTYPES = {
    **dict.fromkeys(("StringLookup", "TextVectorization"), "string"),
    **dict.fromkeys(("Embedding", "CategoryEncoding", "IntegerLookup", "Hashing"), "int32"),
    **dict.fromkeys(("HashedCrossing", "ReversibleEmbedding"), "int32"),
}


@pytest.fixture(scope="module")
def cache():
    return ShapeCache()


def built_facts(model, network):
    return {
        layer.id: (model.get_layer(layer.id).output, model.get_layer(layer.id).count_params())
        for layer in network.layers
    }


@pytest.mark.parametrize("kind", SUPPORTED, ids=lambda kind: kind.name)
def test_facts_of_every_layer_are_those_of_the_built_one(kind, cache):
    shape = OWN_SHAPES.get(kind.name) or SHAPES[kind.ranks[0] if kind.ranks else 2]
    info = samples_of(shape, DTYPES.get(kind.name, "float32"))
    layer = LayerSpec(id="tried", kind=kind.name, parameters=settings_of(kind))
    wires = [("input", "tried", port) for port in range(max(1, kind.inputs[0]))]
    network = wired(chain().with_layer(layer), *wires)
    facts = cache.facts(network, info)["tried"]
    assert facts.error == ""
    made = build(network, info).get_layer("tried")
    assert facts.output_shape == tuple(made.output.shape[1:])
    assert facts.parameters == made.count_params()
    assert facts.trainable_parameters == sum(w.numpy().size for w in made.trainable_weights)
    assert facts.weights == weight_shapes(made)


STEPS = st.sampled_from(
    [
        *(dense(5), conv(2), conv(3, 5, strides=(2, 2)), conv(2, padding="same"), "Flatten"),
        ("DepthwiseConv2D", {"kernel_size": (2, 2)}),
        ("MaxPooling2D", {"pool_size": (2, 2)}),
        ("AveragePooling2D", {"pool_size": (3, 3), "strides": (1, 1)}),
        ("ZeroPadding2D", {"padding": (1, 0, 2, 1)}),
        ("Reshape", {"target_shape": (-1, 2)}),
        ("LSTM", {"units": 3, "return_sequences": True}),
        ("Bidirectional", {"layer": {"kind": "GRU", "parameters": {"units": 2}}}),
        *("BatchNormalization", "LayerNormalization", "GlobalAveragePooling2D"),
        ("Dropout", {"rate": 0.5}),
    ]
)
MERGES = st.sampled_from(["Add", "Concatenate", "Multiply", "Subtract"])


@st.composite
def networks(draw):
    """Chains with a few merges of any two layers: some fit, some do not."""
    network = chain(draw(STEPS))
    for _ in range(draw(st.integers(0, 5))):
        ids = [layer.id for layer in network.layers]
        if draw(st.booleans()):
            network = extend(network, draw(st.sampled_from(ids)), draw(STEPS))
            continue
        one, other = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        merge = draw(MERGES)
        name = network.free_name(merge)
        network = network.with_layer(LayerSpec(id=name, kind=merge))
        network = wired(network, (one, name, 0), (other, name, 1))
    return network


@given(network=networks())
def test_shown_is_what_building_gives_and_shown_errors_are_the_ones_it_meets(network, cache):
    facts = cache.facts(network, DIGITS)
    wrong = {f"network.layers.{layer_id}" for layer_id, one in facts.items() if one.error}
    if wrong:
        with pytest.raises(SpecError) as caught:
            build(network, DIGITS)
        assert ".".join(caught.value.where.split(".")[:3]) in wrong
        return
    model = build(network, DIGITS)
    for layer_id, (output, parameters) in built_facts(model, network).items():
        assert facts[layer_id].output_shape == tuple(output.shape[1:])
        assert facts[layer_id].parameters == parameters


@pytest.mark.parametrize(
    ("network", "wrong", "field", "words"),
    [
        (
            chain("Flatten", conv()),
            "conv2d",
            "",
            (
                "Conv2D needs a picture (height, width, channels) but receives 64 numbers: "
                "insert Reshape or connect it before Flatten"
            ),
        ),
        (
            chain(("MaxPooling2D", {"pool_size": (9, 9)})),
            "maxpooling2d",
            "pool_size",
            'the 9 × 9 window does not fit into 8 × 8: use a smaller pool_size or padding "same"',
        ),
        (
            chain(conv(2, 3, dilation_rate=(4, 4))),
            "conv2d",
            "kernel_size",
            "the 9 × 9 window does not fit into 8 × 8",
        ),
        (
            chain(("LSTM", {"units": 3})),
            "lstm",
            "",
            "LSTM needs a series (steps, features) but receives 8 × 8 × 1: insert Reshape",
        ),
        (
            chain(("Reshape", {"target_shape": (7, 9)})),
            "reshape",
            "target_shape",
            "64 numbers (8 × 8 × 1) do not fill 7 × 9",
        ),
        (
            wired(chain(conv(), "Add"), ("input", "add", 1)),
            "add",
            "",
            "Add needs inputs of one shape but receives 6 × 6 × 4 and 8 × 8 × 1",
        ),
        (
            wired(chain(conv(), "Concatenate"), ("input", "concatenate", 1)),
            "concatenate",
            "",
            "except along its axis but receives 6 × 6 × 4 and 8 × 8 × 1",
        ),
        (
            chain(("Permute", {"dims": (2, 1)})),
            "permute",
            "",
            "Permute needs 2 axes but receives 8 × 8 × 1",
        ),
        (chain(conv(3, groups=2)), "conv2d", "", "divisible"),
        (chain(dense(0)), "dense", "units", "units must be"),
        (chain("Nonsense"), "nonsense", "", "Keras has no layer"),
    ],
)
def test_the_first_wrong_layer_says_why_in_plain_words(network, wrong, field, words, cache):
    facts = cache.facts(extend(network, network.layers[-1].id, "Flatten"), DIGITS)
    assert words in facts[wrong].error
    assert facts[wrong].field == field
    assert facts[wrong].output_shape is None
    assert len(facts[wrong].error) <= 160
    assert [one.error for name, one in facts.items() if name != wrong] == [""] * (len(facts) - 1)


def test_what_lies_behind_an_error_is_unknown_and_blameless(cache):
    facts = cache.facts(chain("Flatten", conv(), "Flatten", dense(3)), DIGITS)
    assert facts["flatten"].output_shape == (64,)
    assert facts["flatten_2"] == facts["dense"] == LayerFacts(None)


@pytest.mark.parametrize(
    "network",
    [
        NetworkSpec(),
        chain(),
        chain().with_layer(LayerSpec(id="alone", kind="Dense", parameters={"units": 2})),
        wired(chain("Add", "Flatten"), ("flatten", "add", 1)),
        wired(chain("Flatten"), ("flatten", "flatten", 1)),
        wired(chain("Flatten"), ("input", "flatten", 1)),
        wired(chain("Flatten"), ("flatten", "input", 0)),
        chain("Add"),
        chain(("MultiHeadAttention", {"num_heads": 1, "key_dim": 2})),
    ],
)
def test_an_unfinished_network_has_no_facts_and_no_errors(network, cache):
    facts = cache.facts(network, DIGITS)
    assert list(facts) == list(network.ids)
    assert not any(one.error for one in facts.values())


def test_an_input_that_does_not_hold_the_data_says_so(cache):
    network = classifier().with_parameters("input", {"shape": (9, 9, 1)})
    facts = cache.facts(network, DIGITS)
    assert facts["input"].field == "shape"
    assert "8 × 8 × 1" in facts["input"].error
    free = classifier().with_parameters("input", {"shape": (None, 8, 1)})
    assert cache.facts(free, DIGITS)["input"].output_shape == (None, 8, 1)


def test_frozen_weights_are_counted_and_not_trainable(cache):
    network = classifier()
    frozen = network.with_changed(network.layer("dense").but(trainable=False))
    facts = cache.facts(frozen, DIGITS)
    assert facts["dense"].parameters > 0
    assert facts["dense"].trainable_parameters == 0


@pytest.mark.parametrize(
    ("layers", "wrong", "words"),
    [
        (["Flatten", dense(10**9)], "dense", "training this layer alone would need 1,040 GB"),
        (
            [("UpSampling2D", {"size": (10**4, 10**4)})],
            "upsampling2d",
            "for one sample this layer alone would need",
        ),
        (["Flatten", dense(10**7), dense(20)], "dense_2", "with this layer, training would need"),
    ],
)
def test_absurd_layers_are_refused_before_anything_is_made(layers, wrong, words):
    facts = ShapeCache(memory_bytes=12 * 10**9).facts(chain(*layers), DIGITS)
    assert words in facts[wrong].error
    assert facts[wrong].output_shape is None
    assert [name for name, one in facts.items() if one.error] == [wrong]


def test_nothing_is_left_behind_that_keras_would_make_later():
    boundless = ShapeCache(memory_bytes=10**18)
    facts = boundless.facts(chain("Flatten", dense(10**9)), DIGITS)
    assert facts["dense"].parameters == 65 * 10**9
    with keras.StatelessScope():
        pass  # on leaving, Keras makes every variable that waits in this thread: 260 GB


def test_an_edit_tries_only_what_lies_downstream(monkeypatch):
    tried = []
    original = layer_call.construct_layer
    monkeypatch.setattr(
        layer_call,
        "construct_layer",
        lambda spec, *inputs, **options: (
            tried.append(spec.kind),
            original(spec, *inputs, **options),
        )[1],
    )
    network = chain(conv(4, padding="same"), "BatchNormalization", conv(5), "Flatten", dense(3))
    cache = ShapeCache()
    before = cache.facts(network, DIGITS)
    assert tried == ["Conv2D", "BatchNormalization", "Conv2D", "Flatten", "Dense"]
    tried.clear()
    assert cache.facts(network, DIGITS) == before
    assert tried == []
    cache.facts(network.with_parameters("conv2d_2", conv(6)[1]), DIGITS)
    assert tried == ["Conv2D", "Flatten", "Dense"]
    tried.clear()
    renamed = network.renamed("dense", "answer")
    assert cache.facts(renamed, DIGITS)["answer"] == before["dense"]
    assert tried == []


def test_the_cache_is_bounded_and_still_right_beyond_its_bound():
    network = chain(conv(2), conv(3), "Flatten", dense(4), dense(3))
    small = ShapeCache(entries=2)
    assert small.facts(network, DIGITS) == ShapeCache().facts(network, DIGITS)
    assert small.facts(network, DIGITS) == ShapeCache().facts(network, DIGITS)


def test_words_keep_their_number_type_on_the_way_to_the_embedding(cache):
    words = ("Embedding", {"input_dim": 1000, "output_dim": 4})
    facts = cache.facts(chain(words, "GlobalAveragePooling1D", dense(5)), NEWS)
    assert facts["embedding"] == LayerFacts(
        (30, 4), 4000, 4000, weights=(("embeddings", (1000, 4)),)
    )
    assert facts["dense"].output_shape == (5,)


def test_a_long_network_is_known_in_the_order_of_its_blocks(cache):
    layers = [("Activation", {"activation": "relu"}) for _ in range(150)]
    network = chain("Flatten", *layers, dense(10))
    shuffled = NetworkSpec(layers=network.layers[::-1], wires=network.wires[::-1])
    facts = cache.facts(shuffled, DIGITS)
    assert list(facts) == list(shuffled.ids)
    assert facts["dense"] == LayerFacts(
        (10,), 650, 650, weights=(("kernel", (64, 10)), ("bias", (10,)))
    )
    assert all(isinstance(wire, WireSpec) for wire in shuffled.wires)
