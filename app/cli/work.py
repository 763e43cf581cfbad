"""What each verb does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from app import failures, heavy
from app.cli.output import Output, figures_in_words
from app.cli.rescue import checked
from app.cli.watcher import Watcher, progress_bar
from app.project_folder import ProjectFolder
from app.signals import stopped_by_signals
from app.studio import Trained
from engine.data.info import DataInfo
from engine.data.loaded import LoadedData
from engine.data.sets import describe, find, is_at_hand
from engine.errors import BadInput, JobFailed, NetsmithError, quoted
from engine.export.table import SAVED_MODEL, check_target
from engine.issues import Issue, LayerFacts
from engine.layout import arrange
from engine.runs.resuming import Resumable, completed, misfit
from engine.runs.store import RunRecord
from engine.spec.data import DataSpec
from engine.spec.paths import with_setting
from engine.spec.project import ProjectSpec
from engine.templates import new_project, propose
from engine.training.control import TrainingControl
from engine.training.events import (
    RunEnded,
    RunStarted,
    new_run_id,
)
from engine.validation import validate
from engine.weights_kept import Shapes, in_words, kept

_LONGEST_PATH = 400  # letters of a path that is printed
_ROOM_BYTES = 1024 * 1024  # history and description of a run
# float32, the old file and the new one beside it: weights; and in the state weights, two moments and the best.
_BYTES_A_PARAMETER = 2 * 4 * 5


def new(
    output: Output,
    folder: Path,
    template: str | None,
    data: str,
    source: Path | None,
    settings: list[str],
    model: Path | None = None,
) -> None:
    """Make a project; ``settings`` are of its data.

    Parameters
    ----------
    template
        None: the one proposed for the data.
    model
        A model file made anywhere, whose network and weights the project takes over.
    """
    if model is not None and template is not None:
        raise BadInput("a model brings its own network: leave out --template or --model")
    data_set = find(data)
    if source is not None and not os.path.exists(source):
        raise BadInput(
            f'there is no file or folder "{quoted(source.name, 60)}": check the path after --source'
        )
    if source is not None and data_set.origin in ("bundled", "generated"):
        raise BadInput(
            f'"{data_set.id}" comes with the program: leave out --source, or use --data file'
        )
    path = str(source.resolve()) if source else None
    choice = DataSpec(source=data_set.id, path=path, scaling=data_set.usual_scaling)
    choice = _with_data_settings(choice, settings)
    info = describe(choice) if choice.path is None else None
    read = None
    # A file is read now: what does not fit makes no project. A model may need the numbers that scale its samples.
    if info is None or (model is not None and is_at_hand(choice)):
        read = heavy.load_data(choice)
        info = read.info
        _say(output, heavy.data_notes(read))
    project = ProjectFolder(folder)
    name = quoted(project.path.name) or "Untitled"
    spec = new_project(template or propose(info).template, choice, info, name)
    if model is not None:
        spec, parameters, notes = _with_model(
            project, heavy.adopted(model, spec, info, read), model
        )
    else:
        project.create(spec)
        parameters = sum(fact.parameters for fact in _facts(spec, info).values())
        notes = ()
    words = f"{quoted(project.path.name)}: {len(spec.network.layers)} layers, {parameters:,} parameters, {info.title}"
    output.summary(
        "\n".join((*notes, words)),
        project=str(project.path), layers=len(spec.network.layers), parameters=parameters, notes=notes,
    )  # fmt: skip


def _with_model(
    project: ProjectFolder, imported: heavy.ImportedModel, file: Path
) -> tuple[ProjectSpec, int, tuple[str, ...]]:
    """Make a project of an opened model; return its description, its parameters and what to say."""
    spec = imported.spec.but(canvas=arrange(imported.spec.network))
    if imported.trained is None or not imported.fits_data:
        project.create(spec)
        return spec, imported.parameters, (imported.sentence,)
    project.create(spec)
    unkept = heavy.keep_opened(imported.trained, project.path)
    if unkept:
        raise JobFailed(unkept.strip())
    return (
        spec,
        imported.parameters,
        (f'The next training begins with the weights of "{quoted(file.name, 60)}".',),
    )


def train(
    output: Output, folder: Path, settings: list[str],
    *, resume: bool = False, keep_weights: bool = False, weights: Path | None = None,
) -> None:  # fmt: skip
    """Train a project.

    Parameters
    ----------
    resume
        Go on with the last run.
    keep_weights
        Begin with the weights of the last run.
    weights
        Begin with the weights of this file.
    """
    _refuse_two_starts(resume=resume, keep_weights=keep_weights, weights=weights)
    project = ProjectFolder(folder)
    spec = _with_settings(project.read(), settings)
    project.sweep()
    past = _past(project, spec, settings) if resume else None
    if past is not None:
        spec = _with_settings(past.run.spec, settings)
    _refuse_errors(validate(spec, describe(spec.data), {}))
    data = heavy.load_data(spec.data, project=project.path, now=project.read().data)
    if past is not None:
        past = heavy.resumable(project.path, data)
    facts = _facts(spec, data.info)
    engine = heavy.load_tensorflow()
    issues = validate(spec, data.info, facts, devices=engine.devices)
    _refuse_errors(issues)
    told = _tell(output, (*heavy.data_notes(data), *filter(None, (engine.gpu_note,))), issues)
    project.check_room(_ROOM_BYTES + _BYTES_A_PARAMETER * sum(f.parameters for f in facts.values()))
    initial = (
        _initial(output, project, (spec, data, facts), keep_weights=keep_weights, weights=weights)
        if past is None
        else None
    )
    run = past.run.id if past is not None else new_run_id()
    control = TrainingControl()
    with progress_bar() as progress, stopped_by_signals(control.stop):
        watcher = Watcher(output, progress, is_new=initial is None)
        if past is None:
            files = heavy.train(run, spec, data, watcher, control, project.path, initial)
        else:
            files = heavy.go_on(past, spec, data, watcher, control, project.path)
    ended = checked(output, watcher.ended, files, spec, went_on=past is not None)
    remark = watcher.witness.remark(spec.training, data.info, ended)
    _sum_up(output, ended, watcher.started, told, remark)


def _sum_up(
    output: Output, ended: RunEnded, started: RunStarted | None, told: tuple[str, ...], remark: str
) -> None:
    """Tell how a training went, and what was remarked before it and after it."""
    speed = ended.samples / ended.seconds if ended.seconds else 0.0
    words = (
        f"{ended.epochs} epochs in {ended.seconds:.1f} s ({speed:,.0f} samples/s): "
        f"{figures_in_words(ended.figures)}"
    )
    output.summary(
        "\n".join(filter(None, (words, remark))),
        run=ended.run, device=started.device if started else "", seconds=round(ended.seconds, 3),
        samples_per_second=round(speed, 1), epochs=ended.epochs, outcome=ended.outcome, metrics=ended.figures,
        notes=[*told, *filter(None, (remark,))],
    )  # fmt: skip


def _refuse_two_starts(*, resume: bool, keep_weights: bool, weights: Path | None) -> None:
    if resume and (keep_weights or weights is not None):
        name = "--keep-weights" if keep_weights else "--weights"
        raise BadInput(f"a run that goes on keeps its weights anyway: leave out {name}")
    if keep_weights and weights is not None:
        raise BadInput(
            "a training begins with one set of weights: leave out --keep-weights or --weights"
        )


def _initial(
    output: Output,
    project: ProjectFolder,
    learning: tuple[ProjectSpec, LoadedData, Mapping[str, LayerFacts]],
    *,
    keep_weights: bool,
    weights: Path | None,
) -> Trained | None:
    """Return the weights that a new run begins with, and say so; None: new ones.

    A project made of a model file begins its first training with that model's weights.
    """
    spec, data, facts = learning
    if weights is not None:
        loaded = heavy.filled(weights, spec, data.info, data)
        output.event("weights", loaded.sentence, anew=sorted(loaded.trained.fresh))
        return loaded.trained
    if not keep_weights and not heavy.begins_with_opened(project.path):
        return None
    initial = _trained(output, project, None)
    _say_kept(output, initial, spec, facts)
    return initial


def evaluate(output: Output, folder: Path, run: str | None) -> None:
    """Measure a trained network on the samples that its run kept apart for the test."""
    project = ProjectFolder(folder)
    trained = _trained(output, project, run)
    data = _data_of(project, trained)
    held_out = heavy.held_out(trained, project.path, data)
    part = held_out.part
    if not len(part):
        raise BadInput(
            "the project keeps no test part: set data.split.test above 0 and train again"
        )
    evaluation = heavy.evaluate(trained, part)
    words = f"{len(part)} test samples{_of_moment(trained)}: {figures_in_words(evaluation.metrics)}"
    output.summary(
        "\n".join((*held_out.notes, words)),
        run=trained.run, epochs=trained.epochs, samples=len(part), metrics=evaluation.metrics,
        labels=evaluation.labels, confusion=evaluation.confusion, notes=held_out.notes,
    )  # fmt: skip


def classify(output: Output, model: Path, files: list[Path], top: int) -> None:
    """Classify pictures; a file that cannot be used is reported and the others go on."""
    opened = heavy.OpenedModel(_model_file(output, model))
    refusals = []
    for file in files:
        try:
            answers, depth = opened.classify(file, top)
        except NetsmithError as error:
            refusals.append(error)
            words = failures.sentence(error)
            output.event("file", words if len(files) > 1 else "", file=str(file), error=words)
        else:
            words = ", ".join(f"{label} {share:.1%}" for label, share in answers)
            pairs = [{"label": label, "probability": share} for label, share in answers]
            read_as = f" (read as {depth})" if depth else ""
            output.event(
                "file", f"{quoted(file, _LONGEST_PATH)}{read_as}: {words}", file=str(file), top=pairs,
                depth=depth,
            )  # fmt: skip
    failed = len(refusals)
    words = f"{len(files) - failed} of {len(files)} files classified" if len(files) > 1 else ""
    output.summary(words, files=len(files), failed=failed)
    if failed == len(files):
        raise (
            refusals[-1]
            if failed == 1
            else BadInput("none of the files could be classified: see above")
        )


def predict(output: Output, model: Path, inputs: Path, out: Path) -> None:
    """Send arrays through a network."""
    opened = heavy.OpenedModel(_model_file(output, model))
    arrays = opened.predict(inputs, out)
    output.summary(
        "; ".join(f"{name}: {'×'.join(map(str, array.shape))}" for name, array in arrays.items()),
        inputs=opened.input_shapes, outputs={name: list(array.shape) for name, array in arrays.items()}, path=str(out),
    )  # fmt: skip


def export(output: Output, folder: Path, format_id: str, out: Path, *, overwrite: bool) -> None:
    """Write the trained model and prove it."""
    check_target(format_id, out.absolute(), overwrite=overwrite)
    project = ProjectFolder(folder)
    trained = _trained(output, project, None)
    data, notes = _data_to_compare(project, trained)
    report = heavy.export_model(trained, format_id, out, data, overwrite)
    notes = (*notes, report.remark) if report.remark else notes
    words = (
        f"{quoted(out, _LONGEST_PATH)}: {report.bytes:,} bytes, largest difference {report.max_abs_difference:.1e}"
        f" over {report.samples} samples"
    )
    output.summary(
        "\n".join((*notes, words)), notes=notes,
        format=report.format, path=str(report.path), bytes=report.bytes, samples=report.samples,
        max_abs_difference=report.max_abs_difference, agreement=report.agreement, milliseconds=report.milliseconds,
    )  # fmt: skip


def _data_of(project: ProjectFolder, trained: Trained) -> LoadedData:
    """Return the data that a run names, wherever its file lies now."""
    return heavy.load_data(trained.spec.data, project=project.path, now=project.read().data)


def _data_to_compare(
    project: ProjectFolder, trained: Trained
) -> tuple[LoadedData | None, tuple[str, ...]]:
    """Return the samples that a model and its exported file are asked, and what is to be said of them."""
    try:
        data = _data_of(project, trained)
    except NetsmithError as error:
        return None, (f"The data is not at hand, so both were asked made-up samples: {error}",)
    if trained.data_key and data.parts.key != trained.data_key:
        return data, (
            "The data is no longer what the run learned; the file answers as the run does.",
        )
    return data, ()


def inspect(output: Output, model: Path) -> None:
    """List a model's layers."""
    summary = heavy.inspect_model(model)
    lines = [
        f"{row.name}  {row.kind}  {row.output_shape}  {row.parameters:,}" for row in summary.layers
    ]
    output.summary(
        "\n".join([*lines, f"{summary.parameters:,} parameters"]),
        layers=[{"name": row.name, "kind": row.kind, "output_shape": row.output_shape, "parameters": row.parameters}
                for row in summary.layers],
        parameters=summary.parameters, inputs=summary.inputs, outputs=summary.outputs,
    )  # fmt: skip


