"""How a stored layer is called: which tensors it takes, at which port."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import BadInput, UnsafeFile, quoted
from engine.sandbox.class_names import ClassName

_TENSOR = "__keras_tensor__"
_FIRST_INPUT = ("inputs", "input_tensor", "sequences", "x")


@dataclass(frozen=True)
class TensorRef:
    """One output of a stored layer.

    Attributes
    ----------
    rank
        Axes of the tensor, the batch included; None if the file does not say.
    """

    layer: str
    index: int
    rank: int | None = None


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Attributes
    ----------
    tensors
        What it takes, by port.
    masks
        Tensors that tell which steps count; they follow from the layers before.
    arguments
        The positional arguments as they stand, for calls of plain arithmetic: tensors and numbers.
    """

    tensors: tuple[TensorRef, ...] = ()
    masks: tuple[TensorRef, ...] = ()
    arguments: tuple[Any, ...] = ()


def read_call(
    node: Any, where: str, input_names: Sequence[str] = (), *, operation: bool = False
) -> Call:
    """Read one call.

    Parameters
    ----------
    node
        An entry of ``inbound_nodes``: a list in older files, otherwise ``{"args", "kwargs"}``.
    where
        The layer's name, for messages.
    input_names
        Of a layer with named inputs, in the order of its ports: ``("query", "value", "key")``.
    operation
        It is plain arithmetic: every tensor among its arguments counts, whoever reads them checks.

    Raises
    ------
    BadInput
        If it takes something that a wire cannot carry.
    UnsafeFile
        If an argument is an object other than a tensor.
    """
    if isinstance(node, list):
        args, kwargs = _old_call(node)
    elif isinstance(node, Mapping) and node.keys() <= {"args", "kwargs"}:
        args, kwargs = node.get("args", []), node.get("kwargs", {})
    else:
        raise _damaged(where)
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise _damaged(where)
    positional = tuple(_argument(argument) for argument in args)
    named = {str(name): _argument(value) for name, value in kwargs.items()}
    if not positional:
        first = next((name for name in _FIRST_INPUT if name in named), None)
        positional = (named.pop(first),) if first else ()
    tensors = (
        tuple(_tensors_in(positional))
        if operation
        else _ports(positional, named, where, input_names)
    )
    masks = _check_named(named, where)
    return Call(tensors=tensors, masks=masks, arguments=positional)


