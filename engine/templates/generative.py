"""Ready pairs of networks that learn to make samples: a generator and a discriminator on one canvas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from engine.data.info import DataInfo
from engine.spec.base import ObjectSpec
from engine.spec.named_network import NamedNetwork
from engine.spec.network import NetworkSpec
from engine.spec.training import ScheduleSpec, StageSpec, TrainingSpec
from engine.templates.network_builder import FLATTEN, NetworkBuilder, Step, dense
from engine.templates.template import PICTURES, Template

_GROUP: Final = "Generative networks"
_LEAKY: Final[Step] = ("LeakyReLU", {"negative_slope": 0.2})
_UNKNOWN_SAMPLES: Final = 1258  # the digits that are trained on, where the data does not tell
_FINAL_SHARE: Final = 0.02  # of the learning rate that is left at the end


def _pair(noise: int, made: tuple[Step, ...], judged: tuple[Step, ...]) -> NetworkSpec:
    """Return a generator, from noise to a sample, and a discriminator, from a sample to a number."""
    builder = NetworkBuilder()
    builder.chain(builder.noise(noise), *made)
    builder.chain(builder.input, *judged, dense(1, "linear"))
    whole = builder.network()
    made_first = sorted(whole.layers, key=lambda layer: layer.id in whole.downstream(["input"]))
    return NetworkSpec(layers=tuple(made_first), wires=whole.wires)


def _points(info: DataInfo) -> NetworkSpec:
    made = (dense(128), dense(128), dense(math.prod(info.input_shape), "linear"))
    hidden = dense(128, "linear")
    return _pair(8, made, (hidden, _LEAKY, hidden, _LEAKY))


def _pictures(info: DataInfo) -> NetworkSpec:
    pixels = math.prod(info.input_shape)
    low, high = info.value_range or (-1.0, 1.0)
    made = (
        dense(128),
        dense(256),
        dense(pixels, "tanh"),
        ("Reshape", {"target_shape": info.input_shape}),
        ("Rescaling", {"scale": (high - low) / 2, "offset": (high + low) / 2}),
    )
    return _pair(32, made, (FLATTEN, dense(256, "linear"), _LEAKY, dense(128, "linear"), _LEAKY))


def _networks(network: NetworkSpec) -> tuple[NamedNetwork, ...]:
    """Return what the noise reaches as the generator, and what samples reach as the discriminator."""
    noise = network.downstream(layer.id for layer in network.inputs if layer.noise)
    ids = network.ids
    return (
        NamedNetwork(name="generator", layers=tuple(name for name in ids if name in noise)),
        NamedNetwork(name="discriminator", layers=tuple(name for name in ids if name not in noise)),
    )


def _training(
    steps: int, batch_size: int, rate: float, beta_2: float, options: dict[str, object]
) -> Callable[[DataInfo], TrainingSpec]:
    """Return what gives the hyperparameters for about so many steps, whatever the number of samples."""
    adam = ObjectSpec(
        kind="Adam", parameters={"learning_rate": rate, "beta_1": 0.5, "beta_2": beta_2}
    )
    stage = StageSpec(
        procedure="adversarial",
        networks={role: role for role in ("generator", "discriminator")},
        optimizers={"discriminator": adam},
        options=options,
    )

    def training(info: DataInfo) -> TrainingSpec:
        samples = info.counts[0] or _UNKNOWN_SAMPLES
        epochs = math.ceil(steps / math.ceil(samples / batch_size))
        return TrainingSpec(
            optimizer=adam,
            batch_size=batch_size,
            epochs=epochs,
            schedule=ScheduleSpec(kind="cosine", final=_FINAL_SHARE),
            stages=(stage,),
        )

    return training


GENERATIVE: Final = (
    Template(
        "gan_points", "GAN for points",
        "A generator makes points from noise until a discriminator cannot tell them from real ones.",
        frozenset({"point"}), _points, _training(4000, 256, 1e-3, 0.9, {"r1": 0.1}), group=_GROUP,
        networks=_networks,
    ),
    Template(
        "gan_digits", "GAN for small pictures",
        "A generator draws pictures from noise until a discriminator cannot tell them from real ones.",
        PICTURES, _pictures, _training(4000, 64, 5e-4, 0.99, {}), group=_GROUP, networks=_networks,
    ),
)  # fmt: skip
"""Pairs of a generator and a discriminator."""
