"""What the program remembers between two starts, beside projects: plain values in one JSON file."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import Field, ValidationError

from engine import storage
from engine.errors import NetsmithError
from engine.machine.user_folder import home
from engine.spec.base import Frozen

_LOG = logging.getLogger(__name__)
_MOST_RECENT = 12


class Settings(Frozen):
    """Remembered values; one that is damaged or unknown falls back to its default.

    Attributes
    ----------
    theme
        ``"system"``, ``"light"`` or ``"dark"``.
    recent
        Paths of projects, the last opened first.
    window, studio
        Qt's geometry of the window and state of the Studio's docks, base64.
    view_limit
        Share of the training's time that live views may take.
    keeps_weights
        A new training begins with what the layers learned.
    block_bars
        The cost that bars in the blocks show, ``"off"`` for none.
    thumbnails
        What the blocks show small: their weights, what they give for the pinned sample, or ``"off"``.
    watchable
        Trainings that would be over in a moment are slowed in the window.
    last_folder
        Where the last file was chosen, for the next dialog.
    training_groups
        The groups of the training form that are open.
    """

    theme: str = Field(default="system", pattern="^(system|light|dark)$")
    recent: tuple[str, ...] = ()
    window: str = Field(default="", max_length=100_000)
    studio: str = Field(default="", max_length=100_000)
    view_limit: float = Field(default=0.05, ge=0.005, le=0.5)
    keeps_weights: bool = False
    block_bars: str = Field(default="parameters", pattern="^(off|parameters|multiply_adds|memory)$")
    thumbnails: str = Field(default="weights", pattern="^(off|weights|activations)$")
    watchable: bool = True
    last_folder: str = Field(default="", max_length=4096)
    training_groups: tuple[str, ...] = ()

    def with_recent(self, path: Path) -> Settings:
        """Return the settings with a project moved to the front of the recent ones."""
        others = tuple(item for item in self.recent if item != str(path))
        changed: Settings = self.but(recent=(str(path), *others)[:_MOST_RECENT])
        return changed


class SettingsFile:
    """Reads and writes `Settings`; never fails.

    Attributes
    ----------
    on_failure
        Called with a sentence when the settings cannot be kept, once for each reason.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.on_failure: Callable[[str], None] = lambda _sentence: None
        self._path = path or home() / "settings.json"
        self._failure = ""

    def read(self) -> Settings:
        """Return what was remembered; a damaged file is set aside as ``settings.json.damaged``."""
        if not self._path.exists():
            return Settings()
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            known = {key: value for key, value in content.items() if key in Settings.model_fields}
        except (OSError, ValueError, AttributeError, RecursionError):
            self._set_aside()
            return Settings()
        for name in list(known):
            try:
                Settings(**{name: known[name]})
            except (ValidationError, TypeError):
                _LOG.warning("setting %s is damaged; the default is used", name)
                del known[name]
        return Settings(**known)

    def write(self, settings: Settings) -> None:
        """Remember the settings."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            storage.write_text(self._path, settings.model_dump_json(indent=1))
        except (OSError, NetsmithError) as error:
            _LOG.warning("settings were not kept: %s", error)
            reason = storage.why(error) if isinstance(error, OSError) else str(error)
            self._fail(f"Your settings are not kept: {reason}")
        else:
            self._fail("")

    def _fail(self, sentence: str) -> None:
        is_new, self._failure = sentence != self._failure, sentence
        if sentence and is_new:
            self.on_failure(sentence)

    def _set_aside(self) -> None:
        _LOG.warning("the settings were damaged; they are set aside")
        try:
            self._path.replace(self._path.with_suffix(".json.damaged"))
        except OSError:
            _LOG.warning("the damaged settings could not be set aside")
