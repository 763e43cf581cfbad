"""The one door to TensorFlow: every use of the engine's heavy half goes through a function here.

Each function imports what it needs when it is called, always on a job's or the training thread (or headless),
never while the window is being made.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.project_folder import home
from app.studio import EngineFacts, Trained
from engine.data.info import DataInfo, ImagePreparation
from engine.data.preview import as_picture
from engine.errors import BadInput, NetsmithError, quoted
from engine.issues import LayerFacts
from engine.meters import GpuMemory, free_gpu_bytes
from engine.spec.data import DataSpec
from engine.spec.network import NetworkSpec
from engine.spec.project import ProjectSpec
from engine.training.control import TrainingControl
from engine.training.events import RunEnded, RunId, TrainingEvent, WeightsSampled, new_run_id
from engine.weights_kept import Kept, Learned, in_words

if TYPE_CHECKING:
    from engine.build.costs import NetworkCosts as NetworkCosts
    from engine.build.shapes import ShapeCache
    from engine.data.loaded import LoadedData, Part, Statistics
    from engine.data.preview import Preview
    from engine.evaluate.metrics import Evaluation
    from engine.export.report import ExportReport
    from engine.runs.resuming import Resumable
    from engine.runs.store import EpochRecord, RunRecord
    from engine.sandbox.opener import OpenedModel as SafelyOpened
    from engine.sandbox.rebuild import ModelSummary
    from engine.training.epoch_time import EpochTime as EpochTime
    from engine.training.rate_range import RangeResult

Progress = Callable[[str, int, int], None]
Pictures = npt.NDArray[np.float32]
SCREEN_SIDE_PX = 1024
_MEASUREMENTS = "measurements"  # folder in the user's, of what was measured on this computer
_LOG = logging.getLogger(__name__)


def load_tensorflow() -> EngineFacts:
    """Import TensorFlow and Keras, prepare the devices; seconds on the first call."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    is_new = "tensorflow" not in sys.modules
    with _without_native_chatter():
        import keras
        import tensorflow as tf

        from engine.training.executor import devices

        tf.get_logger().setLevel(logging.ERROR)  # it warns of each new network: "retracing"
        known = devices()
        if is_new:
            # Millions of objects that live as long as the program: to look through them for garbage, again and
            # again, held Python's lock for 0.2 s each time.
            gc.freeze()
        gpu_bytes = free_gpu_bytes() if len(known) > 1 else ()
        return EngineFacts(keras.__version__, tf.__version__, known, gpu_bytes)


