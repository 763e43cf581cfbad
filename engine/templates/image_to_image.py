"""Ready networks that answer a picture with a picture: cleaning, redrawing, marking regions."""

from __future__ import annotations

import math
from typing import Final

from engine.data.info import DataInfo
from engine.spec.network import NetworkSpec
from engine.spec.training import TrainingSpec
from engine.templates.hyperparameters import adam
from engine.templates.network_builder import FLATTEN, POOL, NetworkBuilder, Step, chain, conv, dense
from engine.templates.template import PICTURES, Template

_GROUP: Final = "Picture to picture"
_CODE: Final = 16  # numbers that a picture is squeezed into
_LEAST_MAP: Final = 4  # pixels a side of the smallest map, about
_MOST_HALVINGS: Final = 3
# Variance of a pixel around what the decoder gives; weighs the closeness of pictures against that of codes.
_PIXEL_VARIANCE: Final = 0.02


def _halvings(info: DataInfo) -> int:
    """Return how often both sides can be halved, so that each map fits the one it meets again."""
    count = 0
    sides = info.input_shape[:2]
    while (
        count < _MOST_HALVINGS
        and not any(side % 2 ** (count + 1) for side in sides)
        and min(sides) // 2**count > _LEAST_MAP // 2
    ):
        count += 1
    return count


def _unet(info: DataInfo) -> NetworkSpec:
    """Ronneberger et al. 2015: each map on the way up meets the one of its size on the way down."""
    sketch = NetworkBuilder()
    last = sketch.input
    met: list[tuple[str, int]] = []
    filters = 16
    for _ in range(_halvings(info)):
        last = sketch.chain(last, conv(filters), conv(filters))
        met.append((last, filters))
        last = sketch.put(POOL, last)
        filters *= 2
    last = sketch.chain(last, conv(filters), conv(filters))
    for source, width in reversed(met):
        risen = sketch.put(_up(width), last)
        joined = sketch.put(("Concatenate", {}), source, risen)
        last = sketch.chain(joined, conv(width), conv(width))
    sketch.chain(last, *_drawn(info))
    return sketch.network()


def _up(filters: int) -> Step:
    parameters = {"filters": filters, "kernel_size": (2, 2), "strides": (2, 2)}
    return "Conv2DTranspose", {**parameters, "padding": "same", "activation": "relu"}


def _drawn(info: DataInfo) -> tuple[Step, ...]:
    """Return the last layers: a number for each pixel and channel, in one row as the data has them."""
    return conv(_answer(info)[2], 1, "linear"), FLATTEN


def _answer(info: DataInfo) -> tuple[int, int, int]:
    shape = info.answer_shape
    if shape is None:
        raise ValueError("the data's answers are no pictures")
    return shape


def _autoencoder(info: DataInfo) -> NetworkSpec:
    halvings = _halvings(info)
    height, width = (side // 2**halvings for side in info.input_shape[:2])
    filters = [16 * 2**n for n in range(halvings)]
    smallest = (height, width, filters[-1] if filters else 1)
    sketch = NetworkBuilder()
    down = [conv(count, strides=(2, 2)) for count in filters]
    code = sketch.chain(sketch.input, *down, FLATTEN, dense(_CODE))
    rows: Step = ("Reshape", {"target_shape": smallest})
    up = [_up(count) for count in reversed(filters)]
    sketch.chain(code, dense(math.prod(smallest)), rows, *up, *_drawn(info))
    return sketch.network()


def _variational(info: DataInfo) -> NetworkSpec:
    """Kingma & Welling 2013, from layers that every Keras has.

    The encoder gives the mean m and h = -log s >= 0 of a normal distribution, that is s <= 1: a code
    is never wider than the standard normal distribution it is drawn to. Then the divergence
    (m^2 + s^2 - 1) / 2 - log s is exactly what three activity penalties add to the loss: half the
    squares of m and of s, and h. The noise comes from GaussianNoise on zeros, so that it is there in
    training only; afterwards the code is the mean.
    """
    weight = 2 * _PIXEL_VARIANCE / info.n_targets
    half: Step = ("ActivityRegularization", {"l2": weight / 2})
    sketch = NetworkBuilder()
    seen = sketch.chain(sketch.input, FLATTEN, dense(128))
    mean = sketch.chain(seen, dense(_CODE, "linear"), half)
    narrow = sketch.chain(
        seen, dense(_CODE, "softplus"), ("ActivityRegularization", {"l1": weight})
    )
    spread = sketch.chain(
        narrow, ("Rescaling", {"scale": -1.0}), ("Activation", {"activation": "exponential"}), half
    )
    noise = sketch.chain(mean, ("Rescaling", {"scale": 0.0}), ("GaussianNoise", {"stddev": 1.0}))
    moved = sketch.put(("Multiply", {}), spread, noise)
    code = sketch.put(("Add", {}), mean, moved)
    sketch.chain(code, dense(128), dense(info.n_targets, "linear"))
    return sketch.network()


def _squeezed(info: DataInfo) -> NetworkSpec:
    return chain(info, FLATTEN, dense(64), dense(_CODE), dense(64))


def _training(info: DataInfo) -> TrainingSpec:
    return TrainingSpec(epochs=40 if info.input_shape[0] < 24 else 10, optimizer=adam(0.002))


REDRAWING: Final = (
    Template(
        "autoencoder", "Autoencoder",
        f"Squeezes a picture into {_CODE} numbers and draws it again from them.",
        PICTURES, _squeezed, _training, group=_GROUP, answers_picture=True,
    ),
    Template(
        "conv_autoencoder", "Convolutional autoencoder",
        f"Strided convolutions down to {_CODE} numbers, transposed ones back to the picture.",
        PICTURES, _autoencoder, _training, group=_GROUP, answers_picture=True,
    ),
    Template(
        "variational", "Variational autoencoder",
        "Gives each picture a cloud of codes near all others, so that new codes give new pictures.",
        PICTURES, _variational, _training, group=_GROUP, answers_picture=True,
    ),
    Template(
        "unet", "U-Net",
        "Down to see the whole, up to draw it, with wires across that keep the fine lines.",
        PICTURES, _unet, _training, group=_GROUP, answers_picture=True,
    ),
)  # fmt: skip
"""Ready networks whose answers are pictures."""
