"""What the probes of a training look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from engine.data.loaded import LoadedData
from engine.probes.generated import SAMPLER, noise_for
from engine.probes.keras_subject import KerasSubject
from engine.probes.pinned import inputs_of
from engine.spec.project import ProjectSpec
from engine.training.procedures import procedure_of
from engine.training.procedures.program import Program


def subject_of(program: Program, spec: ProjectSpec, data: LoadedData) -> KerasSubject:
    """Return what probes look at: the networks of a program and the samples that each is shown."""
    noise = {role.id for role in procedure_of(spec).roles if role.takes_noise}
    networks = program.observed

    def shown(name: str, part: str, number: int) -> Sequence[npt.NDArray[Any]]:
        if name in noise:
            return noise_for(networks[name], 1, number)
        return inputs_of(data, part, number)

    subject = KerasSubject(networks, shown)
    if SAMPLER in networks:
        # The first call takes as long as a hundred later ones: charged to the views, it would hold them back for long.
        subject.call(SAMPLER, noise_for(networks[SAMPLER], 1, 0))
    return subject