@contextlib.contextmanager
def _without_native_chatter() -> Iterator[None]:
    """Drop what TensorFlow's native code prints while it loads: no setting silences its first lines."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


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
    project: Path,
    initial: Trained | None = None,
) -> None:
    """Train to the end on the calling thread, keeping history, weights and state in the project's folder.

    Parameters
    ----------
    initial
        The layers that still fit begin with what this model learned, see `engine.weights_kept`.
    project
        Gets ``runs.sqlite``, ``runs/<run>/last.keras`` and ``runs/<run>/resume.npz``. A disk that refuses them is
        noted in the log; the training goes on. Whether XLA compiles a network is measured once and kept in the
        user's folder, so that window and verbs get the same numbers.
    """
    _train(run, spec, data, emit, control, project, initial=initial)


def resumable(project: Path, data: LoadedData | None = None) -> Resumable:
    """Return the last run of a project if it left a state to go on from.

    Parameters
    ----------
    data
        The run must have been trained on it; None: not examined.

    Raises
    ------
    BadInput
        If there is none, its state is damaged, or it is of other data.
    """
    from engine.runs import resuming

    found = resuming.find(project)
    if data is not None and not found.fits(data):
        raise BadInput(f"the data is no longer what run {found.number} learned: train anew")
    return found


def go_on(
    past: Resumable,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
) -> None:
    """Go on with a run; what differs in the settings that a running training can change is used from now on.

    All else as `train`. A discard leaves the run as it was.

    Raises
    ------
    BadInput
        If the state cannot be read.
    """
    from engine.runs.resuming import changed_values

    for name, value in changed_values(past.run.spec.training, spec.training).items():
        control.set_value(name, value)
    _train(past.run.id, spec, data, emit, control, project, past)


def _train(
    run: RunId,
    spec: ProjectSpec,
    data: LoadedData,
    emit: Callable[[TrainingEvent], None],
    control: TrainingControl,
    project: Path,
    past: Resumable | None = None,
    initial: Trained | None = None,
) -> None:
    from engine.card import card_of
    from engine.runs import resuming
    from engine.runs.recorder import Recorder
    from engine.runs.store import RunStore
    from engine.training import state
    from engine.training.checkpoint import Checkpoint
    from engine.training.session import train as train_session

    folder = resuming.folder_of(project, run)
    point = state.read(folder / state.FILE_NAME) if past is not None else None
    recorder = Recorder(RunStore(project), run, spec, past.run if past is not None else None)
    checkpoint = Checkpoint(folder / resuming.MODEL, card_of(spec, data.info))

    def record_and_emit(event: TrainingEvent) -> None:
        if isinstance(event, RunEnded):  # before the window hears of it and may start the next
            with _noted(run):
                resuming.settle(project, run, is_discarded=event.outcome == "discarded")
        with _noted(run):
            recorder(event)
        emit(event)

    if past is not None:
        with _noted(run):
            resuming.keep_earlier(folder)
    train_session(
        run, spec, data, record_and_emit, control, checkpoint,
        resume=point, keep_state=checkpoint.keep_state, measurements=home() / _MEASUREMENTS,
        initial=_learned(initial) if initial is not None else None,
    )  # fmt: skip


def _learned(trained: Trained) -> Learned:
    from engine.training.initial import learned
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    return learned(model, trained.spec.network).without(trained.fresh)


@contextlib.contextmanager
def _noted(run: RunId) -> Iterator[None]:
    """Let a disk that refuses cost what was to be written, not the training."""
    try:
        yield
    except (NetsmithError, OSError) as error:
        _LOG.warning("run %s is not recorded: %s", run, error)


def checkpoint_of(project: Path, run: RunId) -> Path:
    """Return the file that holds a run's last weights."""
    from engine.runs import resuming

    return resuming.folder_of(project, run) / resuming.MODEL


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
                self._model = trained_model(
                    trained.spec, trained.info, trained.statistics, trained.weights
                )
            self._trained = trained
        return self._model

    def answers(self, trained: Trained, x: npt.NDArray[Any]) -> tuple[tuple[str, float], ...]:
        """Return (label, probability) of one sample, the most probable first; numbers for regression.

        Parameters
        ----------
        x
            (1, *input_shape), unscaled.
        """
        from engine.evaluate.prediction import classify, predict

        model = self.model(trained)
        if trained.info.task == "classification":
            return classify(model, x, trained.info)[0]
        numbers = (float(number) for number in predict(model, x)[0].ravel())
        return tuple(zip(trained.info.labels, numbers, strict=False))


def read_picture(
    source: Path | bytes, preparation: ImagePreparation
) -> tuple[Pictures, npt.NDArray[np.uint8]]:
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


def weight_places(
    spec: ProjectSpec, info: DataInfo, statistics: Statistics | None
) -> Mapping[str, tuple[int, ...]]:
    """Return layer id -> positions of its weights in the tuples that a training of ``spec`` brings."""
    from engine.build.model import build
    from engine.inspect import places

    return places.weight_places(build(spec.network, info, spec.data.scaling, statistics))


def export_model(
    trained: Trained, format_id: str, path: Path, samples: npt.NDArray[Any], overwrite: bool
) -> ExportReport:
    """Write a trained model, reload it in a fresh process, compare; report."""
    from engine.card import card_of
    from engine.export.formats import export
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    return export(
        model, card_of(trained.spec, trained.info), format_id, path, samples, overwrite=overwrite
    )


def evaluate(trained: Trained, part: Part) -> Evaluation:
    """Return the figures of a trained model on a part of the data."""
    from engine.build.model import compile_model
    from engine.evaluate.metrics import evaluate as evaluate_model
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    compile_model(model, trained.spec, trained.info)
    return evaluate_model(model, part, trained.info)


def last_run(project: Path, run: RunId | None = None) -> RunRecord | None:
    """Return the newest run that left weights (or the named one); None if there is none.

    Raises
    ------
    BadInput
        If the named run does not exist.
    """
    from engine.runs.store import RunStore

    store = RunStore(project)
    candidates = (store.run(run),) if run is not None else store.runs()
    kept = [
        r for r in candidates if r.outcome != "discarded" and checkpoint_of(project, r.id).is_file()
    ]
    return kept[-1] if kept else None


