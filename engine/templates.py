"""Ready networks, cut to the data they are to learn, and the projects that start from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from engine.data.info import DataInfo, InputKind
from engine.data.sets import USUAL_SCALING
from engine.errors import BadInput, quoted
from engine.layout import arrange
from engine.spec.base import ObjectSpec
from engine.spec.data import DataSpec, Scaling
from engine.spec.network import INPUT_KIND, LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.spec.training import TrainingSpec

_Step: TypeAlias = tuple[str, dict[str, Any]]  # kind and parameters of a layer in a chain

_EVERY_KIND: Final[frozenset[InputKind]] = frozenset({"image", "table", "points", "text", "series"})
_SEQUENCES: Final[frozenset[InputKind]] = frozenset({"text", "series", "image"})
_LARGE_PICTURE = 24  # pixels a side from which a picture deserves more filters
_WORD_VECTOR = 32  # numbers a word becomes
_WORDS = 10_000  # vocabulary where the data does not tell


@dataclass(frozen=True)
class Template:
    """A ready network.

    Attributes
    ----------
    help
        One sentence: what it is and what it is good for.
    kinds
        The kinds of data it suits.
    build
        Returns the network for a data set, output layer included.
    training
        Returns hyperparameters that suit the network; None: `default_training`.
    """

    id: str
    title: str
    help: str
    kinds: frozenset[InputKind]
    build: Callable[[DataInfo], NetworkSpec]
    training: Callable[[DataInfo], TrainingSpec] | None = None


def new_project(
    template_id: str, data: DataSpec, info: DataInfo, name: str = "Untitled"
) -> ProjectSpec:
    """Return a project that can be trained at once.

    Scaling, where ``data`` leaves it at its default, and the hyperparameters follow the kind of
    data.

    Raises
    ------
    BadInput
        If there is no such template, or it does not suit the data.
    """
    template = TEMPLATES.get(template_id)
    if template is None:
        known = ", ".join(TEMPLATES)
        raise BadInput(f'there is no template "{quoted(template_id, 30)}": choose {known}')
    if info.kind not in template.kinds:
        fitting = ", ".join(each.id for each in TEMPLATES.values() if info.kind in each.kinds)
        raise BadInput(f'"{template_id}" does not suit {info.kind} data: choose {fitting}')
    network = template.build(info)
    scaling = default_scaling(info) if data.scaling == DataSpec().scaling else data.scaling
    return ProjectSpec(
        name=name,
        network=network,
        data=data.but(scaling=scaling),
        training=(template.training or default_training)(info),
        canvas=arrange(network),
    )


def default_scaling(info: DataInfo) -> Scaling:
    """Return the usual scaling: pictures to [0, 1], word numbers as they are, else standardised."""
    unbounded_picture = info.kind == "image" and info.value_range is None
    return "standard" if unbounded_picture else USUAL_SCALING[info.kind]


def default_training(info: DataInfo) -> TrainingSpec:
    """Return hyperparameters with which the ready networks learn this kind of data well."""
    if info.kind == "image" and min(info.input_shape[:2]) >= _LARGE_PICTURE:
        return TrainingSpec(epochs=5)
    if info.kind == "table" and info.task == "regression":
        return TrainingSpec(epochs=100, optimizer=_adam(0.01))
    return _TRAINING[info.kind]


def _adam(learning_rate: float) -> ObjectSpec:
    return ObjectSpec(kind="Adam", parameters={"learning_rate": learning_rate})


_TRAINING: Final[Mapping[InputKind, TrainingSpec]] = {
    "image": TrainingSpec(epochs=40),
    "table": TrainingSpec(epochs=50, optimizer=_adam(0.003)),
    "points": TrainingSpec(epochs=100, optimizer=_adam(0.01)),
    "series": TrainingSpec(epochs=30, optimizer=_adam(0.003)),
    "text": TrainingSpec(epochs=5, batch_size=64),
}


# ---- The networks ----


def _chain(info: DataInfo, *steps: _Step) -> NetworkSpec:
    """Return input, steps and output in one line."""
    network = NetworkSpec().with_layer(LayerSpec(id="input", kind=INPUT_KIND))
    last = "input"
    for kind, parameters in (*steps, _output(info)):
        network, last = _after(network, last, kind, parameters)
    return network


def _after(
    network: NetworkSpec, source: str, kind: str, parameters: Mapping[str, Any]
) -> tuple[NetworkSpec, str]:
    """Return the network with a layer more, and the layer's id."""
    layer = LayerSpec(id=network.free_name(kind), kind=kind, parameters=dict(parameters))
    grown = network.with_layer(layer).with_wire(WireSpec(source=source, target=layer.id))
    return grown, layer.id


def _output(info: DataInfo) -> _Step:
    if info.n_classes:
        return "Dense", {"units": info.n_classes, "activation": "softmax"}
    return "Dense", {"units": info.n_targets}


def _dense(units: int) -> _Step:
    return "Dense", {"units": units, "activation": "relu"}


def _conv(filters: int, size: int = 3) -> _Step:
    parameters = {"filters": filters, "kernel_size": (size, size), "padding": "same"}
    return "Conv2D", {**parameters, "activation": "relu"}


def _dropout(rate: float) -> _Step:
    return "Dropout", {"rate": rate}


_FLATTEN: Final[_Step] = ("Flatten", {})
_POOL: Final[_Step] = ("MaxPooling2D", {"pool_size": (2, 2)})


def _flat(info: DataInfo) -> tuple[_Step, ...]:
    """Make one row of numbers of a sample."""
    if info.kind == "text":
        return _embedded(info), ("GlobalAveragePooling1D", {})
    return (_FLATTEN,) if len(info.input_shape) > 1 else ()


