"""What is known of TensorFlow once it is loaded."""

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
        Memory of each GPU that was free when TensorFlow came; shorter or empty where the driver does not tell.
    gpu_note
        Why a graphics card is not used, and the cure; "" if one is used or there is none.
    """

    keras_version: str
    tensorflow_version: str
    devices: tuple[str, ...]
    gpu_bytes: tuple[int, ...] = ()
    gpu_note: str = ""
