"""Whole ONNX graphs: as exporters write them, in any order, with their weights beside them."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from engine.errors import BadInput, UnsafeFile
from engine.sandbox.opener import open_model, restore
from engine.sandbox.summary import summarize
from tests.engine.sandbox.onnx_cases import one, w, whole
from tests.engine.sandbox.onnx_reference import (
    SAMPLES,
    assert_same,
    model_of,
    node,
    normal,
    opened,
    reference,
)

# ---- As exporters write them ----


def from_keras():
    """As keras2onnx: channels last outside, turned for each window, and not in order."""
    nodes = [
        node("MatMul", ["flat", "kernel"], ["product"]),
        node("Transpose", ["x"], ["turned"], perm=[0, 3, 1, 2]),
        node("Add", ["product", "bias"], ["sum"]),
        node("Conv", ["turned", "filters", "shift"], ["windows"], auto_pad="SAME_UPPER", strides=[2, 2]),
        node("Relu", ["windows"], ["rectified"]),
        node("Softmax", ["sum"], ["y"]),
        node("MaxPool", ["rectified"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2], auto_pad="VALID"),
        node("Transpose", ["pooled"], ["back"], perm=[0, 2, 3, 1]),
        node("Reshape", ["back", "sizes"], ["flat"]),
    ]  # fmt: skip
    constants = {
        "filters": w(5, 2, 3, 3),
        "shift": w(5),
        "kernel": w(40, 3),
        "bias": w(3),
        "sizes": whole(-1, 40),
    }
    return model_of(nodes, {"x": ["N", 8, 16, 2]}, constants), (normal(SAMPLES, 8, 16, 2),), False


def from_torch():
    """As PyTorch: convolution, normalization, padding, and a view of the size of the batch."""
    nodes = [
        node("Conv", ["x", "filters"], ["windows"], pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
        node("BatchNormalization", ["windows", "g", "b", "m", "v"], ["normal"]),
        node("MaxPool", ["normal"], ["pooled"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("LeakyRelu", ["pooled"], ["leaky"], alpha=0.2),
        node("Shape", ["leaky"], ["shape"]),
        node("Constant", [], ["first"], value=numpy_helper.from_array(one(0, np.int64))),
        node("Gather", ["shape", "first"], ["batch"], axis=0),
        node("Unsqueeze", ["batch", "front"], ["batches"]),
        node("Concat", ["batches", "rest"], ["sizes"], axis=0),
        node("Reshape", ["leaky", "sizes"], ["flat"]),
        node("Gemm", ["flat", "kernel", "bias"], ["hidden"], transB=1),
        node("Sigmoid", ["hidden"], ["gate"]),
        node("Mul", ["hidden", "gate"], ["silu"]),
        node("Gemm", ["silu", "last"], ["y"], transB=1, alpha=0.5),
    ]  # fmt: skip
    constants = {
        "filters": w(4, 2, 3, 3),
        **dict(zip("gbmv", (w(4), w(4, seed=2), w(4, seed=3), w(4, low=0.4)), strict=True)),
        "front": whole(0),
        "rest": whole(-1),
        "kernel": w(7, 48),
        "bias": w(7),
        "last": w(3, 7),
    }
    return model_of(nodes, {"x": ["N", 2, 8, 6]}, constants), (normal(SAMPLES, 2, 8, 6),), True


def table():
    """A dense network behind its own standardisation, one minus what it gives."""
    nodes = [
        node("Sub", ["x", "mean"], ["centred"]),
        node("Div", ["centred", "deviation"], ["scaled"]),
        node("MatMul", ["scaled", "k0"], ["p0"]),
        node("Add", ["b0", "p0"], ["s0"]),
        node("Selu", ["s0"], ["h0"], alpha=1.5, gamma=1.2),
        node("Gemm", ["h0", "k1", "b1"], ["s1"]),
        node("HardSigmoid", ["s1"], ["h1"]),
        node("Sub", ["unit", "h1"], ["y"]),
    ]
    constants = {"mean": w(4), "deviation": w(4, low=0.5), "k0": w(4, 6), "b0": w(6), "k1": w(6, 2)}
    constants |= {"b1": w(2), "unit": one(1.0)}
    return model_of(nodes, {"x": ["N", 4]}, constants), (normal(SAMPLES, 4),), False


def _sequences(direction, count, joined):
    constants = {
        "w": w(count, 16, 3), "r": w(count, 16, 4), "b": w(count, 32),
        "directions": whole(1), "state": whole(count, -1, 4), "zero": whole(0), "one": whole(1),
        "units": whole(4), "count": whole(count), "sizes": whole(0, 0, -1), "kernel": w(4 * count, 2),
    }  # fmt: skip
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Slice", ["shape", "zero", "one"], ["batch"]),
        node("Concat", ["count", "batch", "units"], ["state_shape"], axis=0),
        node("ConstantOfShape", ["state_shape"], ["start"]),
        node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        node(
            "LSTM", ["steps", "w", "r", "b", "", "start", "start"], ["all", "last"],
            hidden_size=4, direction=direction,
        ),
        *joined,
        node("MatMul", ["features", "kernel"], ["y"]),
    ]  # fmt: skip
    made = model_of(nodes, {"x": ["N", 5, 3]}, constants)
    return made, (normal(SAMPLES, 5, 3),), False


def sequence_ends():
    """An LSTM that starts at zeros made for its batch, of which the last step is taken."""
    joined = [
        node("Squeeze", ["all", "directions"], ["each"]),
        node("Transpose", ["each"], ["turned"], perm=[1, 0, 2]),
        node("Gather", ["turned", "end"], ["features"], axis=1),
    ]
    made, given, turns = _sequences("forward", 1, joined)
    made.graph.initializer.append(numpy_helper.from_array(one(-1, np.int64), "end"))
    return made, given, turns


def sequences_both_ways():
    """A bidirectional LSTM whose directions are put beside each other."""
    joined = [
        node("Transpose", ["all"], ["beside"], perm=[2, 0, 1, 3]),
        node("Reshape", ["beside", "sizes"], ["features"]),
    ]
    return _sequences("bidirectional", 2, joined)


def last_states():
    joined = [
        node("Transpose", ["last"], ["turned"], perm=[1, 0, 2]),
        node("Flatten", ["turned"], ["features"]),
    ]
    return _sequences("bidirectional", 2, joined)


def attention():
    """Two steps that look at each other, with a residual, as transformers do."""
    nodes = [
        node("MatMul", ["x", "q"], ["query"]),
        node("MatMul", ["x", "k"], ["key"]),
        node("MatMul", ["x", "v"], ["value"]),
        node("Transpose", ["key"], ["keys"], perm=[0, 2, 1]),
        node("MatMul", ["query", "keys"], ["scores"]),
        node("Div", ["scores", "root"], ["scaled"]),
        node("Softmax", ["scaled"], ["weights"], axis=-1),
        node("MatMul", ["weights", "value"], ["mixed"]),
        node("Add", ["mixed", "x"], ["sum"]),
        node("Add", ["sum", "places"], ["placed"]),
        node("ReduceMean", ["placed"], ["y"], axes=[1], keepdims=0),
    ]
    constants = {name: w(4, 4, seed=seed) for seed, name in enumerate("qkv")}
    constants |= {"root": one(2.0), "places": w(5, 4)}
    return model_of(nodes, {"x": ["N", 5, 4]}, constants), (normal(SAMPLES, 5, 4),), False


EXPORTS = [
    from_keras, from_torch, table, sequence_ends, sequences_both_ways, last_states, attention,
]  # fmt: skip


@pytest.mark.parametrize("make", EXPORTS, ids=lambda make: make.__name__)
def test_what_exporters_write_answers_as_onnx_runtime(make, tmp_path):
    model, arrays, turns = make()
    (wanted,) = reference(model, *arrays)
    ours = [np.moveaxis(array, 1, -1) if turns else array for array in arrays]
    assert_same(restore(opened(tmp_path, model))(ours[0], training=False), wanted)


# ---- Order ----


def test_nodes_in_any_order_open_alike(tmp_path):
    model, (array,), _ = table()
    backwards = onnx.ModelProto()
    backwards.CopyFrom(model)
    del backwards.graph.node[:]
    backwards.graph.node.extend(reversed(model.graph.node))
    (wanted,) = reference(model, array)
    assert_same(restore(opened(tmp_path, backwards))(array), wanted)


def test_an_order_that_is_one_is_kept(tmp_path):
    model, _, _ = table()
    kinds = [layer.kind for layer in opened(tmp_path, model).network.layers]
    assert kinds == [
        "InputLayer", "EinsumDense", "EinsumDense", "Dense", "Formula", "Dense", "Formula", "Rescaling",
    ]  # fmt: skip


def test_a_circle_is_refused_by_its_operator(tmp_path):
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Add", ["a", "c"], ["b"]),
        node("Tanh", ["b"], ["c"]),
        node("Relu", ["c"], ["y"]),
    ]
    with pytest.raises(BadInput, match=r'"Add" needs its own result: it goes in a circle'):
        opened(tmp_path, model_of(nodes, {"x": ["N", 3]}, {}))


def test_a_tensor_that_nothing_gives_is_named(tmp_path):
    nodes = [node("Add", ["x", "ghost"], ["y"])]
    with pytest.raises(BadInput, match=r'nothing gives its tensor "ghost"'):
        opened(tmp_path, model_of(nodes, {"x": ["N", 3]}, {}))


# ---- Free sizes ----

PICTURES, STEPS = ["N", 2, "height", "width"], ["N", "steps", 3]
WINDOW = {"kernel_shape": [3, 3], "pads": [1, 0, 1, 1], "strides": [2, 2]}
FREE = {
    "windows": ([node("Conv", ["x", "k"], ["y"], **WINDOW)], {"k": w(4, 2, 3, 3)}),
    "same": (
        [node("Conv", ["x", "k"], ["y"], auto_pad="SAME_UPPER", strides=[2, 3])],
        {"k": w(4, 2, 3, 3)},
    ),
    "maximum": ([node("MaxPool", ["x"], ["y"], **WINDOW)], {}),
    "average": ([node("AveragePool", ["x"], ["y"], **WINDOW)], {}),
    "transposed": (
        [node("ConvTranspose", ["x", "k"], ["y"], strides=[4, 2], pads=[0, 1, 1, 2], output_padding=[3, 0])],
        {"k": w(2, 4, 2, 3)},
    ),
    "channels": (
        [node("Mul", ["x", "s"], ["a"]), node("Conv", ["a", "k"], ["y"])],
        {"k": w(4, 2, 3, 3), "s": w(2, 1, 1)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FREE)
def test_pictures_of_free_size_answer_as_onnx_runtime(name, tmp_path):
    nodes, constants = FREE[name]
    model, array = model_of(nodes, {"x": PICTURES}, constants), normal(SAMPLES, 2, 9, 7)
    (wanted,) = reference(model, array)
    answer = restore(opened(tmp_path, model))(np.moveaxis(array, 1, -1))
    assert_same(answer, np.moveaxis(wanted, 1, -1))


def test_sequences_of_free_length_answer_as_onnx_runtime(tmp_path):
    nodes = [
        node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]),
        node("LSTM", ["steps", "w", "r"], ["all"], hidden_size=4, direction="bidirectional"),
        node("Transpose", ["all"], ["turned"], perm=[2, 0, 1, 3]),
        node("Reshape", ["turned", "sizes"], ["y"]),
    ]
    constants = {"w": w(2, 16, 3), "r": w(2, 16, 4), "sizes": whole(0, 0, -1)}
    model, array = model_of(nodes, {"x": STEPS}, constants), normal(SAMPLES, 5, 3)
    assert_same(restore(opened(tmp_path, model))(array), *reference(model, array))


def test_a_reshape_that_depends_on_a_free_size_is_refused(tmp_path):
    nodes = [node("Reshape", ["x", "sizes"], ["y"])]
    with pytest.raises(BadInput, match=r'"Reshape" gives another number of numbers'):
        opened(tmp_path, model_of(nodes, {"x": STEPS}, {"sizes": whole(0, 2, -1)}))


# ---- Words ----


def test_numbers_have_as_many_digits_as_their_32_bits(tmp_path):
    nodes = [
        node("LeakyRelu", ["x"], ["a"], alpha=0.2),
        node("HardSigmoid", ["a"], ["b"], alpha=0.3),
        node("Mul", ["b", "c"], ["y"]),
    ]
    layers = opened(tmp_path, model_of(nodes, {"x": ["N", 3]}, {"c": one(0.7)})).network.layers
    assert layers[1].parameters["negative_slope"] == 0.2
    assert layers[2].parameters["expression"] == "clip(0.3 * x + 0.5, x_min=0.0, x_max=1.0)"
    assert layers[3].parameters["scale"] == 0.7


def test_a_refused_attribute_is_named_with_its_value(tmp_path):
    nodes = [node("Selu", ["x"], ["y"], beta=0.2)]
    with pytest.raises(BadInput) as refusal:
        opened(tmp_path, model_of(nodes, {"x": ["N", 3]}, {}))
    assert str(refusal.value) == (
        '"made.onnx" was not opened: its operator "Selu" has beta = 0.2, '
        "which Netsmith does not read in opset 13"
    )


# ---- Answers that were wrong ----


def test_an_answer_that_is_given_twice_opens(tmp_path):
    nodes = [node("Relu", ["x"], ["y"]), node("Identity", ["y"], ["z"])]
    model, array = model_of(nodes, {"x": ["N", 3]}, {}, outputs=("z", "y")), normal(SAMPLES, 3)
    answers = restore(opened(tmp_path, model))(array)
    for answer, wanted in zip(answers, reference(model, array), strict=True):
        assert_same(answer, wanted)


def test_an_activation_stays_out_of_what_others_take(tmp_path):
    nodes = [
        node("Gemm", ["x", "k"], ["product"]),
        node("Identity", ["product"], ["same"]),
        node("Relu", ["same"], ["rectified"]),
        node("Add", ["product", "rectified"], ["y"]),
    ]
    model, array = model_of(nodes, {"x": ["N", 3]}, {"k": w(3, 4)}), normal(SAMPLES, 3)
    (wanted,) = reference(model, array)
    assert_same(restore(opened(tmp_path, model))(array), wanted)


@pytest.mark.parametrize(("samples", "opens"), [("N", False), (1, True), (2, False)])
def test_a_reshape_to_one_sample_opens_only_where_there_is_one(samples, opens, tmp_path):
    nodes = [node("Reshape", ["x", "sizes"], ["flat"]), node("Relu", ["flat"], ["y"])]
    model = model_of(nodes, {"x": [samples, 2, 3]}, {"sizes": whole(1, -1)})
    if opens:
        assert opened(tmp_path, model).inputs
        return
    with pytest.raises(BadInput, match=r'"Reshape" mixes samples'):
        opened(tmp_path, model)


def test_one_minus_a_tensor_is_no_tensor_minus_one(tmp_path):
    nodes = [node("Sub", ["one", "x"], ["a"]), node("Div", ["one", "a"], ["y"])]
    model, array = model_of(nodes, {"x": ["N", 3]}, {"one": one(1.0)}), normal(SAMPLES, 3) + 5
    (wanted,) = reference(model, array)
    assert_same(restore(opened(tmp_path, model))(array), wanted)


def test_half_numbers_of_an_input_open(tmp_path):
    model = model_of([node("Relu", ["x"], ["y"])], {"x": ["N", 3]}, {})
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    assert summarize(opened(tmp_path, model)).inputs


def test_an_input_of_texts_is_refused(tmp_path):
    model = model_of([node("Identity", ["x"], ["y"])], {"x": ["N", 3]}, {})
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    with pytest.raises(BadInput, match=r'input "x" takes something else than numbers'):
        opened(tmp_path, model)


# ---- The worst is said first ----


def _with_texts(model):
    """Add a tensor of texts, which are no numbers."""
    model.graph.initializer.insert(0, onnx.helper.make_tensor("t", TensorProto.STRING, [1], [b"a"]))
    return model


def test_texts_among_the_weights_are_refused(tmp_path):
    model = model_of([node("Relu", ["x"], ["y"])], {"x": ["N", 3]}, {})
    with pytest.raises(UnsafeFile, match=r"something else than plain numbers"):
        opened(tmp_path, _with_texts(model))


def test_a_foreign_operator_is_said_before_texts_and_missing_weights(tmp_path):
    nodes = [node("Gemm", ["x", "k"], ["h"]), node("Own", ["h"], ["y"], domain="com.me")]
    model = _with_texts(model_of(nodes, {"x": ["N", 3]}, {"k": w(3, 4)}))
    tensor = model.graph.initializer[1]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="gone")
    with pytest.raises(BadInput, match=r'the operator "com\.me\.Own"'):
        opened(tmp_path, model)
    tensor.external_data[0].value = "../gone"
    with pytest.raises(UnsafeFile, match=r"another file on this computer"):
        opened(tmp_path, model)


def test_a_function_that_stands_in_for_an_operator_is_refused(tmp_path):
    model = model_of([node("Relu", ["x"], ["y"])], {"x": ["N", 3]}, {})
    opsets = [onnx.helper.make_opsetid("", 13)]
    body = [node("Neg", ["a"], ["b"])]
    function = onnx.helper.make_function("", "Relu", ["a"], ["b"], body, opsets)
    model.functions.append(function)
    with pytest.raises(UnsafeFile, match=r"gives an operator of ONNX another meaning"):
        opened(tmp_path, model)


def test_a_saved_model_under_another_name_is_a_program(tmp_path):
    path = tmp_path / "made.onnx"
    path.write_bytes(b"\x08\x01\x12\x05\x0a\x03abc")
    with pytest.raises(UnsafeFile, match=r"SavedModel, which is a program"):
        open_model(path)


@pytest.mark.parametrize("name", ["x", "k"])
def test_a_tensor_that_is_given_and_made_is_damage(name, tmp_path):
    nodes = [node("Relu", ["x"], [name]), node("MatMul", ["x", "k"], ["y"])]
    with pytest.raises(BadInput, match=r"damaged"):
        opened(tmp_path, model_of(nodes, {"x": ["N", 3]}, {"k": w(3, 3)}))


# ---- Too much ----

HUGE = {
    "padding": ([node("Pad", ["x"], ["y"], pads=[0, 0, 99_999, 99_999, 0, 0, 9, 9])], {}, 10),
    "a transposed convolution": (
        [node("ConvTranspose", ["x", "k"], ["y"], strides=[9000, 9000])], {"k": w(2, 2, 1, 1)}, 13,
    ),
    "a transposed convolution that is cut": (
        [node("ConvTranspose", ["x", "k"], ["y"], strides=[9000, 9000], pads=[9000] * 4)],
        {"k": w(2, 2, 1, 1)},
        13,
    ),
    "a fixed number": (
        [node("ConstantOfShape", ["s"], ["c"]), node("Add", ["x", "c"], ["y"])],
        {"s": whole(1, 2**20, 2**20, 2**20)},
        13,
    ),
    "fixed numbers that multiply": (
        [
            node("Reshape", ["k", "tall"], ["a"]),
            node("Reshape", ["k", "wide"], ["b"]),
            node("Mul", ["a", "b"], ["c"]),
            node("Add", ["x", "c"], ["y"]),
        ],
        {"k": w(20_000), "tall": whole(-1, 1), "wide": whole(1, -1)},
        13,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_what_needs_absurd_memory_is_refused_before_anything_is_built(name, tmp_path):
    nodes, constants, opset = HUGE[name]
    model = model_of(nodes, {"x": ["N", 2, 6, 6]}, constants, opset=opset)
    with pytest.raises(UnsafeFile, match=r"memory for one sample|grow far beyond"):
        opened(tmp_path, model)
