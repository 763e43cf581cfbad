"""Paths of weights in older versions, and the arrays of Keras 1 merged into those of Keras 3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from engine.importing.safe.numbers import Array
from engine.spec.network import LayerSpec, NetworkSpec

# Class -> number of gates, and the position of each gate of Keras 3 among those of Keras 1.
_GATES: Final[Mapping[str, tuple[int, tuple[int, ...]]]] = {
    "LSTM": (4, (0, 2, 1, 3)),  # Keras 1: input, candidate, forget, output
    "GRU": (3, (0, 1, 2)),
}
_PARTS: Final = 3  # kernel, recurrent kernel and bias of a gate
_ROWS_OF_ONE: Final = 4  # axes of a one-dimensional window in Keras 1: (length, 1, inputs, filters)
_CONTAINER: Final = "_layer_checkpoint_dependencies"  # of the layers, in Keras 2.12 to 2.14
_NUMBERED: Final = re.compile(r"(.+?)(?:_(\d{1,6}))?")
# Attention in Keras 2, and GroupQueryAttention still.
_HIDDEN: Final = re.compile(
    r"(/multi_head_attention(?:_\d{1,6})?)/_(query|key|value|output)_dense(?=/)"
)


def todays_paths(paths: Iterable[str]) -> dict[str, str]:
    """Return the path in Keras 3 for each path in an archive of an older version.

    Keras 2.12 and 2.13 skipped numbers (``dense, dense_2, dense_4``), so layers are matched by their order.
    """
    told = list(paths)
    beside: dict[tuple[str, str], set[int]] = {}
    for path in told:
        for before, stem, number in _counted(path):
            beside.setdefault((before, stem), set()).add(number)
    return {path: _HIDDEN.sub(r"\1/\2_dense", _renumbered(path, beside)) for path in told}


def _counted(path: str) -> Iterator[tuple[str, str, int]]:
    """Yield (prefix, name without number, number) of each layer on an old path."""
    parts = path.split("/")
    for place, part in enumerate(parts[1:], 1):
        if parts[place - 1] == _CONTAINER and (found := _NUMBERED.fullmatch(part)):
            yield "/".join(parts[:place]), found[1], int(found[2] or 0)


def _renumbered(path: str, beside: Mapping[tuple[str, str], set[int]]) -> str:
    parts = path.split("/")
    for before, stem, number in _counted(path):
        place = before.count("/") + 1
        rank = sorted(beside[before, stem]).index(number)
        parts[place - 1 : place + 1] = ["layers", f"{stem}_{rank}" if rank else stem]
    return "/".join(parts)


def joined(
    network: NetworkSpec, groups: Mapping[str, tuple[str, ...]], weights: Mapping[str, Array]
) -> dict[str, Array]:
    """Return the arrays of a whole-model file with each gate's arrays side by side.

    Arrays of Keras 2 already have this form and stay unchanged.
    """
    made = dict(weights)
    for group, ids in groups.items():
        if len(ids) == 1:
            _join(network.layer(ids[0]), group, made)
    return made


def _join(layer: LayerSpec, group: str, weights: dict[str, Array]) -> None:
    gates, order = _GATES.get(layer.kind, (0, ()))
    keys = [key for key in weights if key.rpartition("/")[0] == group]
    if layer.kind == "Conv1D" and keys and weights[keys[0]].ndim == _ROWS_OF_ONE:
        weights[keys[0]] = weights[keys[0]][:, 0]
    if not gates or len(keys) != gates * _PARTS:
        return
    arrays = [weights.pop(key) for key in keys]
    for part in range(_PARTS):
        parts = [arrays[_PARTS * place + part] for place in order]
        weights[f"{group}/{part}"] = np.concatenate(parts, axis=-1)
