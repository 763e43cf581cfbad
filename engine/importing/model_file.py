"""Model files made anywhere, asked without a project; nothing in them is executed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.data.info import DataInfo
from engine.errors import BadInput, quoted
from engine.machine.user_folder import home
from engine.models import signing
from engine.training.loop.tensorflow_start import load_tensorflow

if TYPE_CHECKING:
    from engine.importing.opened import ModelSummary
    from engine.importing.opened import OpenedModel as SafelyOpened


def open_file(file: Path) -> SafelyOpened:
    """Open a model file made anywhere, or a SavedModel folder that this user exported.

    Raises
    ------
    BadInput
        If it is refused.
    """
    from engine.importing.opener import open_model
    from engine.importing.safe import saved_model

    key = signing.known_key(home())
    if key is not None and saved_model.folder_of(file) is not None:
        load_tensorflow()  # which reads the numbers
    return open_model(file, key)


class OpenedModel:
    """A model file made anywhere, opened safely and ready to answer."""

    def __init__(self, file: Path) -> None:
        self._opened = open_file(file)
        self._card = self._opened.card

    @cached_property
    def _model(self) -> Any:
        """The Keras model; built when the first answer is wanted, since most refusals need no TensorFlow."""
        from engine.importing.opener import restore as restore_model

        load_tensorflow()
        return restore_model(self._opened)

    def classify(self, picture: Path, count: int) -> tuple[tuple[tuple[str, float], ...], str]:
        """Return the ``count`` most probable (label, probability) of a picture file, and how it was read.

        The second is "" unless there is something to be said, as in ``"12-bit grey"``.
        """
        from engine.data.images import decode, depth_text, seen
        from engine.importing.summary import check_samples

        decode(picture)  # what is no picture is refused before TensorFlow is loaded
        info = (
            self._card.info if self._card is not None else _guessed_info(self._opened, self._model)
        )
        if info.image is None:
            raise BadInput("this network takes no pictures: use predict with arrays")
        if info.task != "classification":
            raise BadInput("this network predicts numbers, not classes: use predict with arrays")
        image, picture_seen = seen(picture, info.image)
        prepared = picture_seen[np.newaxis]
        scores = self._card.from_logits if self._card is not None else None
        model = self._model  # loads TensorFlow without its chatter, so before what imports it
        check_samples(self._opened, [prepared.shape[1:]])
        from engine.evaluate.prediction import classify

        answers = classify(model, prepared, info, count, from_logits=scores)[0]
        return answers, depth_text(image)

    def predict(self, inputs: Path, out: Path) -> dict[str, npt.NDArray[Any]]:
        """Send ``x0, x1 ...`` of an .npz file through the network; write and return ``y0, y1 ...``."""
        from engine.data.npz import read_npz
        from engine.evaluate.asked import as_taken, words_taken
        from engine.importing.summary import check_samples
        from engine.storage import write_with

        _refuse_target(out, inputs)
        given = read_npz(inputs)
        names = [f"x{number}" for number in range(len(self._opened.inputs))]
        if sorted(given) != names:
            raise BadInput(
                f'"{quoted(inputs.name)}" must hold exactly {quoted(", ".join(names))}: save it with numpy.savez'
            )
        for name, tensor in zip(names, self._model.inputs, strict=True):
            _refuse_other_shape(name, given[name], tuple(tensor.shape[1:]))
        if len({len(given[name]) for name in names}) > 1:
            raise BadInput(f'"{quoted(inputs.name)}" must hold as many samples for each input')
        check_samples(self._opened, [given[name].shape[1:] for name in names])
        arrays = [
            as_taken(
                given[name],
                name,
                tensor.dtype,
                inputs.name,
                words=words_taken(self._opened.network, place),
            )
            for name, tensor, place in zip(
                names, self._model.inputs, self._opened.inputs, strict=True
            )
        ]
        outputs = _answers(self._model, arrays)
        found = {f"y{number}": output for number, output in enumerate(outputs)}

        def write(path: Path) -> None:
            with path.open("wb") as stream:  # given a name, NumPy would add a suffix
                np.savez(stream, **found)  # type: ignore[arg-type] # its stub takes any name for allow_pickle

        write_with(out.absolute(), write)
        return found

    @property
    def input_shapes(self) -> dict[str, list[int | None]]:
        """Shape of one sample of each input."""
        return {
            f"x{number}": list(tensor.shape[1:]) for number, tensor in enumerate(self._model.inputs)
        }


def answer_notes(outputs: Mapping[str, npt.NDArray[Any]]) -> tuple[str, ...]:
    """Return which answers of `OpenedModel.predict` are no numbers, one sentence for each output that has some."""
    from engine.evaluate import asked

    return asked.answer_notes(outputs)


def _answers(model: Any, arrays: list[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """Return what a model answers to its inputs, (samples, ...) each; at least one sample.

    `Model.predict` would take 64 bits for 32, whatever the model's inputs are.
    """
    from engine.evaluate.prediction import BATCH_SIZE

    batches = []
    for start in range(0, len(arrays[0]), BATCH_SIZE):
        batch = [array[start : start + BATCH_SIZE] for array in arrays]
        answers = model.predict_on_batch(batch if len(batch) > 1 else batch[0])
        batches.append(answers if isinstance(answers, (list, tuple)) else [answers])
    return [np.concatenate(parts) for parts in zip(*batches, strict=True)]


def _refuse_target(out: Path, inputs: Path) -> None:
    """Refuse a place for answers that cannot be written, before any work is done."""
    name = quoted(out.name, 60)
    if not os.path.isdir(out.absolute().parent):
        raise BadInput(f'the folder of "{name}" does not exist: make it first')
    if os.path.isdir(out):
        raise BadInput(f'"{name}" is a folder: name a file in it')
    if os.path.exists(out) and os.path.exists(inputs) and os.path.samefile(out, inputs):
        raise BadInput(f'"{name}" holds the inputs: write the answers to another file')


def _refuse_other_shape(name: str, array: npt.NDArray[Any], taken: tuple[int | None, ...]) -> None:
    given = array.shape[1:]
    fits = len(given) == len(taken) and all(
        t in (None, g) for g, t in zip(given, taken, strict=True)
    )
    if fits and not len(array):
        raise BadInput(f'"{name}" holds no samples: send at least one')
    if array.ndim == 0 or not fits:
        raise BadInput(
            f'"{name}" has the shape {array.shape}: the network takes (samples, {str(taken)[1:]}'
        )


def _guessed_info(opened: SafelyOpened, model: Any) -> DataInfo:
    """Return what a picture model without a card seems to take: its shapes tell, and whether it rescales."""
    from engine.importing.adoption import guessed_info

    found = guessed_info(opened.network, tuple(model.outputs[0].shape[1:]))
    if found is None:
        raise BadInput("this model does not say how it takes pictures: use predict with arrays")
    return found


def inspect_model(file: Path) -> ModelSummary:
    """Return the layers of a model made anywhere; nothing in the file is executed.

    TensorFlow is loaded only for layers that no rule of `engine.estimate` tells.
    """
    from engine.importing.summary import summarize, summarize_by_rules

    opened = open_file(file)
    found = summarize_by_rules(opened)
    if found is None:
        load_tensorflow()
        found = summarize(opened)
    return found