def _old_call(node: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Read ``[[layer, node, tensor, {arguments}], ...]``."""
    tensors: list[Any] = []
    kwargs: dict[str, Any] = {}
    for entry in node:
        if not isinstance(entry, list) or len(entry) not in (3, 4):
            raise BadInput("it is damaged: a connection is incomplete")
        tensors.append(_tensor(entry[:3], None))
        if len(entry) == 4 and isinstance(entry[3], Mapping):
            kwargs.update({name: _old_argument(value) for name, value in entry[3].items()})
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _old_argument(value: Any) -> Any:
    """Read a named argument: older files write a tensor as ``[layer, node, tensor]``."""
    is_tensor = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)
    return _tensor(value, None) if is_tensor else value


def _argument(value: Any) -> Any:
    """Return tensors, numbers, texts and lists of them; refuse any other object."""
    if isinstance(value, (list, tuple)):
        return tuple(_argument(item) for item in value)
    if isinstance(value, TensorRef) or not isinstance(value, Mapping):
        return value
    config = value.get("config")
    if value.get("class_name") == _TENSOR and isinstance(config, Mapping):
        shape = config.get("shape")
        rank = len(shape) if isinstance(shape, list) else None
        return _tensor(config.get("keras_history"), rank)
    if "class_name" in value or "module" in value:
        raise ClassName.of(value).refusal()
    raise BadInput("it names its tensors, which Netsmith cannot show yet")


def _tensor(history: Any, rank: int | None) -> TensorRef:
    """Read ``[layer, call, output]``; a layer is called once, so the call's number says nothing."""
    fits = (
        isinstance(history, list)
        and len(history) == 3
        and isinstance(history[0], str)
        and all(isinstance(number, int) and number >= 0 for number in history[1:])
    )
    if not fits:
        raise BadInput("it is damaged: a connection is incomplete")
    if history[1] > 1:  # nested models count from 1
        raise BadInput(_shared(history[0]))
    return TensorRef(history[0], history[2], rank)


def _ports(
    positional: tuple[Any, ...], named: dict[str, Any], where: str, input_names: Sequence[str]
) -> tuple[TensorRef, ...]:
    first = positional[0] if positional else ()
    if isinstance(first, tuple):
        ports, beyond = list(first), positional[1:]
    elif input_names:
        ports, beyond = list(positional[: len(input_names)]), positional[len(input_names) :]
    else:
        ports, beyond = [first], positional[1:]
    for name in input_names[len(ports) :]:
        if named.get(name) is not None:
            ports.append(named.pop(name))
    while ports and ports[-1] is None:
        ports.pop()
    if not all(_is_neutral(item) for item in beyond):
        raise _more(where)
    if not all(isinstance(port, TensorRef) for port in ports):
        raise _more(where)
    return tuple(ports)


def _tensors_in(value: Any) -> Iterator[TensorRef]:
    if isinstance(value, TensorRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _tensors_in(item)


def _check_named(named: Mapping[str, Any], where: str) -> tuple[TensorRef, ...]:
    """Return the masks among the named arguments; all others must change nothing."""
    masks: list[TensorRef] = []
    for name, value in named.items():
        if name == "training" and isinstance(value, bool):
            continue  # what the whole model is asked for counts, not what is noted here
        is_mask = name == "mask" or (name.endswith("_mask") and name != "attention_mask")
        if is_mask and not _is_neutral(value):
            given = value if isinstance(value, tuple) else (value,)
            masks += [item for item in given if isinstance(item, TensorRef)]
        elif not _is_neutral(value):
            raise _more(where, name)
    return tuple(masks)


def _is_neutral(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_neutral(item) for item in value)
    return value is None or value is False


def _shared(name: str) -> str:
    return (
        f'it uses the layer "{quoted(name, 40)}" in several places, which Netsmith cannot show yet'
    )


def _more(where: str, name: str = "") -> BadInput:
    what = f'"{quoted(name, 30)}"' if name else "more than its inputs"
    return BadInput(f'layer "{quoted(where, 40)}" is given {what}, which Netsmith cannot show yet')


def _damaged(where: str) -> BadInput:
    return BadInput(f'it is damaged: layer "{quoted(where, 40)}" is connected to nothing')


def single_call(nodes: Any, where: str) -> Any:
    """Return the only entry of ``inbound_nodes``.

    Raises
    ------
    BadInput
        If the layer is called more than once, or never.
    """
    if not isinstance(nodes, list):
        raise _damaged(where)
    if len(nodes) > 1:
        raise BadInput(_shared(where))
    if not nodes:
        raise _damaged(where)
    return nodes[0]


def refuse_unknown(name: str) -> UnsafeFile:
    """Make the refusal of a connection to a layer that the file does not hold."""
    return UnsafeFile(f'it connects to "{quoted(name, 40)}", which it does not hold')


def read_ends(value: Any) -> list[TensorRef]:
    """Read ``input_layers`` or ``output_layers``: one reference, a list of them, or named ones; BadInput if unfit."""
    if isinstance(value, Mapping):  # named ones are asked in the order of their names
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
        If one connects to a layer that the file does not hold.
    """
    known = dict.fromkeys(names)
    before: dict[str, list[str]] = {}
    for name in known:
        call = calls.get(name, Call())
        before[name] = [ref.layer for ref in (*call.tensors, *call.masks)]
        for source in before[name]:
            if source not in known:
                raise refuse_unknown(source)
    try:
        return list(graphlib.TopologicalSorter(before).static_order())
    except graphlib.CycleError as error:
        raise BadInput("it is damaged: its layers are connected in a circle") from error
