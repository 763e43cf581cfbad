"""Take the samples of probes within a budget of time."""

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

# Time whose share may be spent in advance, for single expensive samples.
_CREDIT_S: Final = 0.5
_EVERY_EPOCH: Final = 30  # epochs, all of which are sampled
_LEAST_SHARE: Final = 1e-9

_Group: TypeAlias = tuple[str, float]  # kind and period


@dataclass
class _Account:
    """When the probes of a group are due, and until when their cost is paid."""

    due_s: float = -float("inf")
    paid_until_s: float = -float("inf")


@dataclass
class _Observed:
    """State of a probe; ``take`` is None after it failed."""

    content: tuple[object, ...]
    take: Take | None
    step: int = -1


class ProbeSampler:
    """Takes samples in the training thread, between steps.

    Probes of one kind and period form a group, which is sampled together to share computations. Every group has its
    own part of the time, so that an expensive one only slows down itself.

    Parameters
    ----------
    now
        Clock in seconds.
    busy
        Processor time of this thread in seconds, which does not depend on the load of the computer.
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
        self._step = -1  # supported by the subject

    def look(self, requests: Requests, step: int) -> None:
        """Sample new probes, and those that are due if steps were taken."""
        for group, probes in self._groups(requests.probes).items():
            new = [probe for probe in probes if self._is_new(probe)]
            is_due = self._now() >= self._account(group).due_s
            self._sample(group, self._stale(probes, step) if is_due else new, step, requests)

    def look_at_epoch_end(self, requests: Requests, step: int, epoch: int) -> None:
        """Sample all groups within their budget while the run is short; later like `look`, as epochs may be short."""
        if epoch > _EVERY_EPOCH:
            self.look(requests, step)
            return
        for group, probes in self._groups(requests.probes).items():
            if self._now() >= self._account(group).paid_until_s - _CREDIT_S:
                self._sample(group, self._stale(probes, step), step, requests)

    def sample(self, requests: Requests, step: int) -> None:
        """Sample everything that was not sampled at this step."""
        for group, probes in self._groups(requests.probes).items():
            self._sample(group, self._stale(probes, step), step, requests)

    def forget(self) -> None:
        """Allow new samples without a step in between."""
        self._step = -1
        for observed in self._observed.values():
            observed.step = -1

    # ---- Selection ----

    def _groups(self, probes: Iterable[Probe]) -> Mapping[_Group, list[Probe]]:
        """Return the probes by group, and drop those that are no longer requested."""
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

    # ---- Sampling ----

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
        # From the time it was due, so that a late chunk does not delay all later samples.
        due_s = min(now, max(account.due_s, now - period_s))
        account.paid_until_s = max(account.paid_until_s, now) + cost_s / max(share, _LEAST_SHARE)
        account.due_s = max(due_s + period_s, account.paid_until_s - _CREDIT_S)

    def _part(self, group: _Group) -> float:
        """Return a group's part of the time for samples."""
        weights = {each: _weight(each[0]) for each in {*self._accounts, group}}
        return weights[group] / sum(weights.values())

    def _take(self, probe: Probe, step: int) -> float:
        """Take and send one sample; return its cost. A failed probe is not tried again."""
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
