"""Whole ONNX graphs: as exporters write them, in any order, with their weights beside them."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from engine.errors import BadInput, UnsafeFile
from engine.importing.opener import open_model, restore
from engine.importing.summary import summarize
from tests.engine.importing.onnx_cases import one, w, whole
from tests.engine.importing.onnx_exports import EXPORTS, table
from tests.engine.importing.onnx_reference import (
    SAMPLES,
    assert_same,
    model_of,
    node,
    normal,
    opened,
    reference,
)

# ---- As exporters write them ----


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
