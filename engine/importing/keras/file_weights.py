"""Load weights from a file into layers with the same names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from engine.errors import LONGEST_MESSAGE, BadInput, UnsafeFile, quoted
from engine.importing.keras.cudnn import todays
from engine.importing.safe.archive import WEIGHTS, Archive, opened_file
from engine.importing.safe.numbers import Array, StoredNumbers, read_numbers, refuse_no_numbers

if TYPE_CHECKING:
    import keras

_PLACE: Final = "layers/"
_ARRAYS: Final = "/vars"

ByLayer: TypeAlias = Mapping[str, tuple[Array, ...]]


def read_weights(path: Path) -> ByLayer:
    """Return the weights of a ``.keras``, ``.h5`` or ``.weights.h5`` file by layer name, with or without a network.

    Files of Keras 3 do not store the order of nested layers, so these are left out.

    Raises
    ------
    BadInput
        If it is damaged or holds no named layers.
    UnsafeFile
        If it contains more than plain numbers.
    """
    try:
        return _by_layer(_stored(path))
    except BadInput as error:
        kind = UnsafeFile if isinstance(error, UnsafeFile) else BadInput
        name = quoted(Path(path).name.encode("utf-8", "replace").decode(), 30)
        raise kind(quoted(f'"{name}" was not read: {error}', LONGEST_MESSAGE)) from error


def fill(model: keras.Model, found: ByLayer) -> frozenset[str]:
    """Set the weights of layers with the same name whose shapes all fit; return these layers."""
    filled: set[str] = set()
    for layer in model.layers:
        arrays = found.get(layer.name, ())
        wanted = [tuple(weight.shape) for weight in layer.weights]
        if wanted and wanted == [array.shape for array in arrays]:
            layer.set_weights(list(arrays))
            filled.add(layer.name)
    return frozenset(filled)


def _stored(path: Path) -> StoredNumbers:
    with opened_file(path) as (stream, form):
        if form == "keras":
            with Archive(stream).extracted(WEIGHTS) as inner:
                return read_numbers(inner, "keras")
        if form == "h5":
            return read_numbers(stream, "weights")
    raise BadInput("choose a .keras or .h5 file")


def _by_layer(stored: StoredNumbers) -> ByLayer:
    found = dict(_listed(stored) if stored.layers else _named(stored))
    if not found:
        raise BadInput("it holds no weights with names of layers")
    for name, arrays in found.items():
        for array in arrays:
            refuse_no_numbers(name, array)
    return found


def _listed(stored: StoredNumbers) -> Iterator[tuple[str, tuple[Array, ...]]]:
    """Yield the layers of a file that lists them, as Keras 1, Keras 2 and keras.applications do."""
    arrays = iter(stored.arrays.values())
    for name, count in stored.layers.items():
        taken = tuple(itertools.islice(arrays, max(0, count)))
        if taken:
            yield name, tuple(todays(taken))


def _named(stored: StoredNumbers) -> Iterator[tuple[str, tuple[Array, ...]]]:
    """Yield the layers of a file that stores names beside the arrays, as Keras 3 does."""
    for place, name in stored.names.items():
        if place.startswith(_PLACE) and place.endswith(_ARRAYS) and place.count("/") == 2:
            inside = [path for path in stored.arrays if path.rpartition("/")[0] == place]
            inside.sort(key=lambda path: (len(path), path))  # 2 comes before 10
            if inside:
                yield name, tuple(stored.arrays[path] for path in inside)
