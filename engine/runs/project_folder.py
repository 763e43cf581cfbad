"""A project on disk: a folder of standard files.

``project.json`` the description, ``runs.sqlite`` every run's settings and figures, ``runs/<id>/last.keras`` weights
that Keras opens without Netsmith.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
import time
from pathlib import Path

from engine import storage
from engine.data.readers import READERS
from engine.errors import BadInput, JobFailed, NetsmithError, quoted
from engine.machine.user_folder import home
from engine.runs.database import FILE_NAME as RUN_STORE
from engine.runs.database import copy_database
from engine.runs.locking import FILE_NAME as TRAINING_LOCK
from engine.runs.locking import FileLock
from engine.spec import codec
from engine.spec.project import ProjectSpec

DESCRIPTION = "project.json"
RUNS = "runs"
_LOCK = ".netsmith.lock"
_LOCK_ATTEMPTS = 10  # a tenth of a second
_READ_AT_ONCE = 2_000_000  # bytes of a description that a menu may read
_LOG = logging.getLogger(__name__)
_NOT_COPIED = shutil.ignore_patterns(_LOCK, ".*.part*", TRAINING_LOCK, RUN_STORE, f"{RUN_STORE}-*")


class ProjectFolder:
    """One project's folder; reading and writing its description.

    Attributes
    ----------
    path
        Absolute path of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.abspath(path))

    @property
    def runs(self) -> Path:
        """Folder of the runs' weights."""
        return self.path / RUNS

    @property
    def has_description(self) -> bool:
        """There is a project in the folder."""
        return (self.path / DESCRIPTION).is_file()

    def in_words(self) -> str:
        """Return what a menu calls the project: its name, its data, its folder and when it was changed last."""
        file = self.path / DESCRIPTION
        try:
            content = json.loads(file.read_bytes()) if file.stat().st_size < _READ_AT_ONCE else {}
            data = content["data"]
            reader = str(data["reader"] if "reader" in data else data["source"])  # of schema 1
            changed = time.strftime("%d %b %H:%M", time.localtime(file.stat().st_mtime))
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            reader, changed = "", ""
        title = READERS[reader].title if reader in READERS else ""
        parts = (quoted(self.path.name, 60), title, f"in {_shortened(self.path.parent)}", changed)
        return "  ·  ".join(part for part in parts if part)

    def remove_untouched(self) -> None:
        """Remove a project that is as it was made; whatever else lies in the folder keeps it."""
        known = {DESCRIPTION, RUNS, _LOCK}
        try:
            if {each.name for each in self.path.iterdir()} <= known and not any(
                self.runs.iterdir()
            ):
                self.runs.rmdir()
                for name in (DESCRIPTION, _LOCK):
                    (self.path / name).unlink(missing_ok=True)
                self.path.rmdir()
        except OSError as error:
            _LOG.info("an untouched project stays: %s", error)

    def read(self) -> ProjectSpec:
        """Return the description; BadInput in one sentence if there is none that can be used."""
        name = quoted(self.path.name)
        file = self.path / DESCRIPTION
        if not os.path.exists(self.path):  # False for a name too long, too
            raise BadInput(f'there is no folder "{name}": check the path or make it with "new"')
        if not os.path.isdir(self.path):
            raise BadInput(
                f'"{name}" is a file, not a project folder: name the folder that holds {DESCRIPTION}'
            )
        if not file.is_file():
            raise BadInput(
                f'"{name}" is not a project (it has no {DESCRIPTION}): make one with "new"'
            )
        try:
            if file.stat().st_size > codec.LARGEST_BYTES:
                raise BadInput(
                    f'"{DESCRIPTION}" of "{name}" is far too large: restore it from a copy'
                )
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(
                f'"{DESCRIPTION}" of "{name}" is damaged: restore it from a copy'
            ) from error
        except OSError as error:
            raise BadInput(
                f'"{name}" cannot be read ({quoted(error.strerror or "")}): check its permissions'
            ) from error
        return codec.decode(text)

    def write(self, spec: ProjectSpec) -> None:
        """Replace the description in one step; JobFailed if the disk refuses, or the project is gone."""
        if not self.runs.is_dir() and not (self.path / DESCRIPTION).exists():
            # Its disk may be gone: the folder at its place is another.
            raise JobFailed(
                f'the project "{quoted(self.path.name, 60)}" is gone from its place: save it elsewhere'
            )
        storage.write_text(self.path / DESCRIPTION, codec.encode(spec))

    def create(self, spec: ProjectSpec) -> None:
        """Make the folder with its first description; BadInput if something is there already."""
        if os.path.exists(self.path) and (not self.path.is_dir() or any(self.path.iterdir())):
            raise BadInput(
                f'"{quoted(self.path.name)}" exists and is not empty: choose another folder'
            )
        had_folder = os.path.exists(self.path)
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(
                f'the folder "{quoted(self.path.name)}" cannot be made ({quoted(error.strerror or "")}): choose another'
            ) from error
        try:
            self.write(spec)
        except NetsmithError:  # a full disk: what was made for nothing goes again
            with contextlib.suppress(OSError):
                self.runs.rmdir()
                if not had_folder:
                    self.path.rmdir()
            raise

    def check_room(self, wanted_bytes: int) -> None:
        """Refuse a folder that cannot take a run's weights, before hours of training; BadInput says why."""
        name = quoted(self.path.name, 40)
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise BadInput(f'writing into "{name}" is not allowed: copy the project elsewhere')
        if shutil.disk_usage(self.path).free < wanted_bytes:
            raise BadInput(f'the disk of "{name}" is too full to keep the weights: free some space')

    def copy_to(self, target: ProjectFolder) -> None:
        """Copy the whole project; BadInput if something is there already. A failed copy leaves nothing behind."""
        if target.path.exists() and (not target.path.is_dir() or any(target.path.iterdir())):
            raise BadInput(
                f'"{quoted(target.path.name)}" exists and is not empty: choose another folder'
            )
        unfinished = target.path.parent / f".{target.path.name}.{os.getpid()}.part"
        try:
            shutil.copytree(self.path, unfinished, ignore=_NOT_COPIED)
            copy_database(self.path, unfinished)  # whole, also while a run is recorded in it
            (unfinished / RUNS).mkdir(exist_ok=True)
            if target.path.exists():
                target.path.rmdir()
            unfinished.replace(target.path)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise BadInput(
                f'the project cannot be saved as "{quoted(target.path.name)}" ({quoted(error.strerror or "")})'
            ) from error

    def sweep(self) -> None:
        """Remove what killed processes left half written."""
        storage.sweep(self.path)
        for run in self.runs.glob("*/"):
            storage.sweep(run)

    def lock(self) -> FileLock:
        """Return the taken lock of this project; BadInput if another window holds it."""
        lock = FileLock(self.path / _LOCK)
        if not lock.acquire(_LOCK_ATTEMPTS):
            raise BadInput(
                f'"{quoted(self.path.name)}" is open in another Netsmith window: close it there or open another project'
            )
        return lock


def _shortened(folder: Path) -> str:
    """Return a folder as people write it, with ``~`` for their own."""
    if folder == home() / "projects":
        return "Netsmith's projects"
    with contextlib.suppress(ValueError):
        return f"~/{folder.relative_to(Path.home())}".removesuffix("/.")
    return str(folder)


def new_untitled() -> ProjectFolder:
    """Return a folder in the user's data folder that is not taken yet."""
    projects = home() / "projects"
    for number in itertools.count(1):
        path = projects / ("Untitled" if number == 1 else f"Untitled {number}")
        if not path.exists():
            return ProjectFolder(path)
    raise AssertionError  # itertools.count does not end
