"""TensorFlow itself: its start and what it holds of the graphics cards."""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.machine import gpu
from engine.machine.facts import EngineFacts
from engine.machine.meters import GpuMemory, free_gpu_bytes
from engine.training.loop.compiling import xla_flags


def load_tensorflow() -> EngineFacts:
    """Import TensorFlow and Keras, prepare the devices; seconds on the first call."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ["XLA_FLAGS"] = xla_flags(os.environ.get("XLA_FLAGS", ""))
    # As nvidia-smi counts the cards; CUDA's own order is the fastest first.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    is_new = "tensorflow" not in sys.modules
    with _without_native_chatter():
        import keras
        import tensorflow as tf

        from engine.training.loop.devices import devices

        tf.get_logger().setLevel(logging.ERROR)  # it warns of each new network: "retracing"
        known = devices()
        if is_new:
            # Millions of objects that live as long as the program: to look through them for garbage, again and
            # again, held Python's lock for 0.2 s each time.
            gc.freeze()
        return EngineFacts(keras.__version__, tf.__version__, known, *_cards(len(known) > 1))


@functools.cache
def _cards(has_gpu: bool) -> tuple[tuple[int, ...], str]:
    """Return the free memory of each card, and why there is none; the driver's tool takes up to seconds."""
    return (gpu.visible(free_gpu_bytes()), "") if has_gpu else ((), gpu.why_no_gpu())


@contextlib.contextmanager
def _without_native_chatter() -> Iterator[None]:
    """Drop what TensorFlow's native code prints while it loads: no setting silences its first lines."""
    if "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def gpu_memory(devices: tuple[str, ...]) -> tuple[GpuMemory, ...]:
    """Return what TensorFlow holds on each GPU of ``("cpu", "gpu:0", ...)``; quick enough for any thread."""
    import tensorflow as tf

    def held(device: str) -> GpuMemory:
        memory = tf.config.experimental.get_memory_info(device.upper())
        return GpuMemory(device, memory["current"])

    return tuple(held(device) for device in devices if device.startswith("gpu"))
