"""Ways to break a network: each is found before Train, said in words, and mended by one click."""

import numpy as np
import pytest

from engine.build.model import build, compile_model
from engine.build.shapes import ShapeCache
from engine.data.auto_defaults import label_encoding, resolve_loss
from engine.spec.base import ObjectSpec
from engine.spec.network import LayerSpec, NetworkSpec
from engine.validation import validate
from tests.engine.build.network_examples import (
    DIABETES,
    DIGITS,
    IRIS,
    MOONS,
    NEWS,
    SINE,
    chain,
    conv,
    dense,
    extend,
    project,
    wired,
)

CACHE = ShapeCache()
TEN = dense(10, "softmax")
END = ("Flatten", TEN)
EMBEDDING = ("Embedding", {"input_dim": 1000, "output_dim": 4})
LSTM = ("LSTM", {"units": 4})
SELF_ATTENTION = ("MultiHeadAttention", {"num_heads": 1, "key_dim": 2})


def pool(size):
    return ("MaxPooling2D", {"pool_size": (size, size)})


def branches(first, second, merge, *after):
    """Two lines from the input, joined by a merge, and what follows it."""
    network = extend(chain(), "input", *first)
    one = network.layers[-1].id
    network = extend(network, "input", *second)
    other = network.layers[-1].id
    kind, parameters = merge if isinstance(merge, tuple) else (merge, {})
    name = network.free_name(kind)
    network = network.with_layer(LayerSpec(id=name, kind=kind, parameters=parameters))
    return extend(wired(network, (one, name, 0), (other, name, 1)), name, *after)


def loss(kind, **parameters):
    return {"loss": ObjectSpec(kind=kind, parameters=parameters)}


def frozen_layers(network):
    layers = tuple(layer.but(trainable=False) for layer in network.layers)
    return NetworkSpec(layers=layers, wires=network.wires)


SHALLOW = chain(*END)
CIRCLE = wired(
    branches(["Flatten", dense(4)], ["Flatten", dense(4)], "Add", dense(4), TEN),
    ("dense_3", "add", 2),
)

