"""The classes that the training form offers weights for."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.app_model import AppModel
from widgets.forms import TrainingForm


class ClassWeightsController(QObject):
    """Tells the form which classes the data has, and how many samples each, once that is known."""

    def __init__(
        self, app_model: AppModel, form: TrainingForm, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_model = app_model
        self._form = form
        app_model.info_changed.connect(self._show)
        app_model.data_changed.connect(self._show)

    def _show(self) -> None:
        info = self._app_model.info
        labels = info.labels if info is not None and info.n_classes else ()
        counts = info.class_counts if info is not None and labels else ()
        self._form.show_classes(labels, counts if len(counts) == len(labels) else ())
