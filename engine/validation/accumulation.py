"""Findings about gradients that are gathered over several steps before the weights change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.spec.issues import Cure, Issue
from engine.validation.subject import Subject

NAME: Final = "gradient_accumulation_steps"
_FIELD: Final = "training.optimizer"


def accumulation(subject: Subject) -> Iterator[Issue]:
    """More steps than the run has, so that nothing is learned; and steps whose gradients are left over.

    Keras gathers across epochs, and what is gathered when the run ends changes no weight.
    """
    gathered = subject.training.optimizer.parameters.get(NAME)
    if type(gathered) is not int or gathered < 2 or subject.info is None:
        return
    training = subject.info.counts[0] if subject.info.counts else 0
    an_epoch = -(-training // subject.training.batch_size)
    steps = an_epoch * subject.training.epochs
    if not steps:
        return
    words = f"Gradient accumulation gathers {gathered:,} steps"
    if gathered > steps:
        message = f"{words}, but the run has {steps:,}: nothing would be learned"
    elif gathered > an_epoch:
        message = f"{words}, but an epoch has {an_epoch:,}: some epochs change no weight"
    elif steps % gathered:
        left = steps % gathered
        message = f"{words}: the last {left:,} of {steps:,} steps change no weight"
    else:
        return
    yield Issue(
        f"{message}; {_advice(_fitting(gathered, an_epoch))}.",
        field=_FIELD,
        severity="error" if gathered > steps else "warning",
        cures=(_cure(subject, _fitting(gathered, an_epoch)),),
    )


def _fitting(gathered: int, an_epoch: int) -> int:
    """Return the largest number of steps, at most as many, that goes into an epoch; 1 if none does."""
    return next(n for n in range(min(gathered, an_epoch), 0, -1) if an_epoch % n == 0)


def _advice(fitting: int) -> str:
    return f"gather {fitting:,}" if fitting > 1 else "switch it off"


def _cure(subject: Subject, fitting: int) -> Cure:
    optimizer = subject.training.optimizer
    parameters = {name: value for name, value in optimizer.parameters.items() if name != NAME}
    if fitting > 1:
        parameters[NAME] = fitting
    mended = subject.training.but(optimizer=optimizer.but(parameters=parameters))
    label = f"Gather {fitting:,} steps" if fitting > 1 else "Switch accumulation off"
    return Cure(label, training=mended)
