"""Takes the samples that probes ask for, within a budget of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.probes import taking
from engine.probes.probe import Probe, Subject, Take, Unavailable
from engine.probes.table import PROBES
from engine.training.live.control import Requests
from engine.training.live.events import RunId, Sampled, TrainingEvent

# Of time whose share may be spent in advance: single samples may cost more than the others.
_CREDIT_S: Final = 0.5
_EVERY_EPOCH: Final = 30  # epochs; so that short runs show every one
_LEAST_SHARE: Final = 1e-9

_Group: TypeAlias = tuple[str, float]  # kind and period


@dataclass
class _Account:
    """When the probes of a group are due, and until when what they cost is paid."""

    due_s: float = -float("inf")
    paid_until_s: float = -float("inf")


@dataclass
class _Observed:
    """What is known of a probe; ``take`` is None once it failed."""

    content: tuple[object, ...]
    take: Take | None
    step: int = -1


class ProbeSampler:
    """Takes samples in the training thread, where no step runs meanwhile.

    Probes of one kind and period are a group: they are taken together, since they share what is computed for them.
    Every group has its own part of the time, so that an expensive one slows down itself alone.

    Parameters
    ----------
    now
        Clock in seconds.
    busy
        Seconds that this thread has worked so far: what it costs does not depend on what else the computer does.
    """

    def __init__(
        self,
        run: RunId,
        subject: Subject,
        emit: Callable[[TrainingEvent], None],
        now: Callable[[], float] = time.perf_counter,
        busy: Callable[[], float] = time.thread_time,
    ) -> None:
        self._run = run
        self._subject = subject
        self._emit = emit
        self._now = now
        self._busy = busy
        self._observed: dict[str, _Observed] = {}
        self._accounts: dict[_Group, _Account] = {}
        self._step = -1  # that the subject knows

    def look(self, requests: Requests, step: int) -> None:
        """Sample what was not asked for before, and what is due if steps were taken."""
        for group, probes in self._groups(requests.probes).items():
            new = [probe for probe in probes if self._is_new(probe)]
            is_due = self._now() >= self._account(group).due_s
            self._sample(group, self._stale(probes, step) if is_due else new, step, requests)

    def look_at_epoch_end(self, requests: Requests, step: int, epoch: int) -> None:
        """Sample all that is paid as long as the run is short; then as `look`: epochs may be shorter than frames."""
        if epoch > _EVERY_EPOCH:
            self.look(requests, step)
            return
        for group, probes in self._groups(requests.probes).items():
            if self._now() >= self._account(group).paid_until_s - _CREDIT_S:
                self._sample(group, self._stale(probes, step), step, requests)

    def sample(self, requests: Requests, step: int) -> None:
        """Sample everything that was not sampled at this very step."""
        for group, probes in self._groups(requests.probes).items():
            self._sample(group, self._stale(probes, step), step, requests)

    def forget(self) -> None:
        """Let the next samples be taken although no step was."""
        self._step = -1
        for observed in self._observed.values():
            observed.step = -1

    # ---- Which ----

    def _groups(self, probes: Iterable[Probe]) -> Mapping[_Group, list[Probe]]:
        """Return the probes by group, and forget those that nobody asks for any more."""
        groups: dict[_Group, list[Probe]] = {}
        for probe in probes:
            groups.setdefault((probe.kind, probe.period_s), []).append(probe)
        if len(self._observed) > sum(map(len, groups.values())):
            wanted = {probe.id for each in groups.values() for probe in each}
            self._observed = {k: v for k, v in self._observed.items() if k in wanted}
            self._accounts = {k: v for k, v in self._accounts.items() if k in groups}
        return groups

    def _account(self, group: _Group) -> _Account:
        return self._accounts.setdefault(group, _Account())

    def _is_new(self, probe: Probe) -> bool:
        observed = self._observed.get(probe.id)
        return observed is None or observed.content != probe.content

    def _stale(self, probes: Iterable[Probe], step: int) -> list[Probe]:
        """Return the probes without a sample of this step."""
        return [p for p in probes if self._is_new(p) or self._observed[p.id].step != step]

    # ---- Taking ----

    def _sample(self, group: _Group, probes: list[Probe], step: int, requests: Requests) -> None:
        if not probes:
            return
        if step != self._step:
            self._step = step
            self._subject.renew(step)
        cost_s = sum(self._take(probe, step) for probe in probes)
        now, account = self._now(), self._account(group)
        period_s = max(group[1], requests.view_period_s)
        share = requests.view_share * self._part(group)
        # From when it was due, not from now: a chunk that ends late must not make all later ones late.
        due_s = min(now, max(account.due_s, now - period_s))
        account.paid_until_s = max(account.paid_until_s, now) + cost_s / max(share, _LEAST_SHARE)
        account.due_s = max(due_s + period_s, account.paid_until_s - _CREDIT_S)

    def _part(self, group: _Group) -> float:
        """Return which part of the time for samples is a group's."""
        weights = {each: _weight(each[0]) for each in {*self._accounts, group}}
        return weights[group] / sum(weights.values())

    def _take(self, probe: Probe, step: int) -> float:
        """Take and send one sample; returns what it cost. One that fails is not tried again."""
        if self._is_new(probe):
            self._observed[probe.id] = _Observed(probe.content, taking.make(self._subject, probe))
        observed = self._observed[probe.id]
        observed.step = step
        if observed.take is None:
            return 0.0
        busy_s, elsewhere_s = self._busy(), self._subject.elsewhere_s
        payload = taking.take(probe, observed.take)
        cost_s = self._busy() - busy_s + self._subject.elsewhere_s - elsewhere_s
        if isinstance(payload, Unavailable):
            observed.take = None
        self._emit(Sampled(self._run, step, probe, payload, cost_s))
        return cost_s


def _weight(kind: str) -> float:
    row = PROBES.get(kind)
    return row.weight if row is not None else 1.0
