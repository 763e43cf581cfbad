"""The graph of an activation function and the values it gives, drawn beside the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from widgets.forms.function_graph import FunctionGraph, Numbers, Plotted

_SELU_ALPHA: Final = 1.6732632423543772  # Klambauer et al. 2017, arXiv:1706.02515
_SELU_SCALE: Final = 1.0507009873554805
_REACH: Final = 4.0  # inputs from -4 to 4


@dataclass(frozen=True)
class ActivationCurve:
    """An activation that acts on each number by itself.

    Attributes
    ----------
    values
        (n,) inputs -> (n,) outputs.
    span
        The values it can give, in words.
    """

    values: Callable[[Numbers], Numbers]
    span: str


def _sigmoid(x: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _softplus(x: Numbers) -> Numbers:
    return np.logaddexp(x, 0.0)


def _gelu(x: Numbers) -> Numbers:
    erf = np.array([math.erf(value / math.sqrt(2.0)) for value in x.ravel()]).reshape(x.shape)
    return np.asarray(0.5 * x * (1.0 + erf))


def _elu(x: Numbers) -> Numbers:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0.0)))


def _squareplus(x: Numbers) -> Numbers:
    return np.asarray((x + np.sqrt(x * x + 4.0)) / 2.0)


def _tanh_shrink(x: Numbers) -> Numbers:
    return np.asarray(x - np.tanh(x))


def _sparse_plus(x: Numbers) -> Numbers:
    return np.where(x <= -1, 0.0, np.where(x < 1, 0.25 * (x + 1) ** 2, x))


_ANY: Final = "any number"
_POSITIVE: Final = "above 0"
CURVES: Final[Mapping[str, ActivationCurve]] = {
    "linear": ActivationCurve(lambda x: x, _ANY),
    "relu": ActivationCurve(lambda x: np.maximum(x, 0.0), "0 and above"),
    "relu6": ActivationCurve(lambda x: np.clip(x, 0.0, 6.0), "0 to 6"),
    "leaky_relu": ActivationCurve(lambda x: np.where(x > 0, x, 0.2 * x), _ANY),
    "sigmoid": ActivationCurve(_sigmoid, "0 to 1"),
    "hard_sigmoid": ActivationCurve(lambda x: np.clip(x / 6.0 + 0.5, 0.0, 1.0), "0 to 1"),
    "sparse_sigmoid": ActivationCurve(lambda x: np.clip(0.5 * (x + 1.0), 0.0, 1.0), "0 to 1"),
    "log_sigmoid": ActivationCurve(lambda x: -_softplus(-x), "below 0"),
    "tanh": ActivationCurve(np.tanh, "-1 to 1"),
    "hard_tanh": ActivationCurve(lambda x: np.clip(x, -1.0, 1.0), "-1 to 1"),
    "tanh_shrink": ActivationCurve(_tanh_shrink, _ANY),
    "softsign": ActivationCurve(lambda x: x / (1.0 + np.abs(x)), "-1 to 1"),
    "softplus": ActivationCurve(_softplus, _POSITIVE),
    "squareplus": ActivationCurve(_squareplus, _POSITIVE),
    "sparse_plus": ActivationCurve(_sparse_plus, "0 and above"),
    "exponential": ActivationCurve(np.exp, _POSITIVE),
    "elu": ActivationCurve(_elu, "above -1"),
    "celu": ActivationCurve(_elu, "above -1"),
    "selu": ActivationCurve(
        lambda x: _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0.0))),
        "above -1.76",
    ),
    "gelu": ActivationCurve(_gelu, "above -0.17"),
    "silu": ActivationCurve(lambda x: x * _sigmoid(x), "above -0.28"),
    "swish": ActivationCurve(lambda x: x * _sigmoid(x), "above -0.28"),
    "hard_silu": ActivationCurve(
        lambda x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0), "-0.375 and above"
    ),
    "mish": ActivationCurve(lambda x: x * np.tanh(_softplus(x)), "above -0.31"),
    "hard_shrink": ActivationCurve(lambda x: np.where(np.abs(x) > 0.5, x, 0.0), _ANY),
    "soft_shrink": ActivationCurve(lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0), _ANY),
}
# These look at all numbers of a sample together: no curve, but a range worth knowing.
SPANS: Final[Mapping[str, str]] = {
    "softmax": "0 to 1, adding up to 1",
    "sparsemax": "0 to 1, adding up to 1",
    "log_softmax": "0 and below",
    "glu": _ANY,
}


def span_text(name: str) -> str:
    """Return the values that an activation gives, in words; "" if unknown."""
    curve = CURVES.get(name)
    return curve.span if curve else SPANS.get(name, "")


class ActivationGraph(FunctionGraph):
    """A small graph of one activation, inputs -4 to 4, with its value range in words."""

    def show_kind(self, name: str | None) -> None:
        """Show the activation with this name; hidden where nothing is known of it."""
        span = span_text(name or "")
        curve = CURVES.get(name or "")
        plotted = Plotted(curve.values, -_REACH, _REACH, _REACH) if curve else None
        self.show_function(name or "", plotted, f"gives {span}" if span else "")
