"""Memory and load of the process and the computer, read within a millisecond. Loads without TensorFlow."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import psutil

_GPU_TOOL: Final = ("nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits")
_GPU_TOOL_S: Final = 10.0  # takes a second if the driver is asleep
_MIB: Final = 2**20


@dataclass(frozen=True)
class GpuMemory:
    """Memory that TensorFlow holds on a GPU.

    Attributes
    ----------
    device
        ``"gpu:0"``...
    used_bytes
        Bytes that TensorFlow holds now.
    """

    device: str
    used_bytes: int


GpuReader: TypeAlias = Callable[[], tuple[GpuMemory, ...]]


@dataclass(frozen=True)
class Meters:
    """One reading.

    Attributes
    ----------
    process_bytes
        Memory of this process that is in RAM.
    free_bytes, total_bytes
        RAM available without swapping, and in total.
    process_load
        Share of all processors used by this process since the last reading, 0 to 1; 0 at the first reading.
    gpus
        One value for each GPU; empty if there is none or TensorFlow cannot tell.
    """

    process_bytes: int
    free_bytes: int
    total_bytes: int
    process_load: float
    gpus: tuple[GpuMemory, ...] = ()


class MeterReader:
    """Reads the meters; loads are averages since this reader's last reading.

    Parameters
    ----------
    gpu_memory
        Returns the memory of each GPU, which only TensorFlow knows; None if there is no GPU.
    """

    def __init__(self, gpu_memory: GpuReader | None = None) -> None:
        self._gpu_memory = gpu_memory
        self._process = psutil.Process()
        self._processors = psutil.cpu_count() or 1
        self._process.cpu_percent(interval=None)  # the first call only starts the measurement

    def read(self) -> Meters:
        """Return the current meters."""
        memory = psutil.virtual_memory()
        with self._process.oneshot():
            process_bytes = int(self._process.memory_info().rss)
            process_load = self._process.cpu_percent(interval=None) / 100 / self._processors
        return Meters(
            process_bytes=process_bytes,
            free_bytes=int(memory.available),
            total_bytes=int(memory.total),
            process_load=_share(process_load),
            gpus=self._gpu_memory() if self._gpu_memory is not None else (),
        )


def free_gpu_bytes(tool: Sequence[str] = _GPU_TOOL) -> tuple[int, ...]:
    """Return the free memory of each GPU from the driver's tool; () if there is none. Takes up to seconds."""
    try:
        answer = subprocess.run(
            tool, capture_output=True, text=True, timeout=_GPU_TOOL_S, check=True
        )
        return tuple(int(line) * _MIB for line in answer.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def _share(value: float) -> float:
    """Return a share; clocks of different resolution may give slightly more than 1."""
    return min(1.0, max(0.0, float(value)))
