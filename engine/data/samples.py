"""What every reader hands over: samples before they are cut into parts."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.findings import Finding
from engine.data.info import DataInfo
from engine.data.loaded import Part


@dataclass(frozen=True)
class Samples:
    """All samples of a set.

    Attributes
    ----------
    info
        Without counts.
    rest
        What is to be cut into parts.
    test
        The test part the set brings, in its own order; None if it brings none.
    validation
        The validation part it brings, likewise.
    findings
        What is unusual in it.
    """

    info: DataInfo
    rest: Part
    test: Part | None = None
    validation: Part | None = None
    findings: tuple[Finding, ...] = ()
