"""What the verbs print of a training while it goes on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.observing import say
from app.cli.output import Output, figures_in_words
from engine.training.diagnose.remarks import Witness
from engine.training.live.events import (
    EpochsEnded,
    RunEnded,
    RunStarted,
    Sampled,
    StepsEnded,
    TrainingEvent,
    WriteFailed,
    WriteRecovered,
)
from engine.training.state.writes import NAMES


class Watcher:
    """Turns a run's events into output lines and a progress bar.

    Attributes
    ----------
    witness
        Judges at the end whether anything was learned.
    started, ended
        The first and the last event of the run, None before them.
    """

    def __init__(self, output: Output, progress: Progress, *, is_new: bool) -> None:
        self.witness = Witness(is_new=is_new)
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self._output = output
        self._progress = progress
        self._task = progress.add_task("preparing", total=None)

    def __call__(self, event: TrainingEvent) -> None:
        """Take the next event; called in the training's thread. What comes after the end is another's to tell."""
        if self.ended is not None:
            return
        self.witness.see(event)
        if isinstance(event, RunStarted):
            self.started = event
            total = event.epochs * event.steps_per_epoch
            self._progress.update(self._task, total=total, completed=event.steps_before)
            self._output.event("started", run=event.run, device=event.device, parameters=event.parameters,
                               epochs=event.epochs, steps_per_epoch=event.steps_per_epoch,
                               epochs_before=event.epochs_before, steps_before=event.steps_before)  # fmt: skip
        elif isinstance(event, StepsEnded):
            done = event.first_step + len(event.losses) - 1
            self._progress.update(self._task, completed=done, description=f"epoch {event.epoch}")
        elif isinstance(event, EpochsEnded):
            for end in event.ends:
                words = f"epoch {end.epoch}: {figures_in_words(end.figures)}"
                self._output.event("epoch", words, epoch=end.epoch, step=end.step, seconds=round(end.seconds, 4),
                                   metrics=end.figures)  # fmt: skip
        elif isinstance(event, Sampled):
            say(self._output, event)
        elif isinstance(event, WriteFailed):
            self._output.event(
                "write_failed",
                what=event.what,
                sentence=event.sentence,
                kept_epochs=event.kept_epochs,
            )
            self._output.complain(f"{event.sentence}; the training goes on and this is tried again")
        elif isinstance(event, WriteRecovered):
            self._output.event("write_recovered", what=event.what, kept_epochs=event.kept_epochs)
            self._output.complain(f"{NAMES[event.what]} could be written again")
        elif isinstance(event, RunEnded):
            self.ended = event


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a progress bar on standard error, where that is a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    # Without a terminal the bar would leave an empty line behind.
    hidden = not console.is_terminal
    # Lines in a pipe must not be led to the terminal, where those of words stand above the bar.
    above = sys.stdout.isatty()
    with Progress(
        *columns, console=console, transient=True, disable=hidden, redirect_stdout=above
    ) as progress:
        yield progress