def _embedded(info: DataInfo) -> _Step:
    words = info.vocabulary_size or _WORDS
    return "Embedding", {"input_dim": words, "output_dim": _WORD_VECTOR}


def _steps(info: DataInfo) -> tuple[_Step, ...]:
    """Make a series (steps, features) of a sample: of a picture, its rows from top to bottom."""
    if info.kind == "text":
        return (_embedded(info),)
    if info.kind == "image":
        height, *row = info.input_shape
        return (("Reshape", {"target_shape": (height, math.prod(row))}),)
    return ()


def _empty(_: DataInfo) -> NetworkSpec:
    return NetworkSpec().with_layer(LayerSpec(id="input", kind=INPUT_KIND))


def _perceptron(info: DataInfo) -> NetworkSpec:
    return _chain(info, *_flat(info))


def _perceptron_training(info: DataInfo) -> TrainingSpec:
    """Plain gradient descent for numbers: Adam's even steps take too long to a mean far from 0."""
    usual = default_training(info)
    if info.task == "classification":
        return usual
    descent = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.01})
    return TrainingSpec(epochs=usual.epochs, optimizer=descent)


def _mlp(info: DataInfo) -> NetworkSpec:
    first, second = (128, 64) if info.kind == "image" else (64, 32)
    return _chain(info, *_flat(info), _dense(first), _dense(second))


def _cnn(info: DataInfo) -> NetworkSpec:
    # Measured on the 8 x 8 digits, 30 epochs, 11 seeds of split and weights: test accuracy 0.978 to
    # 0.993, mean 0.985, as good as a hidden dense layer on top with four times the weights.
    stages = (_conv(32), _POOL, _conv(64), _POOL)
    return _chain(info, *stages, _FLATTEN, _dropout(0.5))


def _cnn2(info: DataInfo) -> NetworkSpec:
    # Measured on Fashion-MNIST, 5 epochs on 51,000 pictures: test accuracy 0.914 and 0.911 with
    # batches of 32 (two seeds), 0.909 with batches of 64.
    return _chain(
        info,
        *(_conv(32), _POOL, _conv(64), _POOL),
        *(_FLATTEN, _dropout(0.3), _dense(128), _dropout(0.3)),
    )


def _residual(info: DataInfo) -> NetworkSpec:
    """Two layers and a wire around them that meet in Add."""
    picture = info.kind == "image"
    wide = _conv(32) if picture else _dense(64)
    network = _empty(info)
    last = "input"
    for step in (*(() if picture else _flat(info)), wide):
        network, last = _after(network, last, *step)
    start = last
    network, last = _after(network, last, *wide)
    kind, parameters = wide
    network, last = _after(network, last, kind, {**parameters, "activation": "linear"})
    network, joined = _after(network, start, "Add", {})
    network = network.with_wire(WireSpec(source=last, target=joined, port=1))
    tail: tuple[_Step, ...] = (_POOL, _FLATTEN, _dropout(0.25)) if picture else ()
    for kind, parameters in (("Activation", {"activation": "relu"}), *tail, _output(info)):
        network, joined = _after(network, joined, kind, parameters)
    return network


def _recurrent(kind: str) -> Callable[[DataInfo], NetworkSpec]:
    return lambda info: _chain(info, *_steps(info), (kind, {"units": 32}))


def _bidirectional(info: DataInfo) -> NetworkSpec:
    inner = {"kind": "LSTM", "parameters": {"units": 32}}
    return _chain(info, *_steps(info), ("Bidirectional", {"layer": inner}))


def _conv1d(info: DataInfo) -> NetworkSpec:
    window = {"filters": 64, "kernel_size": (5,), "padding": "same", "activation": "relu"}
    return _chain(info, *_steps(info), ("Conv1D", window), ("GlobalMaxPooling1D", {}), _dense(32))


_ALL: Final = (
    Template("empty", "Empty", "Only the input: build everything yourself.", _EVERY_KIND, _empty),
    Template(
        "perceptron", "Perceptron", "A single dense layer: draws straight lines between classes.",
        _EVERY_KIND, _perceptron, _perceptron_training,
    ),
    Template(
        "mlp", "Dense network", "Two hidden dense layers: learns curved borders; suits any data.",
        _EVERY_KIND, _mlp,
    ),
    Template(
        "cnn", "Small convolutional network",
        "Two convolutions straight to the classes: reads small pictures, trains in seconds.",
        frozenset({"image"}), _cnn,
    ),
    Template(
        "cnn2", "Convolutional network",
        "Two convolutions and a dense layer that combines what they find: for larger pictures.",
        frozenset({"image"}), _cnn2,
    ),
    Template(
        "residual", "Residual network",
        "Two branches that meet in Add: the shortcut that makes very deep networks trainable.",
        _EVERY_KIND, _residual,
    ),
    Template(
        "lstm", "LSTM", "Reads a series step by step and keeps what matters in a memory.",
        _SEQUENCES, _recurrent("LSTM"),
    ),
    Template(
        "gru", "GRU", "A lighter LSTM: one memory less and fewer weights.",
        _SEQUENCES, _recurrent("GRU"),
    ),
    Template(
        "simple_rnn", "Simple recurrent network",
        "The plainest memory, each step fed by the last: good for short series.",
        _SEQUENCES, _recurrent("SimpleRNN"),
    ),
    Template(
        "bidirectional", "Bidirectional LSTM",
        "Reads the series forwards and backwards, so that each end knows the other.",
        _SEQUENCES, _bidirectional,
    ),
    Template(
        "conv1d", "Convolution over time",
        "Looks for short patterns anywhere in a series or a text.",
        _SEQUENCES, _conv1d,
    ),
)  # fmt: skip
TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType({each.id: each for each in _ALL})
