"""The engine's own exceptions.

::

    NetsmithError            one sentence for the user: what, where, the cure
    +-- BadInput             a file, a value or a description cannot be used        exit status 2
    |   +-- SpecError        a project description breaks its own rules
    |   +-- NewerFile        written by a newer Netsmith: left untouched
    |   +-- UnsafeFile       an untrusted file with more than plain numbers
    +-- JobFailed            the work itself failed                                 exit status 1
    +-- Cancelled            the user asked to stop
"""

from __future__ import annotations

import re

LONGEST_MESSAGE = 160  # letters; a message is one plain sentence
LONGEST_QUOTE = 80  # letters of foreign text inside a message
# Control characters, line separators, marks that reorder or hide text, lone surrogates.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)


class NetsmithError(Exception):
    """An error whose message tells the user what happened and what to do, in one sentence."""


class BadInput(NetsmithError):
    """A file, value or description that cannot be used; nothing was changed."""


class SpecError(BadInput):
    """A project description that breaks its own rules.

    Attributes
    ----------
    where
        Dotted path of the fault, ``"network.layers.conv2d_1.filters"``.
    problem
        The fault and what to do, without the path.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class NewerFile(BadInput):
    """A file written by a newer Netsmith."""


class UnsafeFile(BadInput):
    """An untrusted file with more than plain layers and numbers."""


class JobFailed(NetsmithError):
    """A job that was started and failed."""


class Cancelled(NetsmithError):
    """The user cancelled; nothing is wrong."""


def quoted(text: object, limit: int = LONGEST_QUOTE) -> str:
    """Return untrusted text for a message: one line, no control or direction marks, cut to ``limit``."""
    clean = _UNPRINTABLE.sub(" ", str(text)).strip()
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"


def printable(text: str) -> str:
    """Return text of several lines as a terminal may show it: no control or direction marks, nothing cut."""
    return "\n".join(_UNPRINTABLE.sub(" ", line) for line in text.split("\n"))
