"""Which training takes what the forms set; which groups of the training form are open."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.app_model import AppModel
from app.settings import SettingsFile
from widgets.forms import LayerForm, TrainingForm


class NextTrainingController(QObject):
    """Tells the forms whether a run goes on, and keeps the training form's groups as the user left them."""

    def __init__(
        self, app_model: AppModel, settings_file: SettingsFile, training_form: TrainingForm,
        layer_form: LayerForm, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._app_model = app_model
        self._settings_file = settings_file
        self._forms = (training_form, layer_form)
        training_form.open_groups(settings_file.read().training_groups)
        training_form.groups_left_open.connect(self._on_groups)
        app_model.training_changed.connect(self._on_training)

    def _on_training(self) -> None:
        is_running = self._app_model.training in ("running", "paused")
        for form in self._forms:
            form.set_running(is_running)

    def _on_groups(self, names: tuple[str, ...]) -> None:
        self._settings_file.write(self._settings_file.read().but(training_groups=names))