def is_kept(project: Path, run: RunId) -> bool:
    """Tell whether a run left weights and its entry in the history."""
    try:
        return last_run(project, run) is not None
    except NetsmithError:
        return False


def epochs_of(project: Path, run: RunId) -> tuple[EpochRecord, ...]:
    """Return the recorded epochs of a run."""
    from engine.runs.store import RunStore

    return RunStore(project).epochs(run)


def restore(project: Path, run: RunRecord) -> Trained:
    """Return the model that a run left in the project.

    A project may come from a stranger, so its checkpoint is opened like any foreign model.

    Raises
    ------
    BadInput
        If the file is missing, damaged, unsafe, or of another network than the run's.
    """
    from engine.data.sets import describe
    from engine.sandbox.opener import open_model
    from engine.sandbox.opener import restore as restore_model

    spec = run.spec
    opened = open_model(checkpoint_of(project, run.id))
    load_tensorflow()
    model = restore_model(opened)
    info, statistics = describe(spec.data), None
    if not run.samples and opened.card is not None:
        info = opened.card.info  # a model made elsewhere may be of other data than the project's
    if info is None or spec.data.scaling == "standard":
        data = load_data(spec.data)
        info, statistics = data.info, data.statistics
    return Trained(
        run.id,
        spec,
        info,
        statistics,
        _weights_by_layer(model, spec, info, statistics),
        run.figures,
        opened=not run.samples,
    )


def _weights_by_layer(
    model: Any, spec: ProjectSpec, info: DataInfo, statistics: Statistics | None
) -> tuple[Any, ...]:
    """Return the weights of an opened model in the order of the model that the description builds."""
    from engine.build.model import build

    own = build(spec.network, info, spec.data.scaling, statistics)
    opened = {layer.name: layer for layer in model.layers}
    for layer in own.layers:
        if layer.weights:
            try:
                layer.set_weights(opened[layer.name].get_weights())
            except (KeyError, ValueError) as error:
                raise BadInput(
                    f'the stored weights do not fit layer "{layer.name}": train the network again'
                ) from error
    return tuple(own.get_weights())


class OpenedModel:
    """A model file made anywhere, opened safely and ready to answer."""

    def __init__(self, file: Path) -> None:
        from engine.sandbox.opener import open_model

        self._opened = open_model(file)
        self._card = self._opened.card

    @cached_property
    def _model(self) -> Any:
        """The Keras model; built when the first answer is wanted, since most refusals need no TensorFlow."""
        from engine.sandbox.opener import restore as restore_model

        load_tensorflow()
        return restore_model(self._opened)

    def classify(self, picture: Path, count: int) -> tuple[tuple[str, float], ...]:
        """Return the ``count`` most probable (label, probability) of a picture file."""
        from engine.data.images import decode, prepare

        image = decode(picture)
        info = (
            self._card.info if self._card is not None else _guessed_info(self._opened, self._model)
        )
        if info.image is None:
            raise BadInput("this network takes no pictures: use predict with arrays")
        if info.task != "classification":
            raise BadInput("this network predicts numbers, not classes: use predict with arrays")
        prepared = prepare(image, info.image)[np.newaxis]
        scores = self._card.from_logits if self._card is not None else None
        model = self._model  # loads TensorFlow without its chatter, so before what imports it
        from engine.evaluate.prediction import classify

        return classify(model, prepared, info, count, from_logits=scores)[0]

    def predict(self, inputs: Path, out: Path) -> dict[str, npt.NDArray[Any]]:
        """Send ``x0, x1 ...`` of an .npz file through the network; write and return ``y0, y1 ...``."""
        from engine.data.npz import read_npz
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
        with np.errstate(over="ignore"):  # what is too large for the network becomes infinite
            arrays = [
                given[name].astype(tensor.dtype)
                for name, tensor in zip(names, self._model.inputs, strict=True)
            ]
        answers = self._model.predict(arrays if len(arrays) > 1 else arrays[0], verbose=0)
        outputs = answers if isinstance(answers, (list, tuple)) else [answers]
        found = {f"y{number}": np.asarray(output) for number, output in enumerate(outputs)}

        def write(path: Path) -> None:
            with path.open("wb") as stream:  # given a name, NumPy would add a suffix
                np.savez(stream, **found)  # type: ignore[arg-type]

        write_with(out.absolute(), write)
        return found

    @property
    def input_shapes(self) -> dict[str, list[int | None]]:
        """Shape of one sample of each input."""
        return {
            f"x{number}": list(tensor.shape[1:]) for number, tensor in enumerate(self._model.inputs)
        }


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
    from engine.sandbox.adoption import guessed_info

    found = guessed_info(opened.network, tuple(model.outputs[0].shape[1:]))
    if found is None:
        raise BadInput("this model does not say how it takes pictures: use predict with arrays")
    return found