def _say_kept(
    output: Output, trained: Trained, spec: ProjectSpec, facts: Mapping[str, LayerFacts]
) -> None:
    """Tell which layers keep what the trained model learned."""
    found = kept(
        trained.spec.network, _weights(_facts(trained.spec, trained.info)), spec.network, _weights(facts)
    )  # fmt: skip
    output.event("weights", in_words(found), kept=sorted(found.sources), anew=list(found.anew))


def _weights(facts: Mapping[str, LayerFacts]) -> Shapes:
    return {name: fact.weights for name, fact in facts.items()}


def _facts(spec: ProjectSpec, info: DataInfo) -> Mapping[str, LayerFacts]:
    heavy.load_tensorflow()
    return heavy.Shapes().facts(spec, info)


def _with_settings(spec: ProjectSpec, settings: list[str]) -> ProjectSpec:
    for setting in settings:
        spec = with_setting(spec, setting)
    return spec


def _with_data_settings(choice: DataSpec, settings: list[str]) -> DataSpec:
    for setting in settings:
        if not setting.strip().startswith("data."):
            raise BadInput(
                f'"{quoted(setting, 40)}" is no setting of the data: here only data.... can be set'
            )
    return _with_settings(ProjectSpec(data=choice), settings).data


def _say(output: Output, notes: tuple[str, ...]) -> None:
    for note in notes:
        output.event("note", note, text=note)


