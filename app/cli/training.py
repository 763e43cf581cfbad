"""The verb that trains."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app import heavy
from app.cli.observing import OWNER, probes_of
from app.cli.output import Output, figures_in_words
from app.cli.rescue import checked
from app.cli.shared import layer_facts, say, say_lost
from app.cli.watcher import Watcher, progress_bar
from app.system.signals import stopped_by_signals
from engine.errors import BadInput
from engine.models.transfer import Shapes, match_weights, transfer_text
from engine.runs.trained import Trained
from engine.spec.issues import LayerFacts
from engine.spec.project import ProjectSpec
from engine.training.live.control import TrainingControl
from engine.training.live.events import RunEnded, RunStarted


def train(
    output: Output, folder: Path, settings: list[str],
    *, resume: bool = False, keep_weights: bool = False, weights: Path | None = None, observe: list[str],
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
    observe
        What to print while it trains: a kind of probe and a layer each, ``"activations:conv2d"``.
    """
    _refuse_two_starts(resume=resume, keep_weights=keep_weights, weights=weights)
    prepared = heavy.prepare(folder, settings, resume=resume)
    probes = probes_of(observe, prepared.spec)
    told = _tell(output, prepared)
    initial = _initial(output, prepared, keep_weights=keep_weights, weights=weights)
    control = TrainingControl()
    control.observe(OWNER, probes)
    with progress_bar() as progress, stopped_by_signals(control.stop):
        watcher = Watcher(output, progress, is_new=initial is None)
        files = prepared.run(watcher, control, initial)
    ended = checked(output, watcher.ended, files, prepared.spec)
    remark = watcher.witness.remark(prepared.spec.training, prepared.data.info, ended)
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
    output: Output, prepared: heavy.PreparedTraining, *, keep_weights: bool, weights: Path | None
) -> Trained | None:
    """Return the weights that a new run begins with, and say so; None: new ones."""
    if weights is not None:
        data = prepared.data
        loaded = heavy.filled(weights, prepared.spec, data.info, data)
        output.event("weights", loaded.sentence, anew=sorted(loaded.trained.fresh))
        return loaded.trained
    found = prepared.initial_run(keep_weights=keep_weights)
    if found is None:
        return None
    say_lost(output, prepared.project, found)
    initial = heavy.restore(prepared.project.path, found)
    _say_kept(output, initial, prepared.spec, prepared.facts)
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


def _tell(output: Output, prepared: heavy.PreparedTraining) -> tuple[str, ...]:
    """Say notes on the data and warnings, and return them."""
    say(output, prepared.notes)
    warnings = tuple(issue.sentence for issue in prepared.issues if issue.severity == "warning")
    for warning in warnings:
        output.event("warning", f"warning: {warning}", text=warning)
    return (*prepared.notes, *warnings)
