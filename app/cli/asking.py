"""The verbs that ask a trained model, or any model file."""

from __future__ import annotations

import os
from pathlib import Path

from app import failures, heavy
from app.cli.output import Output, figures_in_words
from app.cli.shared import last_run, trained_model
from engine.data.loaded import LoadedData
from engine.errors import BadInput, NetsmithError, quoted
from engine.export.table import SAVED_MODEL, check_target
from engine.runs.project_folder import ProjectFolder
from engine.runs.trained import NO_ANSWERS, Trained
from engine.training.procedures import procedure_of

_LONGEST_PATH = 400  # letters of a path that is printed


def evaluate(output: Output, folder: Path, run: str | None) -> None:
    """Measure a trained network on the samples that its run kept apart for the test."""
    project = ProjectFolder(folder)
    record = last_run(output, project, run)
    if not procedure_of(record.spec).answers:
        raise BadInput(NO_ANSWERS)
    trained = heavy.restore(project.path, record)
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
    opened = heavy.OpenedModel(_model_file(output, model, asked=True))
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
    words = "; ".join(f"{name}: {'×'.join(map(str, each.shape))}" for name, each in arrays.items())
    notes = heavy.answer_notes(arrays)
    output.summary(
        "\n".join((*notes, words)), notes=notes,
        inputs=opened.input_shapes, outputs={name: list(each.shape) for name, each in arrays.items()}, path=str(out),
    )  # fmt: skip


def generate(
    output: Output, folder: Path, run: str | None, count: int, seed: int, out: Path
) -> None:
    """Let a trained generator make samples and write them."""
    project = ProjectFolder(folder)
    record = last_run(output, project, run)
    if procedure_of(record.spec).generator is None:
        raise BadInput(
            "this network answers to samples and makes none: begin with a template such as gan_points"
        )
    trained = heavy.restore(project.path, record)
    heavy.check_out(out, trained.info)
    samples = heavy.generate(trained, count, seed)
    heavy.write_samples(out, samples, trained.info)
    output.summary(
        f"{quoted(out, _LONGEST_PATH)}: {count:,} samples{_of_moment(trained)}",
        run=trained.run, samples=count, shape=list(samples.shape[1:]), seed=seed, out=str(out),
    )  # fmt: skip


def export(output: Output, folder: Path, format_id: str, out: Path, *, overwrite: bool) -> None:
    """Write the trained model and prove it."""
    check_target(format_id, out.absolute(), overwrite=overwrite)
    project = ProjectFolder(folder)
    trained = trained_model(output, project, None)
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


def _of_moment(trained: Trained) -> str:
    """Return when in its run a model was written, in words; "" where nobody knows."""
    if trained.epochs is None or trained.opened:
        return ""
    return f", weights after epoch {trained.epochs} of {trained.spec.training.epochs}"


def _model_file(output: Output, model: Path, *, asked: bool = False) -> Path:
    """Return the model file, or the SavedModel folder, that a project folder or a path means.

    Parameters
    ----------
    asked
        It is to answer to samples: a project whose networks give no answers is refused.
    """
    if not os.path.isdir(model) or os.path.lexists(model / SAVED_MODEL):
        return model
    project = ProjectFolder(model)
    run = last_run(output, project)
    if asked and not procedure_of(run.spec).answers:
        raise BadInput(NO_ANSWERS)
    return heavy.checkpoint_of(project.path, run.id)
