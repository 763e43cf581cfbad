"""The last state of a run on disk: a ``.keras`` file that plain Keras opens, and what resuming needs beside it."""

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
    """What `engine.training.loop.session.train` calls to keep the model: one file, replaced whole each time.

    Parameters
    ----------
    path
        Of the file, ``runs/<id>/last.keras``. The folder of the run is made when it is first written, the folder
        around it is not: where it is gone, the project is gone.
    card
        Travels inside the file.
    parts
        Which samples the run learns from; written beside the file, before it. None: not known.
    """

    def __init__(self, path: Path, card: ModelCard, parts: SampleParts | None = None) -> None:
        self._path = path
        self._card = card
        self._parts = parts

    def __call__(self, model: keras.Model, moment: Moment) -> None:
        """Replace the file by the model as it is now; the moment travels inside it.

        Raises
        ------
        JobFailed
            If the disk refuses; the old file is untouched.
        """
        make_folder(self._path.parent)
        if self._parts is not None:
            self._parts.write(self._path.with_name(sample_parts.FILE_NAME))
            self._parts = None
        write_keras(model, self._card.but(moment=moment), self._path)

    def keep_state(self, point: ResumePoint) -> None:
        """Replace the state beside the file, ``resume.npz``, whole.

        Raises
        ------
        JobFailed
            If the disk refuses; the old state is untouched.
        """
        make_folder(self._path.parent)
        resume_point.write(self._path.with_name(resume_point.FILE_NAME), point)
