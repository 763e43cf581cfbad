"""Read how a stored layer is called: its input tensors by port, masks and call settings."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.catalog.calls import MASK, PLAIN, SEPARATE_INPUTS, STATES
from engine.catalog.model import NO_DEFAULT, Kind
from engine.errors import BadInput, UnsafeFile, quoted
from engine.importing.keras.arguments import (
    Given,
    TensorRef,
    damaged,
    read_arguments,
    shared_refusal,
    tensors_in,
)

_FIRST_INPUT = ("inputs", "input_tensor", "sequences", "x")


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes
    ----------
    tensors
        Inputs by port.
    masks
        Masks: name of the argument, position among several, tensor.
    settings
        Parameters of the layer that describe the call.
    node
        All arguments, for operations.
    """

    tensors: tuple[TensorRef, ...] = ()
    masks: tuple[tuple[str, int, TensorRef], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    node: Given = field(default_factory=Given)

    @property
    def sources(self) -> tuple[TensorRef, ...]:
        """All tensors that the call needs."""
        return (*self.tensors, *(ref for _, _, ref in self.masks))


def read_operation(node: Any, where: str) -> Call:
    """Read the call of an operation, with every tensor among its arguments; errors as in `read_call`."""
    given = read_arguments(node, where)
    return Call(tensors=tuple(tensors_in((given.positional, [*given.named.values()]))), node=given)


def read_call(node: Any, where: str, kind: Kind | None) -> Call:
    """Read one call of a layer.

    Parameters
    ----------
    node
        An entry of ``inbound_nodes``: a list in older files, otherwise ``{"args", "kwargs"}``.
    where
        The layer's name, for messages.
    kind
        None for a nested model.

    Raises
    ------
    BadInput
        If an argument can be neither a wire nor a setting; names it.
    UnsafeFile
        If an argument is an object other than a tensor.
    """
    given = read_arguments(node, where)
    names = _OF_A_MODEL if kind is None else kind.call_arguments
    bound = _bound(given, [name for name, _ in names], where)
    first = next(iter(bound), "")
    tensors, settings = _ports(bound, bound.pop(first, ()), kind, where)
    if not tensors:
        raise damaged(where)
    masks: list[tuple[str, int, TensorRef]] = []
    for name, value in bound.items():
        usual = value is None or any(value == default for own, default in names if own == name)
        if usual or (name, value) in _WITHOUT_EFFECT:
            continue
        if name in _MASKS:
            masks += _masks(name, value, where)
        elif name in PLAIN and name in dict(names) and isinstance(value, bool):
            settings[name] = value
        else:
            raise _not_shown(where, name, value)
    return Call(tensors, tuple(masks), settings, given)


_OF_A_MODEL: Final = (("inputs", NO_DEFAULT), ("training", None), ("mask", None))
_MASKS: Final = frozenset({"mask", "query_mask", "value_mask", "key_mask"})
# ``training`` is set by ``predict`` and ``fit`` at each call, so the stored value is ignored. Further outputs, such as
# attention scores, are refused where another layer takes them.
_WITHOUT_EFFECT: Final = (
    ("training", False),
    ("use_causal_mask", False),
    ("reverse", False),
    ("return_attention_scores", True),
)


def _bound(given: Given, names: list[str], where: str) -> dict[str, Any]:
    """Return the arguments by name, the layer's inputs first."""
    first = next(iter(names), "inputs")
    if len(given.positional) > max(len(names), 1):
        raise _more(where)
    named = dict(given.named)
    bound = dict(zip(names or [first], given.positional, strict=False))
    if twice := sorted(bound.keys() & named.keys()):
        raise _not_shown(where, twice[0], "twice")
    if not bound:
        told = next((name for name in (first, *_FIRST_INPUT) if name in named), "")
        bound[first] = named.pop(told, ())
    return {**bound, **named}


def _ports(
    bound: dict[str, Any], first: Any, kind: Kind | None, where: str
) -> tuple[tuple[TensorRef, ...], dict[str, Any]]:
    """Remove the tensors from ``bound``; return them by port, with the settings for further inputs."""
    settings: dict[str, Any] = {}
    ports = list(first) if isinstance(first, tuple) else [first]
    known = {name for name, _ in kind.call_arguments} if kind else set()
    states = (bound.pop(STATES, None) or ()) if STATES in known else ()
    if kind is not None and kind.name in SEPARATE_INPUTS:
        ports += [bound.pop(name, None) for name in ("value", "key") if len(ports) < 3]
    elif len(ports) > 1 and STATES in known:
        ports, states = ports[:1], (*ports[1:], *(states if isinstance(states, tuple) else ()))
    while ports and ports[-1] is None:
        ports.pop()
    if states:
        ports += states if isinstance(states, tuple) else (states,)
        settings[STATES] = True
    mask = bound.pop(MASK, None) if MASK in known else None
    if mask is not None:
        ports += [ports[-1]] * (3 - len(ports))  # the key defaults to the value
        ports.append(mask)
        settings[MASK] = True
    for name, told in ((STATES, states), (MASK, mask)):
        items = told if isinstance(told, tuple) and name == STATES else (told,)
        if told is not None and not all(isinstance(item, TensorRef) for item in items):
            raise _not_shown(where, name, told)
    if not all(isinstance(port, TensorRef) for port in ports):
        raise _more(where)
    return tuple(ports), settings


def _masks(name: str, value: Any, where: str) -> Iterator[tuple[str, int, TensorRef]]:
    items = value if isinstance(value, tuple) else (value,)
    for place, item in enumerate(items):
        if item is not None and not isinstance(item, TensorRef):
            raise _not_shown(where, name, item)
        if item is not None:
            yield name, place, item


def _more(where: str) -> BadInput:
    return BadInput(f'layer "{quoted(where, 40)}" is given more than its inputs')


def _not_shown(where: str, name: str, value: Any) -> BadInput:
    told = f'"{quoted(name, 30)}"'
    if isinstance(value, (bool, int, float, str)):
        told = f'"{quoted(name, 30)}={quoted(value, 20)}"'
    return BadInput(
        f'layer "{quoted(where, 30)}" is called with {told}, which Netsmith cannot do: '
        "save it without"
    )


def mask_refusal(where: str, name: str) -> BadInput:
    """Return the error for a mask other than the one that Keras would propagate."""
    return BadInput(
        f'layer "{quoted(where, 30)}" is called with a "{quoted(name, 20)}" of its own: '
        "use mask_zero or a Masking layer"
    )


def single_call(nodes: Any, where: str) -> Any:
    """Return the only entry of ``inbound_nodes``.

    Raises
    ------
    BadInput
        If the layer is not called exactly once.
    """
    if not isinstance(nodes, list):
        raise damaged(where)
    if len(nodes) > 1:
        raise BadInput(shared_refusal(where))
    if not nodes:
        raise damaged(where)
    return nodes[0]


def refuse_unknown(name: str) -> UnsafeFile:
    """Return the error for a connection to a layer that is not in the file."""
    return UnsafeFile(f'it connects to "{quoted(name, 40)}", which it does not hold')


def read_ends(value: Any) -> list[TensorRef]:
    """Read ``input_layers`` or ``output_layers``: one reference, a list of them, or named ones; BadInput if unfit."""
    if isinstance(value, Mapping):  # Keras orders named ones by name
        value = [value[name] for name in sorted(value)]
    if isinstance(value, list) and value and isinstance(value[0], str):
        value = [value]
    fits = isinstance(value, list) and all(
        isinstance(item, list)
        and len(item) == 3
        and isinstance(item[0], str)
        and isinstance(item[2], int)
        for item in value
    )
    if not fits or not value:
        raise BadInput("it is damaged: its inputs or outputs cannot be read")
    return [TensorRef(item[0], item[2]) for item in value]


def in_order(names: Iterable[str], calls: Mapping[str, Call]) -> list[str]:
    """Return the names, sources first.

    Raises
    ------
    BadInput
        If they form a circle.
    UnsafeFile
        If one connects to a layer that is not in the file.
    """
    known = dict.fromkeys(names)
    before: dict[str, list[str]] = {}
    for name in known:
        call = calls.get(name, Call())
        before[name] = [ref.layer for ref in call.sources]
        for source in before[name]:
            if source not in known:
                raise refuse_unknown(source)
    try:
        return list(graphlib.TopologicalSorter(before).static_order())
    except graphlib.CycleError as error:
        raise BadInput("it is damaged: its layers are connected in a circle") from error
