"""How an answer, and the model that gave it, are shown on the Classify page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from app.classify.answering import Answer, Weights
from engine.data.info import DataInfo
from widgets.classify import ClassifyPanel

if TYPE_CHECKING:
    import numpy.typing as npt

_MOST_STEPS = 200  # of a series typed in by hand


def show_answer(panel: ClassifyPanel, answer: Answer | None) -> None:
    """Show an answer, the picture it is of and what the network saw of it; None: there is none."""
    _show_results(panel, answer)
    if answer is None:
        panel.show_prepared(None)
        return
    info, reading = answer.weights.trained.info, answer.reading
    panel.show_message(answer.error)
    if reading.picture is not None:
        size = (reading.picture.width, reading.picture.height)
        panel.show_source(screen_image(reading.picture.screen), size, reading.picture.depth)
    elif answer.error:
        panel.show_source(None)
    value_range = info.image.value_range if info.image is not None else (0.0, 1.0)
    panel.show_prepared(reading.prepared if info.image is not None else None, value_range)


def _show_results(panel: ClassifyPanel, answer: Answer | None) -> None:
    if answer is None or answer.error:
        panel.show_result(())
        return
    info, results = answer.weights.trained.info, answer.results
    if info.answer_shape is not None:
        numbers = np.array([number for _name, number in results])
        panel.show_drawn(numbers.reshape(info.answer_shape))
    elif info.task == "regression":
        panel.show_numbers(results)
    else:
        is_cut = len(results) < info.n_classes
        note = f"The {len(results)} most probable of {info.n_classes:,} classes." if is_cut else ""
        panel.show_result(results, note)


def model_in_words(weights: Weights, is_answering: bool) -> str:
    """Return which model answers, and how far it is or how good."""
    words = weights.trained.origin.words
    if weights.step is not None:
        step = f", iteration {weights.step:,}" if is_answering else ""
        return f"{words}, as it is in training{step}"
    accuracy = weights.trained.figures.get("test_accuracy")
    return words if accuracy is None else f"{words}: test accuracy {accuracy:.2%}"


def value_names(info: DataInfo) -> tuple[str, ...]:
    """Return what the number fields are called; () where a sample is too long to be typed in."""
    if info.kind != "sequence":
        return info.feature_names
    steps = math.prod(info.input_shape)
    return tuple(f"step {step + 1}" for step in range(steps)) if steps <= _MOST_STEPS else ()


def screen_image(pixels: npt.NDArray[np.uint8]) -> QImage:
    """Return (h, w, 3) pixels as a picture that owns its memory."""
    height, width, _channels = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
