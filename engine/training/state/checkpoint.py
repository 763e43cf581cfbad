"""Write a run's checkpoint: a ``.keras`` file that plain Keras opens, and the state for resuming."""

from __future__ import annotations

from pathlib import Path

import keras

from engine.data import sample_parts
from engine.data.sample_parts import SampleParts
from engine.export.formats import write_keras
from engine.models.card import ModelCard, Moment
from engine.storage import make_folder
from engine.training.state import resume_point
from engine.training.state.resume_point import ResumePoint


class Checkpoint:
    """Writes the model for `engine.training.loop.session.train` to one file, atomically.

    Parameters
    ----------
    path
        The file, ``runs/<id>/last.keras``. The run's folder is created by the first write, but not its parent: if
        that is gone, the project is gone.
    card
        Stored inside the file.
    parts
        The samples of the run; written beside the file, before it. None if unknown.
    """

    def __init__(self, path: Path, card: ModelCard, parts: SampleParts | None = None) -> None:
        self._path = path
        self._card = card
        self._parts = parts

    def __call__(self, model: keras.Model, moment: Moment) -> None:
        """Write the current model with its moment.

        Raises
        ------
        JobFailed
            If writing fails; the old file is unchanged.
        """
        make_folder(self._path.parent)
        if self._parts is not None:
            self._parts.write(self._path.with_name(sample_parts.FILE_NAME))
            self._parts = None
        write_keras(model, self._card.but(moment=moment), self._path)

    def keep_state(self, point: ResumePoint) -> None:
        """Write the state beside the file, ``resume.npz``, atomically.

        Raises
        ------
        JobFailed
            If writing fails; the old state is unchanged.
        """
        make_folder(self._path.parent)
        resume_point.write(self._path.with_name(resume_point.FILE_NAME), point)
