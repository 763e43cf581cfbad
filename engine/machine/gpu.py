"""Find NVIDIA cards, and tell why TensorFlow does not use them. Standard library only.

TensorFlow 2.21 is built for CUDA 12: a driver that knows CUDA 12.0 (525.60.13) runs it, by the minor-version
compatibility of CUDA 12. Its libraries come as Python packages, see ``requirements-cuda.lock``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LEAST_CUDA: Final = (12, 0)
LEAST_DRIVER: Final = "525.60"
SWITCH: Final = "NETSMITH_CUDA"  # 0: leave CUDA's libraries out; 1: install them
_NAMES: Final = ("libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1")  # the second under WSL2
_VERSION_FILE: Final = Path("/proc/driver/nvidia/version")
_PCI: Final = Path("/sys/bus/pci/devices")
_NVIDIA: Final = "0x10de"
_DISPLAY: Final = "0x03"  # class of graphics cards
# Libraries that TensorFlow loads, and the folders of their packages.
LIBRARIES: Final[Mapping[str, str]] = {
    "libcudart.so.12": "cuda_runtime",
    "libcublas.so.12": "cublas",
    "libcublasLt.so.12": "cublas",
    "libcufft.so.11": "cufft",
    "libcusolver.so.11": "cusolver",
    "libcusparse.so.12": "cusparse",
    "libcudnn.so.9": "cudnn",
}

Load = Callable[[str], Any]


@dataclass(frozen=True)
class Driver:
    """An NVIDIA driver.

    Attributes
    ----------
    cards
        Number of cards that it finds.
    cuda
        The newest CUDA version that it supports, (12, 4); (0, 0) if unknown.
    version
        ``"535.129.03"``; "" if unknown.
    """

    cards: int
    cuda: tuple[int, int] = (0, 0)
    version: str = ""

    @property
    def is_too_old(self) -> bool:
        """Whether it does not support the CUDA version that TensorFlow is built for."""
        return (0, 0) < self.cuda < LEAST_CUDA


def find_driver(load: Load = ctypes.CDLL, version_file: Path = _VERSION_FILE) -> Driver | None:
    """Return the NVIDIA driver of this computer; None if there is none. Linux only, WSL2 included."""
    library = next((found for name in _NAMES if (found := _loaded(load, name)) is not None), None)
    if library is None:
        return None
    number = ctypes.c_int(0)
    cuda, cards = (0, 0), 0
    if library.cuDriverGetVersion(ctypes.byref(number)) == 0:
        cuda = (number.value // 1000, number.value % 1000 // 10)
    if library.cuInit(0) == 0 and library.cuDeviceGetCount(ctypes.byref(number)) == 0:
        cards = number.value
    return Driver(cards, cuda, _version(version_file))


def wants_cuda(environ: Mapping[str, str] = os.environ, load: Load = ctypes.CDLL) -> bool:
    """Tell whether CUDA's libraries are useful: there is a card with a driver that is new enough."""
    if sys.platform != "linux" or environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    driver = find_driver(load)
    return driver is not None and driver.cards > 0 and not driver.is_too_old


def why_no_gpu(
    system: str | None = None,
    environ: Mapping[str, str] = os.environ,
    driver: Callable[[], Driver | None] = find_driver,
    missing: Callable[[], str] | None = None,
    has_card: Callable[[], bool] | None = None,
) -> str:
    """Return why TensorFlow finds no graphics card and what to do, in one sentence; "" if there is no card.

    Parameters
    ----------
    system
        As returned by `platform.system`.
    driver, missing, has_card
        `find_driver`, `missing_library` and `has_nvidia_card` of this computer.
    """
    system = platform.system() if system is None else system
    if system in _ELSEWHERE:
        return _ELSEWHERE[system]
    found = driver()
    if found is None or not found.cards:
        return _without_cards(found, (has_card or has_nvidia_card)(), environ)
    if environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "The NVIDIA card is hidden by CUDA_VISIBLE_DEVICES: unset it to train on the card."
    if found.is_too_old:
        version = f" {found.version}" if found.version else ""
        return (
            f"The NVIDIA driver{version} is too old for TensorFlow, which runs on the processor: "
            f"update it to {LEAST_DRIVER} or newer."
        )
    library = (missing or missing_library)()
    if library:
        return (
            f"TensorFlow runs on the processor because CUDA's {library} is missing: "
            f"start Netsmith once with {SWITCH}=1 to install it."
        )
    return "TensorFlow found no way to use the NVIDIA card: update its driver and start again."


_ELSEWHERE: Final[Mapping[str, str]] = {
    "Windows": "On Windows TensorFlow uses NVIDIA cards only inside WSL2: start Netsmith there to train on the card.",
    "Darwin": "On macOS TensorFlow trains on the processor: there is no graphics support for this version.",
}


def _without_cards(found: Driver | None, has_card: bool, environ: Mapping[str, str]) -> str:
    if environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") and found is not None:
        return "The NVIDIA card is hidden by CUDA_VISIBLE_DEVICES: unset it to train on the card."
    if found is not None:
        return "The NVIDIA driver finds no card that answers: check it with nvidia-smi."
    if has_card:
        return (
            "There is an NVIDIA card without its driver, so TensorFlow runs on the processor: "
            "install NVIDIA's driver."
        )
    return ""


def missing_library(load: Load = ctypes.CDLL, places: Sequence[str] | None = None) -> str:
    """Return the first CUDA library that TensorFlow would not find, "" if all are there.

    Parameters
    ----------
    places
        Folders of Python packages; None for those of this interpreter.
    """
    folders = [Path(place, "nvidia") for place in (sys.path if places is None else places) if place]
    for name, package in LIBRARIES.items():
        files = [str(folder / package / "lib" / name) for folder in folders]
        if all(_loaded(load, file) is None for file in (name, *filter(os.path.exists, files))):
            return name
    return ""


def has_nvidia_card(devices: Path = _PCI) -> bool:
    """Tell whether there is an NVIDIA graphics card on the bus, with or without a driver."""
    try:
        return any(
            _text(device / "vendor") == _NVIDIA and _text(device / "class").startswith(_DISPLAY)
            for device in devices.iterdir()
        )
    except OSError:
        return False


def visible(values: Sequence[int], environ: Mapping[str, str] = os.environ) -> tuple[int, ...]:
    """Return the entries of a list in bus order that TensorFlow sees, in its order.

    ``CUDA_VISIBLE_DEVICES`` hides cards and changes their order.
    """
    chosen = environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        return tuple(values)
    numbers = [number.strip() for number in chosen.split(",")]
    if not all(number.isdigit() and int(number) < len(values) for number in numbers):
        return ()
    return tuple(values[int(number)] for number in numbers)


def _loaded(load: Load, name: str) -> Any:
    try:
        return load(name)
    except OSError:
        return None


def _version(file: Path) -> str:
    found = re.search(r"\b(\d{3,}\.\d+(?:\.\d+)?)\b", _text(file))
    return found[1] if found else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
