"""The reference cases: small networks of every kind with made-up data of the usual shapes and sizes.

Speed depends on shapes and not on what the numbers mean; but the data can be learned, so that losses fall as they
do in earnest. Everything follows from `SEED`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.data.loaded import LoadedData, Part, Statistics
from engine.data.preprocessing import Scaling
from engine.editing.preprocessing import with_scaling
from engine.spec.data import DataSpec
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec

SEED = 0
WORDS = 10_000
PLACEHOLDER = "circles"  # a set that is computed at once; the case's own samples take its place

Step = tuple[str, dict[str, Any]]
Arrays = tuple[npt.NDArray[Any], npt.NDArray[Any]]


@dataclass(frozen=True)
class Case:
    """One network on one kind of data.

    Attributes
    ----------
    samples
        Size of the training part; there is no other part.
    make
        (info, samples, random numbers) -> inputs and answers as a `Part` holds them.
    """

    id: str
    network: NetworkSpec
    info: DataInfo
    samples: int
    make: Callable[[DataInfo, int, np.random.Generator], Arrays]
    batch_size: int = 32
    scaling: Scaling = "none"

    @property
    def whole(self) -> NetworkSpec:
        """The network with the layers that scale its samples."""
        return with_scaling(self.network, self.scaling, self.info)

    def data(self) -> LoadedData:
        """Make the samples: the same in every process."""
        x, y = self.make(self.info, self.samples, np.random.default_rng(SEED))
        nothing = Part(x[:0], y[:0])
        info = replace(self.info, counts=(self.samples, 0, 0))
        axes = tuple(range(x.ndim - 1))
        features = x.astype(np.float32)
        statistics = Statistics(features.mean(axes), features.var(axes) + np.float32(1e-6))
        return LoadedData(info, Part(x, y), nothing, nothing, statistics)

    def project(self, epochs: int) -> ProjectSpec:
        """Return the project of the case; optimizer, loss and metrics are the usual ones."""
        return ProjectSpec(
            name=self.id,
            network=self.whole,
            data=DataSpec(reader=PLACEHOLDER),
            training=TrainingSpec(epochs=epochs, batch_size=self.batch_size, seed=SEED),
        )


# ---- Samples ----


def _pictures(info: DataInfo, samples: int, random: np.random.Generator) -> Arrays:
    y = random.integers(0, info.n_classes, samples).astype(np.int32)
    patterns = random.integers(0, 200, (info.n_classes, *info.input_shape))
    noise = random.integers(0, 56, (samples, *info.input_shape))
    return (patterns[y] + noise).astype(np.uint8), y


def _words(info: DataInfo, samples: int, random: np.random.Generator) -> Arrays:
    """Make texts whose words come from the lower or the upper part of the vocabulary."""
    y = random.integers(0, info.n_classes, samples).astype(np.int32)
    share = random.beta(1.0 + y[:, None], 2.0 - y[:, None], (samples, *info.input_shape))
    return (share * (WORDS - 1)).astype(np.int32), y


def _waves(info: DataInfo, samples: int, random: np.random.Generator) -> Arrays:
    start = random.uniform(0.0, 2.0 * np.pi, (samples, 1))
    steps = np.arange(info.input_shape[0] + 1) * 0.25
    wave = np.sin(start + steps).astype(np.float32)
    return wave[:, :-1, None], wave[:, -1:]


def _rows(info: DataInfo, samples: int, random: np.random.Generator) -> Arrays:
    y = random.integers(0, info.n_classes, samples).astype(np.int32)
    centres = random.normal(0.0, 1.0, (info.n_classes, *info.input_shape))
    noise = random.normal(0.0, 1.0, (samples, *info.input_shape))
    return (centres[y] + noise).astype(np.float32), y


def _circles(info: DataInfo, samples: int, random: np.random.Generator) -> Arrays:
    y = random.integers(0, info.n_classes, samples).astype(np.int32)
    angle = random.uniform(0.0, 2.0 * np.pi, samples)
    radius = 1.0 - 0.5 * y + random.normal(0.0, 0.1, samples)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return points.astype(np.float32), y


# ---- Networks ----


def _dense(units: int, activation: str = "relu") -> Step:
    return "Dense", {"units": units, "activation": activation}


def _conv(activation: str = "relu", filters: int = 32) -> Step:
    size = {"filters": filters, "kernel_size": (3, 3), "padding": "same"}
    return "Conv2D", {**size, "activation": activation}


_FLATTEN: Step = ("Flatten", {})
_POOL: Step = ("MaxPooling2D", {"pool_size": (2, 2)})
_NORMALIZE: Step = ("BatchNormalization", {})
_RELU: Step = ("Activation", {"activation": "relu"})
_TEN = _dense(10, "softmax")
_TWO = _dense(2, "softmax")


def _chain(*steps: Step) -> NetworkSpec:
    network = NetworkSpec().with_layer(LayerSpec(id="input", kind=INPUT_KIND))
    return _grown(network, "input", *steps)


def _grown(network: NetworkSpec, source: str, *steps: Step) -> NetworkSpec:
    for kind, parameters in steps:
        layer = LayerSpec(id=network.free_name(kind), kind=kind, parameters=parameters)
        network = network.with_layer(layer).with_wire(WireSpec(source=source, target=layer.id))
        source = layer.id
    return network


def _residual() -> NetworkSpec:
    """Two blocks of two convolutions with a wire around each, halved and pooled to ten classes."""
    network, last = _chain(_conv()), "conv2d"
    for number in ("", "_2"):
        network = _grown(network, last, _conv(), _conv("linear"), ("Add", {}), _RELU, _POOL)
        network = network.with_wire(WireSpec(source=last, target=f"add{number}", port=1))
        last = f"maxpooling2d{number}"
    return _grown(network, last, ("GlobalAveragePooling2D", {}), _TEN)


def _image(shape: tuple[int, int, int]) -> DataInfo:
    labels = tuple("0123456789")
    return DataInfo.single(
        "file", "Pictures", "picture", "classification", shape, labels, "uint8", (0.0, 255.0)
    )


_SMALL, _LARGE, _COLOUR = _image((8, 8, 1)), _image((28, 28, 1)), _image((32, 32, 3))
_TWO_CLASSES = ("no", "yes")
_TEXT = DataInfo.single(
    "file", "Texts", "text", "classification", (40,), _TWO_CLASSES, "int32", (0.0, WORDS - 1.0),
    vocabulary_size=WORDS,
)  # fmt: skip
_SERIES = DataInfo.single("file", "Waves", "sequence", "regression", (50, 1), ("next value",))
_TABLE = DataInfo.single("file", "Table", "number", "classification", (20,), _TWO_CLASSES)
_POINTS = DataInfo.single("file", "Circles", "point", "classification", (2,), _TWO_CLASSES)

_TWO_STAGES = (_conv(), _POOL, _conv(filters=64), _POOL, _FLATTEN, _TEN)
_WITH_NORM = (
    _conv("linear"), _NORMALIZE, _RELU, _POOL, _conv("linear", 64), _NORMALIZE, _RELU, _POOL, _FLATTEN, _TEN,
)  # fmt: skip
_EMBEDDING: Step = ("Embedding", {"input_dim": WORDS, "output_dim": 32})

# Samples as in the usual sets of the kind; of large pictures as many as keep a case short.
_ALL = (
    Case("dense-784-128-10", _chain(_FLATTEN, _dense(128), _TEN), _LARGE, 16_384, _pictures, scaling="unit"),
    Case("dense-64-32-10", _chain(_FLATTEN, _dense(32), _TEN), _SMALL, 1_257, _pictures, scaling="unit"),
    Case("conv-28-b32", _chain(*_TWO_STAGES), _LARGE, 1_024, _pictures, scaling="unit"),
    Case("conv-28-b128", _chain(*_TWO_STAGES), _LARGE, 1_024, _pictures, 128, "unit"),
    Case("conv-bn-28", _chain(*_WITH_NORM), _LARGE, 1_024, _pictures, scaling="unit"),
    Case("residual-32", _residual(), _COLOUR, 256, _pictures, scaling="unit"),
    Case("lstm-text-40", _chain(_EMBEDDING, ("LSTM", {"units": 32}), _TWO), _TEXT, 2_048, _words),
    Case("gru-series", _chain(("GRU", {"units": 32}), _dense(1, "linear")), _SERIES, 1_000, _waves),
    Case("table-20", _chain(_dense(64), _dense(32), _TWO), _TABLE, 2_000, _rows, scaling="standard"),
    Case("circles-b10", _chain(_dense(8), _dense(8), _TWO), _POINTS, 350, _circles, 10),
)  # fmt: skip
CASES = {case.id: case for case in _ALL}
