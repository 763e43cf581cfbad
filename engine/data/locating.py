"""Find a local data file that was moved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.spec.data import DataSpec


def located(spec: DataSpec, project: Path, now: DataSpec | None = None) -> DataSpec:
    """Return a choice of data whose file is there, as far as it can be found.

    A file or folder that is not where the choice says is looked for where the project looks for its data now, then by
    its name in the project's folder and beside it. What is found may be another file of that name: who must know asks
    `engine.runs.sample_parts` for its content.

    Parameters
    ----------
    project
        The project's folder.
    now
        The project's own choice, where ``spec`` is that of an earlier run.

    Returns
    -------
    spec
        As given if nothing is missing or nothing was found.
    """
    if spec.path is None or _exists(spec.path):
        return spec
    found = next((place for place in _places(spec, project, now) if _exists(place)), None)
    return spec if found is None else spec.but(path=found)


def _places(spec: DataSpec, project: Path, now: DataSpec | None) -> Iterator[str]:
    if now is not None and now.reader == spec.reader and now.path is not None:
        yield now.path
    name = (spec.path or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    if name:
        yield str(project / name)
        yield str(project.parent / name)


def _exists(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))
