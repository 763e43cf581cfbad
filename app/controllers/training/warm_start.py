"""Keeping the weights: whether a new training begins with them, and what becomes of each layer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.settings import SettingsFile
from engine.models.transfer import Kept, Shapes, match_weights, transfer_text
from engine.runs.trained import Trained
from widgets.canvas import NetworkCanvas
from widgets.training.start_choice import StartChoice

_JOB = "learned shapes"
_NOTHING = "Nothing is learned yet: all layers begin with new weights."


class KeepingController(QObject):
    """Remembers the choice in `AppModel.keeps_weights` and marks the blocks while weights are kept."""

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, settings_file: SettingsFile,
        choice: StartChoice, canvas: NetworkCanvas, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._settings_file = settings_file
        self._choice = choice
        self._canvas = canvas
        self._asker = heavy.Shapes()
        self._learned: tuple[Trained, Shapes] | None = None
        app_model.keeps_weights = settings_file.read().keeps_weights
        choice.show_keeps_weights(app_model.keeps_weights)
        choice.keeps_weights_chosen.connect(self._on_chosen)
        for changed in (
            app_model.facts_changed,
            app_model.trained_changed,
            app_model.training_changed,
        ):
            changed.connect(self._show)
        self._show()

    def _on_chosen(self, keeps: bool) -> None:
        self._app_model.keeps_weights = keeps
        self._settings_file.write(self._settings_file.read().but(keeps_weights=keeps))
        self._show()

    # ---- Showing ----

    def _show(self) -> None:
        """Say what the next training will do; a running one is left in peace."""
        app_model = self._app_model
        if app_model.training in ("running", "paused"):
            return
        trained = app_model.trained
        if not app_model.keeps_weights or trained is None:
            self._tell(None, _NOTHING if app_model.keeps_weights else "")
        elif self._learned is not None and self._learned[0] is trained:
            now = {name: fact.weights for name, fact in app_model.facts.items()}
            then, shapes = trained.spec.network, self._learned[1]
            self._tell(match_weights(then, shapes, self._document.spec.network, now), "")
        else:
            self._ask(trained)

    def _ask(self, trained: Trained) -> None:
        """Find out which weights the layers of a trained model have."""

        def work(_job: Job) -> tuple[Trained, Shapes]:
            facts = self._asker.facts(trained.spec, trained.info)
            return trained, {
                name: fact.weights for name, fact in facts.items() if name not in trained.fresh
            }

        self._jobs.submit("engine", Job(_JOB, "", work, self._on_shapes, self._app_model.said.emit))

    def _on_shapes(self, answer: tuple[Trained, Shapes]) -> None:
        self._learned = answer
        if answer[0] is self._app_model.trained:
            self._show()

    def _tell(self, found: Kept | None, sentence: str) -> None:
        marks = dict.fromkeys(found.anew, False) if found else {}
        marks |= dict.fromkeys(found.sources, True) if found else {}
        self._canvas.show_kept(marks)
        known = found is not None and bool(marks)
        self._choice.show_sentence(
            transfer_text(found) if found is not None and known else sentence
        )
