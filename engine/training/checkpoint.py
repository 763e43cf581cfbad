"""The last state of a run on disk: a ``.keras`` file that plain Keras opens, and what resuming needs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras

from engine.card import ModelCard
from engine.data import sample_parts
from engine.data.sample_parts import SampleParts
from engine.errors import JobFailed, quoted
from engine.export.formats import write_keras
from engine.training import state
from engine.training.state import ResumePoint


class Checkpoint:
    """What `engine.training.session.train` calls to keep the model: one file, replaced whole each time.

    Parameters
    ----------
    path
        Of the file, ``runs/<id>/last.keras``; its folders are made when it is first written.
    card
        Travels inside the file.
    parts
        Which samples the run learns from; written beside the file, before it. None: not known.
    """

    def __init__(self, path: Path, card: ModelCard, parts: SampleParts | None = None) -> None:
        self._path = path
        self._card = card
        self._parts = parts

    def __call__(self, model: keras.Model, epoch: int, figures: Mapping[str, float]) -> None:
        """Replace the file by the model as it is now; the run store keeps epoch and figures.

        Raises
        ------
        JobFailed
            If the disk refuses; the old file is untouched.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            name = quoted(self._path.parent.name)
            raise JobFailed(
                f'The folder "{name}" was not made: save the project elsewhere'
            ) from error
        if self._parts is not None:
            self._parts.write(self._path.with_name(sample_parts.FILE_NAME))
            self._parts = None
        write_keras(model, self._card, self._path)

    def keep_state(self, point: ResumePoint) -> None:
        """Replace the state beside the file, ``resume.npz``, whole.

        Raises
        ------
        JobFailed
            If the disk refuses; the old state is untouched.
        """
        state.write(self._path.with_name(state.FILE_NAME), point)
