"""The verb that trains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app import heavy
from app.app_model import Trained
from app.cli.output import Output, figures_in_words
from app.cli.rescue import checked
from app.cli.shared import layer_facts, say, trained_model, with_settings
from app.cli.watcher import Watcher, progress_bar
from app.project_folder import ProjectFolder
from app.system.signals import stopped_by_signals
from engine.data.loaded import LoadedData
from engine.data.sets import describe
from engine.errors import BadInput
from engine.models.transfer import Shapes, match_weights, transfer_text
from engine.runs.resuming import Resumable, completed, misfit
from engine.spec.issues import Issue, LayerFacts
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunStarted, new_run_id
from engine.validation import validate

_ROOM_BYTES = 1024 * 1024  # history and description of a run
# float32, the old file and the new one beside it: weights; and in the state weights, two moments and the best.
_BYTES_A_PARAMETER = 2 * 4 * 5


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
    spec = with_settings(project.read(), settings)
    project.sweep()
    past = _past(project, spec, settings) if resume else None
    if past is not None:
        spec = with_settings(past.run.spec, settings)
    _refuse_errors(validate(spec, describe(spec.data), {}))
    data = heavy.load_data(spec.data, project=project.path, now=project.read().data)
    if past is not None:
        past = heavy.resumable(project.path, data)
    facts = layer_facts(spec, data.info)
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
    initial = trained_model(output, project, None)
    _say_kept(output, initial, spec, facts)
    return initial


def _say_kept(
    output: Output, trained: Trained, spec: ProjectSpec, facts: Mapping[str, LayerFacts]
) -> None:
    """Tell which layers keep what the trained model learned."""
    found = match_weights(
        trained.spec.network, _weights(layer_facts(trained.spec, trained.info)), spec.network, _weights(facts)
    )  # fmt: skip
    output.event("weights", transfer_text(found), kept=sorted(found.sources), anew=list(found.anew))


def _weights(facts: Mapping[str, LayerFacts]) -> Shapes:
    return {name: fact.weights for name, fact in facts.items()}


def _tell(output: Output, notes: tuple[str, ...], issues: tuple[Issue, ...]) -> tuple[str, ...]:
    """Say notes on the data and warnings, and return them."""
    say(output, notes)
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
    wanted = with_settings(past.run.spec, settings)
    problem = misfit(past, spec) or completed(past, wanted)
    if problem:
        raise BadInput(problem)
    return past


def _refuse_errors(issues: tuple[Issue, ...]) -> None:
    for issue in issues:
        if issue.severity == "error":
            raise BadInput(issue.sentence)
