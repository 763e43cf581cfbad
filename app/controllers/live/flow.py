"""A sample of the user's data flowing through the blocks, and what a unit sees of it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer

from app import heavy
from app.app_model import AppModel
from app.document import Document
from app.jobs import Job, JobRunner
from app.settings import SettingsFile
from engine.data.preview import as_picture, caption
from engine.errors import Cancelled
from engine.probes.activation_picture import activation_picture
from engine.spec.project import ProjectSpec
from widgets.canvas import NetworkCanvas
from widgets.sample import SamplePanel

_JOB: Final = "flow"
_SOON_MS: Final = 120  # an edit is followed by others, a pan by more panning
_SELECT: Final = "Select a convolution or pooling block to see what one of its units sees."

Pictures: TypeAlias = dict[str, npt.NDArray[Any]]


class FlowController(QObject):
    """Asks for the outputs of the blocks in sight and shows them; gives way to a training."""

    def __init__(
        self, document: Document, app_model: AppModel, jobs: JobRunner, settings_file: SettingsFile,
        canvas: NetworkCanvas, panel: SamplePanel, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._document = document
        self._app_model = app_model
        self._jobs = jobs
        self._settings_file = settings_file
        self._canvas = canvas
        self._panel = panel
        self._flow = heavy.SampleFlow()
        self._number = 0
        self._shown: frozenset[str] = frozenset()  # blocks whose picture is true
        self._place = (0.5, 0.5)  # of the unit: down and right, as shares
        self.is_on = settings_file.read().shows_flow
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._ask)
        for signal in (
            app_model.checked,
            app_model.trained_changed,
            app_model.training_changed,
            app_model.engine_changed,
        ):
            signal.connect(self._renew)
        app_model.data_changed.connect(self._on_data)
        app_model.selection_changed.connect(self._show_field)
        app_model.checked.connect(self._show_field)
        canvas.view_changed.connect(self._on_view)
        panel.seen.connect(self._show_sample)
        panel.view.place_chosen.connect(self._on_place)
        panel.view.step_requested.connect(self._on_step)

    # ---- What the user does ----

    def toggle(self) -> None:
        """Show what the blocks give, or no longer."""
        self.is_on = not self.is_on
        self._settings_file.write(self._settings_file.read().but(shows_flow=self.is_on))
        self._renew()

    def go(self, step: int) -> None:
        """Take the sample so many further in the training part; after the last comes the first."""
        data = self._app_model.data
        if data is not None and len(data.training):
            self._number = (self._number + step) % len(data.training)
            self._show_sample()
            self._renew()

    def _on_place(self, down: float, right: float) -> None:
        self._place = (down, right)
        self._show_field()

    def _on_step(self, down: int, right: int) -> None:
        places = self._places
        if places:
            sizes = places if len(places) == 2 else (1, *places)
            unit = self._unit(places)
            unit = unit if len(unit) == 2 else (0, *unit)
            moved = zip(unit, (down, right), sizes, strict=True)
            shares = [(min(max(at + by, 0), size - 1) + 0.5) / size for at, by, size in moved]
            self._on_place(shares[0], shares[1])

    # ---- The blocks ----

    @property
    def _may_flow(self) -> bool:
        app_model = self._app_model
        is_ready = (
            app_model.engine is not None and app_model.data is not None and bool(app_model.facts)
        )
        return self.is_on and not app_model.training and is_ready

    def _on_data(self) -> None:
        self._number = 0
        self._show_sample()
        self._renew()

    def _renew(self) -> None:
        """What the blocks show is no longer true."""
        self._shown = frozenset()
        if self._may_flow:
            self._soon.start()
        else:
            self._soon.stop()
            self._jobs.cancel(_JOB)
            self._show({}, self._document.spec.network.ids)

    def _on_view(self) -> None:
        if self._may_flow:
            self._soon.start()

    def _ask(self) -> None:
        data = self._app_model.data
        if not self._may_flow or data is None or not self._canvas.isVisible():
            return
        wanted = self._canvas.visible_ids()
        if self._shown.issuperset(wanted):
            return
        spec, number = self._document.spec, self._number % max(1, len(data.training))
        asked = partial(
            self._flow.pictures,
            spec,
            self._app_model.facts,
            data,
            number,
            wanted,
            self._app_model.trained,
        )
        job = Job(
            _JOB,
            "",
            lambda job: _unless_cancelled(asked, job),
            lambda pictures: self._on_pictures(spec, pictures, wanted),
            self._app_model.said.emit,
        )
        # Not the lane that checks shapes: an edit is looked through while a sample still flows.
        self._jobs.submit("trial", job)

    def _on_pictures(self, spec: ProjectSpec, pictures: Pictures, wanted: tuple[str, ...]) -> None:
        if spec.network == self._document.spec.network:
            self._shown |= frozenset(wanted)
            self._show(pictures, wanted)

    def _show(self, pictures: Pictures, layer_ids: tuple[str, ...]) -> None:
        for layer_id in layer_ids:
            self._canvas.show_output(layer_id, pictures.get(layer_id))

    # ---- The sample ----

    def _show_sample(self) -> None:
        data = self._app_model.data
        if not self._panel.isVisible():
            return
        if data is None or not len(data.training):
            self._panel.show_sample(None, "The data is not loaded yet.")
            self._panel.show_field(None, "")
            return
        x, info = data.training.x[self._number], data.info
        answer = caption(data.training.y[self._number], info)
        words = f"Training sample {self._number + 1:,} of {len(data.training):,}: {answer}"
        values = as_picture(x, info) if info.kind == "picture" else activation_picture(x)
        self._panel.show_sample(values, words)
        self._show_field()

    @property
    def _selected(self) -> str:
        chosen = self._app_model.selection
        return chosen[0] if len(chosen) == 1 else ""

    @property
    def _places(self) -> tuple[int, ...]:
        """Rows and columns (or time steps) of the selected layer's output, () if it has none."""
        fact = self._app_model.facts.get(self._selected)
        shape = fact.output_shape if fact is not None else None
        if shape is None or None in shape or not 2 <= len(shape) <= 3:
            return ()
        return tuple(size or 0 for size in shape[:-1])

    def _unit(self, places: tuple[int, ...]) -> tuple[int, ...]:
        shares = self._place if len(places) == 2 else self._place[1:]
        return tuple(
            min(int(share * size), size - 1) for share, size in zip(shares, places, strict=True)
        )

    def _show_field(self) -> None:
        if not self._panel.isVisible() or self._app_model.data is None:
            return
        places = self._places
        mask = None
        if places:
            network = self._document.spec.network
            unit = self._unit(places)
            mask = heavy.receptive_field(network, self._app_model.facts, self._selected, unit)
        if mask is None:
            self._panel.show_field(None, self._no_field_words())
        else:
            self._panel.show_field(
                _as_drawn(mask), field_text(self._selected, self._unit(places), mask)
            )

    def _no_field_words(self) -> str:
        fact = self._app_model.facts.get(self._selected)
        if fact is None or fact.output_shape is None:
            return _SELECT
        return f"{self._selected} has no places: each of its units sees the whole sample."


def field_text(layer_id: str, unit: tuple[int, ...], mask: npt.NDArray[np.bool_]) -> str:
    """Return what a unit sees in words, its place counted from 1."""
    where = ", ".join(str(at + 1) for at in unit)
    seen = np.argwhere(mask)
    if not len(seen):
        return f"Unit {where} of {layer_id} sees nothing but padding."
    spans = " × ".join(f"{size:,}" for size in seen.max(axis=0) - seen.min(axis=0) + 1)
    whole = " × ".join(f"{size:,}" for size in mask.shape)
    holes = "" if len(seen) == np.prod(np.ptp(seen, axis=0) + 1) else ", with gaps"
    return f"Unit {where} of {layer_id} sees {spans} of {whole} places{holes}."


def _as_drawn(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the mask as the sample is drawn: time runs from left to right."""
    return mask[np.newaxis] if mask.ndim == 1 else mask


def _unless_cancelled(asked: partial[Pictures], job: Job) -> Pictures:
    """Return the pictures; of a job that is no longer wanted nothing is asked."""
    try:
        return asked(lambda: job.cancelled)
    except Cancelled:
        return {}
