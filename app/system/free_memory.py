"""Memory that a training may take."""

from __future__ import annotations

import psutil

from engine.machine.facts import EngineFacts


def free_for_training(device: str, engine: EngineFacts | None) -> int | None:
    """Return the free bytes where a training would run; None on a GPU whose driver does not tell.

    Parameters
    ----------
    device
        As `TrainingSpec.device`.
    """
    gpus = engine.devices[1:] if engine is not None else ()
    if engine is None or device == "cpu" or (device == "auto" and not gpus):
        return int(psutil.virtual_memory().available)
    wanted = gpus[0] if device == "auto" else device
    return dict(zip(gpus, engine.gpu_bytes, strict=False)).get(wanted)
