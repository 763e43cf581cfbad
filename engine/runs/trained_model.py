"""A trained model: asked, measured, looked into, written for others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine.errors import BadInput, JobFailed
from engine.machine.user_folder import home
from engine.models import signing
from engine.models.transfer import Learned
from engine.probes.generated import SAMPLER, noise_for
from engine.runs.trained import Trained
from engine.spec.training import TrainingSpec
from engine.training.procedures import procedure_of

if TYPE_CHECKING:
    from engine.data.loaded import LoadedData, Part, Statistics
    from engine.evaluate.held_out import HeldOut
    from engine.evaluate.metrics import Evaluation
    from engine.export.report import ExportReport
    from engine.models.card import ModelCard

_LOG = logging.getLogger(__name__)
MOST_ANSWERS = 20  # classes of a sample, the most probable ones
_COMPARED = 64  # samples; enough to meet every class of the built-in sets


def model_of(trained: Trained) -> Any:
    """Return the Keras model with the trained weights; built anew at each call."""
    from engine.training.loop.session import trained_model

    return trained_model(trained.spec, trained.info, trained.statistics, trained.weights)


def networks_of(trained: Trained) -> dict[str, Any]:
    """Return what probes look at, by name, as `Program.observed` names it while the model is trained."""
    model = model_of(trained)
    if trained.answers:
        return {"network": model}
    from engine.build.parts import network_of
    from engine.evaluate.generation import generator_of

    names = trained.spec.training.stage.networks
    roles = [role.id for role in procedure_of(trained.spec).roles]
    parts = {role: network_of(model, trained.spec, names.get(role, role)) for role in roles}
    return {SAMPLER: generator_of(model, trained.spec), **parts}


def learned(trained: Trained) -> Learned:
    """Return what each layer has learned; of layers that are new in the model, nothing."""
    from engine.training.loop import initial

    return initial.learned(model_of(trained), trained.spec.network).without(trained.fresh)


class Classifier:
    """A trained model ready to answer; builds the Keras model once per set of weights. For one thread."""

    def __init__(self) -> None:
        self._trained: Trained | None = None
        self._model: Any = None

    def model(self, trained: Trained) -> Any:
        """Return the Keras model with the trained weights."""
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
                self._model = model_of(trained)
            self._trained = trained
        return self._model

    def answers(
        self, trained: Trained, x: npt.NDArray[Any]
    ) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Return (label, probability) pairs of each sample, the most probable first; numbers for regression.

        Parameters
        ----------
        x
            (n, *input_shape), unscaled.
        """
        from engine.evaluate.prediction import classify, predict

        trained.refuse_questions()
        model = self.model(trained)
        if trained.info.task == "classification":
            return classify(model, x, trained.info, MOST_ANSWERS)
        labels = trained.info.labels
        rows = (map(float, row.ravel()) for row in predict(model, x))
        return tuple(tuple(zip(labels, row, strict=False)) for row in rows)


def export_model(
    trained: Trained,
    format_id: str,
    path: Path,
    data: LoadedData | None,
    overwrite: bool,
    cancelled: Callable[[], bool] = lambda: False,
) -> ExportReport:
    """Write a trained model, reload it in a fresh process, compare; report.

    Parameters
    ----------
    data
        Gives the samples that both are asked, if it is like what the model learned; else they are made up.
    cancelled
        Asked on the way; Cancelled is raised, and nothing was written, if it says so.
    """
    from engine.export.formats import export
    from engine.models.card import card_of

    model: Any = model_of(trained)
    samples: Any
    if trained.answers:
        card = card_of(trained.spec, trained.info, trained.statistics, trained.data_key)
        samples = _compared(trained, data)
    else:
        model, card, samples = _generator(trained, model)
    unsealed: list[str] = []
    report = export(
        model, card, format_id, path, samples,
        overwrite=overwrite, key=partial(_own_key, unsealed), cancelled=cancelled,
    )  # fmt: skip
    return replace(report, remark=unsealed[0]) if unsealed else report


