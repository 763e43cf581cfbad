"""Which view shows which weight tensor, and how its axes are laid out. No Qt here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engine.probes.tensor_view import LayerWeights, TensorView
from widgets.plots.filter_stack import KernelOrder

GATES = {
    4: ("input", "forget", "cell", "output"),  # Keras's order in LSTM, https://keras.io source
    3: ("update", "reset", "candidate"),  # in GRU
}


@dataclass(frozen=True)
class TensorLayout:
    """How a tensor is shown.

    Attributes
    ----------
    view
        ``matrix`` or ``filters``.
    order
        Of the axes of a kernel, for ``filters``.
    matrix_axes
        For ``matrix``: how many leading axes are folded into the rows.
    titles
        What rows and columns stand for.
    gates
        Names of equal blocks of columns; empty: no blocks.
    """

    view: Literal["matrix", "filters"]
    order: KernelOrder = "conv"
    matrix_axes: int = 1
    titles: tuple[str, str] = ("row", "column")
    gates: tuple[str, ...] = ()


_KERNEL_TITLES = ("source neuron", "target neuron")
_TITLES = {  # by the end of the tensor's name
    "embeddings": ("entry", "dimension"),
    "recurrent_kernel": ("source unit", "target unit"),
    "pointwise_kernel": ("source channel", "target channel"),
    "kernel": _KERNEL_TITLES,
}
_FilterRule = tuple[Callable[[str], bool], tuple[str, ...], tuple[int, ...], KernelOrder]
_FILTER_RULES: tuple[
    _FilterRule, ...
] = (  # of a layer's kind, a tensor's name, its rank: the order
    (lambda kind: kind.endswith("Transpose"), ("kernel",), (3, 4, 5), "transpose"),
    (lambda kind: kind.startswith("Depthwise"), ("kernel",), (3, 4), "depthwise"),
    (lambda kind: kind.startswith("Separable"), ("depthwise_kernel",), (3, 4), "depthwise"),
    (lambda kind: kind.startswith("Conv"), ("kernel", "recurrent_kernel"), (3, 4, 5), "conv"),
    (lambda kind: True, ("kernel",), (4, 5), "conv"),  # wrapped convolutions
)


def tensor_layout(sample: LayerWeights, tensor: TensorView) -> TensorLayout:
    """Return how a tensor of a layer is shown; every tensor has a view."""
    rank = len(tensor.shape)
    for is_kind, names, ranks, order in _FILTER_RULES:
        # A wrapper puts a direction before the name: forward_kernel.
        if is_kind(sample.kind) and _has_name(tensor, names) and rank in ranks:
            return TensorLayout("filters", order=order)
    return TensorLayout(
        "matrix",
        matrix_axes=_fold(tensor.shape),
        titles=_titles(tensor, rank),
        gates=_gates(sample, tensor),
    )


def matrix_shape(shape: tuple[int, ...], layout: TensorLayout) -> tuple[int, int]:
    """Return the (rows, columns) that a tensor of this shape is folded into."""
    axes = max(0, layout.matrix_axes)  # a single number has none
    return math.prod(shape[:axes]), math.prod(shape[axes:])


def _fold(shape: tuple[int, ...]) -> int:
    """Return how many leading axes become rows: what makes the matrix most nearly square."""
    if len(shape) <= 2:
        return len(shape) - 1
    return min(
        range(1, len(shape)),
        key=lambda axes: max(math.prod(shape[:axes]), math.prod(shape[axes:])),
    )


def _has_name(tensor: TensorView, names: tuple[str, ...]) -> bool:
    return any(tensor.name in (name, f"forward_{name}", f"backward_{name}") for name in names)


def _titles(tensor: TensorView, rank: int) -> tuple[str, str]:
    if rank <= 1:
        return "", "target neuron" if tensor.name.endswith("bias") else "feature"
    for ending, titles in _TITLES.items():
        if tensor.name.endswith(ending):
            return titles
    return "row", "column"


def _gates(sample: LayerWeights, tensor: TensorView) -> tuple[str, ...]:
    """Names of the gates that the columns hold; a recurrent kernel (u, gates * u) tells how many.

    Reading them off the shapes serves wrapped and custom recurrent layers too.
    """
    for other in sample.tensors:
        if other.name.endswith("recurrent_kernel") and len(other.shape) == 2:
            units, columns = other.shape
            gates = GATES.get(columns // units if units else 0, ())
            return gates if gates and tensor.shape[-1:] == (len(gates) * units,) else ()
    return ()
