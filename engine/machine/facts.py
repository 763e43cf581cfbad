"""Facts about the loaded TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EngineFacts:
    """The loaded TensorFlow.

    Attributes
    ----------
    devices
        ``("cpu", "gpu:0", ...)``.
    gpu_bytes
        Free memory of each GPU when TensorFlow was loaded; shorter or empty if the driver does not tell.
    gpu_note
        Why a graphics card is not used, and what to do; "" if one is used or there is none.
    """

    keras_version: str
    tensorflow_version: str
    devices: tuple[str, ...]
    gpu_bytes: tuple[int, ...] = ()
    gpu_note: str = ""
