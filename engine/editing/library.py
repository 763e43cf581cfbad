"""Reusable blocks: named layers, each in a JSON file in the user's folder.

Files are untrusted: they are parsed as plain JSON, checked field by field, and skipped with a message if
anything is wrong.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from engine import storage
from engine.editing.grouping import clean_title
from engine.errors import BadInput, quoted
from engine.spec import edits
from engine.spec.base import Frozen
from engine.spec.network import NetworkSpec

_SUFFIX = ".json"
_LARGEST_BYTES = 4 * 1024 * 1024
_MOST_FILES = 1000
_LONGEST_STEM = 60


class ReusableBlock(Frozen):
    """Layers that are added together.

    Attributes
    ----------
    title
        Unique in the library, one line of plain text.
    canvas
        Relative positions of the layers' blocks, in scene units; may be empty.
    """

    format: Literal["netsmith-block"] = "netsmith-block"
    version: Literal[1] = 1
    title: str
    network: NetworkSpec
    canvas: dict[str, tuple[float, float]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_layers(self) -> Self:
        if not self.network.layers:
            raise ValueError("it holds no layers")
        if clean_title(self.title) != self.title:
            raise ValueError("its title is not one line of text")
        return self


def block_of(
    network: NetworkSpec,
    layer_ids: Iterable[str],
    places: Mapping[str, tuple[float, float]],
    title: str,
) -> ReusableBlock:
    """Return layers of a network as a block; BadInput if there are none or the title has no letters."""
    part = edits.part(network, layer_ids)
    if not part.layers:
        raise BadInput("a reusable block needs layers: select some first")
    canvas = {str(name): places[name] for name in part.ids if name in places}
    return ReusableBlock(title=clean_title(title), network=part, canvas=canvas)


class Library:
    """The blocks in one folder; a damaged file does not affect the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> tuple[dict[str, ReusableBlock], tuple[str, ...]]:
        """Return the blocks sorted by title, and a message for each file that was skipped."""
        blocks: dict[str, ReusableBlock] = {}
        skipped: list[str] = []
        for path in self._files():
            try:
                block = _read(path)
            except BadInput as refusal:
                skipped.append(str(refusal))
                continue
            if block.title in blocks:
                skipped.append(f'"{quoted(path.name)}" was skipped: another block has its title')
            else:
                blocks[block.title] = block
        return dict(sorted(blocks.items(), key=lambda item: item[0].casefold())), tuple(skipped)

    def save(self, block: ReusableBlock) -> None:
        """Write a block, replacing one with the same title; JobFailed if writing fails."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage.refusal(self._folder, error) from error
        path = self._path_of(block.title) or self._free_path(block.title)
        storage.write_text(path, _text(block))

    def rename(self, old: str, new: str) -> None:
        """Rename a block; BadInput if another block has this title."""
        title = clean_title(new)
        path = self._path_of(old)
        if path is None or title == old:
            return
        if self._path_of(title) is not None:
            raise BadInput(f'there is a block "{quoted(title, 40)}" already: choose another name')
        storage.write_text(path, _text(_read(path).model_copy(update={"title": title})))

    def remove(self, title: str) -> None:
        """Delete a block's file; JobFailed if that fails."""
        path = self._path_of(title)
        if path is not None:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise storage.refusal(path, error) from error

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{_SUFFIX}"))[:_MOST_FILES]
        except OSError:
            return []

    def _path_of(self, title: str) -> Path | None:
        for path in self._files():
            try:
                if _read(path).title == title:
                    return path
            except BadInput:
                continue
        return None

    def _free_path(self, title: str) -> Path:
        stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_LONGEST_STEM] or "block"
        number = 1
        # "block-" avoids names that a system reserves, such as "con".
        while (
            path := self._folder / f"block-{stem}{'' if number == 1 else f'-{number}'}{_SUFFIX}"
        ).exists():
            number += 1
        return path


def _text(block: ReusableBlock) -> str:
    content = block.model_dump(mode="json")
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _read(path: Path) -> ReusableBlock:
    """Return the block in a file; BadInput if it is damaged."""
    name = quoted(path.name)
    try:
        content = json.loads(_content(path), parse_constant=_refuse)
        return ReusableBlock.model_validate(content)
    except OSError as error:
        raise BadInput(f'"{name}" was skipped: it cannot be read; allow it or delete it') from error
    except (ValueError, RecursionError, BadInput) as error:
        raise BadInput(
            f'"{name}" was skipped: it is damaged or no reusable block; restore it or delete it'
        ) from error


def _content(path: Path) -> str:
    """Return a file's text; ValueError if it is not a regular file or too large."""
    about = path.stat()  # before it is opened: opening a pipe would wait
    if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST_BYTES:
        raise ValueError(path.name)
    return path.read_text(encoding="utf-8")


def _refuse(constant: str) -> float:
    raise ValueError(constant)
