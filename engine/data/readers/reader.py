"""What a reader is: a kind of source that data comes from, a row of `engine.data.readers.READERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engine.catalog.model import Field
from engine.data.info import DataInfo, Task
from engine.data.progress import IsCancelled, Progress, never, silent
from engine.data.samples import Samples

Origin = Literal["bundled", "generated", "download", "file"]
Options: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class ReadRequest:
    """What is to be read.

    Attributes
    ----------
    path
        The user's file or folder; None: what the reader brings itself.
    options
        A value for each option of the reader.
    info
        What is known without reading, for these options; None if only reading can tell.
    progress, cancelled, cache, memory_limit_bytes
        As in `engine.data.loading.load`.
    """

    path: Path | None
    options: Options
    info: DataInfo | None
    progress: Progress = silent
    cancelled: IsCancelled = never
    cache: Path | None = None
    memory_limit_bytes: int | None = None


@dataclass(frozen=True)
class Reader:
    """One choice on the data page.

    Attributes
    ----------
    help
        One sentence.
    kind, task
        What its samples are; of ``file``, the usual case, which only loading can tell.
    origin
        ``bundled``: on this computer already. ``generated``: computed. ``download``: fetched once.
        ``file``: the user's own.
    open
        Returns all samples.
    options
        What `DataSpec.options` may hold.
    megabytes
        Size of the download, 0 if there is none.
    local_patterns
        File names that may replace the download, as a file dialog takes them.
    samples
        How many there are, test part included; 0 if options or the file decide.
    info
        All that is known without loading, for the options' defaults; None: only loading can tell.
    describe
        Returns ``info`` for other values of the options; None: they change nothing of it.
    sniff
        Tells whether a file or folder is one that it reads, from its name and first bytes; None: it takes none.
    is_folder
        What it reads is a folder.
    chosen
        What of the user's it reads, in a few words: ``"IDX or NPZ"``.
    settle
        Returns options with what was decided when samples were read, so that more samples do not change it; None:
        nothing is.
    """

    id: str
    title: str
    help: str
    kind: str
    task: Task
    origin: Origin
    open: Callable[[ReadRequest], Samples]
    options: tuple[Field, ...] = ()
    megabytes: float = 0.0
    local_patterns: tuple[str, ...] = ()
    samples: int = 0
    info: DataInfo | None = None
    describe: Callable[[DataInfo, Options], DataInfo] | None = None
    sniff: Callable[[Path], bool] | None = None
    is_folder: bool = False
    chosen: str = ""
    settle: Callable[[Options, DataInfo], Options] | None = None

    @property
    def takes_path(self) -> bool:
        """A file or folder of the user may be chosen."""
        return self.origin in ("download", "file")
