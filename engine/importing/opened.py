"""A model file's content and its summary as plain values. Loads without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.errors import BadInput, quoted
from engine.importing.safe.archive import FileFormat
from engine.importing.safe.numbers import Array
from engine.models.card import ModelCard
from engine.spec.network import NetworkSpec
from engine.spec.shapes import Shape

OpenedFormat: TypeAlias = FileFormat | Literal["saved_model"]


@dataclass(frozen=True)
class OpenedModel:
    """A model file's content as plain values.

    Attributes
    ----------
    network
        Every input layer has a ``shape``; a scaling layer of Netsmith is one of the layers.
    inputs
        Input layer id -> shape of one sample, None for a free size.
    weights
        ``"<group>/<path>"`` -> numbers. In a ``.keras`` file each layer is a group of its own and
        the path is where Keras stores the array; in an ``.h5`` file the path counts the group's
        arrays, those that training changes first. A layer inside a block is ``"<block>:<layer>"``.
    groups
        Group -> ids of its layers, in order.
    card
        Written by Netsmith on export; None if another program wrote the file.
    steeper
        Layers whose weights are to be multiplied by 1.2, see `engine.importing.keras.old_sigmoid`.
    """

    network: NetworkSpec
    inputs: Mapping[str, tuple[int | None, ...]]
    weights: Mapping[str, Array]
    groups: Mapping[str, tuple[str, ...]]
    card: ModelCard | None
    keras_version: str
    format: OpenedFormat
    steeper: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LayerSummary:
    """One layer as Keras sees it.

    Attributes
    ----------
    output_shape
        Without the batch axis, None for a free size.
    parameters
        Number of weights.
    """

    name: str
    kind: str
    output_shape: Shape
    parameters: int


@dataclass(frozen=True)
class ModelSummary:
    """A network as Keras sees it; ``inputs`` and ``outputs``: layer name -> shape of one sample."""

    layers: tuple[LayerSummary, ...]
    parameters: int
    inputs: Mapping[str, Shape]
    outputs: Mapping[str, Shape]


def check_counts(opened: OpenedModel, parameters: Mapping[str, int]) -> None:
    """Check that each group of layers has as many weights as it takes, before any layer is built.

    Raises
    ------
    BadInput
        If a group has too few or too many weights.
    """
    counts: dict[str, int] = dict.fromkeys(opened.groups, 0)
    for key, array in opened.weights.items():
        if array.dtype != np.uint32:  # the state of a random generator is no weight
            counts[key.partition("/")[0]] += array.size
    for group, ids in opened.groups.items():
        wanted = sum(parameters[layer_id] for layer_id in ids)
        # The file of a wrapper may hold an array twice; `rebuild` checks each by its path.
        fits = counts[group] >= wanted if opened.format == "keras" else counts[group] == wanted
        if not fits:
            raise BadInput(
                f'the weights of layer "{quoted(group, 40)}" do not fit: it takes {wanted:,} '
                f"numbers, the file has {counts[group]:,}"
            )
