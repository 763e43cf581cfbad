"""The Classify page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QHideEvent,
    QImage,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from widgets.base.labels import plain_label, set_tone
from widgets.base.local_files import local_files
from widgets.base.theme import LIGHT, Tokens
from widgets.classify.drawing_pad import Background
from widgets.classify.features_form import FeaturesForm
from widgets.classify.picture_input import PictureInput
from widgets.classify.picture_view import PictureView, prepared_caption, prepared_image
from widgets.classify.probability_bars import ProbabilityBars
from widgets.forms.scroll import VerticalScroll

NO_MODEL = "Train a network first; then try it here."
_INPUT_STRETCH, _TABLE_STRETCH = 3, 5
_RING_ROOM_PX = 8  # between the ring of the focus and a sentence
_NO_ANSWER = "The answer appears here."
_NO_ANSWERS = (
    "These networks make samples and give no answers: see the Generated panel of the Studio page."
)
_NO_FORM = "This network reads {kind}; only pictures and numbers can be entered here."


class ClassifyPanel(QWidget):
    """Puts pictures, drawings or typed numbers to the trained network and shows its answer.

    Signals
    -------
    open_requested(), paste_requested()
        The user wants to choose a file, or what is on the clipboard.
    files_dropped(tuple[str, ...])
        Paths of local files dropped on the page.
    drawing_changed(), drawn(QImage), cleared()
        A stroke began or was undone; the drawing is ready; the pad is empty again.
    features_requested(tuple[float, ...]), features_changed()
        Values of one sample of a table, in the order of its features, are to be predicted from; one was changed.
    visibility_changed()
        The page is seen, or is not.
    """

    open_requested = Signal()
    paste_requested = Signal()
    files_dropped = Signal(object)
    drawn = Signal(object)
    cleared = Signal()
    drawing_changed = Signal()
    features_requested = Signal(object)
    features_changed = Signal()
    visibility_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page.classify")
        self.setAcceptDrops(True)
        self._is_ready = False
        self._has_answers = True
        self.pictures = PictureInput()
        self.pad = self.pictures.pad
        self.table = self.pictures.table
        self.features = FeaturesForm()
        self.bars = ProbabilityBars()
        self._no_form = plain_label(wrap=True, tone="muted")
        self._source = PictureView("The picture as given", is_smooth=True)
        self._source.setObjectName("classify.source")
        self._prepared = PictureView("What the network sees", is_smooth=False)
        self._prepared.setObjectName("classify.prepared")
        self._drawn = PictureView("What the network draws", is_smooth=False)
        self._drawn.setObjectName("classify.drawn")
        self._model = plain_label(wrap=True, name="classify.model")
        self._note = plain_label(wrap=True, tone="muted", name="classify.note")
        self._message = plain_label(wrap=True, tone="bad", name="classify.message")
        self._age = plain_label(wrap=True, tone="muted", name="classify.age")
        self._inputs = QStackedWidget()
        self._views = QWidget()
        self._build()
        self._connect()
        self.set_theme(LIGHT)
        self.set_model("", ready=False)

    # ---- What is shown ----

    def show_inputs(self, kind: str, feature_names: Sequence[str] = ()) -> None:
        """Offer what the network reads: a picture, or a number for each feature."""
        pages = {"picture": self.pictures, "number": self.features, "point": self.features}
        page = pages.get(kind, self._no_form)
        self._no_form.setText(_NO_FORM.format(kind=kind))
        if kind == "sequence" and feature_names:
            page = self.features
        if page is self.features:
            self.features.show_names(feature_names)
        self._show_page(page, has_answers=True)

    def show_no_answers(self) -> None:
        """Say that there is nothing to ask: the networks make samples."""
        self._no_form.setText(_NO_ANSWERS)
        self._show_page(self._no_form, has_answers=False)

    def _show_page(self, page: QWidget, *, has_answers: bool) -> None:
        self._has_answers = has_answers
        self._inputs.setCurrentWidget(page)
        self._views.setVisible(page is self.pictures)
        self._spacer.setVisible(page is not self.pictures)
        self._note.setVisible(has_answers and self._message.isHidden())

    def show_values(self, values: Sequence[float]) -> None:
        """Fill in the values of one sample; asks for no answer."""
        self.features.show_values(values)

    def show_source(
        self, image: QImage | None, size: tuple[int, int] | None = None, depth: str = ""
    ) -> None:
        """Show the picture as it was given; None: none.

        Parameters
        ----------
        size
            Its own width and height in pixels.
        depth
            What else is to be said of it, ``12-bit grey``.
        """
        if image is None:
            self._source.show_picture(None)
            return
        width, height = size or (image.width(), image.height())
        told = f", {depth}" if depth else ""
        self._source.show_picture(image, f"{width:,} × {height:,} pixels{told}")

    def show_table(self, on: bool) -> None:
        """Show the table of several pictures in the place of the drawing pad, or the pad."""
        self.pictures.show_table(on)
        self._row.setStretch(0, _TABLE_STRETCH if on else _INPUT_STRETCH)

    def set_old(self, on: bool, words: str = "") -> None:
        """Show the answer in grey, since it is not of what is shown now, and say why."""
        for part in (self.bars, self._prepared, self._drawn):
            part.set_old(on)
        self._age.setText(words)
        self._age.setVisible(bool(words))

    def show_prepared(
        self,
        array: npt.NDArray[Any] | None,
        value_range: tuple[float, float] = (0.0, 255.0),
    ) -> None:
        """Show the (h, w, c) array that goes into the network; None: none."""
        if array is None:
            self._prepared.show_picture(None)
        else:
            self._prepared.show_picture(
                prepared_image(array, value_range), prepared_caption(array, value_range)
            )

    def show_result(self, result: Sequence[tuple[str, float]], note: str = "") -> None:
        """Show (label, probability from 0 to 1) pairs, the most probable first, and a note."""
        self.bars.show_result(result)
        self._show_note(note, bool(result))
        self._drawn.setVisible(False)

    def show_numbers(self, numbers: Sequence[tuple[str, float]], note: str = "") -> None:
        """Show the (name, value) pairs that a regression predicts, and a note."""
        self.bars.show_numbers(numbers)
        self._show_note(note, bool(numbers))
        self._drawn.setVisible(False)

    def show_drawn(self, picture: npt.NDArray[Any], note: str = "") -> None:
        """Show the (h, w, c) picture that the network answers with, 0 black to 1 white, and a note."""
        black, white = min(0.0, float(picture.min())), max(1.0, float(picture.max()))
        reach = (round(black, 2), round(white, 2))
        self._drawn.show_picture(prepared_image(picture, reach), prepared_caption(picture, reach))
        self.bars.setVisible(False)
        self._note.setText(note)
        self._drawn.setVisible(True)

    def show_message(self, text: str) -> None:
        """Say in one sentence what went wrong; "": nothing did."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._note.setVisible(self._has_answers and not text)

    def set_model(self, text: str, ready: bool) -> None:
        """Name the model that answers, with its accuracy; not ready: say what is missing."""
        self._is_ready = ready
        self._model.setText(text or ("" if ready else NO_MODEL))
        set_tone(self._model, "text" if ready else "muted")
        self._inputs.setEnabled(ready)
        self._inputs.setToolTip("" if ready else NO_MODEL)

    def set_drawing_hint(self, text: str) -> None:
        """Say on the empty pad what to draw."""
        self.pad.set_hint(text)

    def set_drawing_background(self, background: Background) -> None:
        """Draw light on dark or dark on light, as the training pictures are."""
        self.pad.set_background(background)

    def set_theme(self, tokens: Tokens) -> None:
        """Use the colours of a theme."""
        for part in (self.pictures, self._source, self._prepared, self._drawn, self.bars):
            part.set_theme(tokens)

    # ---- Inside ----

    def _build(self) -> None:
        for page in (self.pictures, self.features, self._no_form):
            self._inputs.addWidget(page)
        self._inputs.setMinimumWidth(240)
        self._no_form.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._no_form.setMargin(_RING_ROOM_PX)
        views = QVBoxLayout(self._views)
        views.setContentsMargins(0, 0, 0, 0)
        views.addWidget(self._source, 1)
        views.addWidget(self._prepared, 1)
        self._spacer = QWidget()
        self._spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._spacer.setVisible(False)
        answer = VerticalScroll(0, 8)
        answer.setMinimumWidth(240)
        column = answer.column
        column.addWidget(plain_label("Answer", strong=True))
        for widget in (self._model, self._age, self._message, self.bars, self._note):
            column.addWidget(widget)
        column.addWidget(self._drawn, 1)
        column.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 12, 12, 12)
        self._row.setSpacing(16)
        self._row.addWidget(self._inputs, _INPUT_STRETCH)
        self._row.addWidget(self._views, 3)
        self._row.addWidget(answer, 4)
        self._row.addWidget(self._spacer, 3)
        self._message.setVisible(False)
        self._drawn.setVisible(False)
        self._age.setVisible(False)
        self._show_note("", False)

    def _connect(self) -> None:
        self.pictures.open_requested.connect(self.open_requested)
        self.pictures.paste_requested.connect(self.paste_requested)
        self.pad.drawn.connect(self.drawn)
        self.pad.changing.connect(self.drawing_changed)
        self.pad.cleared.connect(self.cleared)
        self.features.features_requested.connect(self.features_requested)
        self.features.changed.connect(self.features_changed)

    def _show_note(self, note: str, has_answer: bool) -> None:
        self.bars.setVisible(has_answer)
        self._note.setText(note or ("" if has_answer else _NO_ANSWER))

    # ---- Qt overrides ----

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that the page is seen."""
        super().showEvent(event)
        self.visibility_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the page is not seen."""
        super().hideEvent(event)
        self.visibility_changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept local files for a network that reads pictures."""
        takes = self._is_ready and self._inputs.currentWidget() is self.pictures
        if takes and local_files(event.mimeData()):
            event.acceptProposedAction()
            self.pictures.drop_zone.set_lit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget what hovered."""
        self.pictures.drop_zone.set_lit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self.pictures.drop_zone.set_lit(False)
        event.acceptProposedAction()
        self.files_dropped.emit(local_files(event.mimeData()))
