"""Finding a kind of layer by typing: a pure ranking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.catalog.model import Kind

# CamelCase and digits: "Conv2DTranspose" -> Conv, 2, D, Transpose; "LSTM" stays whole.
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+")
_NOT_COMMON: Final = 0.5
_UNSUPPORTED: Final = 100.0
_NO_MATCH: Final = float("inf")


def find_kinds(query: str, kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Return the kinds that match every word of ``query``, best first; if empty, common first.

    A word matches the start of a name, starts of the name's words (``bn`` and ``batchn`` find
    BatchNormalization), a part of the name, or the start of a word of the group or of the help.
    """
    terms = query.lower().split()
    rated = [(_score(kind, terms), index, kind) for index, kind in enumerate(kinds)]
    return tuple(kind for score, _, kind in sorted(rated, key=lambda r: r[:2]) if score < _NO_MATCH)


def _score(kind: Kind, terms: Sequence[str]) -> float:
    handicap = (0.0 if kind.common else _NOT_COMMON) + (_UNSUPPORTED if kind.unsupported else 0.0)
    return handicap + sum(_term_score(kind, term) for term in terms)


def _term_score(kind: Kind, term: str) -> float:
    name = kind.name.lower()
    if name == term:
        return 0.0
    words = [word.lower() for word in _WORDS.findall(kind.name)]
    checks = (
        name.startswith(term),
        any(word.startswith(term) for word in words),
        _starts_words(term, words),
        term in name,
        any(word.startswith(term) for word in kind.group.lower().split()),
        any(word.startswith(term) for word in re.findall(r"\w+", kind.help.lower())),
    )
    return next((float(place) for place, holds in enumerate(checks, start=1) if holds), _NO_MATCH)


def _starts_words(term: str, words: Sequence[str]) -> bool:
    """Tell whether ``term`` is made of starts of ``words``, in order, words left out allowed."""
    if not term:
        return True
    for index, word in enumerate(words):
        for length in range(min(len(word), len(term)), 0, -1):
            if word.startswith(term[:length]) and _starts_words(term[length:], words[index + 1 :]):
                return True
    return False
