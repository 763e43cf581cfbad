"""Arguments of stored calls: tensors, numbers, slices and constants; any other object is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from engine.errors import BadInput, quoted
from engine.importing.keras.class_names import ClassName
from engine.importing.safe.numbers import Array

ELLIPSIS: Final = "..."
_ELLIPSIS: Final = "__ellipsis__"
_WHOLE: Final = ("int", "uint", "bool")


@dataclass(frozen=True)
class Slice:
    """A slice along one axis, ``1:5:2``."""

    start: int | None
    stop: int | None
    step: int | None


@dataclass(frozen=True, eq=False)
class Constant:
    """An array of numbers as an argument, with at least one axis."""

    array: Array


@dataclass(frozen=True)
class Given:
    """The arguments of a call: tensors, numbers, texts, and tuples and objects of these."""

    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TensorRef:
    """One output of a stored layer.

    Attributes
    ----------
    shape
        Sizes with the batch axis, None for a free size; None if the file does not tell.
    is_whole
        Whether its dtype is integer or boolean.
    """

    layer: str
    index: int
    shape: tuple[int | None, ...] | None = None
    is_whole: bool = False

    @property
    def rank(self) -> int | None:
        """Number of axes with the batch axis; None if the file does not tell."""
        return None if self.shape is None else len(self.shape)


def read_arguments(node: Any, where: str) -> Given:
    """Return the arguments of an entry of ``inbound_nodes``; errors as of `engine.importing.keras.calls.read_call`."""
    if isinstance(node, list):
        args, kwargs = _old_call(node)
    elif isinstance(node, Mapping) and node.keys() <= {"args", "kwargs"}:
        args, kwargs = node.get("args", []), node.get("kwargs", {})
    else:
        raise damaged(where)
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise damaged(where)
    return Given(
        tuple(map(_argument, args)),
        {str(name): _argument(value) for name, value in kwargs.items()},
    )


def _old_call(node: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Read ``[[layer, node, tensor, {arguments}], ...]``."""
    tensors: list[Any] = []
    kwargs: dict[str, Any] = {}
    for entry in node:
        if not isinstance(entry, list) or len(entry) not in (3, 4):
            raise BadInput("it is damaged: a connection is incomplete")
        tensors.append(_tensor(entry[:3]))
        if len(entry) == 4 and isinstance(entry[3], Mapping):
            kwargs.update({name: _old_argument(value) for name, value in entry[3].items()})
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _old_argument(value: Any) -> Any:
    """Read a named argument; older files store a tensor as ``[layer, node, tensor]``."""
    is_tensor = isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)
    return _tensor(value) if is_tensor else value


def _argument(value: Any) -> Any:
    """Return tensors, numbers, texts, lists, slices and constants; refuse any other object."""
    if isinstance(value, (list, tuple)):
        return tuple(_argument(item) for item in value)
    if isinstance(value, TensorRef) or not isinstance(value, Mapping):
        return value
    told, config = value.get("class_name"), value.get("config")
    if told == _ELLIPSIS:
        return ELLIPSIS
    if isinstance(config, Mapping) and isinstance(told, str) and told in _OWN_OBJECTS:
        return _OWN_OBJECTS[told](config)
    if "class_name" in value or "module" in value:
        raise ClassName.of(value).refusal()
    raise BadInput("it names its tensors: save it with a list of inputs instead of a dictionary")


def _tensor_object(config: Mapping[str, Any]) -> TensorRef:
    shape = config.get("shape")
    fits = isinstance(shape, list) and all(n is None or isinstance(n, int) for n in shape)
    is_whole = str(config.get("dtype", "")).startswith(_WHOLE)
    told = _tensor(config.get("keras_history"))
    return replace(told, shape=tuple(shape) if fits and shape else None, is_whole=is_whole)


def _slice_object(config: Mapping[str, Any]) -> Slice:
    ends = [config.get(end) for end in ("start", "stop", "step")]
    if not all(end is None or type(end) is int for end in ends):
        raise BadInput("it takes a part between ends that are no whole numbers")
    return Slice(*ends)


def _constant_object(config: Mapping[str, Any]) -> Any:
    """Return an array in a call as a constant, a single number as itself."""
    try:
        array = np.asarray(config.get("value"), dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadInput("it is damaged: a constant cannot be read") from error
    if not np.isfinite(array).all():
        raise BadInput("it computes with a constant that is no number")
    return Constant(array) if array.ndim else array.item()


_OWN_OBJECTS: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "__keras_tensor__": _tensor_object,
    "__slice__": _slice_object,
    "__numpy__": _constant_object,
    "__tensor__": _constant_object,
}


def _tensor(history: Any) -> TensorRef:
    """Read ``[layer, call, output]``; every layer is called once, so the call's number is ignored."""
    fits = (
        isinstance(history, list)
        and len(history) == 3
        and isinstance(history[0], str)
        and all(isinstance(number, int) and number >= 0 for number in history[1:])
    )
    if not fits:
        raise BadInput("it is damaged: a connection is incomplete")
    if history[1] > 1:  # nested models count from 1
        raise BadInput(shared_refusal(history[0]))
    return TensorRef(history[0], history[2])


def tensors_in(value: Any) -> Iterator[TensorRef]:
    """Yield every tensor in an argument, at any depth."""
    if isinstance(value, TensorRef):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from tensors_in(item)


def shared_refusal(name: str) -> str:
    """Return the error for a layer that is used in several places."""
    return (
        f'it uses the layer "{quoted(name, 40)}" in several places, which Netsmith cannot show yet'
    )


def damaged(where: str) -> BadInput:
    """Return the error for a layer whose connections cannot be read."""
    return BadInput(f'it is damaged: layer "{quoted(where, 40)}" is connected to nothing')
