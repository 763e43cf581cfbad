"""Windows of layers, from their settings and the catalogue's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.catalog.model import Kind
from engine.spec.shapes import Shape

_WINDOWS = ("pool_size", "kernel_size")


def setting(kind: Kind, parameters: Mapping[str, Any], name: str) -> Any:
    """Return a layer's value of a field or its default; None if there is no such field."""
    default = next((field.default for field in kind.fields if field.name == name), None)
    return parameters.get(name, default)


def has_field(kind: Kind, name: str) -> bool:
    """Tell whether a kind has this field."""
    return any(field.name == name for field in kind.fields)


def each(value: Any, count: int) -> tuple[int, ...]:
    """Return one integer for each axis, from one for all or one each."""
    numbers = value if isinstance(value, (tuple, list)) else (value,) * count
    return tuple(number if isinstance(number, int) else 1 for number in numbers)


def spatial(kind: Kind, parameters: Mapping[str, Any], shape: Shape) -> Shape:
    """Return the axes of a sample over which a window moves: height and width of a picture."""
    moving = shape[1:] if kind.name.startswith("ConvLSTM") else shape
    first = setting(kind, parameters, "data_format") == "channels_first"
    return moving[1:] if first else moving[:-1]


def window_field(kind: Kind, parameters: Mapping[str, Any]) -> str:
    """Return the field whose window must fit into the input, "" if there is none."""
    name = any_window_field(kind)
    if "Transpose" in kind.name or setting(kind, parameters, "padding") != "valid":
        return ""
    return name


def any_window_field(kind: Kind) -> str:
    """Return the field with the window's size, "" if there is none."""
    return next((name for name in _WINDOWS if has_field(kind, name)), "")


def reach(kind: Kind, parameters: Mapping[str, Any], name: str, axes: int) -> tuple[int, ...]:
    """Return the size of the window ``name`` along each axis, with its dilation."""
    sizes = each(setting(kind, parameters, name), axes)
    steps = each(setting(kind, parameters, "dilation_rate") or 1, axes)
    return tuple((size - 1) * step + 1 for size, step in zip(sizes, steps, strict=False))