# way: project, data, where it is said, words of the message, the first cure's button
WAYS = {
    # Shapes that do not meet
    "picture into dense without Flatten": (
        project(chain(conv(), TEN)), DIGITS, "dense", "insert Flatten", "Insert Flatten",
    ),
    "convolution behind Flatten": (
        project(chain("Flatten", conv(), *END)),
        DIGITS, "conv2d", "needs a picture", 'Connect it before "flatten"',
    ),
    "convolution on a row of numbers": (
        project(chain(conv(4, 1), "Flatten", dense(3, "softmax"))),
        IRIS, "conv2d", "needs a picture", "Insert Reshape to 2 × 2 × 1",
    ),
    "convolutions and pooling on two numbers": (
        project(chain(conv(4, 3), pool(2), "Flatten", dense(2, "softmax"))),
        MOONS, "conv2d", "needs a picture", "Remove it and 1 more like it",
    ),
    "series layer on a picture": (
        project(chain(conv(), LSTM, TEN)), DIGITS, "lstm", "needs a series",
        "Insert Reshape to 6 × 24",
    ),
    "too few dimensions for a recurrent layer": (
        project(chain(LSTM, dense(3, "softmax"))), IRIS, "lstm", "needs a series",
        "Insert Reshape to 4 × 1",
    ),
    "picture layer on a series": (
        project(chain(conv(4, 1), "Flatten", dense(1))), SINE, "conv2d", "needs a picture",
        "Insert Reshape to 20 × 1 × 1",
    ),
    "return_sequences missing between recurrent layers": (
        project(chain(LSTM, LSTM, dense(1))), SINE, "lstm_2", "last step only",
        'Switch return_sequences of "lstm" on',
    ),
    "return_sequences missing behind two directions": (
        project(
            chain(
                ("Bidirectional", {"layer": {"kind": "GRU", "parameters": {"units": 3}}}),
                LSTM, dense(1),
            )
        ),
        SINE, "lstm", "last step only", 'Switch return_sequences of "bidirectional" on',
    ),
    "return_sequences before the output": (
        project(chain(("LSTM", {"units": 4, "return_sequences": True}), dense(1))),
        SINE, "dense", "return_sequences", "Give the last step only",
    ),
    "repeating a picture": (
        project(chain(conv(2), ("RepeatVector", {"n": 2}), *END)),
        DIGITS, "repeatvector", "needs a row of numbers", "Insert Flatten",
    ),
    "a formula with an unknown function": (
        project(chain("Flatten", ("Formula", {"expression": "x * sigmoyd(x)"}), TEN)),
        DIGITS, "formula", "nearest are sigmoid", 'Write "sigmoid"',
    ),
    "a formula with an unknown name": (
        project(chain("Flatten", ("Formula", {"expression": "2 * y"}), TEN)),
        DIGITS, "formula", '"y" is no input', 'Write "x"',
    ),
    "a formula that mixes the samples": (
        project(chain("Flatten", ("Formula", {"expression": "x - mean(x, axis=0)"}), TEN)),
        DIGITS, "formula", "never mixes", "Use the default",
    ),
    "a formula of a comparison": (
        project(chain("Flatten", ("Formula", {"expression": "x > 0.5"}), TEN)),
        DIGITS, "formula", "yes or no", "Give 1 for yes and 0 for no",
    ),
    "a formula with an input too many": (
        project(
            wired(
                chain("Flatten", ("Formula", {"expression": "tanh(x)"}), TEN),
                ("flatten", "formula", 1),
            )
        ),
        DIGITS, "formula", "does not use input b", "Remove what it does not use",
    ),
    "a formula with an input too few": (
        project(chain("Flatten", ("Formula", {"expression": "a / b"}), TEN)),
        DIGITS, "formula", "needs 2 inputs", "Remove it",
    ),
    "a formula of other shapes": (
        project(chain("Flatten", ("Formula", {"expression": "reshape(x, (-1, 9))"}), TEN)),
        DIGITS, "formula", "another size", "Remove it",
    ),
    "Add of different channels": (
        project(branches([conv(4, 1)], [conv(6, 1)], "Add", *END)),
        DIGITS, "add", "8 × 8 × 4 and 8 × 8 × 6", 'Bring "conv2d_2" to 8 × 8 × 4',
    ),
    "Add of different sides": (
        project(branches([conv(4, 3)], [conv(4, 1)], "Add", *END)),
        DIGITS, "add", "inputs of one shape", 'Bring "conv2d_2" to 6 × 6 × 4',
    ),
    "Add around a halving block": (
        project(branches([conv(4, 1, strides=(2, 2))], [conv(2, 1)], "Add", *END)),
        DIGITS, "add", "inputs of one shape", 'Bring "conv2d_2" to 4 × 4 × 4',
    ),
    "Add of a picture and a row": (
        project(branches([conv(2, 5)], ["Flatten", dense(5)], "Add", *END)),
        DIGITS, "add", "inputs of one shape", 'Bring "dense" to 4 × 4 × 2',
    ),
    "Multiply of different rows": (
        project(branches(["Flatten", dense(4)], ["Flatten", dense(5)], "Multiply", TEN)),
        DIGITS, "multiply", "4 and 5", 'Bring "dense_2" to 4',
    ),
    "Concatenate of different sides": (
        project(branches([conv(4, 3)], [conv(6, 1)], "Concatenate", *END)),
        DIGITS, "concatenate", "except along its axis", 'Bring "conv2d_2" to 6 × 6',
    ),
    "Concatenate of a picture and a row": (
        project(branches([conv(2)], ["Flatten", dense(5)], "Concatenate", TEN)),
        DIGITS, "concatenate", "except along its axis", "Flatten all inputs",
    ),
    "Concatenate along the wrong axis": (
        project(branches([conv(4, 1)], [conv(6, 1)], ("Concatenate", {"axis": 1}), *END)),
        DIGITS, "concatenate", "except along its axis", "Join along the last axis",
    ),
    "Reshape to a wrong size": (
        project(chain(("Reshape", {"target_shape": (8, 9)}), *END)),
        DIGITS, "reshape", "do not fill 8 × 9", "Set target_shape to 8 × 8",
    ),
    "Permute of other axes": (
        project(chain(("Permute", {"dims": (2, 1)}), *END)), DIGITS, "permute", "needs 2 axes",
        "Set dims to 3, 2, 1",
    ),
    # Windows
    "kernel larger than the picture": (
        project(chain(conv(2, 9), *END)), DIGITS, "conv2d", "does not fit into 8 × 8",
        'Set padding to "same"',
    ),
    "nothing left after pooling": (
        project(chain(pool(4), pool(4), *END)), DIGITS, "maxpooling2d_2", "4 × 4 window",
        'Set padding to "same"',
    ),
    "cropped away": (
        project(chain(("Cropping2D", {"cropping": (4, 4, 0, 0)}), *END)),
        DIGITS, "cropping2d", "leave nothing", "Cut off nothing",
    ),
    "strides and dilation": (
        project(chain(conv(2, 2, strides=(2, 2), dilation_rate=(2, 2)), *END)),
        DIGITS, "conv2d", "only one of them", "Set strides to 1",
    ),
    "output padding as wide as the step": (
        project(
            chain(
                ("Conv2DTranspose", {"filters": 2, "kernel_size": (2, 2), "output_padding": (1, 1)}),
                *END,
            )
        ),
        DIGITS, "conv2dtranspose", "below its strides", "Leave output_padding empty",
    ),
    "groups that do not divide the filters": (
        project(chain(conv(4, 2), conv(5, 2, groups=2), *END)),
        DIGITS, "conv2d_2", "5 filters", "Set groups to 1",
    ),
    "groups that do not divide the channels": (
        project(chain(conv(6, 2), ("GroupNormalization", {"groups": 4}), *END)),
        DIGITS, "groupnormalization", "6 channels", "Set groups to 2",
    ),
    "channels first on channels last": (
        project(chain(conv(2, 3, data_format="channels_first"), *END)),
        DIGITS, "conv2d", "does not fit into 8 × 1", "Take the channels last",
    ),
    "normalization along an axis there is not": (
        project(chain(conv(2), ("BatchNormalization", {"axis": 4}), *END)),
        DIGITS, "batchnormalization", "axis 4", "Use the last axis",
    ),
    "softmax over the samples": (
        project(chain("Flatten", dense(10), ("Softmax", {"axis": 0}))),
        DIGITS, "softmax", "axis 0", "Use the last axis",
    ),
    "more units than memory": (
        project(chain("Flatten", dense(1_000_000_000), TEN)),
        DIGITS, "dense", "of memory", "Set units to 32",
    ),
    # Words
    "text into a convolution without Embedding": (
        project(chain(("Conv1D", {"filters": 4, "kernel_size": (3,)}), "Flatten", dense(5, "softmax"))),
        NEWS, "conv1d", "insert an Embedding", "Insert Embedding",
    ),
    "Embedding on fractions": (
        project(chain("Rescaling", "Flatten", EMBEDDING, *END)), DIGITS, "embedding", "fractions",
        "Use Dense instead",
    ),
    "Embedding behind a layer that computes": (
        project(chain("Flatten", dense(4), EMBEDDING, *END)), DIGITS, "embedding", "fractions",
        "Use Dense instead",
    ),
    "vocabulary too small": (
        project(chain(("Embedding", {"input_dim": 50, "output_dim": 4}), "Flatten", dense(5, "softmax"))),
        NEWS, "embedding", "1000 words", "Set input_dim to 1000",
    ),
    "a damaged model inside": (
        project(chain("Flatten", ("Model", {"network": "lost"}), TEN)),
        DIGITS, "model", "is no network", "Remove it",
    ),
    # The graph
    "no input": (
        project(NetworkSpec(layers=chain("Flatten", TEN).layers[1:], wires=chain("Flatten", TEN).wires[1:])),
        DIGITS, "", "no input", "Add an input",
    ),
    "no output": (project(chain()), DIGITS, "input", "no output", "Add a Dense layer"),
    "an answer and an open branch": (
        project(extend(SHALLOW, "flatten", dense(16))), DIGITS, "dense_2", "ends in 2",
        "Concatenate them",
    ),
    "two open branches of one shape": (
        project(extend(chain("Flatten", dense(16)), "flatten", dense(16))), DIGITS, "dense_2",
        "ends in 2", "Add them",
    ),
    "two open branches of pictures": (
        project(extend(chain(conv()), "input", conv())), DIGITS, "conv2d_2", "ends in 2",
        "Add them",
    ),
    "two outputs": (
        project(extend(SHALLOW, "flatten", TEN)), DIGITS, "dense_2", "merge layer",
        "Average them",
    ),
    "no path from the input": (
        project(SHALLOW.with_layer(LayerSpec(id="alone", kind="Flatten"))),
        DIGITS, "alone", "Nothing is connected", 'Connect it after "dense"',
    ),
    "merge with one input": (
        project(chain(conv(2, 1), conv(2, 1), "Add", *END)), DIGITS, "add", "needs 2 inputs",
        'Connect "conv2d" to it too',
    ),
    "attention with a query alone": (
        project(chain(SELF_ATTENTION, "Flatten", dense(1))), SINE, "multiheadattention",
        "needs 2 inputs", 'Connect "input" to it too',
    ),
    "attention without its value": (
        project(
            wired(
                chain(SELF_ATTENTION, "Flatten", dense(1)), ("input", "multiheadattention", 2)
            )
        ),
        SINE, "multiheadattention", '"value"', 'Connect "input" to it too',
    ),
    "two wires into one block": (
        project(wired(SHALLOW, ("input", "dense", 1))), DIGITS, "dense", "2 wires",
        'Remove the wire from "input"',
    ),
    "circle": (
        project(CIRCLE), DIGITS, "add", "form a circle", 'Remove the wire from "dense_3"',
    ),
    "misspelt kind": (
        project(chain("Flaten", TEN)), DIGITS, "flaten", "no layer called", "Make it Flatten",
    ),
    "nothing learns": (
        project(frozen_layers(SHALLOW)), DIGITS, "", "can learn", "Let every layer learn",
    ),
    # The output
    "wrong number of outputs": (
        project(chain("Flatten", dense(7, "softmax"))), DIGITS, "dense", "7 units",
        "Set units to 10",
    ),
    "softmax of one unit": (
        project(chain(dense(1, "softmax"))), MOONS, "dense", "always 1",
        "Set activation to sigmoid",
    ),
    "sigmoid for one of many classes": (
        project(chain("Flatten", dense(10, "sigmoid"))), DIGITS, "dense", "by itself",
        "Set activation to softmax",
    ),
    "relu at the output": (
        project(chain("Flatten", dense(10, "relu"))), DIGITS, "dense", "cuts off negative",
        "Set activation to softmax",
    ),
    "squeezed numbers": (
        project(chain(dense(1, "sigmoid"))), DIABETES, "dense", "between 0 and 1",
        "Set activation to linear",
    ),
    "loss of classes on numbers": (
        project(chain(dense(1)), **loss("CategoricalCrossentropy")),
        DIABETES, "", "wants numbers", "Use the fitting loss (MeanSquaredError)",
    ),
    "softmax twice": (
        project(SHALLOW, **loss("SparseCategoricalCrossentropy", from_logits=True)),
        DIGITS, "", "a second time", "Switch from_logits off",
    ),
}  # fmt: skip