def inspect_model(file: Path) -> ModelSummary:
    """Return the layers of a model made anywhere; nothing in the file is executed."""
    from engine.sandbox.opener import open_model, summary

    opened = open_model(file)
    load_tensorflow()
    return summary(opened)


# ---- Before a training ----


def network_costs(
    spec: ProjectSpec, info: DataInfo, facts: Mapping[str, LayerFacts]
) -> NetworkCosts:
    """Return what training a project costs, in a tenth of a millisecond and without TensorFlow: on any thread."""
    from engine.build.costs import costs

    training = spec.training
    return costs(spec.network, facts, info, training.batch_size, training.optimizer)


def largest_batch(costs: NetworkCosts, free_bytes: int) -> int:
    """Return the largest batch whose training fits into the free memory, 0 if none does."""
    from engine.build.costs import largest_batch as largest

    return largest(costs, free_bytes)


def measure_epoch(spec: ProjectSpec, data: LoadedData, cancelled: Callable[[], bool]) -> EpochTime:
    """Return how long an epoch takes, measured on a copy."""
    from engine.training.epoch_time import measure_epoch as measure

    return measure(spec, data, cancelled, home() / _MEASUREMENTS)


def range_test(
    spec: ProjectSpec,
    data: LoadedData,
    progress: Callable[[RangeResult], None],
    cancelled: Callable[[], bool],
) -> RangeResult:
    """Return which learning rates a copy of the network learns at; ``progress`` gets what was found so far."""
    from engine.training.range_test import range_test as test

    return test(spec, data, progress, cancelled, measurements=home() / _MEASUREMENTS)


def gpu_memory(devices: tuple[str, ...]) -> tuple[GpuMemory, ...]:
    """Return what TensorFlow holds on each GPU of ``("cpu", "gpu:0", ...)``; quick enough for any thread."""
    import tensorflow as tf

    def held(device: str) -> GpuMemory:
        memory = tf.config.experimental.get_memory_info(device.upper())
        return GpuMemory(device, memory["current"], memory["peak"])

    return tuple(held(device) for device in devices if device.startswith("gpu"))


# ---- Models made elsewhere ----


@dataclass(frozen=True)
class ImportedModel:
    """A model file taken into a project.

    Attributes
    ----------
    spec
        The project with the file's network.
    trained
        The network with the file's weights; None if nobody knows what it takes.
    sentence
        What was found, for the user.
    """

    spec: ProjectSpec
    trained: Trained | None
    sentence: str


def import_model(
    file: Path, spec: ProjectSpec, info: DataInfo | None, data: LoadedData | None, project: Path
) -> ImportedModel:
    """Open a model file made anywhere and take it into a project; nothing in the file is executed.

    One that can be asked is kept as a run of no steps, so that it is there when the project is opened again.

    Raises
    ------
    BadInput
        If the file is refused; the project is as it was.
    """
    from engine.sandbox import adoption
    from engine.sandbox.opener import open_model
    from engine.sandbox.opener import restore as restore_model

    opened = open_model(file)
    load_tensorflow()
    model = restore_model(opened)
    outputs = [tuple(output.shape[1:]) for output in model.outputs]
    adopted = adoption.adopt(opened, outputs, spec, info)
    sentence = adoption.in_words(file.name, opened, outputs, adopted)
    asked = adopted.answering_spec
    if asked is None or adopted.info is None:
        return ImportedModel(adopted.spec, None, sentence)
    statistics = data.statistics if data is not None else None
    weights = _weights_by_layer(model, asked, adopted.info, statistics)
    trained = Trained(new_run_id(), asked, adopted.info, statistics, weights, {}, opened=True)
    _keep_opened(trained, project)
    return ImportedModel(adopted.spec, trained, sentence)


@dataclass(frozen=True)
class LoadedWeights:
    """Weights of a file in the layers of a network; ``sentence`` says in which."""

    trained: Trained
    sentence: str


