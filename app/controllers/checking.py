"""Looks through the description after every edit: at once what needs no TensorFlow, then Keras's own shapes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.document import Document
from app.free_memory import free_for_training
from app.heavy import Shapes
from app.jobs import Job, JobRunner
from app.studio import Studio
from engine.issues import LayerFacts
from engine.spec.project import ProjectSpec
from engine.validation import validate

_JOB = "shapes"


class CheckingController(QObject):
    """Keeps `Studio.facts` and `Studio.issues` true."""

    def __init__(
        self, document: Document, studio: Studio, jobs: JobRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._studio = studio
        self._jobs = jobs
        self._shapes = Shapes()
        document.spec_changed.connect(self._on_spec_changed)
        studio.info_changed.connect(self.check)
        studio.engine_changed.connect(self.check)

    def check(self) -> None:
        """Look through the description now, and ask Keras for what it alone knows."""
        spec, info = self._document.spec, self._studio.info
        # Facts of layers that did not change stay true until Keras answers; the rest is unknown meanwhile.
        known = frozenset(spec.network.ids)
        facts = {
            name: fact
            for name, fact in self._studio.facts.items()
            if name in known and not fact.error
        }
        self._studio.set_checked(facts, validate(spec, info, {}))
        if self._studio.engine is None or info is None:
            return
        self._jobs.submit(
            "engine",
            Job(
                key=_JOB,
                words="",
                work=lambda _job: (spec, self._shapes.facts(spec, info)),
                done=self._on_facts,
                failed=self._studio.said.emit,
            ),
        )

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if (old.network, old.data, old.training) != (new.network, new.data, new.training):
            self.check()

    def _on_facts(self, answer: tuple[ProjectSpec, Mapping[str, LayerFacts]]) -> None:
        spec, facts = answer
        free_bytes = free_for_training(spec.training.device, self._studio.engine)
        self._studio.set_checked(facts, validate(spec, self._studio.info, facts, free_bytes))