def findings(spec, info):
    """Return all but that nothing scales the samples: the networks here are bare."""
    found = validate(spec, info, CACHE.facts(spec.network, info))
    return tuple(issue for issue in found if "as they are: insert" not in issue.message)


def found(spec, info, layer, words):
    return [i for i in findings(spec, info) if i.layer == layer and words in i.message]


def samples_of(info):
    """Four samples of the kind that the data has."""
    generator = np.random.default_rng(0)
    if info.kind == "text":
        return generator.integers(0, info.vocabulary_size, (4, *info.input_shape)).astype("int32")
    return generator.random((4, *info.input_shape)).astype("float32")


def labels_of(spec, info, units):
    encoding = label_encoding(resolve_loss(spec, info, units).kind, info, units)
    if encoding == "one_hot":
        return np.eye(info.n_classes, dtype="float32")[[0, 1, 1, 0]]
    return np.array([0, 1, 1, 0]) if encoding == "index" else np.ones((4, 1), "float32")


def loss_after_one_step(spec, info):
    model = build(spec.network, info)
    compile_model(model, spec, info)
    model.run_eagerly = True  # one step: tracing would take longer than it saves
    labels = labels_of(spec, info, model.output_shape[-1])
    return model.train_on_batch(samples_of(info), labels, return_dict=True)["loss"]


@pytest.mark.parametrize("way", WAYS)
def test_a_broken_network_is_found_and_one_click_makes_it_train(way):
    spec, info, layer, words, label = WAYS[way]
    (issue,) = found(spec, info, layer, words)
    assert issue.cures[0].label == label
    mended = issue.cures[0].applied_to(spec)
    assert findings(mended, info) == ()
    assert np.isfinite(loss_after_one_step(mended, info))


@pytest.mark.parametrize("way", WAYS)
def test_every_cure_ends_the_problem_that_it_stands_beside(way):
    spec, info, layer, words, _ = WAYS[way]
    (issue,) = found(spec, info, layer, words)
    labels = [cure.label for cure in issue.cures]
    assert len(set(labels)) == len(labels)
    for cure in issue.cures:
        assert not found(cure.applied_to(spec), info, layer, words), cure.label
