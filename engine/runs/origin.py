"""The run, network and data behind a result, and whether they are still current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from engine.data.info import DataInfo
from engine.spec.project import ProjectSpec
from engine.training.live.events import RunId

Part = Literal["network", "data", "settings"]


@dataclass(frozen=True)
class Origin:
    """The run, description and data of a result or prediction.

    Attributes
    ----------
    number
        Number of the run; 0 if it is not recorded.
    spec
        The project as the run used it.
    info
        The data that it was trained on.
    opened
        Whether the weights come from an opened file.
    """

    run: RunId
    number: int
    spec: ProjectSpec
    info: DataInfo
    opened: bool = False

    @property
    def words(self) -> str:
        """Data and run in words: ``"Handwritten digits, run 3"``."""
        run = f"run {self.number}" if self.number else "last run"
        return f"{self.info.title}, {'opened model' if self.opened else run}"


def changed_since(
    origin: Origin, spec: ProjectSpec, info: DataInfo | None = None
) -> tuple[Part, ...]:
    """Return what changed since the run.

    Parameters
    ----------
    spec
        The project as it is now.
    info
        The data that is chosen now, None if unknown; a file may have other samples by now.
    """
    before = origin.spec
    same_data = before.data == spec.data and (info is None or _is_same(origin.info, info))
    same: dict[Part, bool] = {
        "network": before.network == spec.network,
        "data": same_data,
        "settings": before.training == spec.training,
    }
    return tuple(part for part, is_same in same.items() if not is_same)


def is_current(origin: Origin, spec: ProjectSpec, info: DataInfo | None = None) -> bool:
    """Tell whether a result belongs to the current network and data.

    Changed training settings do not count: they are for the next run. Arguments as in `changed_since`.
    """
    return not _WHAT_IT_IS_OF.intersection(changed_since(origin, spec, info))


def age_in_words(origin: Origin, spec: ProjectSpec, info: DataInfo | None = None) -> str:
    """Return why a result is outdated, ``"the network changed since"``, "" if it is current."""
    changed = [part for part in changed_since(origin, spec, info) if part in _WHAT_IT_IS_OF]
    return f"the {' and the '.join(changed)} changed since" if changed else ""


_WHAT_IT_IS_OF: Final[frozenset[Part]] = frozenset({"network", "data"})


def _is_same(learned: DataInfo, now: DataInfo) -> bool:
    """Tell whether both have the same samples, as far as that is known."""
    was_counted = any(learned.counts) and any(now.counts)
    return (learned.source, learned.input_shape, learned.labels) == (
        now.source, now.input_shape, now.labels,
    ) and (not was_counted or (learned.counts, learned.class_counts) == (now.counts, now.class_counts))  # fmt: skip
