"""Devices for training: the CPU and the GPUs that TensorFlow uses."""

from __future__ import annotations

import contextlib

import tensorflow as tf

from engine.errors import JobFailed


def devices() -> tuple[str, ...]:
    """Return the available devices: ``("cpu",)`` or ``("cpu", "gpu:0", ...)``.

    Every GPU is configured to allocate memory on demand.
    """
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Raised once the GPU is in use, when it was configured before.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    return ("cpu", *(f"gpu:{number}" for number in range(len(gpus))))


def resolve_device(device: str) -> str:
    """Return ``"cpu"`` or ``"gpu:0"``...; "auto" is the first GPU if there is one.

    Raises
    ------
    JobFailed
        If there is no such device.
    """
    known = devices()
    if device == "auto":
        return known[1] if len(known) > 1 else known[0]
    if device not in known:
        raise JobFailed(
            f'There is no device "{device}" here: choose one of auto, {", ".join(known)}.'
        )
    return device
