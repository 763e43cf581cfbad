"""ONNX models made in a test, opened by Netsmith and answered by ONNX Runtime."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from engine.importing.opener import open_model

SAMPLES = 11  # as no other size
_CLOSE = 1e-5  # of the largest number of an answer

node = helper.make_node


def model_of(nodes, inputs, constants, outputs=("y",), opset=13):
    """Return a model; ``inputs``: name -> shape, the samples' axis told."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in inputs.items()
    ]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    ends = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph(nodes, "graph", values, ends, tensors)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def opened(folder, model):
    """Return a model as Netsmith opens it."""
    path = folder / "made.onnx"
    path.write_bytes(model.SerializeToString())
    return open_model(path)


def reference(model, *arrays):
    """Return what ONNX Runtime answers; ``model``: one, or the path of its file."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    content = str(model) if hasattr(model, "parent") else model.SerializeToString()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    return session.run(None, dict(zip(names, arrays, strict=True)))


def assert_same(answer, wanted):
    answer, wanted = np.asarray(answer), np.float64(wanted)
    assert answer.shape == wanted.shape
    assert np.abs(answer - wanted).max() <= _CLOSE * np.abs(wanted).max()


def normal(*shape):
    return np.random.default_rng(4).normal(size=shape).astype(np.float32)
