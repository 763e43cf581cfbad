"""The graph of an activation function and the values it gives, drawn beside the field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import LIGHT, Tokens

Numbers: TypeAlias = npt.NDArray[np.float64]

_SELU_ALPHA: Final = 1.6732632423543772  # Klambauer et al. 2017, arXiv:1706.02515
_SELU_SCALE: Final = 1.0507009873554805
_REACH: Final = 4.0  # inputs from -4 to 4
_POINTS: Final = 161


@dataclass(frozen=True)
class Curve:
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
CURVES: Final[Mapping[str, Curve]] = {
    "linear": Curve(lambda x: x, _ANY),
    "relu": Curve(lambda x: np.maximum(x, 0.0), "0 and above"),
    "relu6": Curve(lambda x: np.clip(x, 0.0, 6.0), "0 to 6"),
    "leaky_relu": Curve(lambda x: np.where(x > 0, x, 0.2 * x), _ANY),
    "sigmoid": Curve(_sigmoid, "0 to 1"),
    "hard_sigmoid": Curve(lambda x: np.clip(x / 6.0 + 0.5, 0.0, 1.0), "0 to 1"),
    "sparse_sigmoid": Curve(lambda x: np.clip(0.5 * (x + 1.0), 0.0, 1.0), "0 to 1"),
    "log_sigmoid": Curve(lambda x: -_softplus(-x), "below 0"),
    "tanh": Curve(np.tanh, "-1 to 1"),
    "hard_tanh": Curve(lambda x: np.clip(x, -1.0, 1.0), "-1 to 1"),
    "tanh_shrink": Curve(_tanh_shrink, _ANY),
    "softsign": Curve(lambda x: x / (1.0 + np.abs(x)), "-1 to 1"),
    "softplus": Curve(_softplus, _POSITIVE),
    "squareplus": Curve(_squareplus, _POSITIVE),
    "sparse_plus": Curve(_sparse_plus, "0 and above"),
    "exponential": Curve(np.exp, _POSITIVE),
    "elu": Curve(_elu, "above -1"),
    "celu": Curve(_elu, "above -1"),
    "selu": Curve(
        lambda x: _SELU_SCALE * np.where(x > 0, x, _SELU_ALPHA * np.expm1(np.minimum(x, 0.0))),
        "above -1.76",
    ),
    "gelu": Curve(_gelu, "above -0.17"),
    "silu": Curve(lambda x: x * _sigmoid(x), "above -0.28"),
    "swish": Curve(lambda x: x * _sigmoid(x), "above -0.28"),
    "hard_silu": Curve(lambda x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0), "-0.375 and above"),
    "mish": Curve(lambda x: x * np.tanh(_softplus(x)), "above -0.31"),
    "hard_shrink": Curve(lambda x: np.where(np.abs(x) > 0.5, x, 0.0), _ANY),
    "soft_shrink": Curve(lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0.0), _ANY),
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


class ActivationGraph(QWidget):
    """A small graph of one activation, inputs -4 to 4, with its value range in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = LIGHT
        self._name = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)

    def set_theme(self, tokens: Tokens) -> None:
        """Take other colours."""
        self._tokens = tokens
        self.update()

    def show_activation(self, name: str | None) -> None:
        """Show the activation with this name; hidden where nothing is known of it."""
        self._name = name or ""
        span = span_text(self._name)
        self.setVisible(bool(span))
        self.setAccessibleName(f"{self._name}: gives {span}" if span else "")
        self.updateGeometry()
        self.update()

    def _paint_curve(self, painter: QPainter, box: QRectF, curve: Curve) -> None:
        x = np.linspace(-_REACH, _REACH, _POINTS)
        y = np.clip(curve.values(x), -_REACH, _REACH)
        low, high = min(float(y.min()), -0.2), max(float(y.max()), 0.2)
        columns = box.left() + (x + _REACH) / (2 * _REACH) * box.width()
        rows = box.bottom() - (y - low) / (high - low) * box.height()
        zero = box.bottom() - (0.0 - low) / (high - low) * box.height()
        painter.setPen(QPen(QColor(self._tokens.faint), 1))
        painter.drawLine(QPointF(box.left(), zero), QPointF(box.right(), zero))
        painter.drawLine(
            QPointF(box.center().x(), box.top()), QPointF(box.center().x(), box.bottom())
        )
        painter.setPen(QPen(QColor(self._tokens.accent), 1.8))
        points = [QPointF(column, row) for column, row in zip(columns, rows, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def sizeHint(self) -> QSize:
        """A graph of a few lines' height, one line where there is only a range."""
        line = self.fontMetrics().height()
        return QSize(160, 4 * line if self._name in CURVES else line + 4)

    def minimumSizeHint(self) -> QSize:
        """As high as it wishes, any width."""
        return QSize(1, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curve at the left and the range beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        text_left = 0.0
        if self._name in CURVES:
            box = QRectF(2, 3, min(self.width() * 0.5, 6.0 * line), self.height() - 6)
            self._paint_curve(painter, box, CURVES[self._name])
            text_left = box.right() + 8
        painter.setPen(QColor(self._tokens.muted))
        text_box = QRectF(text_left, 0, self.width() - text_left, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(
            text_box, flags | Qt.TextFlag.TextWordWrap, f"gives {span_text(self._name)}"
        )
        painter.end()
