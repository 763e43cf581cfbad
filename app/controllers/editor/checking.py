"""Looks through the description after every edit: at once what needs no TensorFlow, then Keras's own shapes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.document import Document
from app.heavy import Shapes
from app.jobs import Job, JobRunner
from app.system.free_memory import free_for_training
from engine.data.info import DataInfo
from engine.spec.issues import LayerFacts
from engine.spec.network import LayerSpec, NetworkSpec, WireSpec
from engine.spec.project import ProjectSpec
from engine.validation import validate

_JOB = "shapes"

_Placed = tuple[LayerSpec, frozenset[WireSpec]]  # a layer and the wires into it
_Answer = tuple[ProjectSpec, DataInfo, Mapping[str, LayerFacts]]


class CheckingController(QObject):
    """Keeps `AppModel.facts` and `AppModel.issues` true."""

    def __init__(
        self,
        document: Document,
        app_model: AppModel,
        jobs: JobRunner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._shapes = Shapes()
        self._asked: tuple[NetworkSpec, DataInfo | None] = (NetworkSpec(), None)  # of the facts
        document.spec_changed.connect(self._on_spec_changed)
        app_model.info_changed.connect(self.check)
        app_model.engine_changed.connect(self.check)

    def check(self) -> None:
        """Look through the description now, and ask Keras for what it alone knows."""
        spec, info = self._document.spec, self._app_model.info
        known, engine = self._still_true(spec.network, info), self._app_model.engine
        devices = engine.devices if engine is not None else ()
        self._app_model.set_checked(known, validate(spec, info, {}, devices=devices))
        if engine is None or info is None:
            return
        self._jobs.submit(
            "engine",
            Job(
                key=_JOB,
                words="",
                work=lambda _job: (spec, info, self._shapes.facts(spec, info)),
                done=self._on_facts,
                failed=self._app_model.said.emit,
            ),
        )

    def _still_true(self, network: NetworkSpec, info: DataInfo | None) -> dict[str, LayerFacts]:
        """Return the facts of layers that are what they were and are wired as they were.

        The rest is unknown until Keras answers. Farther down a shape may be that of before for a
        moment: were it unknown, all that follows an edited layer would blink.
        """
        asked, asked_info = self._asked
        if info != asked_info:
            return {}
        before, now = _placed(asked), _placed(network)
        return {
            name: fact
            for name, fact in self._app_model.facts.items()
            if name in now and now[name] == before.get(name) and not fact.error
        }

    def _on_spec_changed(self, old: ProjectSpec, new: ProjectSpec) -> None:
        if (old.network, old.data, old.training) != (new.network, new.data, new.training):
            self.check()

    def _on_facts(self, answer: _Answer) -> None:
        spec, info, facts = answer
        self._asked = (spec.network, info)
        engine = self._app_model.engine
        free_bytes = free_for_training(spec.training.device, engine)
        devices = engine.devices if engine is not None else ()
        found = validate(spec, self._app_model.info, facts, free_bytes, devices)
        self._app_model.set_checked(facts, found)


def _placed(network: NetworkSpec) -> dict[str, _Placed]:
    """Return each layer with the wires into it, by its name."""
    into: dict[str, set[WireSpec]] = {layer.id: set() for layer in network.layers}
    for wire in network.wires:
        into[wire.target].add(wire)
    return {layer.id: (layer, frozenset(into[layer.id])) for layer in network.layers}
