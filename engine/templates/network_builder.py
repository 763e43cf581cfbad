"""Build the network of a template, layer by layer."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Final, TypeAlias

from engine.data.info import DataInfo
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec

Step: TypeAlias = tuple[str, dict[str, Any]]  # kind and parameters of a layer

WORD_VECTOR: Final = 32  # size of a word's embedding
_WORDS: Final = 10_000  # default vocabulary size

FLATTEN: Final[Step] = ("Flatten", {})
POOL: Final[Step] = ("MaxPooling2D", {"pool_size": (2, 2)})
RELU: Final[Step] = ("Activation", {"activation": "relu"})
NORM: Final[Step] = ("BatchNormalization", {})


class NetworkBuilder:
    """Builds a network with one input; layers are referred to by id."""

    def __init__(self) -> None:
        self.input = "input"
        self._layers = [LayerSpec(id=self.input, kind=INPUT_KIND)]
        self._wires: list[WireSpec] = []
        self._counts: Counter[str] = Counter()

    def put(self, step: Step, *sources: str) -> str:
        """Add a layer connected to the sources, port by port; return its id."""
        kind, parameters = step
        stem = kind.lower()
        self._counts[stem] += 1
        number = self._counts[stem]
        layer_id = stem if number == 1 else f"{stem}_{number}"
        self._layers.append(LayerSpec(id=layer_id, kind=kind, parameters=parameters))
        self._wires += [
            WireSpec(source=source, target=layer_id, port=port)
            for port, source in enumerate(sources)
        ]
        return layer_id

    def noise(self, size: int) -> str:
        """Add an input for noise; return its id."""
        self._counts["noise"] += 1
        number = self._counts["noise"]
        layer_id = "noise" if number == 1 else f"noise_{number}"
        shape = {"shape": (size,)}
        self._layers.append(LayerSpec(id=layer_id, kind=INPUT_KIND, parameters=shape, noise=True))
        return layer_id

    def chain(self, source: str, *steps: Step) -> str:
        """Add consecutive layers; return the id of the last."""
        for step in steps:
            source = self.put(step, source)
        return source

    def network(self) -> NetworkSpec:
        """Return the network."""
        return NetworkSpec(layers=tuple(self._layers), wires=tuple(self._wires))


def chain(info: DataInfo, *steps: Step) -> NetworkSpec:
    """Return a network of input, steps and output in a chain."""
    sketch = NetworkBuilder()
    sketch.chain(sketch.input, *steps, output(info))
    return sketch.network()


# ---- Steps ----


def output(info: DataInfo) -> Step:
    """Return the output layer for the data."""
    if info.n_classes:
        return "Dense", {"units": info.n_classes, "activation": "softmax"}
    return "Dense", {"units": info.n_targets}


def dense(units: int, activation: str = "relu") -> Step:
    """Return a dense layer."""
    return "Dense", {"units": units, "activation": activation}


def conv(filters: int, size: int = 3, activation: str = "relu", **more: Any) -> Step:
    """Return a convolution that keeps the image's size, unless ``more`` says otherwise."""
    parameters = {"filters": filters, "kernel_size": (size, size), "padding": "same"}
    return "Conv2D", {**parameters, "activation": activation, **more}


def bare_conv(filters: int, size: int = 3, stride: int = 1) -> Step:
    """Return a convolution without bias and activation, for use before a normalization."""
    return conv(filters, size, "linear", strides=(stride, stride), use_bias=False)


def dropout(rate: float) -> Step:
    """Return a dropout."""
    return "Dropout", {"rate": rate}


def embedded(info: DataInfo) -> Step:
    """Return the embedding of words."""
    words = info.vocabulary_size or _WORDS
    return "Embedding", {"input_dim": words, "output_dim": WORD_VECTOR}


def flat(info: DataInfo) -> tuple[Step, ...]:
    """Flatten a sample to a row of numbers."""
    if info.kind == "text":
        return embedded(info), ("GlobalAveragePooling1D", {})
    return (FLATTEN,) if len(info.input_shape) > 1 else ()


def steps_of(info: DataInfo) -> tuple[Step, ...]:
    """Convert a sample to a sequence (steps, features); the steps of an image are its rows."""
    if info.kind == "text":
        return (embedded(info),)
    if info.kind == "picture":
        height, *row = info.input_shape
        return (("Reshape", {"target_shape": (height, math.prod(row))}),)
    return ()
