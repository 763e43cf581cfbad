"""Settings as a shell gives them, ``PATH=VALUE``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast, get_args

from engine.data.choice import describe
from engine.data.preprocessing import Scaling
from engine.editing.preprocessing import with_scaling_edited
from engine.errors import SpecError, quoted
from engine.spec.paths import with_setting
from engine.spec.project import ProjectSpec

_SCALING: Final = "data.scaling"


def with_settings(spec: ProjectSpec, settings: Iterable[str]) -> ProjectSpec:
    """Return the description with several values replaced, one after the other; see `with_setting`.

    Settings of version 0.1 are understood: ``data.scaling`` puts in the blocks that scale so, ``data.source`` is
    ``data.reader``.
    """
    for setting in map(_of_today, settings):
        scaling = scaling_setting(setting)
        if scaling is None:
            spec = with_setting(spec, setting)
        else:
            spec = with_scaling_edited(spec, scaling, describe(spec.data))
    return spec


def _of_today(setting: str) -> str:
    path, equals, value = setting.partition("=")
    return f"data.reader={value}" if equals and path.strip() == "data.source" else setting


def scaling_setting(setting: str) -> Scaling | None:
    """Return what ``data.scaling=...`` asks for, None if a setting is another.

    Raises
    ------
    SpecError
        If there is no such scaling.
    """
    path, equals, value = setting.partition("=")
    if path.strip() != _SCALING or not equals:
        return None
    known = get_args(Scaling)
    wanted = value.strip().strip('"')
    if wanted not in known:
        problem = f'must be one of {", ".join(known)}, not "{quoted(wanted, 30)}"'
        raise SpecError(_SCALING, problem)
    return cast("Scaling", wanted)
