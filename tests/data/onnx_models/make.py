"""Make the collection of ONNX models: exported by PyTorch or written node by node, answered by ONNX Runtime.

    python make.py

in an environment with torch, onnx and onnxruntime, none of which Netsmith needs. Each ``<name>.onnx`` has its
``<name>.onnx.npz`` beside it: samples ``x0`` ... and answers ``y0`` ..., channels first as in the file.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = Path(__file__).parent
SAMPLES = 3
_random = np.random.default_rng(3)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.inner = nn.Conv2d(8, 8, 3, padding=1)
        self.depth = nn.Conv2d(8, 16, 3, groups=8)
        self.point = nn.Conv2d(16, 6, 1)
        self.end = nn.Linear(6, 4)

    def forward(self, x):
        x = self.pool(torch.relu(self.norm(self.first(x))))
        x = torch.relu(x + self.inner(x))
        x = torch.nn.functional.relu6(self.point(self.depth(x)))
        return self.end(torch.flatten(nn.functional.adaptive_avg_pool2d(x, 1), 1))


class AsPicture(nn.Module):
    def forward(self, x):
        return x.view(-1, 6, 3, 4)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(1, 2, 5, padding=2)
        self.end = nn.Linear(5 * 4 * 5, 3)

    def forward(self, x):
        x = torch.cat([torch.tanh(self.left(x)), torch.sigmoid(self.right(x)) * 2 - 0.5], 1)
        return torch.softmax(self.end(nn.functional.avg_pool2d(x, 2).flatten(1)), -1)


TORCH = {
    "table": (
        nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Dropout(0.2), nn.Linear(12, 8), nn.LeakyReLU(0.2),
                      nn.Linear(8, 8), nn.ELU(), nn.BatchNorm1d(8), nn.Linear(8, 3), nn.Softmax(-1)),
        (5,),
    ),
    "picture": (
        nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3), nn.ReLU(), nn.Flatten(),
                      nn.Dropout(0.3), nn.Linear(8 * 4 * 3, 10)),
        (1, 14, 12),
    ),
    "residual": (Residual(), (3, 24, 20)),
    "branches": (Branches(), (1, 8, 10)),
    "generator": (
        nn.Sequential(nn.Linear(4, 6 * 3 * 4), nn.ReLU(), AsPicture(),
                      nn.ConvTranspose2d(6, 4, 4, stride=2, padding=1), nn.ReLU(),
                      nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1), nn.Tanh()),
        (4,),
    ),
    "series": (
        nn.Sequential(nn.Conv1d(2, 6, 5, dilation=2, padding=4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(6, 5, 3),
                      nn.Sigmoid(), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(5 * 4, 2)),
        (2, 20),
    ),
    "flat_pictures": (nn.Sequential(nn.Flatten(), nn.Linear(36, 9), nn.Tanh(), nn.Linear(9, 2)), (1, 6, 6)),
}  # fmt: skip


def by_torch(name, model, shape):
    with torch.no_grad():
        for values in model.buffers():
            if values.dtype.is_floating_point:
                values.copy_(torch.rand_like(values) + 0.5)
    path = HERE / f"{name}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(), (torch.zeros(2, *shape),), path, dynamo=False, input_names=["x"], output_names=["y"],
            dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17,
        )  # fmt: skip


def _tensor(name, *shape):
    return numpy_helper.from_array(_random.normal(size=shape).astype(np.float32) * 0.5, name)


def by_hand(name, nodes, inputs, outputs, constants):
    def value(item):
        return helper.make_tensor_value_info(item[0], TensorProto.FLOAT, ["N", *item[1]])

    graph = helper.make_graph(
        nodes, "graph", [value(i) for i in inputs], [value(o) for o in outputs], constants
    )
    model = helper.make_model(
        graph, producer_name="hand", opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 9
    onnx.checker.check_model(model)
    onnx.save(model, HERE / f"{name}.onnx")


def channels_last():
    """As converters from Keras write it: pictures turned for each convolution, and back."""
    node = helper.make_node
    by_hand(
        "channels_last",
        [
            node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
            node("Conv", ["a", "k"], ["b"], auto_pad="SAME_UPPER", strides=[2, 2], kernel_shape=[3, 3]),
            node("Transpose", ["b"], ["c"], perm=[0, 2, 3, 1]),
            node("Relu", ["c"], ["d"]),
            node("Reshape", ["d", "shape"], ["e"]),
            node("MatMul", ["e", "w"], ["f"]),
            node("Add", ["f", "bias"], ["y"]),
        ],
        [("x", (7, 8, 2))], [("y", (3,))],
        [_tensor("k", 5, 2, 3, 3), _tensor("w", 80, 3), _tensor("bias", 3),
         numpy_helper.from_array(np.array([-1, 80]), "shape")],
    )  # fmt: skip


def two_ends():
    """Two inputs, two outputs, one of which goes on; numbers in a list instead of raw bytes."""
    node = helper.make_node
    listed = helper.make_tensor(
        "bias", TensorProto.FLOAT, [6], _random.normal(size=6).astype(np.float32)
    )
    by_hand(
        "two_ends",
        [
            node("Gemm", ["u", "wu", "bias"], ["a"], alpha=0.5, beta=2.0),
            node("Gemm", ["v", "wv"], ["b"], transB=1),
            node("Add", ["a", "b"], ["first"]),
            node("Relu", ["first"], ["c"]),
            node("Concat", ["c", "b"], ["d"], axis=1),
            node("Gemm", ["d", "we"], ["e"]),
            node("Constant", [], ["two"], value_float=2.0),
            node("Div", ["e", "two"], ["second"]),
        ],
        [("u", (4,)), ("v", (3,))], [("first", (6,)), ("second", (2,))],
        [_tensor("wu", 4, 6), _tensor("wv", 6, 3), _tensor("we", 12, 2), listed],
    )  # fmt: skip


def answer(path):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = {
        i.name: _random.normal(size=(SAMPLES, *i.shape[1:])).astype(np.float32)
        for i in session.get_inputs()
    }
    answers = session.run(None, given)
    samples = {f"x{n}": x for n, x in enumerate(given.values())}
    np.savez(f"{path}.npz", **samples, **{f"y{n}": y for n, y in enumerate(answers)})


def main():
    torch.manual_seed(1)
    for name, (model, shape) in TORCH.items():
        by_torch(name, model, shape)
    channels_last()
    two_ends()
    for path in sorted(HERE.glob("*.onnx")):
        answer(path)


if __name__ == "__main__":
    main()
