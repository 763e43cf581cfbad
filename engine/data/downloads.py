"""Download the public data sets: the files and checksums of Keras, stored in Keras's cache.

Light, as the window checks here whether a set is on this computer.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from engine.data.files import read_regular
from engine.data.progress import IsCancelled, Progress, stop_if
from engine.errors import BadInput, JobFailed, quoted
from engine.storage import sweep, write_with

_TIMEOUT_S = 10.0  # without receiving a byte
_POLL_S = 0.1  # between checks of ``cancelled``
_CHUNK_BYTES = 128 * 1024
_WAITING_CHUNKS = 32
_LARGEST_BYTES = 1024**3


@dataclass(frozen=True)
class RemoteFile:
    """One file to download.

    Attributes
    ----------
    cached
        Path in Keras's home folder, with forward slashes.
    sha256
        Checksum of the file in hex digits; other files are never read.
    replacement
        Formats of a local file to use instead, in words.
    """

    url: str
    cached: str
    sha256: str
    replacement: str = "IDX .gz or .npz"


_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
_TORONTO = "https://www.cs.toronto.edu/~kriz"


def _fashion(name: str, sha256: str) -> RemoteFile:
    return RemoteFile(f"{_KERAS}/{name}", f"datasets/fashion-mnist/{name}", sha256)


def _keras_npz(name: str, sha256: str) -> RemoteFile:
    replacement = "IDX .gz or .npz" if name == "mnist" else ".npz"
    return RemoteFile(f"{_KERAS}/{name}.npz", f"datasets/{name}.npz", sha256, replacement)


def _cifar(classes: int, folder: str, sha256: str) -> RemoteFile:
    # Keras unpacks it to a folder; the archive itself has this name.
    url = f"{_TORONTO}/cifar-{classes}-python.tar.gz"
    return RemoteFile(url, f"datasets/{folder}_archive", sha256, ".tar.gz or .npz")


# Addresses and sums: keras.datasets of Keras 3.15.1. It does not check Fashion-MNIST: those sums
# are the ones of TensorFlow Datasets.
REMOTE_FILES: Final[Mapping[str, tuple[RemoteFile, ...]]] = MappingProxyType({
    "mnist": (
        _keras_npz("mnist", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),
    ),
    "fashion_mnist": (
        _fashion(
            "train-images-idx3-ubyte.gz",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        _fashion(
            "train-labels-idx1-ubyte.gz",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        _fashion(
            "t10k-images-idx3-ubyte.gz",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        _fashion(
            "t10k-labels-idx1-ubyte.gz",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
    "cifar10": (
        _cifar(
            10, "cifar-10-batches-py-target",
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
    ),
    "cifar100": (
        _cifar(
            100, "cifar-100-python-target",
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        ),
    ),
    "imdb": (
        _keras_npz("imdb", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
    ),
    "reuters": (
        _keras_npz("reuters", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
    ),
    "california_housing": (
        _keras_npz(
            "california_housing", "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
        ),
    ),
})  # fmt: skip


def is_downloaded(set_id: str) -> bool:
    """Tell whether every file of a set is in the cache; checksums are verified on reading."""
    home = keras_home()
    return set_id in REMOTE_FILES and all(
        (home / remote.cached).is_file() for remote in REMOTE_FILES[set_id]
    )


def keras_home() -> Path:
    """Return Keras's cache folder."""
    chosen = os.environ.get("KERAS_HOME")
    home = Path(chosen).expanduser() if chosen else Path.home() / ".keras"
    writable = home if home.exists() else home.parent
    return home if os.access(writable, os.W_OK) else Path(tempfile.gettempdir()) / ".keras"


def obtain(
    remote: RemoteFile,
    title: str,
    progress: Progress,
    cancelled: IsCancelled,
    home: Path | None = None,
) -> Path:
    """Return the path of a verified file, downloading it unless it is in the cache.

    Parameters
    ----------
    title
        Title of the set, for messages.
    progress
        Receives the bytes so far and in total.
    home
        Replaces `keras_home`.

    Raises
    ------
    BadInput
        If it is not cached and there is no network.
    JobFailed
        If the connection breaks off, the checksum is wrong, or writing fails.
    Cancelled
        Within 0.3 s of the request; no partial file remains.
    """
    path = (home or keras_home()) / remote.cached
    if path.exists() and verified(path, remote):
        return path
    with _explained(title):
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path.parent)
    write_with(path, lambda temporary: _download(remote, title, temporary, progress, cancelled))
    return path


