"""ONNX's padding of windows, and its operator Pad, as layers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Final

from engine.importing.onnx.folding import wholes
from engine.importing.onnx.graph import Node, Size, refused, refused_setting
from engine.importing.onnx.values import Translation, Value, literal

Pads = tuple[tuple[int, int], ...]
Ints = tuple[int, ...]
_MOST_REPEATS: Final = 20  # of edge values in one formula
_AUTOMATIC: Final = ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")


@dataclass(frozen=True)
class Windows:
    """How windows move over an image.

    Attributes
    ----------
    reach
        Size of a window with its dilation.
    pads
        Padding on both sides of each axis; None for "same" padding of a free size.
    behind
        Padding at the end that ceil_mode adds.
    is_same
        Whether the padding is that of "same" in Keras.
    sizes
        Sizes of the output.
    """

    reach: Ints
    strides: Ints
    pads: Pads | None
    behind: Ints
    is_same: bool
    sizes: tuple[Size, ...]

    @property
    def is_plain(self) -> bool:
        """Whether nothing is padded."""
        return self.pads is not None and not any(map(any, self.pads)) and not any(self.behind)

    def whole_pads(self, node: Node) -> Pads:
        """Return the padding with that of ceil_mode."""
        if self.pads is None:
            raise refused_setting(node, "auto_pad", "which needs a known size: export it with one")
        return tuple(
            (begin, end + more) for (begin, end), more in zip(self.pads, self.behind, strict=True)
        )


def windows_of(node: Node, value: Value, reach: Ints, strides: Ints) -> Windows:
    """Return how a node's windows move over an image.

    Raises
    ------
    BadInput
        If its padding is not supported.
    """
    if min(strides) < 1 or min(reach) < 1:
        raise refused_setting(node, "strides", "which is no way to go")
    same = _same(value.sizes, reach, strides)
    automatic = node.text("auto_pad", "NOTSET") or "NOTSET"
    told = pads_of(node, len(reach))
    if automatic not in _AUTOMATIC or (automatic != "NOTSET" and any(map(any, told))):
        raise refused_setting(node, "auto_pad", f"beside pads = {list(itertools.chain(*told))}")
    if automatic.startswith("SAME"):
        _check_alone(node)
    if automatic == "SAME_UPPER":
        sizes = _through(value.sizes, (1,) * len(reach), strides)
        return Windows(reach, strides, same, (0,) * len(reach), True, sizes)
    if automatic == "SAME_LOWER":
        if same is None:
            raise refused_setting(node, "auto_pad", "which needs a known size: export it with one")
        told = tuple((end, begin) for begin, end in same)
    if any(pad < 0 for pair in told for pad in pair):
        raise refused_setting(node, "pads", "which cuts")
    grown = _grown(value.sizes, told)
    if any(size is not None and size < length for size, length in zip(grown, reach, strict=True)):
        raise refused(node, "has a window larger than its input")
    behind = _behind(node, value.sizes, told, reach, strides)
    grown = _grown(grown, tuple((0, more) for more in behind))
    return Windows(reach, strides, told, behind, told == same, _through(grown, reach, strides))


def _check_alone(node: Node) -> None:
    """Refuse attributes whose effect is ambiguous with automatic padding."""
    if max(node.ints("dilations", (1,))) > 1:
        raise refused_setting(node, "auto_pad", "beside dilations")
    if node.whole("ceil_mode", 0):
        raise refused_setting(node, "auto_pad", "beside ceil_mode")


def _behind(node: Node, sizes: tuple[Size, ...], pads: Pads, reach: Ints, strides: Ints) -> Ints:
    """Return the padding that ceil_mode adds for a last window that starts before the end."""
    if not node.whole("ceil_mode", 0):
        return (0,) * len(reach)
    found = []
    for size, (begin, end), length, stride in zip(sizes, pads, reach, strides, strict=True):
        if size is None and stride > 1:
            raise refused_setting(node, "ceil_mode", "which needs a known size: export it with one")
        if size is None:
            found.append(0)
            continue
        rest = (size + begin + end - length) % stride
        starts_at = size + begin + end - length - rest + stride
        found.append(stride - rest if rest and starts_at < size + begin else 0)
    return tuple(found)


def pads_of(node: Node, axes: int) -> Pads:
    """Return the attribute pads as pairs."""
    told = node.ints("pads", (0,) * (2 * axes))
    if len(told) != 2 * axes:
        raise refused_setting(node, "pads", "which does not fit its input")
    return tuple(zip(told[:axes], told[axes:], strict=True))


def _same(sizes: tuple[Size, ...], window: Ints, strides: Ints) -> Pads | None:
    """Return the padding of "same" in Keras; None if it depends on a free size."""
    pads = []
    for size, length, stride in zip(sizes, window, strides, strict=True):
        if size is None and stride != 1:
            return None
        rest = (size % stride or stride) if size is not None else 1
        total = max(0, length - rest)
        pads.append((total // 2, total - total // 2))
    return tuple(pads)


def _grown(sizes: tuple[Size, ...], pads: Pads) -> tuple[Size, ...]:
    return tuple(
        None if size is None else size + begin + end
        for size, (begin, end) in zip(sizes, pads, strict=True)
    )


def _through(sizes: tuple[Size, ...], window: Ints, strides: Ints) -> tuple[Size, ...]:
    """Return how many windows fit."""
    return tuple(
        None if size is None else max(0, size - length) // stride + 1
        for size, length, stride in zip(sizes, window, strides, strict=True)
    )


# ---- Layers ----


def zeros_around(t: Translation, value: Value, pads: Pads) -> str:
    """Add zero padding around images, channels last; return the layer."""
    if not any(map(any, pads)):
        return value.layer
    t.check_room((value.channels, *_grown(value.sizes, pads)))
    padding = tuple(itertools.chain(*pads))
    return t.add(f"ZeroPadding{len(pads)}D", (value.layer,), padding=padding)


def edges_around(t: Translation, node: Node, layer: str, margins: Pads) -> str:
    """Add a formula that repeats the values at the edges; ``margins`` are by axis of the network."""
    most = max(itertools.chain(*margins))
    if most > _MOST_REPEATS:
        raise refused_setting(
            node, "pads" if "pads" in node.attributes else "mode", "that is too much to repeat"
        )
    text = "x"
    for done in range(most):
        step = tuple((int(begin > done), int(end > done)) for begin, end in margins)
        text = f"pad({text}, {step}, mode='symmetric')"
    return t.formula(text, layer)


def pad(t: Translation, node: Node) -> Value:
    """Translate Pad: zeros around images become a layer, everything else a formula."""
    value = t.value(node.inputs[0])
    pairs = _pairs(t, node, value)
    value = t.as_picture(value) if value.samples == 0 else t.whole(value)
    mode, fill = node.text("mode", "constant"), t.number(node, 2, "value", 0.0)
    if value.unflattened is not None:
        value = t.as_stored(value)
    shape = _grown(value.shape, pairs)
    t.check_room(shape)
    if any(size is not None and size < 1 for size in shape):
        raise refused(node, "cuts everything away")
    margins = _in_ours(value, pairs)
    layer = _padded(t, node, value, margins, mode, fill or 0.0)
    is_positive = value.is_positive and (mode != "constant" or not fill or fill >= 0)
    return replace(value, layer=layer, shape=shape, is_positive=is_positive)


def _padded(t: Translation, node: Node, value: Value, margins: Pads, mode: str, fill: float) -> str:
    if mode == "reflect" and any(pad < 0 for pair in margins for pad in pair):
        raise refused_setting(node, "mode", "beside pads that cut")
    value, margins = _cut(t, value, margins)
    inner, is_constant = margins[1:-1], mode == "constant"
    if not any(map(any, margins)):
        return value.layer
    if is_constant and fill == 0 and value.is_turned and value.rank <= 5 and not any(margins[-1]):
        return t.add(
            f"ZeroPadding{len(inner)}D", (value.layer,), padding=tuple(itertools.chain(*inner))
        )
    if is_constant and fill == 0:
        return t.formula(f"pad(x, {margins})", value.layer)
    if is_constant:
        outside = f"(1.0 - pad(ones_like(x), {margins})) * {literal(node, fill)}"
        return t.formula(f"pad(x, {margins}) + {outside}", value.layer)
    if mode == "edge":
        return edges_around(t, node, value.layer, margins)
    fits = all(
        size is None or max(pair) < size
        for size, pair in zip(_ours(value), margins, strict=True)
        if any(pair)
    )
    if mode == "reflect" and fits:
        return t.formula(f"pad(x, {margins}, mode='reflect')", value.layer)
    raise refused_setting(node, "mode")


def _cut(t: Translation, value: Value, margins: Pads) -> tuple[Value, Pads]:
    """Crop where margins are negative; return the result and the other margins."""
    if not any(pad < 0 for pair in margins for pad in pair):
        return value, margins
    words = ", ".join(
        f"{max(0, -begin)}:{end if end < 0 else ''}" if min(begin, end) < 0 else ":"
        for begin, end in margins
    )
    cut = replace(value, layer=t.formula(f"x[{words}]", value.layer))
    return cut, tuple((max(0, begin), max(0, end)) for begin, end in margins)


def _pairs(t: Translation, node: Node, value: Value) -> Pads:
    """Return the margins of each axis of the file."""
    is_old = t.graph.opset < 11
    told = node.ints("pads", ()) if is_old else wholes(t.constant(node, 1))
    axes = t.optional(node, 3)
    places = range(value.rank) if axes is None else [value.place(n) for n in wholes(axes)]
    if len(told) != 2 * len(places):
        raise refused(node, "has pads that do not fit its input")
    pairs = [(0, 0)] * value.rank
    for number, place in enumerate(places):
        pairs[place] = (told[number], told[number + len(places)])
    if any(pairs[value.samples]):
        raise refused(node, "adds samples")
    return tuple(pairs)


def _in_ours(value: Value, pairs: Pads) -> Pads:
    return tuple(pairs[place] for place in value.order)


def _ours(value: Value) -> tuple[Size, ...]:
    return tuple(value.shape[place] for place in value.order)
