"""Options of a run besides its description and data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.models.transfer import Learned
from engine.training.state.checkpoint_scheduler import KeepModel, KeepState
from engine.training.state.resume_point import ResumePoint
from engine.training.state.writes import Writes


@dataclass(frozen=True)
class RunOptions:
    """Options of `engine.training.loop.session.train`, with the step limit and the `Writes` resolved."""

    checkpoint: KeepModel | None = None
    resume: ResumePoint | None = None
    keep_state: KeepState | None = None
    measurements: Path | None = None
    memory_limit_bytes: int | None = None
    initial: Learned | None = None
    writes: Writes | None = None
    move: Callable[[Path], None] | None = None
