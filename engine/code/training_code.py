"""The part of a script that trains, tests and saves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.code.compiled import runs_under_xla
from engine.code.data_code import present_parts
from engine.code.objects import object_call
from engine.code.writing import Call, Name, statement, written
from engine.data.auto_defaults import (
    figure_names,
    label_encoding,
    output_of,
    resolve_loss,
    resolve_metrics,
)
from engine.data.info import DataInfo
from engine.errors import SpecError
from engine.spec.project import ProjectSpec
from engine.spec.training import ScheduleSpec
from engine.training.loop.early_stopping import should_rise

_EVALUATION_BATCH: Final = 256

BATCHES: Final = '''\
class Batches(keras.utils.PyDataset):
    """The batches of an epoch, in an order that follows from the seed and the epoch alone."""

    def __init__(self, *arrays):
        super().__init__()
        self.arrays = arrays
        self.shuffle(0)

    def __len__(self):
        return math.ceil(len(self.order) / BATCH_SIZE)

    def __getitem__(self, index):
        rows = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        return tuple(array[rows] for array in self.arrays)

    def shuffle(self, epoch, logs=None):
        random = np.random.default_rng((SEED, epoch + 1))
        self.order = random.permutation(len(self.arrays[0]))
'''
_SCHEDULE: Final = '''\
class Schedule(keras.callbacks.Callback):
    """Set the learning rate of each step; lengths are in epochs."""

    def on_train_begin(self, logs=None):
        self.base = float(self.model.optimizer.learning_rate.numpy())

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        step = 1 / self.params["steps"]
        share = self.share(self.epoch + batch * step, step)
        self.model.optimizer.learning_rate = np.float32(self.base * share)

    def share(self, epoch, step):
{body}
'''
_WAVE: Final = '''\


def half_wave(first, last, share):
    """Return the height at a share of the way from ``first`` to ``last``, along half a cosine wave."""
    angle = np.pi * np.clip(share, 0, 1)
    return last + (first - last) * 0.5 * (1 + np.cos(angle))
'''
# The factor of the base rate, from ``epoch`` (time since the start) and the length of a ``step``.
_SHARES: Final[Mapping[str, str]] = {
    "step": "return {factor!r} ** np.floor(epoch / {every!r} + 1e-9)",
    "exponential": "return {factor!r} ** (epoch / {every!r})",
    "cosine": "return half_wave(1, {final!r}, epoch / EPOCHS)",
    "warmup": "return {start!r} + (1 - {start!r}) * min(1, (epoch + step) / {warmup!r})",
    "warmup_cosine": """\
if epoch < {warmup!r}:
    return {start!r} + (1 - {start!r}) * min(1, (epoch + step) / {warmup!r})
rest = max(EPOCHS - {warmup!r}, step)
return half_wave(1, {final!r}, (epoch - {warmup!r}) / rest)""",
    "one_cycle": """\
top = {peak!r} * EPOCHS
if epoch < top:
    return half_wave({start!r}, 1, epoch / top)
