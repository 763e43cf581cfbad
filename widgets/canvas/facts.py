"""What a block says, as a value made of description, catalogue and findings; knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine.catalog.kind_rows import FORMULA
from engine.catalog.model import Field, Kind
from engine.catalog.ports import wires_taken
from engine.data.preprocessing import takes_from_data
from engine.errors import quoted
from engine.spec.inner import inner_counts, port_names
from engine.spec.issues import Cure, Issue, LayerFacts
from engine.spec.network import INPUT_KIND, MODEL_KIND, LayerSpec
from engine.spec.shapes import shape_text
from widgets.canvas.ports import port_count

Severity = Literal["", "warning", "error"]
PREPARING: Final = "Image preparation"  # the group whose colour all preprocessing has
_MOST_PARTS: Final = 4  # more would not fit a block
_VALUE_LETTERS: Final = 24
_KEPT_WORDS: Final = {None: "", True: "keeps its weights", False: "starts anew"}
_KEPT_MARKS: Final = {None: "", True: "kept", False: "anew"}

# What the numbers that the data gives bring about.
_TAKEN_FROM_DATA: Final[Mapping[str, str]] = {
    "Rescaling": "range of the data to {low} … 1",
    "Normalization": "to mean 0 · deviation 1",
}
_LONGEST_FORMULA: Final = 80  # letters; the block cuts off what does not fit


@dataclass(frozen=True)
class BlockFacts:
    """Everything one block shows.

    Attributes
    ----------
    detail
        The main parameters, ``"32 filters · 3×3 · relu"``.
    parameters
        Weights in words, ``"4,640 parameters"``; "" while unknown.
    shape
        What leaves the block, ``"8 × 8 × 32"``; "" while unknown.
    problems
        Sentences, errors first.
    severity
        Of the worst problem.
    n_inputs, n_outputs
        Ports shown; only a group has more than one output.
    spare
        The last port is there for one more wire of a merge.
    input_names
        What the layer calls its ports, ``("query", "value", "key")``; empty if it has no names.
    kept
        A new training begins with the layer's weights as they are (True) or anew (False); None: nobody asks.
    prepares
        The layer prepares the samples, see `engine.data.preprocessing`.
    """

    layer_id: str
    title: str
    detail: str = ""
    group: str = ""
    icon: str = ""
    parameters: str = ""
    shape: str = ""
    problems: tuple[str, ...] = ()
    severity: Severity = ""
    cures: tuple[Cure, ...] = ()
    n_inputs: int = 1
    n_outputs: int = 1
    spare: bool = False
    input_names: tuple[str, ...] = ()
    kept: bool | None = None
    prepares: bool = False

    @property
    def problem(self) -> str:
        """The worst problem, "" if there is none."""
        return self.problems[0] if self.problems else ""

    @property
    def sentence(self) -> str:
        """The block in words, for tooltips and screen readers; one fact a line."""
        leaves = f"gives {self.shape}" if self.shape else ""
        lines = (
            self.title if self.title == self.layer_id else f"{self.title} {self.layer_id}",
            self.detail,
            self.parameters,
            _KEPT_WORDS[self.kept],
            leaves,
            *self.problems,
        )
        return "\n".join(line for line in lines if line)


def describe(
    layer: LayerSpec,
    kind: Kind | None,
    facts: LayerFacts | None,
    issues: Sequence[Issue],
    wired_ports: Sequence[int],
    kept: bool | None = None,
    prepares: bool = False,
) -> BlockFacts:
    """Return what the block of ``layer`` shows.

    Parameters
    ----------
    kind
        The layer's entry in the catalogue; None if there is none.
    facts
        What Keras says of it; None while unknown.
    issues
        Those that sit on this layer.
    wired_ports
        Input ports that hold a wire.
    kept, prepares
        As in `BlockFacts`.
    """
    found = sorted(issues, key=lambda issue: issue.severity != "error")
    problems = tuple(issue.message for issue in found)
    if facts is not None and facts.error and not any(issue.severity == "error" for issue in found):
        problems = (facts.error, *problems)
        severity: Severity = "error"
    else:
        severity = found[0].severity if found else ""
    inputs = _inputs(layer, kind)
    n_inputs = port_count(inputs, wired_ports)
    return BlockFacts(
        layer_id=layer.id,
        title=quoted(layer.id if layer.kind == MODEL_KIND else layer.kind, 40),
        detail=detail_text(layer, kind, facts),
        group=PREPARING if prepares else kind.group if kind else "",
        icon=kind.icon if kind else "",
        parameters=_parameters_words(layer, facts, kept, prepares=prepares),
        shape=output_text(facts),
        problems=problems,
        severity=severity,
        cures=tuple(cure for issue in found for cure in issue.cures),
        n_inputs=n_inputs,
        spare=n_inputs > inputs[0] and n_inputs - 1 not in wired_ports,
        input_names=(port_names(layer) or kind.input_names) if kind else (),
        kept=kept,
        prepares=prepares,
    )


def output_text(facts: LayerFacts | None) -> str:
    """Return the shape that a layer gives: ``8 × 8 × 32``, "?" for a free size, "" if unknown."""
    shape = facts.output_shape if facts is not None else None
    return "" if shape is None else shape_text(shape, "?")


def parameters_text(count: int) -> str:
    """Return a count of weights in words: ``4,640 parameters``."""
    words = {0: "no parameters", 1: "1 parameter"}
    return words.get(count, f"{count:,} parameters")


def detail_text(layer: LayerSpec, kind: Kind | None, facts: LayerFacts | None = None) -> str:
    """Return the parameters that say most of a layer, ``"32 filters · 3×3 · relu"``."""
    if layer.kind == INPUT_KIND:
        given = layer.parameters.get("shape")
        shape = tuple(given) if isinstance(given, (list, tuple)) else facts and facts.output_shape
        text = shape_text(shape, "?") if shape else "shape of the data"
        return f"noise · {text}" if layer.noise else text
    if layer.kind == MODEL_KIND:
        own, shared = inner_counts(layer)
        return f"{own} layers" + (f" · {shared} shared" if shared else "")
    if layer.kind == FORMULA:
        return quoted(layer.parameters.get("expression", ""), _LONGEST_FORMULA)
    if takes_from_data(layer):
        return _TAKEN_FROM_DATA[layer.kind].format(low=_short(layer.parameters.get("offset", 0)))
    fields = {field.name: field for field in kind.fields} if kind else {}
    values = {**{name: field.default for name, field in fields.items()}, **layer.parameters}
    parts = [
        words(values[name], fields.get(name)) for name, words in _WORDS.items() if name in values
    ]
    told = [part for part in parts if part]
    if not told:
        told = [
            f"{name} {_short(value)}"
            for name, value in layer.parameters.items()
            if name not in _WORDS
        ]
    return " · ".join(told[:_MOST_PARTS])


def _inputs(layer: LayerSpec, kind: Kind | None) -> tuple[int, int | None]:
    if layer.kind == INPUT_KIND:
        return (0, 0)
    return wires_taken(layer, kind) if kind else (1, 1)


def _parameters_words(
    layer: LayerSpec, facts: LayerFacts | None, kept: bool | None, *, prepares: bool
) -> str:
    if facts is None or facts.output_shape is None:
        return ""
    if prepares and not facts.parameters:
        return "preprocessing"
    frozen = "frozen" if facts.parameters and not layer.trainable else ""
    words = (parameters_text(facts.parameters), frozen, _KEPT_MARKS[kept])
    return " · ".join(word for word in words if word)


# ---- Words by field name, in the order in which they are told ----


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return quoted(value.get("kind", ""), _VALUE_LETTERS)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return quoted(", ".join(_short(item) for item in value), _VALUE_LETTERS)
    return quoted(value, _VALUE_LETTERS)


def _counted(many: str, one: str = "") -> Callable[[Any, Field | None], str]:
    def words(value: Any, field: Field | None) -> str:
        del field
        unit = one if one and value == 1 else many
        return f"{_short(value)} {unit}" if value is not None else ""

    return words


def _window(value: Any, field: Field | None) -> str:
    """Return ``3×3``; a single number stands for every side."""
    if isinstance(value, int) and not isinstance(value, bool):
        return "×".join([str(value)] * max(1, field.length if field else 1))
    return "×".join(_short(side) for side in value) if isinstance(value, (list, tuple)) else ""


def _strides(value: Any, field: Field | None) -> str:
    sides = set(value) if isinstance(value, (list, tuple)) else {value}
    if sides <= {1, None} or (field is not None and value == field.default):
        return ""
    return f"stride {_window(value, None)}" if len(sides) > 1 else f"stride {_short(sides.pop())}"


def _share(value: Any, field: Field | None) -> str:
    del field
    return f"rate {value * 100:g} %" if isinstance(value, (int, float)) else ""


def _if_changed(value: Any, field: Field | None) -> str:
    return (
        _short(value)
        if isinstance(value, str) and field is not None and value != field.default
        else ""
    )


def _activation(value: Any, field: Field | None) -> str:
    del field
    return "" if value in (None, "linear") else _short(value)


def _plain(value: Any, field: Field | None) -> str:
    del field
    return "" if value is None else _short(value)


def _sizes(value: Any, field: Field | None) -> str:
    del field
    return shape_text(value, "?") if isinstance(value, (list, tuple)) else ""


def _flag(words: str) -> Callable[[Any, Field | None], str]:
    def say(value: Any, field: Field | None) -> str:
        del field
        return words if value is True else ""

    return say


_WORDS: Final[Mapping[str, Callable[[Any, Field | None], str]]] = {
    "layer": _plain,
    "cell": _plain,
    "filters": _counted("filters", "filter"),
    "units": _counted("units", "unit"),
    "num_heads": _counted("heads", "head"),
    "key_dim": _counted("wide"),
    "input_dim": _counted("entries", "entry"),
    "output_dim": _counted("wide"),
    "kernel_size": _window,
    "pool_size": _window,
    "size": _window,
    "strides": _strides,
    "rate": _share,
    "padding": _if_changed,
    "target_shape": _sizes,
    "dims": _plain,
    "activation": _activation,
    "return_sequences": _flag("sequence"),
}
