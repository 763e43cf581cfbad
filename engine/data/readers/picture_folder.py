"""Finds the pictures of a folder: their classes and parts, from the names of the folders around them."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from engine.data.files import named
from engine.data.findings import Finding
from engine.data.picture_formats import is_picture
from engine.data.progress import IsCancelled, never, stop_if
from engine.errors import BadInput, quoted

PartName: TypeAlias = Literal["training", "validation", "test"]

_DEEPEST: Final = 100  # folders inside one another
_MOST_CLASSES: Final = 10_000
_LONGEST_LABEL: Final = 80  # letters
_MOST_WRAPPERS: Final = 5  # folders that hold nothing but the folder that is meant
# Enough to recognise a folder of pictures, and done at once however large it is.
_LEVELS_LOOKED_AT: Final = 4
_FOLDERS_LOOKED_AT: Final = 20  # of a level
_ENTRIES_LOOKED_AT: Final = 200  # of a folder
# What a folder is called that holds the class folders of a part.
_PARTS: Final[Mapping[str, PartName]] = MappingProxyType(
    {
        "train": "training", "training": "training",
        "test": "test", "testing": "test",
        "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    }
)  # fmt: skip
_OF_SYSTEMS: Final = frozenset(("__macosx", "thumbs.db", "desktop.ini", "$recycle.bin"))


class PictureFile(NamedTuple):
    """One picture of a folder.

    Attributes
    ----------
    name
        Its path inside the folder, with ``/``.
    label
        Index of its class.
    size, modified_ns, changed_ns
        Bytes, and the times of its content and of its entry, which tell one version from another.
    """

    name: str
    label: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(frozen=True)
class PictureFolder:
    """The pictures of a folder, by part, class and name.

    Attributes
    ----------
    parts
        Only those that the folder has; all of them in ``training`` where it is not divided.
    """

    root: Path
    labels: tuple[str, ...]
    parts: Mapping[PartName, tuple[PictureFile, ...]]
    findings: tuple[Finding, ...] = ()


@dataclass
class _Listing:
    """What one look through a folder left out, for each reason: names in order, each once."""

    root: str
    cancelled: IsCancelled
    links: dict[str, None] = field(default_factory=dict)
    closed: dict[str, None] = field(default_factory=dict)
    unused: dict[str, None] = field(default_factory=dict)

    def shown(self, path: str) -> str:
        """Return a path inside the folder, with ``/``."""
        inside = path.removeprefix(self.root).lstrip(os.sep)
        return inside.replace(os.sep, "/") if os.sep != "/" else inside


def find_pictures(folder: Path, cancelled: IsCancelled = never) -> PictureFolder:
    """Return the pictures of a folder that holds a folder for each class, or for each part and class.

    Folders within a class folder belong to the class. Hidden files and files that are no pictures are
    ignored; links are not followed. A folder that holds nothing but one folder of such folders stands
    for it.

    Raises
    ------
    BadInput
        If the folder is missing, or its pictures are not in folders of two classes at least.
    Cancelled
        If ``cancelled`` said so.
    """
    if not os.path.isdir(folder):
        raise BadInput(f'"{named(folder)}" is no folder: choose the folder with the class folders')
    listing = _Listing(str(folder), cancelled)
    found = _by_part(_unwrapped(str(folder), listing), listing)
    labels = _labels(found["training"], folder)
    findings = [*_empty(found, listing), *_left_out(listing)]
    parts: dict[PartName, tuple[PictureFile, ...]] = {}
    for part, classes in found.items():
        unknown = [name for name in classes if name not in labels and classes[name]]
        if unknown:
            findings.append(_unknown(part, unknown, sum(len(classes[name]) for name in unknown)))
        files = [
            file._replace(label=label)
            for label, name in enumerate(labels)
            for file in classes.get(name, ())
        ]
        if files:
            parts[part] = tuple(files)
    shown = tuple(quoted(name, _LONGEST_LABEL) for name in labels)
    _refuse_alike(shown, folder)
    return PictureFolder(folder, shown, MappingProxyType(parts), tuple(findings))


def holds_pictures(folder: Path) -> bool:
    """Tell, after a short look, whether there are pictures in a folder or the folders in it."""
    level = [str(folder)]
    for _ in range(_LEVELS_LOOKED_AT):
        below: list[str] = []
        for path in level[:_FOLDERS_LOOKED_AT]:
            try:
                with os.scandir(path) as found:
                    entries = list(islice(found, _ENTRIES_LOOKED_AT))
            except OSError:
                continue
            shown = [entry for entry in entries if not entry.name.startswith(".")]
            if any(is_picture(entry.name) for entry in shown):
                return True
            below += (entry.path for entry in shown if entry.is_dir(follow_symlinks=False))
        level = below
    return False


# ---- Parts and classes ----


def _unwrapped(folder: str, listing: _Listing) -> str:
    """Return the folder that has the class folders, where the chosen one only holds that one."""
    for _ in range(_MOST_WRAPPERS):
        entries = _entries(folder, listing)
        inner = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        if len(inner) != 1 or any(is_picture(entry.name) for entry in entries):
            return folder
        below = _entries(inner[0].path, listing)
        if not any(each.is_dir(follow_symlinks=False) for each in below):
            return folder
        if any(is_picture(each.name) for each in below):
            return folder
        folder = inner[0].path
    return folder


def _by_part(folder: str, listing: _Listing) -> dict[PartName, dict[str, list[PictureFile]]]:
    """Return the pictures of each part by the names of their class folders."""
    top = _folders(folder, listing)
    parts = {path: _PARTS.get(os.path.basename(path).casefold()) for path in top}
    divided = "training" in parts.values() and _has_folders(parts, listing)
    found: dict[PartName, dict[str, list[PictureFile]]] = {"training": {}}
    beside = [folder]
    for path, part in parts.items():
        if not divided:
            _add(found["training"], path, listing)
        elif part is None:
            shown = quoted(listing.shown(path), 40)
            listing.unused[f'"{shown}" is none of train, validation and test'] = None
        else:
            beside.append(path)
            for inner in _folders(path, listing):
                _add(found.setdefault(part, {}), inner, listing)
    lost = sum(is_picture(entry.name) for path in beside for entry in _entries(path, listing))
    if lost:
        listing.unused[f"{_pictures(lost)} in no class folder"] = None
    return found


def _has_folders(parts: Mapping[str, PartName | None], listing: _Listing) -> bool:
    """Tell whether what is called train holds folders, and is not a class of that name."""
    training = [path for path, part in parts.items() if part == "training"]
    return any(_folders(path, listing) for path in training)


def _add(classes: dict[str, list[PictureFile]], folder: str, listing: _Listing) -> None:
    name = unicodedata.normalize("NFC", os.path.basename(folder))
    if classes.get(name):  # the same letters, composed otherwise
        listing.unused[f'a second folder "{quoted(name, 40)}"'] = None
        return
    classes[name] = sorted(_walked(folder, listing), key=lambda file: file.name)


def _labels(classes: Mapping[str, Sequence[PictureFile]], folder: Path) -> tuple[str, ...]:
    labels = tuple(sorted(name for name, files in classes.items() if files))
    shown = named(folder)
    if not labels:
        raise BadInput(
            f'"{shown}" holds no folders with pictures: put the pictures of each class in a folder of its own'
        )
    if len(labels) == 1:
        raise BadInput(
            f'"{shown}" holds pictures of one class only ("{quoted(labels[0], 20)}"): '
            "put those of a second class in a folder beside it"
        )
    if len(labels) > _MOST_CLASSES:
        raise BadInput(
            f'"{shown}" holds {len(labels):,} folders: at most {_MOST_CLASSES:,} classes can be told apart'
        )
    return labels


def _refuse_alike(labels: tuple[str, ...], folder: Path) -> None:
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise BadInput(
            f'"{named(folder)}" holds two folders that both read "{quoted(twice, 20)}": rename one'
        )


# ---- What is left out ----


def _empty(
    found: Mapping[PartName, Mapping[str, Sequence[PictureFile]]], listing: _Listing
) -> Iterator[Finding]:
    closed = {name.rpartition("/")[2] for name in listing.closed}
    names = sorted(
        name for name, files in found["training"].items() if not files and name not in closed
    )
    if names:
        what = "folders hold" if len(names) > 1 else "folder holds"
        text = (
            f"{len(names):,} {what} no pictures and {'are' if len(names) > 1 else 'is'} no class."
        )
        yield Finding("empty_class", text, details=tuple(quoted(name, 80) for name in names))


def _unknown(part: PartName, names: Sequence[str], count: int) -> Finding:
    text = (
        f"{_pictures(count)} of the {part} part {'are' if count > 1 else 'is'} left out: "
        "the training part has no such class."
    )
    return Finding("unknown_class", text, details=tuple(quoted(name, 80) for name in names))


def _left_out(listing: _Listing) -> Iterator[Finding]:
    rows = (
        ("link", listing.links, "{} is a link and not followed", "{} are links and not followed"),
        ("closed_folder", listing.closed, "{} folder cannot be read", "{} folders cannot be read"),
        ("unused", listing.unused, "{} thing is not used", "{} things are not used"),
    )
    for kind, names, one, several in rows:
        if names:
            text = (several if len(names) > 1 else one).format(f"{len(names):,}")
            yield Finding(kind, f"{text}.", details=tuple(quoted(each, 120) for each in names))


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' if count != 1 else ''}"


# ---- Files ----


def _walked(folder: str, listing: _Listing) -> Iterator[PictureFile]:
    """Yield every picture below a folder."""
    left = [(folder, 0)]
    while left:
        path, depth = left.pop()
        for entry in _entries(path, listing):
            if entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST:
                    left.append((entry.path, depth + 1))
                else:
                    listing.closed[listing.shown(entry.path)] = None
            elif is_picture(entry.name):
                facts = _facts(entry)
                if facts is not None:
                    yield PictureFile(
                        listing.shown(entry.path),
                        0,
                        facts.st_size,
                        facts.st_mtime_ns,
                        facts.st_ctime_ns,
                    )


def _facts(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return what the disk knows of a regular file; None of a pipe, a device or what just went."""
    try:
        facts = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    return facts if stat.S_ISREG(facts.st_mode) else None


def _folders(folder: str, listing: _Listing) -> list[str]:
    entries = _entries(folder, listing)
    return [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]


def _entries(folder: str, listing: _Listing) -> list[os.DirEntry[str]]:
    """Return what a folder shows, by name; links and folders that cannot be read are noted."""
    stop_if(listing.cancelled)
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        if folder == listing.root:
            raise BadInput(f'"{named(Path(folder))}" may not be read: change its rights') from None
        listing.closed[listing.shown(folder)] = None
        return []
    shown = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name.casefold() in _OF_SYSTEMS:
            continue
        if entry.is_symlink():
            listing.links[listing.shown(entry.path)] = None
        else:
            shown.append(entry)
    return shown
