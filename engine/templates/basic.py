"""Ready networks for rows of numbers, and those that suit any data."""

from __future__ import annotations

from engine.data.info import DataInfo
from engine.spec.base import ObjectSpec
from engine.spec.network import NetworkSpec
from engine.spec.training import TrainingSpec
from engine.templates.hyperparameters import default_training
from engine.templates.network_builder import (
    FLATTEN,
    NORM,
    POOL,
    RELU,
    NetworkBuilder,
    chain,
    conv,
    dense,
    dropout,
    flat,
    output,
)
from engine.templates.template import EVERY_KIND, TABLES, Template

_GROUP = "First networks"
_TABLES = "Tables and points"


def _empty(_: DataInfo) -> NetworkSpec:
    return NetworkBuilder().network()


def _perceptron(info: DataInfo) -> NetworkSpec:
    return chain(info, *flat(info))


def _perceptron_training(info: DataInfo) -> TrainingSpec:
    """Plain gradient descent for numbers: Adam's even steps take too long to a mean far from 0."""
    usual = default_training(info)
    if info.task == "classification":
        return usual
    descent = ObjectSpec(kind="SGD", parameters={"learning_rate": 0.01})
    return TrainingSpec(epochs=usual.epochs, optimizer=descent)


def _mlp(info: DataInfo) -> NetworkSpec:
    first, second = (128, 64) if info.kind == "picture" else (64, 32)
    return chain(info, *flat(info), dense(first), dense(second))


def _residual(info: DataInfo) -> NetworkSpec:
    """Two layers and a wire around them that meet in Add."""
    picture = info.kind == "picture"
    wide = conv(32) if picture else dense(64)
    kind, parameters = wide
    sketch = NetworkBuilder()
    start = sketch.chain(sketch.input, *(() if picture else flat(info)), wide)
    last = sketch.chain(start, wide, (kind, {**parameters, "activation": "linear"}))
    joined = sketch.put(("Add", {}), start, last)
    tail = (POOL, FLATTEN, dropout(0.25)) if picture else ()
    sketch.chain(joined, RELU, *tail, output(info))
    return sketch.network()


def _normalized(info: DataInfo) -> NetworkSpec:
    stage = (("Dense", {"units": 64, "use_bias": False}), NORM, RELU, dropout(0.2))
    return chain(info, *stage, *stage)


def _wide_and_deep(info: DataInfo) -> NetworkSpec:
    """The plain sums of a linear model beside a deep branch (Cheng et al. 2016)."""
    sketch = NetworkBuilder()
    deep = sketch.chain(sketch.input, dense(64), dense(32), dense(16))
    joined = sketch.put(("Concatenate", {}), sketch.input, deep)
    sketch.chain(joined, output(info))
    return sketch.network()


BASIC = (
    Template(
        "empty", "Empty", "Only the input: build everything yourself.",
        EVERY_KIND, _empty, group=_GROUP,
    ),
    Template(
        "perceptron", "Perceptron", "A single dense layer: draws straight lines between classes.",
        EVERY_KIND, _perceptron, _perceptron_training, group=_GROUP,
    ),
    Template(
        "mlp", "Multilayer perceptron",
        "Two hidden dense layers: learns curved borders; suits any data.",
        EVERY_KIND, _mlp, group=_GROUP,
    ),
    Template(
        "residual", "Residual network",
        "Two branches that meet in Add: the shortcut that makes very deep networks trainable.",
        EVERY_KIND, _residual, group=_GROUP,
    ),
    Template(
        "normalized", "Normalised table network",
        "Dense layers with batch normalisation and dropout: learns larger tables fast and evenly.",
        TABLES, _normalized, group=_TABLES,
    ),
    Template(
        "wide_and_deep", "Wide and deep",
        "Plain sums of the columns beside a deep branch: remembers simple rules, learns the rest.",
        TABLES, _wide_and_deep, group=_TABLES,
    ),
)  # fmt: skip
"""Ready networks for any data and for tables."""
