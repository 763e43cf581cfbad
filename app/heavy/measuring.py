"""What is measured on copies of a network before it is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.machine.user_folder import measurements
from engine.spec.project import ProjectSpec

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData
    from engine.training.diagnose.epoch_time import EpochTime
    from engine.training.diagnose.rate_range import RangeResult


def measure_epoch(spec: ProjectSpec, data: LoadedData, cancelled: Callable[[], bool]) -> EpochTime:
    """Return how long an epoch takes, measured on a copy."""
    from engine.training.diagnose.epoch_time import measure_epoch as measure

    return measure(spec, data, cancelled, measurements())


def range_test(
    spec: ProjectSpec,
    data: LoadedData,
    progress: Callable[[RangeResult], None],
    cancelled: Callable[[], bool],
) -> RangeResult:
    """Return which learning rates a copy of the network learns at; ``progress`` gets what was found so far."""
    from engine.training.diagnose.range_test import range_test as test

    return test(spec, data, progress, cancelled, measurements=measurements())
