"""A case is an operator of ONNX with its attributes: what opens, and what is refused."""

from dataclasses import dataclass, field

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


@dataclass(frozen=True)
class X:
    """An input of the graph; ``shape``: of one sample; ``samples``: the axis of the samples."""

    shape: tuple
    samples: int = 0
    kind: int = FLOAT
    low: float = -2.0
    high: float = 2.0


@dataclass(frozen=True)
class Case:
    """One node (or some, the first of which is meant).

    Attributes
    ----------
    inputs
        `X`, an array for fixed numbers, "" for one that is left out.
    outputs
        Names of its outputs, "" for one that is left out.
    after
        (operator, inputs, attributes) of nodes behind it; "y" is its first output, "x" the first input.
    refused
        Words of the refusal; "" if it opens.
    needs
        Covers an attribute that is not among its own.
    """

    op: str
    attributes: dict = field(default_factory=dict)
    inputs: tuple = ()
    opset: int = 17
    outputs: tuple = ("y",)
    after: tuple = ()
    refused: str = ""

    @property
    def name(self):
        told = ",".join(f"{name}={_short(value)}" for name, value in self.attributes.items())
        shapes = ",".join(_short(item) for item in self.inputs)
        return (
            f"{self.op}-{self.opset}({told};{shapes}){'' if not self.outputs[1:] else self.outputs}"
        )


def _short(value):
    if isinstance(value, X):
        return f"x{value.shape}"
    if isinstance(value, (np.ndarray, TensorProto)):
        return f"w{getattr(value, 'shape', '')}"
    return str(value)


def x(*shape, **told):
    return X(shape, **told)


def w(*shape, seed=1, low=None):
    """Return fixed numbers; ``low``: none of them is below it."""
    made = np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)
    return made if low is None else np.abs(made) + np.float32(low)


def whole(*numbers):
    return np.array(numbers, np.int64)


def one(number, dtype=np.float32):
    return np.array(number, dtype)


def case(op, *inputs, opset=17, outputs=("y",), after=(), refused="", **attributes):
    return Case(op, attributes, inputs, opset, outputs, after, refused)


def tensor(*numbers, dtype=np.float32):
    return numpy_helper.from_array(np.array(numbers, dtype))


def model_of(made):
    """Return the ONNX model of a case."""
    names, values, constants = [], [], []
    for place, item in enumerate(made.inputs):
        name = "" if isinstance(item, str) else f"{'x' if isinstance(item, X) else 'c'}{place}"
        names.append(name)
        if isinstance(item, X):
            shape = [*item.shape[: item.samples], "N", *item.shape[item.samples :]]
            values.append(helper.make_tensor_value_info(name, item.kind, shape))
        elif name:
            constants.append(numpy_helper.from_array(item, name))
    nodes = [helper.make_node(made.op, names, list(made.outputs), **made.attributes)]
    end = [name for name in made.outputs if name]
    for place, (op, inputs, attributes) in enumerate(made.after):
        given = [name if isinstance(name, str) else f"a{place}{n}" for n, name in enumerate(inputs)]
        constants += [
            numpy_helper.from_array(item, f"a{place}{n}")
            for n, item in enumerate(inputs)
            if not isinstance(item, str)
        ]
        end = [f"y{place}"]
        nodes.append(helper.make_node(op, given, end, **attributes))
    if not values:
        values = [helper.make_tensor_value_info("x0", FLOAT, ["N", 3])]
    ends = [helper.make_empty_tensor_value_info(name) for name in end]
    graph = helper.make_graph(nodes, "graph", values, ends, constants)
    opset = helper.make_opsetid("", made.opset)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def samples_of(made, count=3):
    """Return random samples for each input of a case, as the file wants them."""
    random = np.random.default_rng(7)
    given = {}
    for place, item in enumerate(made.inputs):
        if isinstance(item, X):
            shape = (*item.shape[: item.samples], count, *item.shape[item.samples :])
            given[f"x{place}"] = _random(random, item, shape)
    return given or {"x0": random.normal(size=(count, 3)).astype(np.float32)}


def _random(random, item, shape):
    if item.kind == FLOAT:
        return random.uniform(item.low, item.high, shape).astype(np.float32)
    kind = helper.tensor_dtype_to_np_dtype(item.kind)
    return random.integers(int(item.low), int(item.high) + 1, shape).astype(kind)