def _tell(output: Output, notes: tuple[str, ...], issues: tuple[Issue, ...]) -> tuple[str, ...]:
    """Say notes on the data and warnings, and return them."""
    _say(output, notes)
    warnings = tuple(issue.sentence for issue in issues if issue.severity == "warning")
    for warning in warnings:
        output.event("warning", f"warning: {warning}", text=warning)
    return (*notes, *warnings)


def _past(project: ProjectFolder, spec: ProjectSpec, settings: list[str]) -> Resumable:
    """Return the run to go on with; BadInput in one sentence if there is none or it does not fit the project.

    What may change during a run (epochs, rate, batch size ...) stays as the run had it, unless ``settings`` say
    otherwise: they may have been given for that run only.
    """
    past = heavy.resumable(project.path)
    wanted = _with_settings(past.run.spec, settings)
    problem = misfit(past, spec) or completed(past, wanted)
    if problem:
        raise BadInput(problem)
    return past


def _refuse_errors(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        if issue.severity == "error":
            raise BadInput(issue.sentence)


def _of_moment(trained: Trained) -> str:
    """Return when in its run a model was written, in words; "" where nobody knows."""
    if trained.epochs is None or trained.opened:
        return ""
    return f", weights after epoch {trained.epochs} of {trained.spec.training.epochs}"


def _trained(output: Output, project: ProjectFolder, run: str | None) -> Trained:
    """Return the trained model of a run (None: the last that left weights)."""
    return heavy.restore(project.path, _last_run(output, project, run))


def _last_run(output: Output, project: ProjectFolder, run: str | None = None) -> RunRecord:
    project.read()
    found = heavy.last_run(project.path, run)
    if found is None:
        raise BadInput(
            f'"{quoted(project.path.name)}" has no trained weights yet: run "train" first'
        )
    lost = heavy.lost_after(project.path, found) if run is None else None
    if lost is not None:
        output.complain(f"run {lost.number} left no weights: those of run {found.number} are used")
    return found


def _model_file(output: Output, model: Path) -> Path:
    """Return the model file, or the SavedModel folder, that a project folder or a path means."""
    if not os.path.isdir(model) or os.path.lexists(model / SAVED_MODEL):
        return model
    project = ProjectFolder(model)
    return heavy.checkpoint_of(project.path, _last_run(output, project).id)