def load_weights(
    file: Path, spec: ProjectSpec, info: DataInfo, data: LoadedData | None, project: Path
) -> LoadedWeights:
    """Put a file's weights into the layers that have their names; the other layers get new weights.

    The result is kept in the project as `import_model` keeps a model.

    Raises
    ------
    BadInput
        If the file is refused or no layer fits.
    """
    from engine.sandbox.file_weights import fill, read_weights

    found = read_weights(file)
    load_tensorflow()
    from engine.training.initial import fresh_model

    statistics = data.statistics if data is not None else None
    model = fresh_model(spec, info, statistics)
    filled = fill(model, found)
    fresh = tuple(
        layer.name for layer in model.layers if layer.weights and layer.name not in filled
    )
    name = quoted(file.name, 40)
    if not filled:
        raise BadInput(
            f'no layer has name and shapes of those in "{name}": use the network it was made for'
        )
    trained = Trained(
        new_run_id(), spec, info, statistics, tuple(model.get_weights()), {},
        opened=True, fresh=frozenset(fresh),
    )  # fmt: skip
    _keep_opened(trained, project)
    words = in_words(Kept({each: each for each in filled}, fresh))
    return LoadedWeights(trained, f'"{name}": {words} Train the Opened Model goes on from here.')


def _keep_opened(trained: Trained, project: Path) -> None:
    """Write weights from a file as a run of no steps, which `restore` gives back."""
    from engine.card import card_of
    from engine.runs import resuming
    from engine.runs.store import RunStore
    from engine.training.checkpoint import Checkpoint
    from engine.training.session import trained_model

    model = trained_model(trained.spec, trained.info, trained.statistics, trained.weights)
    file = resuming.folder_of(project, trained.run) / resuming.MODEL
    with _noted(trained.run):
        Checkpoint(file, card_of(trained.spec, trained.info))(model, 0, {})
        store = RunStore(project)
        store.begin(trained.run, trained.spec)
        store.end(trained.run, "stopped", 0.0, 0, {})


# ---- A sample on its way through the network ----


def receptive_field(
    network: NetworkSpec, facts: Mapping[str, LayerFacts], layer_id: str, unit: tuple[int, ...]
) -> npt.NDArray[np.bool_] | None:
    """Return which places of a sample a unit sees, see `engine.build.receptive`; on any thread."""
    from engine.build.receptive import receptive_field as seen

    return seen(network, facts, layer_id, unit)


class SampleFlow:
    """What each layer of a network being edited gives for one sample; remembers what did not change."""

    def __init__(self) -> None:
        self._flow: Any = None
        self._trained: Trained | None = None
        self._weights: Mapping[str, Sequence[npt.NDArray[Any]]] | None = None

    def pictures(
        self,
        spec: ProjectSpec,
        facts: Mapping[str, LayerFacts],
        data: LoadedData,
        number: int,
        wanted: Iterable[str],
        trained: Trained | None,
        cancelled: Callable[[], bool],
    ) -> dict[str, npt.NDArray[Any]]:
        """Return a small picture of what each wanted layer gives, by id; layers that give nothing are missing.

        Parameters
        ----------
        number
            Of the sample in the training part.
        trained
            Layers that its weights fit have them; the others are untrained.

        Returns
        -------
        pictures
            (rows, columns) float32; of input layers that take pictures, the sample as bytes, grey or RGB.

        Raises
        ------
        BadInput
            If the network is too large to be called beside the one that is trained.
        Cancelled
            If ``cancelled`` says so.
        """
        from engine.activation_picture import activation_picture
        from engine.build.flow import Sample
        from engine.build.flow import SampleFlow as Flow

        if self._flow is None:
            self._flow = Flow()
        if trained is not self._trained:
            self._weights = _learned(trained).weights if trained is not None else None
            self._trained = trained
        sample = Sample(data.training.x[number], data.info, spec.data.scaling, data.statistics)
        given = self._flow.outputs(spec.network, facts, sample, wanted, self._weights, cancelled)
        pictures: dict[str, npt.NDArray[Any]] = {
            name: activation_picture(output) for name, output in given.items()
        }
        if data.info.kind == "image":
            entering = {layer.id for layer in spec.network.inputs} & pictures.keys()
            pictures |= dict.fromkeys(entering, as_picture(sample.x, data.info))
        return pictures
