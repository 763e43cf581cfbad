"""The functions of ``keras.ops`` that a formula may use.

A function is here if it treats every sample alone (or can be held to it by its axis), gives one array, and is read
back by plain Keras from a ``.keras`` file; the tests try each of them.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

TENSOR: Final = "tensor"
TENSORS: Final = "tensors"  # one list of them


@dataclass(frozen=True)
class Parameter:
    """One argument.

    Attributes
    ----------
    kind
        `TENSOR`, `TENSORS`, or what the constant is: a key of `engine.formula.options.CHECKS`.
    required
        Keras has no default, or one that would mix the samples.
    default
        What Keras takes; meaningless if ``required``.
    """

    name: str
    kind: str
    required: bool
    default: Any = None


@dataclass(frozen=True)
class Function:
    """A function of ``keras.ops``.

    Attributes
    ----------
    parameters
        In Keras's order.
    least_axes
        Axes, the samples' included, without which it would reach the samples.
    """

    name: str
    parameters: tuple[Parameter, ...]
    least_axes: int = 1


# Signature -> names. A word alone is a tensor, ``name:kind=default`` a constant, ``!`` one that must be given.
_ROWS: Final[Mapping[str, str]] = {
    "x": "abs arccos arccosh arcsin arcsinh arctan arctanh ceil cos cosh deg2rad erf exp exp2 expm1"
    " floor hard_sigmoid hard_silu hard_tanh isfinite isinf isnan log log10 log1p log2 log_sigmoid"
    " logical_not ones_like reciprocal relu relu6 rsqrt selu sigmoid sign silu sin sinh softplus"
    " softsign sparse_plus sparse_sigmoid sqrt square tan tanh tanh_shrink trunc zeros_like",
    "x alpha:number=1.0": "elu celu",
    "x negative_slope:number=0.2": "leaky_relu",
    "x threshold:number=0.5": "hard_shrink soft_shrink",
    "x approximate:flag=True": "gelu",
    "x b:number=4": "squareplus",
    "x x_min:number! x_max:number!": "clip",
    "x threshold:number! default_value:number!": "threshold",
    "x decimals:whole=0": "round",
    "x dtype:dtype!": "cast",
    "x1 x2": "arctan2 equal hypot logaddexp logical_and logical_or logical_xor maximum minimum"
    " not_equal divide_no_nan",
    "condition x1 x2": "where",
    "x axis:axis=-1": "softmax log_softmax sparsemax glu sort argsort",
    "x axis:axes! keepdims:flag=False": "all any max mean min prod std sum var logsumexp",
    "x axis:axes!": "count_nonzero squeeze",
    "x axis:axis! keepdims:flag=False": "argmax argmin",
    "x axis:axis!": "cumsum cumprod flip",
    "x axis:axis=-1 order:whole=2": "normalize",
    "x shift:whole! axis:axis!": "roll",
    "x repeats:size! axis:axis!": "repeat",
    "x axis:new_axis!": "expand_dims",
    "x axes:order!": "transpose",
    "x axis1:axis! axis2:axis!": "swapaxes",
    "x source:axis! destination:axis!": "moveaxis",
    "x newshape:shape!": "reshape",
    "x repeats:repeats!": "tile",
    "x pad_width:margins! mode:mode='constant'": "pad",
    "x num_classes:size! axis:new_axis=-1": "one_hot",
    "*xs axis:axis!": "concatenate",
    "*x axis:new_axis!": "stack",
    "x k:whole=0": "tril triu",
}
# They act on the last two axes.
_LEAST_AXES: Final[Mapping[str, int]] = {"tril": 3, "triu": 3}

# Names under which Keras stores an operation, where they are not the function's own in capitals.
_STORED: Final[Mapping[str, str]] = {"Absolute": "abs", "TrueDivide": "divide"}

# Functions that are operators: one way of writing each.
OPERATORS: Final[Mapping[str, str]] = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "true_divide": "/",
    "floor_divide": "//", "mod": "%", "power": "**", "matmul": "@", "negative": "-",
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
}  # fmt: skip
ALIASES: Final[Mapping[str, str]] = {
    "absolute": "abs", "amax": "max", "amin": "min", "swish": "silu", "hard_swish": "hard_silu",
}  # fmt: skip


def _parameter(word: str) -> Parameter:
    name, _, told = word.rstrip("!").partition(":")
    if name.startswith("*"):
        return Parameter(name[1:], TENSORS, required=True)
    kind, _, default = told.partition("=")
    return Parameter(
        name, kind or TENSOR, required=not default, default=literal_eval(default or "None")
    )


FUNCTIONS: Final[Mapping[str, Function]] = {
    name: Function(name, tuple(map(_parameter, signature.split())), _LEAST_AXES.get(name, 1))
    for signature, names in _ROWS.items()
    for name in names.split()
}
NAMES: Final = tuple(sorted({*FUNCTIONS, *OPERATORS, *ALIASES}))


def stored_names() -> Mapping[str, str]:
    """Return the function of each operation that a ``.keras`` file may name."""
    own = {"".join(map(str.capitalize, name.split("_"))): name for name in NAMES}
    return {**own, **_STORED}