def generate(trained: Trained, count: int, seed: int) -> npt.NDArray[np.float32]:
    """Return (count, ...) samples that a trained generator makes; BadInput if the project has none."""
    from engine.evaluate.generation import generated, generator_of

    return generated(generator_of(model_of(trained), trained.spec), count, seed)


def _generator(trained: Trained, model: Any) -> tuple[Any, ModelCard, list[npt.NDArray[Any]]]:
    """Return the generator of a trained model as a model of its own, its card, and noise to compare with."""
    from engine.data.info import DataInfo
    from engine.evaluate.generation import generator_of
    from engine.models.card import card_of

    generator = generator_of(model, trained.spec)
    role = procedure_of(trained.spec).generator
    name = trained.spec.training.stage.networks.get(role.id, role.id) if role else ""
    alone = trained.spec.but(
        network=trained.spec.named_network(name), networks=(), training=TrainingSpec()
    )
    info = trained.info
    numbers = int(np.prod(info.input_shape))
    labels = info.feature_names or tuple(f"number {place}" for place in range(1, numbers + 1))
    noise = tuple(generator.inputs[0].shape[1:])
    taken = DataInfo.single(
        "noise", "Noise", "number", "regression", noise, labels, n_targets=numbers
    )
    return (
        generator,
        card_of(alone, taken, None, trained.data_key),
        noise_for(generator, _COMPARED, 0),
    )


def _compared(trained: Trained, data: LoadedData | None) -> npt.NDArray[Any]:
    """Return the samples that model and file are asked."""
    from engine.data.stand_ins import stand_ins

    info = trained.info
    if (
        data is not None
        and data.info.input_shape == info.input_shape
        and data.info.kind == info.kind
    ):
        return np.asarray((data.test if len(data.test) else data.training).x[:_COMPARED])
    return stand_ins(info, trained.statistics, _COMPARED)


def held_out(trained: Trained, project: Path, data: LoadedData) -> HeldOut:
    """Return the samples that a run kept apart for its test, as far as ``data`` still holds them.

    Raises
    ------
    BadInput
        If the data is no longer what the run learned, so that no sample can be known to be one it has not seen.
    """
    from engine.data.sample_parts import FILE_NAME, read_parts
    from engine.evaluate.held_out import HeldOut, refuse_other_kind
    from engine.evaluate.held_out import held_out as found
    from engine.runs.resuming import folder_of

    parts = read_parts(folder_of(project, trained.run) / FILE_NAME)
    if parts is not None and trained.data_key not in ("", parts.key):
        raise BadInput("the weights are not of this run's samples: train again to measure them")
    if parts is not None:
        return found(parts, trained.info, data)
    refuse_other_kind(trained.info, data.info)
    is_changed = not trained.opened and (
        data.info.labels != trained.info.labels
        or data.info.value_range != trained.info.value_range
        or not _equal(data.statistics, trained.statistics)
    )
    if is_changed:
        raise BadInput("the data changed since the run: train again to measure it")
    return HeldOut(data.test)


def _equal(now: Statistics, then: Statistics | None) -> bool:
    """Compare as far as a checkpoint of 0.1 holds the numbers: in 32 bits."""
    return then is None or all(
        np.allclose(getattr(now, name), getattr(then, name), rtol=1e-5, atol=0.0)
        for name in ("mean", "variance")
    )


def _own_key(unsealed: list[str]) -> bytes | None:
    """Return the user's key; None where it cannot be kept, and why in ``unsealed``."""
    try:
        return signing.user_key(home())
    except JobFailed as error:
        _LOG.warning("the export is not sealed: %s", error)
        unsealed.append(f"Netsmith will not open it again, only TensorFlow will: {error}")
        return None


def evaluate(trained: Trained, part: Part) -> Evaluation:
    """Return the figures of a trained model on a part of the data; BadInput if it gives no answers."""
    trained.refuse_questions()
    from engine.build.model import compile_model
    from engine.evaluate.metrics import evaluate as evaluate_model

    model = model_of(trained)
    compile_model(model, trained.spec, trained.info)
    return evaluate_model(model, part, trained.info)
