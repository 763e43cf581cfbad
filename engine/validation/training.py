"""Findings about loss, metrics, optimizer, batches, early stopping and split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from engine.catalog import catalog, check_parameters
from engine.catalog.model import Kind
from engine.data.auto_defaults import (
    AUTO,
    INDEX_LOSSES,
    figure_names,
    fitting_loss,
    label_encoding,
    resolve_loss,
    resolve_metrics,
)
from engine.data.info import DataInfo
from engine.errors import quoted
from engine.spec.base import ObjectSpec
from engine.spec.issues import Cure, Issue
from engine.training.diagnose import base_rate
from engine.training.live import schedules
from engine.validation.output import with_activation
from engine.validation.subject import Subject, named

# How labels reach a metric: as in `label_encoding`, two classes at one unit told apart from
# numbers.
_Labels = Literal["index", "one_hot", "binary", "numbers"]

_AUTO: Final = ObjectSpec(kind=AUTO)
_CLASS_LOSSES: Final = INDEX_LOSSES | frozenset({
    "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge",
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "Hinge", "SquaredHinge", "KLDivergence",
    "Dice", "Tversky",
})  # fmt: skip
_SEVERAL_UNITS: Final = frozenset({
    "SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy",
    "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge",
    "KLDivergence",
})  # fmt: skip
_NEVER_FIT: Final[Mapping[str, str]] = {
    "CTC": "it aligns sequences of symbols, which this data does not have",
    "Circle": "it compares embeddings and does not learn to name classes",
    "Accuracy": "it asks for exactly equal numbers, which no network gives",
    "IoU": "it takes class numbers, and the network gives one figure a class",
    "MeanIoU": "it takes class numbers, and the network gives one figure a class",
}
# They divide by the true answer, which is 0 for all classes but one.
_DIVIDE_BY_TRUTH: Final = frozenset({"MeanAbsolutePercentageError"})
_DIVIDES: Final = "divides by the true answer, which is 0 for every class but one"
_ONE_HOT: Final = frozenset({
    "CategoricalAccuracy", "TopKCategoricalAccuracy", "CategoricalCrossentropy",
    "CategoricalHinge", "KLDivergence", "OneHotIoU", "OneHotMeanIoU",
})  # fmt: skip
_ELEMENTWISE: Final = frozenset({
    "BinaryAccuracy", "BinaryCrossentropy", "Precision", "Recall", "AUC", "PrecisionAtRecall",
    "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity",
    "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "Hinge",
    "SquaredHinge", "BinaryIoU", "F1Score", "FBetaScore",
})  # fmt: skip
_ERRORS: Final = frozenset({
    "MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError", "R2Score",
    "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "LogCoshError", "Poisson",
    "CosineSimilarity",
})  # fmt: skip
_CORRELATIONS: Final = frozenset({"PearsonCorrelation", "ConcordanceCorrelation"})
_INDEX: Final = frozenset({
    "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SparseCategoricalCrossentropy",
})  # fmt: skip
_METRICS: Final[Mapping[_Labels, frozenset[str]]] = {
    "index": _INDEX,
    "one_hot": _ONE_HOT | _ELEMENTWISE | _ERRORS | _CORRELATIONS,
    "binary": _ELEMENTWISE | _ERRORS,
    "numbers": _ERRORS,
}
# These read the output as a probability and refuse or misjudge anything else.
_WANT_PROBABILITIES: Final = (_ELEMENTWISE - {"Hinge", "SquaredHinge"}) | frozenset(
    {"KLDivergence", "Poisson"}
)
_FIGURE_PER_CLASS: Final = frozenset({"F1Score", "FBetaScore"})


def loss(subject: Subject) -> Iterator[Issue]:
    """A loss that does not exist, is set wrongly or does not fit the data and the output."""
    chosen = subject.training.loss
    if chosen.kind == AUTO:
        return
    kind = catalog().family("loss").get(chosen.kind)
    problem = _object_problem(chosen, kind, "loss") or _loss_misfit(subject, chosen)
    if problem:
        fitting = _AUTO.kind
        if subject.info is not None:
            fitting = fitting_loss(subject.network, subject.info, subject.units).kind
        mended = subject.training.but(loss=_AUTO)
        label = f"Use the fitting loss ({fitting})"
        yield Issue(problem, field="training.loss", cures=(Cure(label, training=mended),))
    else:
        yield from _logits(subject, chosen, kind)


def metrics(subject: Subject) -> Iterator[Issue]:
    """Metrics that do not exist, are set wrongly or do not fit the labels and the output."""
    for place, chosen in enumerate(subject.training.metrics):
        if chosen.kind == AUTO:
            continue
        kind = catalog().family("metric").get(chosen.kind)
        problem = _object_problem(chosen, kind, "metric") or _metric_misfit(subject, chosen)
        if problem:
            others = [m for i, m in enumerate(subject.training.metrics) if i != place]
            kept = tuple(others) if _AUTO in others else (*others, _AUTO)
            mended = subject.training.but(metrics=kept)
            cure = Cure("Use the fitting metric", training=mended)
            yield Issue(problem, field="training.metrics", cures=(cure,))
        else:
            yield from _metric_settings(subject, chosen, place)


def optimizer(subject: Subject) -> Iterator[Issue]:
    """An optimizer that does not exist or is set wrongly."""
    chosen = subject.training.optimizer
    problem = _object_problem(chosen, catalog().family("optimizer").get(chosen.kind), "optimizer")
    if problem:
        mended = subject.training.but(optimizer=ObjectSpec(kind="Adam"))
        yield Issue(problem, field="training.optimizer", cures=(Cure("Use Adam", training=mended),))


def learning_rate(subject: Subject) -> Iterator[Issue]:
    """A learning rate with which nothing can be learned."""
    problem = base_rate.problem(subject.training)
    kind = catalog().family("optimizer").get(subject.training.optimizer.kind)
    if not problem or kind is None or check_parameters(kind, subject.training.optimizer.parameters):
        return
    usual = base_rate.usual_rate(kind.name)
    mended = base_rate.with_rate(subject.training, usual)
    yield Issue(
        problem,
        field=f"training.optimizer.{base_rate.NAME}",
        severity="warning",
        cures=(Cure(f"Set learning rate to {usual:g}", training=mended),),
    )


def device(subject: Subject) -> Iterator[Issue]:
    """A device that this computer does not have."""
    chosen = subject.training.device
    if not subject.devices or chosen in ("auto", *subject.devices):
        return
    yield Issue(
        f"There is no {chosen} on this computer: choose auto or {' or '.join(subject.devices)}.",
        field="training.device",
        cures=(Cure("Use auto", training=subject.training.but(device="auto")),),
    )


def batches(subject: Subject) -> Iterator[Issue]:
    """Parts without samples, and batches larger than the training part."""
    if subject.info is None or not sum(subject.info.counts):
        return
    training = subject.info.counts[0]
    if not training:
        yield Issue(
            "The split leaves no samples to train on: lower the shares of validation and test.",
            field="data.split",
        )
    elif subject.training.batch_size > training:
        yield Issue(
            f"A batch of {subject.training.batch_size} is more than the {training} training "
            "samples: each epoch is one step.",
            field="training.batch_size",
            severity="warning",
            cures=(_batch_cure(subject, training),),
        )


def early_stopping(subject: Subject) -> Iterator[Issue]:
    """A figure to watch that no epoch will have."""
    stopping = subject.training.early_stopping
    info = subject.info
    if not stopping.enabled or info is None:
        return
    known = _figures(subject, info)
    if stopping.monitor in known:
        return
    if stopping.monitor.removeprefix("val_") in known:
        problem = f"There is no validation part, so {quoted(stopping.monitor, 40)} does not exist"
    else:
        problem = f'No epoch gives a figure called "{quoted(stopping.monitor, 40)}"'
    mended = subject.training.but(early_stopping=stopping.but(monitor=known[0]))
    yield Issue(
        f"{problem}: watch {known[0]} instead.",
        field="training.early_stopping.monitor",
        cures=(Cure(f"Watch {known[0]}", training=mended),),
    )


def schedule(subject: Subject) -> Iterator[Issue]:
    """A schedule that is impossible or pointless."""
    info = subject.info
    yield from schedules.issues(subject.training, _figures(subject, info) if info else ())


def _object_problem(chosen: ObjectSpec, kind: Kind | None, family: str) -> str:
    """Return what is wrong with a kind and its settings by themselves."""
    if kind is None:
        return f'Keras has no {family} called "{quoted(chosen.kind, 40)}": choose another.'
    if kind.unsupported:
        return f"{kind.name} cannot be used. {kind.unsupported}"
    problem = next(iter(check_parameters(kind, chosen.parameters).values()), "")
    return f"{kind.name}: {quoted(problem, 130)}." if problem else ""


def _loss_misfit(subject: Subject, chosen: ObjectSpec) -> str:
    info, units = subject.info, subject.units
    if chosen.kind in _NEVER_FIT:
        return f"{chosen.kind} does not fit: {_NEVER_FIT[chosen.kind]}."
    if info is None:
        return ""
    if info.task == "regression" and chosen.kind in _CLASS_LOSSES:
        return (
            f"{chosen.kind} is for classes but {info.source} wants numbers: use MeanSquaredError."
        )
    if info.n_classes and chosen.kind in _DIVIDE_BY_TRUTH:
        return f"{chosen.kind} {_DIVIDES}: use the fitting loss."
    if info.n_classes and units == 1 and chosen.kind in _SEVERAL_UNITS:
        return f"{chosen.kind} needs one unit a class but the output has 1: use BinaryCrossentropy."
    return ""


def _logits(subject: Subject, chosen: ObjectSpec, kind: Kind | None) -> Iterator[Issue]:
    """A loss told that the output is probabilities when it is not, or the reverse."""
    output = subject.output
    takes = kind is not None and any(field.name == "from_logits" for field in kind.fields)
    if output is None or subject.info is None or not takes:
        return
    told = chosen.parameters.get("from_logits", False)
    if told == output.logits:
        return
    parameters = {k: v for k, v in chosen.parameters.items() if k != "from_logits"}
    if output.logits:
        parameters["from_logits"] = True
        given = f"{named(output.layer)} gives {output.activation} values"
        problem = f"{chosen.kind} expects probabilities but {given}"
        cure = "switch from_logits on"
    else:
        problem = f"{chosen.kind} applies {output.activation} a second time"
        cure = "switch from_logits off"
    mended = subject.training.but(loss=ObjectSpec(kind=chosen.kind, parameters=parameters))
    yield Issue(
        f"{problem}: {cure}.",
        field="training.loss",
        cures=(Cure(cure.capitalize(), training=mended),),
    )


def _metric_misfit(subject: Subject, chosen: ObjectSpec) -> str:
    if chosen.kind in _NEVER_FIT:
        return f"{chosen.kind} does not fit: {_NEVER_FIT[chosen.kind]}."
    info = subject.info
    if info is None:
        return ""
    if info.n_classes and chosen.kind in _DIVIDE_BY_TRUTH:
        return f"{chosen.kind} {_DIVIDES}: use the fitting metric."
    labels = _labels(subject, info)
    many = labels == "numbers" and info.n_targets > 1 and chosen.kind in _CORRELATIONS
    if chosen.kind in _METRICS[labels] or many:
        return ""
    loss_kind = resolve_loss(subject.spec, info, subject.units).kind
    return f"{chosen.kind} does not fit labels as {loss_kind} takes them: use the fitting metric."


def _labels(subject: Subject, info: DataInfo) -> _Labels:
    loss_kind = resolve_loss(subject.spec, info, subject.units).kind
    encoding = label_encoding(loss_kind, info, subject.units)
    if encoding == "number":
        return "binary" if info.n_classes else "numbers"
    return encoding


def _metric_settings(subject: Subject, chosen: ObjectSpec, place: int) -> Iterator[Issue]:
    """Metrics that fit in kind and still would not give one true figure."""
    info, output = subject.info, subject.output
    if info is None or output is None:
        return
    needed: dict[str, object] = {}
    if chosen.kind in _FIGURE_PER_CLASS:
        if chosen.parameters.get("average") is None:
            needed["average"] = "macro"
        if _labels(subject, info) == "binary" and chosen.parameters.get("threshold") is None:
            needed["threshold"] = 0.5
    if needed:
        words = " and ".join(f"{name} to {value}" for name, value in needed.items())
        parameters = {**chosen.parameters, **needed}
        changed = list(subject.training.metrics)
        changed[place] = ObjectSpec(kind=chosen.kind, parameters=parameters)
        yield Issue(
            f"{chosen.kind} would not give one figure for this output: set {words}.",
            field="training.metrics",
            cures=(Cure(f"Set {words}", training=subject.training.but(metrics=tuple(changed))),),
        )
    elif info.n_classes and chosen.kind in _WANT_PROBABILITIES and output.logits:
        fitting = "sigmoid" if subject.units == 1 else "softmax"
        mended = with_activation(subject.network, output, fitting)
        yield Issue(
            f"{chosen.kind} reads probabilities but the output is {output.activation}: "
            f"set its activation to {fitting}.",
            field="training.metrics",
            cures=(Cure(f"Set activation to {fitting}", network=mended),),
        )


def _batch_cure(subject: Subject, samples: int) -> Cure:
    size = min(32, samples)
    return Cure(f"Set batch size to {size}", training=subject.training.but(batch_size=size))


def _figures(subject: Subject, info: DataInfo) -> tuple[str, ...]:
    """Return the names of an epoch's figures, the one to watch first."""
    row = subject.procedure
    if row is not None and not row.answers:
        names = (*row.series, *row.figures)
    else:
        metrics = resolve_metrics(subject.spec, info, subject.units)
        names = ("loss", *figure_names(metrics))
    return (*(f"val_{name}" for name in names), *names) if _has_validation(subject, info) else names


def _has_validation(subject: Subject, info: DataInfo) -> bool:
    if sum(info.counts):
        return info.counts[1] > 0
    return subject.spec.data.split.validation > 0.0
