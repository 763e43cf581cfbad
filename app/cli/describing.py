"""The verb that tells what data a file or folder holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app import heavy
from app.cli.output import Output
from app.cli.shared import feature_facts
from engine.data.choice import find, recognised
from engine.data.findings import Finding
from engine.errors import BadInput, quoted
from engine.spec.data import DataSpec

_MOST_PRINTED = 20  # details of a finding


def data(output: Output, path: Path, reader: str | None) -> None:
    """Tell what a file or folder holds, as a project would read it; nothing is made.

    Parameters
    ----------
    reader
        Id of a reader; None: the one that recognises it.
    """
    if not os.path.exists(path):
        raise BadInput(f'there is no file or folder "{quoted(path.name, 60)}": check the path')
    row = find(reader) if reader is not None else recognised(path)
    if not row.takes_path:
        raise BadInput(f'"{row.id}" reads no files: leave out --reader, or name one that does')
    found = heavy.load_data(DataSpec(reader=row.id, path=str(path.resolve())))
    info = found.info
    classes = list(info.labels) if info.task == "classification" else []
    for finding in found.findings:
        output.event("finding", _in_lines(finding), **_facts(finding))
    notes = heavy.data_notes(found)[: len(info.notes)]
    words = f"{info.title}: {row.title}, {sum(info.counts):,} samples"
    if classes:
        words += f", {len(classes)} classes: {quoted(', '.join(classes), 200)}"
    features = [
        *({**feature_facts(feature), "role": "input"} for feature in info.inputs),
        *({**feature_facts(feature), "role": "target"} for feature in info.targets),
    ]
    output.summary(
        "\n".join((*notes, words)),
        reader=row.id, path=str(path.resolve()), samples=sum(info.counts),
        parts=dict(zip(("training", "validation", "test"), info.counts, strict=True)),
        features=features, classes=classes, class_counts=list(info.class_counts),
        findings=[_facts(finding) for finding in found.findings], notes=notes,
    )  # fmt: skip


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind, "text": finding.text, "rows": list(finding.rows),
        "details": list(finding.details),
    }  # fmt: skip


def _in_lines(finding: Finding) -> str:
    """Return a finding and what it is about, a line each."""
    more = len(finding.details) - _MOST_PRINTED
    lines = [*finding.details[:_MOST_PRINTED], *([f"and {more:,} more"] if more > 0 else [])]
    return "\n".join((finding.text, *(f"  {line}" for line in lines)))
