"""ONNX graphs as exporters write them: a model, its samples, and whether ours have their channels last."""

import numpy as np
from onnx import numpy_helper

from tests.engine.importing.onnx_cases import one, w, whole
from tests.engine.importing.onnx_reference import SAMPLES, model_of, node, normal


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