def verified(path: Path, remote: RemoteFile) -> bool:
    """Tell whether a file has the right checksum; BadInput if it cannot be read."""
    return is_known(read_regular(path, _LARGEST_BYTES), remote)


def is_known(content: bytes, remote: RemoteFile) -> bool:
    """Tell whether these bytes have the right checksum."""
    return hashlib.sha256(content).hexdigest() == remote.sha256


def _download(
    remote: RemoteFile, title: str, path: Path, progress: Progress, cancelled: IsCancelled
) -> None:
    """Download the file to ``path``; reading runs in a thread, as it cannot be interrupted."""
    source = _Source(remote, title)
    digest = hashlib.sha256()
    text, done = f"Downloading {title}", 0
    try:
        with path.open("xb") as stream:
            for chunk in source.chunks(cancelled):
                stream.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(text, done, source.total_bytes)
    finally:
        source.abandoned.set()
    if done < source.total_bytes:
        raise source.failed("the connection broke off")
    if digest.hexdigest() != remote.sha256:
        raise source.failed("the server sent another file than the known one")


class _Source:
    """One request, read in a separate thread.

    Attributes
    ----------
    total_bytes
        Size announced by the server; 0 if unknown.
    abandoned
        Set by the consumer to end the thread at its next byte or time limit.
    """

    def __init__(self, remote: RemoteFile, title: str) -> None:
        self._remote = remote
        self._title = title
        self.total_bytes = 0
        self.abandoned = threading.Event()
        self._chunks: queue.Queue[bytes | OSError] = queue.Queue(_WAITING_CHUNKS)
        thread = threading.Thread(target=self._read, name="download", daemon=True)
        thread.start()

    def chunks(self, cancelled: IsCancelled) -> Iterator[bytes]:
        """Yield chunks until the end; errors as in `obtain`."""
        while True:
            stop_if(cancelled)
            try:
                chunk = self._chunks.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if isinstance(chunk, OSError):
                raise self._explained(chunk) from chunk
            if not chunk:
                return
            yield chunk

    def failed(self, why: str) -> JobFailed:
        """Return the message for a download that was interrupted."""
        return JobFailed(f"{self._title} could not be downloaded ({why}): {self._cure}")

    @property
    def _cure(self) -> str:
        return f"choose a local file ({self._remote.replacement}) or try again"

    def _explained(self, error: OSError) -> BadInput | JobFailed:
        status = getattr(error, "code", None)  # of urllib's HTTPError
        if status is not None:
            return self.failed(f"the server answered {status}")
        if self.total_bytes:
            return self.failed("the connection broke off")
        return BadInput(f"{self._title} could not be downloaded (no network): {self._cure}")

    def _read(self) -> None:
        import urllib.error
        import urllib.request  # takes 50 ms, which the window should not wait for
        from http.client import HTTPException

        try:
            answer = urllib.request.urlopen(  # noqa: S310 - an address of our own table
                self._remote.url, timeout=_TIMEOUT_S
            )
            with answer:
                self.total_bytes = int(answer.headers.get("Content-Length") or 0)
                while chunk := answer.read(_CHUNK_BYTES):
                    if not self._hand_over(chunk):
                        return
            self._hand_over(b"")
        except urllib.error.HTTPError as error:
            error.close()  # it holds the connection
            self._hand_over(error)
        except OSError as error:
            self._hand_over(error)
        except (HTTPException, ValueError) as error:  # a response that is not HTTP
            self._hand_over(ConnectionError(str(error)))

    def _hand_over(self, item: bytes | OSError) -> bool:
        """Queue ``item``; False if the download was abandoned."""
        while not self.abandoned.is_set():
            with contextlib.suppress(queue.Full):
                self._chunks.put(item, timeout=_POLL_S)
                return True
        return False


@contextlib.contextmanager
def _explained(title: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = quoted(error.strerror or error)
        raise JobFailed(
            f"{title} cannot be kept ({why}): set KERAS_HOME to another folder"
        ) from error
