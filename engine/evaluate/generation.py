"""Samples that a trained generator makes."""

from __future__ import annotations

from typing import Final

import keras
import numpy as np
import numpy.typing as npt

from engine.build.parts import network_of
from engine.errors import BadInput
from engine.probes.generated import noise_for
from engine.spec.project import ProjectSpec
from engine.training.procedures import procedure_of

_BATCH: Final = 256


def generator_of(model: keras.Model, spec: ProjectSpec) -> keras.Model:
    """Return the network of a built model that makes samples.

    Raises
    ------
    BadInput
        If the project has none.
    """
    role = procedure_of(spec).generator
    if role is None:
        raise BadInput(
            "this network answers to samples and makes none: begin with a template such as gan_points"
        )
    return network_of(model, spec, spec.training.stage.networks.get(role.id, role.id))


def generated(model: keras.Model, count: int, seed: int) -> npt.NDArray[np.float32]:
    """Return (count, ...) samples in the numbers of the data; the same for the same seed."""
    noise = noise_for(model, count, seed)
    made = []
    for first in range(0, count, _BATCH):
        batch = [each[first : first + _BATCH] for each in noise]
        made.append(np.asarray(model(batch if len(batch) > 1 else batch[0], training=False)))
    return np.concatenate(made).astype(np.float32)
