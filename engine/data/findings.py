"""Findings about a data set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing about the data that the user should know.

    Attributes
    ----------
    kind
        Kind of the finding: ``"unreadable"``, ``"duplicate"``...
    text
        One sentence.
    rows
        The samples that it is about, by number; empty if it is about none that was read.
    details
        What it is about, a line each: file names, or a sentence for each file.
    """

    kind: str
    text: str
    rows: tuple[int, ...] = ()
    details: tuple[str, ...] = ()
