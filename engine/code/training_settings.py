"""Translate the arguments of ``compile`` and ``fit`` into training settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from engine.code.keras_names import FAMILIES, family_of, kind_named
from engine.code.parameters import kind_of, parameters_of
from engine.code.values import Dotted, Made, NotUnderstood, Settings
from engine.spec.base import ObjectSpec
from engine.spec.training import EarlyStoppingSpec, TrainingSpec

_AUTO: Final = ObjectSpec(kind="auto")
_ACCURACY: Final = frozenset({"accuracy", "acc"})


def training_settings(settings: Settings) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the fields of `TrainingSpec` that the script gives, and those that were not understood.

    Nothing is refused: fields that were not understood keep the project's values.
    """
    compiled, fitted = settings.compiled, settings.fitted
    requests: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
        ("optimizer", compiled.get("optimizer"), lambda value: _object("optimizers", value)),
        ("loss", compiled.get("loss"), lambda value: _object("losses", value)),
        ("metrics", compiled.get("metrics"), _metrics),
        ("epochs", fitted.get("epochs"), _whole),
        ("batch_size", fitted.get("batch_size"), _whole),
        ("seed", settings.seed, _whole),
        ("early_stopping", _stopping_in(fitted.get("callbacks")), _early_stopping),
    )
    found: dict[str, Any] = {}
    left: list[str] = []
    for name, value, read in requests:
        made = None if value is None else _read(name, value, read)
        if made is not None:
            found[name] = made
        elif value is not None:
            left.append(name)
    return found, tuple(left)


def _read(name: str, value: Any, read: Callable[[Any], Any]) -> Any:
    """Return a setting, None if it was not understood or is invalid."""
    try:
        made = read(value)
        return None if made is None else getattr(TrainingSpec(**{name: made}), name)
    except (NotUnderstood, ValidationError):
        return None


def _object(module: str, value: Any) -> ObjectSpec | None:
    made = value
    if isinstance(value, Dotted):
        made = Made(family_of(value.path), value.path.rpartition(".")[2], (), {}, 1)
    elif isinstance(value, str):
        made = Made(module, value, (), {}, 1)
    if not isinstance(made, Made) or made.family != module:
        return None
    if kind_named(FAMILIES[module], made.name) is None:
        return None
    kind = kind_of(made)
    known = {name: value for name, value in made.named.items() if name != "name"}
    plain = Made(made.family, made.name, made.positional, known, made.line)
    return ObjectSpec(kind=kind.name, parameters=parameters_of(plain, kind))


def _metrics(value: Any) -> tuple[ObjectSpec, ...] | None:
    items = value if isinstance(value, (list, tuple)) else (value,)
    made = [
        _AUTO if item in _ACCURACY else _object("metrics", item) for item in map(_hashable, items)
    ]
    found = tuple(each for each in made if each is not None)
    return found if len(found) == len(made) else None


def _hashable(item: Any) -> Any:
    return item if isinstance(item, (str, Made, Dotted)) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _stopping_in(callbacks: Any) -> Made | None:
    items = callbacks if isinstance(callbacks, (list, tuple)) else (callbacks,)
    found = (each for each in items if isinstance(each, Made) and each.name == "EarlyStopping")
    return next(found, None)


_STOPPING: Final[Mapping[str, str]] = {
    "monitor": "monitor",
    "min_delta": "min_delta",
    "patience": "patience",
    "restore_best_weights": "restore_best",
}


def _early_stopping(made: Made) -> EarlyStoppingSpec:
    named = dict(zip(("monitor", "min_delta", "patience"), made.positional, strict=False))
    told = {
        ours: value
        for theirs, ours in _STOPPING.items()
        if (value := {**named, **made.named}.get(theirs)) is not None
    }
    told.setdefault("restore_best", False)  # Keras's default
    told["patience"] = max(1, told.get("patience", 1))
    return EarlyStoppingSpec(enabled=True, **told)
