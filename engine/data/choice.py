"""The choice of data: which reader a name or a file means, its options, and what is known without reading."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

from engine.data.downloads import is_downloaded
from engine.data.info import DataInfo
from engine.data.options import checked_option
from engine.data.readers import READERS, Reader
from engine.errors import BadInput, SpecError, quoted
from engine.spec.data import DataSpec


def find(name: str) -> Reader:
    """Return the set of that name; case, spaces, ``-`` and ``_`` make no difference.

    Raises
    ------
    BadInput
        If there is none; names the nearest.
    """
    wanted = _plain(name)
    by_name = {_plain(key): each for key, each in READERS.items()}
    if wanted in by_name:
        return by_name[wanted]
    near = [
        by_name[key].id for key in difflib.get_close_matches(wanted, list(by_name), n=3, cutoff=0.5)
    ]
    cure = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"choose one like {', '.join(list(READERS)[:4])}"
    )
    raise BadInput(f'there is no data set "{quoted(name, 40)}": {cure}')


def option_values(spec: DataSpec) -> dict[str, Any]:
    """Return every option of the chosen set with its value, defaults filled in.

    Raises
    ------
    SpecError
        If an option is unknown, of the wrong type or out of bounds.
    BadInput
        If there is no such set.
    """
    chosen = find(spec.reader)
    fields = {field.name: field for field in chosen.options}
    for name in spec.options:
        if name not in fields:
            known = ", ".join(fields) or "no options"
            raise SpecError(
                f"data.options.{quoted(name, 30)}", f"{chosen.title} takes {known}: remove it"
            )
    return {
        name: checked_option(field, spec.options.get(name, field.default))
        for name, field in fields.items()
    }


def describe(spec: DataSpec) -> DataInfo | None:
    """Return what is known of the chosen data without loading them; None if only loading can tell.

    Also None if the reader or an option is unfit, which `engine.data.loading` explains. ``counts`` and
    ``class_counts`` stay empty.
    """
    try:
        chosen, options = find(spec.reader), option_values(spec)
    except BadInput:
        return None
    if chosen.info is None or chosen.describe is None:
        return chosen.info
    return chosen.describe(chosen.info, options)


def recognised(path: Path) -> Reader:
    """Return the reader that takes a file or folder of the user's.

    Raises
    ------
    BadInput
        If none does.
    """
    for row in READERS.values():
        if row.sniff is not None and row.sniff(path):
            return row
    raise BadInput(
        f'"{quoted(path.name, 60)}" is no kind of data that is known: '
        "choose an IDX file, a NumPy .npz archive or a folder of pictures"
    )


def settled(spec: DataSpec, info: DataInfo) -> DataSpec:
    """Return a choice that means the same when its files grow: with what was decided when they were read."""
    settle = find(spec.reader).settle
    return spec if settle is None else spec.but(options=dict(settle(option_values(spec), info)))


def is_at_hand(spec: DataSpec) -> bool:
    """Tell whether the chosen data need no download: made, bundled, cached, or a file."""
    chosen = find(spec.reader)
    if spec.path is not None or chosen.origin in ("bundled", "generated"):
        return True
    return chosen.origin == "download" and is_downloaded(chosen.id)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()
