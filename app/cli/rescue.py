"""How a training ended for the disk: what it did not take is said, and saved in the user's folder."""

from __future__ import annotations

from app import heavy
from app.cli.output import Output
from engine.errors import JobFailed, NetsmithError, quoted
from engine.machine.user_folder import home
from engine.runs.project_folder import ProjectFolder
from engine.spec.project import ProjectSpec
from engine.training.live.events import RunEnded

RESCUED = "rescued"
_LONGEST_PATH = 400  # letters of a path that is printed


def checked(
    output: Output, ended: RunEnded | None, files: heavy.RunFiles, spec: ProjectSpec
) -> RunEnded:
    """Return how a training ended.

    Raises
    ------
    JobFailed
        If it failed, or if its project does not hold all of it; what that holds instead is said.
    """
    if ended is None:
        raise JobFailed("the training ended without a result")
    lost = files.lost(ended)
    if lost:
        _rescue(output, files, spec)
    if ended.outcome == "failed":
        if lost:
            output.complain(lost)
        raise JobFailed(ended.error)
    if lost:
        raise JobFailed(lost)
    return ended


def _rescue(output: Output, files: heavy.RunFiles, spec: ProjectSpec) -> None:
    """Save a run whose weights are not on disk as a project of its own, and say where; silent if that fails too."""
    if "weights" not in files.writes.failed:
        return
    target = ProjectFolder(home() / RESCUED / files.run)
    try:
        target.create(spec)
    except NetsmithError:
        return
    files.move_to(target.path)
    files.write_again()
    if "weights" not in files.writes.failed:
        path = str(target.path)
        output.event("saved_elsewhere", path=path)
        output.complain(f'what was learned is saved as the project "{quoted(path, _LONGEST_PATH)}"')
