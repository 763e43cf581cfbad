"""The one door to TensorFlow: every use of the engine's heavy half goes through a function here.

Each function imports what it needs when it is called, always on a job's or the training thread (or headless),
never while the window is being made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.studio import EngineFacts, Trained
from engine.data.info import DataInfo, ImagePreparation
from engine.errors import BadInput
from engine.issues import LayerFacts
from engine.spec.data import DataSpec
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from engine.training.control import TrainingControl
from engine.training.events import RunId, TrainingEvent, WeightsSampled

if TYPE_CHECKING:
    from engine.build.shapes import ShapeCache
    from engine.data.loaded import LoadedData, Part
    from engine.data.preview import Preview
    from engine.evaluate.metrics import Evaluation
    from engine.export.formats import ExportReport

Progress = Callable[[str, int, int], None]
Pictures = npt.NDArray[np.float32]
SCREEN_SIDE_PX = 1024


def load_tensorflow() -> EngineFacts:
    """Import TensorFlow and Keras, prepare the devices; seconds on the first call."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras
    import tensorflow as tf

    from engine.training.executor import devices

    return EngineFacts(keras.__version__, tf.__version__, devices())


class Shapes:
    """Shapes and parameter counts of a network being edited; remembers what did not change."""

    def __init__(self) -> None:
        self._cache: ShapeCache | None = None

    def facts(self, spec: ProjectSpec, info: DataInfo) -> Mapping[str, LayerFacts]:
        """Return what Keras says of each layer; never fails for a wrong network."""
        from engine.build.shapes import ShapeCache

        if self._cache is None:
            self._cache = ShapeCache()
        return self._cache.facts(spec.network, info, spec.data.scaling)


def load_data(
    spec: DataSpec, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
) -> LoadedData:
    """Return the samples; BadInput in one sentence if they cannot be had."""
    from engine.data.loading import load

    return load(spec, progress, cancelled)


def preview_of(data: LoadedData) -> Preview:
    """Return what the Data page shows of a set."""
    from engine.data.preview import preview

    return preview(data)


def train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    run_folder: Path,
) -> None:
    """Train to the end on the calling thread; checkpoints go to ``run_folder/last.keras``."""
    from engine.training.checkpoint import CheckpointWriter
    from engine.training.session import train as train_session

    train_session(run, spec, data, emit, control, CheckpointWriter(run_folder, spec, data.info))


class Classifier:
    """A trained model ready to answer; builds the Keras model once per set of weights. For one thread."""

    def __init__(self) -> None:
        self._trained: Trained | None = None
        self._model: Any = None

    def model(self, trained: Trained) -> Any:
        """Return the Keras model with the trained weights."""
        from engine.training.session import trained_model

        if self._trained is not trained:
            same_network = (
                self._trained is not None
                and self._trained.spec.network == trained.spec.network
                and self._trained.info == trained.info
                and self._trained.run == trained.run
            )
            if same_network:  # a later snapshot of the same run: only the numbers differ
                self._model.set_weights(list(trained.weights))
            else:
                self._model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
            self._trained = trained
        return self._model

    def answers(self, trained: Trained, x: npt.NDArray[Any]) -> tuple[tuple[str, float], ...]:
        """Return (label, probability) of one sample, the most probable first; numbers for regression.

        Parameters
        ----------
        x
            (1, *input_shape), unscaled.
        """
        from engine.evaluate.prediction import predict, probabilities, top

        outputs = predict(self.model(trained), x)
        if trained.info.task == "regression":
            return tuple(zip(trained.info.labels, (float(v) for v in outputs[0].ravel()), strict=False))
        return top(probabilities(outputs, trained.info)[0], trained.info.labels)


def read_picture(source: Path | bytes, preparation: ImagePreparation) -> tuple[Pictures, npt.NDArray[np.uint8]]:
    """Return a picture as the network sees it, and a copy for the screen.

    Parameters
    ----------
    source
        A file, or the bytes of one (what the clipboard or the drawing pad gives, as PNG).

    Returns
    -------
    prepared
        (h, w, c) in the training pictures' value range.
    screen
        (h, w, 3) uint8, upright, at most `SCREEN_SIDE_PX` wide and high.
    """
    from engine.data.images import decode, decode_bytes, prepare

    image = decode(source) if isinstance(source, Path) else decode_bytes(source, "picture")
    prepared = prepare(image, preparation)
    copy = image.convert("RGB")
    copy.thumbnail((SCREEN_SIDE_PX, SCREEN_SIDE_PX))
    return prepared, np.asarray(copy)


def sample_weights(trained: Trained, layer_id: str, step: int) -> WeightsSampled | None:
    """Return the weights of a trained model's layer as the screen shows them; None if it has no such layer."""
    from engine.inspect.weights import layer_views
    from engine.training.session import trained_model

    if layer_id not in trained.spec.network.ids:
        return None
    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    kind = trained.spec.network.layer(layer_id).kind
    return WeightsSampled(trained.run, step, layer_id, kind, layer_views(model.get_layer(layer_id)))


def export_model(trained: Trained, format_id: str, path: Path, samples: npt.NDArray[Any], overwrite: bool) -> ExportReport:
    """Write a trained model, reload it in a fresh process, compare; report."""
    from engine.card import card_of
    from engine.export.formats import export
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    return export(model, card_of(trained.spec, trained.info), format_id, path, samples, overwrite=overwrite)


def evaluate(trained: Trained, part: Part) -> Evaluation:
    """Return the figures of a trained model on a part of the data."""
    from engine.evaluate.metrics import evaluate as evaluate_model
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    return evaluate_model(model, part, trained.info)


def weights_of_run(run_folder: Path, spec: ProjectSpec, info: DataInfo) -> tuple[tuple[Any, ...], Any]:
    """Return (weights, statistics) of a run's checkpoint; BadInput if it is missing or damaged.

    A project may come from a stranger, so its checkpoint is opened like any foreign model.
    """
    from engine.sandbox.opener import open_model, restore

    file = run_folder / "last.keras"
    if not file.is_file():
        raise BadInput("this project has no trained weights yet: train it first")
    model = restore(open_model(file))
    return tuple(model.get_weights()), None
