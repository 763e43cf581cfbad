"""Looking into networks while none is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.probe import Probe
from engine.runs.trained import Trained
from engine.runs.trained_model import networks_of
from engine.training.live.events import Sampled

if TYPE_CHECKING:
    from engine.probes.keras_subject import KerasSubject


class Observer:
    """Takes samples of trained models; builds a Keras model once per set of weights. For one thread."""

    def __init__(self) -> None:
        self._trained: Trained | None = None
        self._subject: KerasSubject | None = None

    def samples(
        self, trained: Trained, probes: tuple[Probe, ...], step: int
    ) -> tuple[Sampled, ...]:
        """Return a sample for each probe, as a training at this step would send it."""
        from engine.probes import taking

        subject = self._subject_of(trained)
        subject.renew(step)
        return tuple(
            Sampled(trained.run, step, probe, taking.sample(subject, probe)) for probe in probes
        )

    def _subject_of(self, trained: Trained) -> KerasSubject:
        from engine.probes.keras_subject import KerasSubject

        if self._subject is None or self._trained is not trained:
            self._subject, self._trained = KerasSubject(networks_of(trained)), trained
        return self._subject
