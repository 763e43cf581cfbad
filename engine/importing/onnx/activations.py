"""Elementwise operators of ONNX, and softmax and dropout, as layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from engine.importing.onnx.graph import Node, refused, refused_setting
from engine.importing.onnx.operators import Operator, Translate, row
from engine.importing.onnx.types import cast_target, type_name
from engine.importing.onnx.values import Translation, Value, literal

_POSITIVE: Final = frozenset({"relu", "sigmoid", "softmax", "softplus", "relu6", "hard_sigmoid"})
_CLOSE: Final = 1e-6  # relative; a default of Keras, rounded to 32 bits
_LARGEST: Final = 3.4028234663852886e38  # "no limit" in ONNX
_FLOATS, _WHOLES, _BOOL = (1, 11), (6, 7), 9  # TensorProto.DataType


def activation(name: str) -> Translate:
    """Return the translation of an operator that is an activation of Keras."""

    def translated(t: Translation, node: Node) -> Value:
        return _activated(t, node, t.value(node.inputs[0]), name)

    return translated


def _activated(t: Translation, node: Node, value: Value, name: str) -> Value:
    layer = t.take_activation(node, value, name)
    if layer is None:
        layer = t.add("Activation", (value.layer,), activation=name)
    return replace(value, layer=layer, is_positive=name in _POSITIVE)


def formula(expression: str, **defaults: float) -> Translate:
    """Return the translation of an operator to a formula; ``{alpha}`` in it is an attribute."""

    def translated(t: Translation, node: Node) -> Value:
        value = t.value(node.inputs[0])
        told = {
            name: literal(node, node.number(name, default)) for name, default in defaults.items()
        }
        layer = t.formula(expression.format(**told), value.layer)
        return replace(value, layer=layer, is_positive=False)

    return translated


def _layer(kind: str, parameter: str, default: float, otherwise: str) -> Translate:
    """Return the translation to a layer with the attribute alpha; a negative alpha becomes a formula."""

    def translated(t: Translation, node: Node) -> Value:
        value, alpha = t.value(node.inputs[0]), node.number("alpha", default)
        if alpha < 0:
            return formula(otherwise, alpha=default)(t, node)
        told: dict[str, Any] = {parameter: alpha}
        layer = t.add(kind, (value.layer,), **told)
        return replace(value, layer=layer, is_positive=False)

    return translated


def _plain_if(own: Translate, otherwise: Translate, **wanted: tuple[float, float]) -> Translate:
    """Return the translation to an activation of Keras if the attributes have its values.

    Parameters
    ----------
    wanted
        Attribute -> default of ONNX and value in Keras.
    """

    def translated(t: Translation, node: Node) -> Value:
        is_plain = all(
            math.isclose(node.number(name, default), ours, rel_tol=_CLOSE)
            for name, (default, ours) in wanted.items()
        )
        return (own if is_plain else otherwise)(t, node)

    return translated


def _softmax(name: str, layer: str, several: str) -> Translate:
    """Return the translation of a softmax; ``several`` is the formula for several axes."""

    def translated(t: Translation, node: Node) -> Value:
        value = t.whole(t.value(node.inputs[0]))
        axes = _softmax_axes(t, node, value)
        if value.unflattened is None and axes == [value.rank - 1]:
            return _activated(t, node, value, name)
        if len(axes) == 1 and layer:
            made = t.add(layer, (value.layer,), axis=axes[0])
        else:
            made = t.formula(several.format(axes=tuple(axes)), value.layer)
        return replace(value, layer=made, is_positive=name in _POSITIVE)

    return translated


def _softmax_axes(t: Translation, node: Node, value: Value) -> list[int]:
    """Return the axes in the network; before opset 13 the softmax covers all axes from the given one on."""
    is_old = t.graph.opset < 13
    place = value.place(node.whole("axis", 1 if is_old else -1))
    places = range(place, value.rank) if is_old else (place,)
    return sorted(value.axis(node, each) for each in places)


def _gelu(t: Translation, node: Node) -> Value:
    approximate = node.text("approximate", "none")
    if approximate == "tanh":
        return formula("gelu(x, approximate=True)")(t, node)
    if approximate != "none":
        raise refused_setting(node, "approximate")
    return formula("gelu(x, approximate=False)")(t, node)


def _clip(t: Translation, node: Node) -> Value:
    value = t.value(node.inputs[0])
    low, high = (t.number(node, place, name, None) for place, name in ((1, "min"), (2, "max")))
    if None not in (low, high) and t.graph.opset < 11 and float(low or 0) > float(high or 0):
        raise refused_setting(node, "min", "which is above its max")
    low = None if low is not None and low <= -_LARGEST else low
    high = None if high is not None and high >= _LARGEST else high
    if low == 0 and (high is None or high > 0):
        parameters: dict[str, Any] = {} if high is None else {"max_value": float(high)}
        return replace(value, layer=t.add("ReLU", (value.layer,), **parameters), is_positive=True)
    text = "x"
    if low is not None:
        text = f"maximum({text}, {literal(node, low)})"
    if high is not None:
        text = f"minimum({text}, {literal(node, high)})"
    layer = value.layer if text == "x" else t.formula(text, value.layer)
    is_positive = low is not None and low >= 0 and (high is None or high >= 0)
    return replace(value, layer=layer, is_positive=is_positive)


def _dropout(t: Translation, node: Node) -> Value:
    value, rate = t.value(node.inputs[0]), t.number(node, 1, "ratio", 0.5)
    is_training = t.optional(node, 2)
    if is_training is not None and is_training.any():
        raise refused(node, 'has "training_mode" on, so it drops at random')
    if rate is None or not 0 <= rate < 1:
        raise refused_setting(node, "ratio", "so it would drop everything")
    return replace(value, layer=t.add("Dropout", (value.layer,), rate=rate))


def _cast(t: Translation, node: Node) -> Value:
    """Translate Cast; the network computes in floats, which also represent integers and booleans."""
    value, target = t.value(node.inputs[0]), cast_target(node)
    if target in _FLOATS:
        return replace(value, kind="float")
    if target in _WHOLES:
        is_whole = value.kind in ("int", "bool")
        layer = value.layer if is_whole else t.formula("trunc(x)", value.layer)
        return replace(value, layer=layer, kind="int")
    if target == _BOOL:
        is_bool = value.kind == "bool"
        truth = "where(not_equal(x, 0.0), 1.0, 0.0)"
        layer = value.layer if is_bool else t.formula(truth, value.layer)
        return replace(value, layer=layer, kind="bool", is_positive=True)
    raise refused_setting(node, "to", f"{type_name(target)}, which Netsmith does not compute with")


def _same(t: Translation, node: Node) -> Value:
    return t.value(node.inputs[0])


def _prelu(t: Translation, node: Node) -> Value:
    """Translate PRelu with one slope a channel, or one for all."""
    value, slope = t.whole(t.value(node.inputs[0])), t.constant(node, 1)
    shape = (1,) * (value.rank - slope.ndim) + slope.shape
    if len(shape) != value.rank or shape[value.samples] != 1 or value.unflattened is not None:
        raise refused(node, "has slopes that do not fit its input")
    sizes = {axis: size for axis, size in zip(value.axes, shape, strict=True) if axis}
    if any(size not in (1, value.shape[value.axes.index(axis)]) for axis, size in sizes.items()):
        raise refused(node, "has slopes that do not fit its input")
    ours = slope.reshape(shape).transpose(value.order)[0]
    shared = tuple(axis for axis, size in sorted(sizes.items()) if size == 1)
    told: dict[str, Any] = {"shared_axes": shared} if shared else {}
    layer = t.add("PReLU", (value.layer,), (ours,), **told)
    return replace(value, layer=layer, is_positive=False)


_ELU: Final = "where(x > 0, x, {alpha} * expm1(minimum(x, 0.0)))"
_SELU: Final = f"{{gamma}} * {_ELU}"
_LEAKY: Final = "where(x < 0, {alpha} * x, x)"
_STEEP: Final = "clip({alpha} * x + {beta}, 0.0, 1.0)"
_SOFTMAX: Final = "exp(x - logsumexp(x, axis={axes}, keepdims=True))"
_LOG_SOFTMAX: Final = "x - logsumexp(x, axis={axes}, keepdims=True)"
_KERAS_ALPHA, _KERAS_GAMMA = 1.6732632423543772, 1.0507009873554805

ACTIVATIONS: Final[Mapping[str, Operator]] = {
    "Relu": row(activation("relu")),
    "Sigmoid": row(activation("sigmoid")),
    "Tanh": row(activation("tanh")),
    "Softplus": row(activation("softplus")),
    "Softsign": row(activation("softsign")),
    "HardSwish": row(activation("hard_silu")),
    "Mish": row(activation("mish")),
    "Softmax": row(_softmax("softmax", "Softmax", _SOFTMAX), "axis"),
    "LogSoftmax": row(_softmax("log_softmax", "", _LOG_SOFTMAX), "axis"),
    "LeakyRelu": row(_layer("LeakyReLU", "negative_slope", 0.01, _LEAKY), "alpha"),
    "Elu": row(
        _plain_if(activation("elu"), _layer("ELU", "alpha", 1.0, _ELU), alpha=(1.0, 1.0)), "alpha"
    ),
    "Selu": row(
        _plain_if(
            activation("selu"), formula(_SELU, alpha=_KERAS_ALPHA, gamma=_KERAS_GAMMA),
            alpha=(_KERAS_ALPHA, _KERAS_ALPHA), gamma=(_KERAS_GAMMA, _KERAS_GAMMA),
        ),
        "alpha gamma",
    ),
    "HardSigmoid": row(
        _plain_if(
            activation("hard_sigmoid"), formula(_STEEP, alpha=0.2, beta=0.5),
            alpha=(0.2, 1 / 6), beta=(0.5, 0.5),
        ),
        "alpha beta",
    ),
    "Gelu": row(_gelu, "approximate"),
    "PRelu": row(_prelu, inputs=2),
    "Clip": row(_clip, "min<11 max<11", inputs=3),
    "Dropout": row(_dropout, "ratio<12 seed>=12", inputs=3),
    "Identity": row(_same, is_exact=True),
    "Cast": row(_cast, "to saturate>=19 round_mode>=24", is_exact=True),
    "Abs": row(formula("abs(x)")),
    "Neg": row(formula("-x")),
    "Exp": row(formula("exp(x)")),
    "Log": row(formula("log(x)")),
    "Sqrt": row(formula("sqrt(x)")),
    "Reciprocal": row(formula("1.0 / x")),
    "Erf": row(formula("erf(x)")),
    "Floor": row(formula("floor(x)")),
    "Ceil": row(formula("ceil(x)")),
    "Sin": row(formula("sin(x)")),
    "Cos": row(formula("cos(x)")),
}  # fmt: skip