return half_wave(1, {final!r}, (epoch - top) / (EPOCHS - top))""",
}


def functions(spec: ProjectSpec) -> tuple[str, ...]:
    """Return the classes and functions that the part uses."""
    return BATCHES, _schedule(spec.training.schedule)


def answers_code(spec: ProjectSpec, info: DataInfo) -> str:
    """Return the code that converts the targets for the loss, "" if no conversion is needed."""
    loss, units = resolve_loss(spec, info), _units(spec)
    encoding = label_encoding(loss.kind, info, units)
    parts = present_parts(spec.data, info)
    if encoding == "one_hot":
        made = "keras.utils.to_categorical(y_{part}, " + f"{info.n_classes})"
    elif encoding == "number" and info.task == "classification":
        made = 'y_{part}.reshape(-1, 1).astype("float32")'
    else:
        return ""
    return "".join(f"y_{part} = {made.format(part=part)}\n" for part in parts)


def weights_code(spec: ProjectSpec, info: DataInfo) -> str:
    """Return the code of ``weights``, one for each training sample, "" if all are 1."""
    chosen = spec.training.class_weights
    if chosen == "none":
        return ""
    if not info.n_classes:
        problem = "the data wants numbers, not classes: choose none"
        raise SpecError("training.class_weights", problem)
    if isinstance(chosen, Mapping):
        weights = [float(chosen.get(label, 1.0)) for label in info.labels]
        made = statement("class_weights", Call("np.array", (weights, "float32")))
        return f"{made}\nweights = class_weights[y_train]\n"
    return (
        f"counts = np.bincount(y_train, minlength={info.n_classes})\n"
        "class_weights = counts.sum() / ((counts > 0).sum() * np.maximum(counts, 1))\n"
        'weights = class_weights.astype("float32")[y_train]\n'
    )


def training_code(spec: ProjectSpec, info: DataInfo, model_file: str) -> str:
    """Return the code that compiles, trains, tests and saves ``model``.

    Raises
    ------
    SpecError
        If the optimizer, the loss or a metric is unknown or has an invalid value.
    """
    parts = present_parts(spec.data, info)
    weighted = (Name("weights"),) if spec.training.class_weights != "none" else ()
    fit: list[tuple[str, Any]] = [("epochs", Name("EPOCHS")), ("shuffle", False)]
    if "val" in parts:
        fit += [
            ("validation_data", (Name("x_val"), Name("y_val"))),
            ("validation_batch_size", _EVALUATION_BATCH),
        ]
    fit.append(("callbacks", _callbacks(spec, validated="val" in parts)))
    batches = Call("Batches", (Name("x_train"), Name("y_train"), *weighted))
    lines = [
        statement("batches", batches),
        _compile(spec, info),
        written(Call("model.fit", (Name("batches"),), tuple(fit))),
    ]
    if "test" in parts:
        tested = (("batch_size", _EVALUATION_BATCH), ("return_dict", True), ("verbose", 0))
        call = Call("model.evaluate", (Name("x_test"), Name("y_test")), tested)
        lines += [statement("figures", call), 'print("Test part:", figures)']
    return "\n".join([*lines, written(Call("model.save", (model_file,)))]) + "\n"


def _compile(spec: ProjectSpec, info: DataInfo) -> str:
    training, units = spec.training, _units(spec)
    loss, metrics = resolve_loss(spec, info, units), resolve_metrics(spec, info, units)
    optimizer = training.optimizer
    names = zip(metrics, figure_names(metrics), strict=True)
    made = [object_call("metric", m.kind, m.parameters, name) for m, name in names]
    compiled = runs_under_xla(spec.network)
    told = (
        ("optimizer", object_call("optimizer", optimizer.kind, optimizer.parameters)),
        ("loss", object_call("loss", loss.kind, loss.parameters)),
        ("metrics", made),
        *((("jit_compile", True),) if compiled else ()),
    )
    return written(Call("model.compile", (), told))


def _units(spec: ProjectSpec) -> int | None:
    output = output_of(spec.network)
    return output.units if output else None


def _callbacks(spec: ProjectSpec, *, validated: bool) -> list[Any]:
    stopping, schedule = spec.training.early_stopping, spec.training.schedule
    # Not `on_epoch_end` of the batches, which some versions of Keras also call before the first epoch.
    shuffle = ("on_epoch_begin", Name("batches.shuffle"))
    found = [Call("keras.callbacks.LambdaCallback", (), (shuffle,))]
    if schedule.kind == "plateau":
        found.append(_plateau(spec, validated=validated))
    elif schedule.kind != "constant":
        found.append(Call("Schedule"))
    if stopping.enabled:
        told = _watched(stopping.monitor, validated=validated)
        found.append(
            Call(
                "keras.callbacks.EarlyStopping",
                (),
                (
                    *told,
                    ("min_delta", stopping.min_delta),
                    ("patience", stopping.patience),
                    ("restore_best_weights", stopping.restore_best),
                ),
            )
        )
    return found


def _plateau(spec: ProjectSpec, *, validated: bool) -> Call:
    schedule = spec.training.schedule
    lowest = Name(f"{schedule.final!r} * float(model.optimizer.learning_rate.numpy())")
    told = (
        *_watched(schedule.monitor, validated=validated),
        ("factor", schedule.factor),
        ("patience", schedule.patience),
        ("min_delta", schedule.min_delta),
        ("min_lr", lowest),
    )
    return Call("keras.callbacks.ReduceLROnPlateau", (), told)


def _watched(monitor: str, *, validated: bool) -> tuple[tuple[str, Any], ...]:
    """Return the monitored metric (of the training part if there is no validation) and its mode."""
    figure = monitor if validated else monitor.removeprefix("val_")
    return ("monitor", figure), ("mode", "max" if should_rise(figure) else "min")


def _schedule(schedule: ScheduleSpec) -> str:
    share = _SHARES.get(schedule.kind, "")
    if not share:
        return ""
    values = schedule.model_dump()
    body = "\n".join(f"        {line}" for line in share.format(**values).splitlines())
    return _SCHEDULE.format(body=body) + (_WAVE if "half_wave" in share else "")
