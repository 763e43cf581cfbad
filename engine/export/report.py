"""What an export reports; loads without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ExportReport:
    """An exported model and how well it agrees with the one in memory.

    Attributes
    ----------
    bytes
        Size of the file, or of all files of the folder.
    samples
        How many were compared.
    max_abs_difference
        Largest difference of any answer, in the answers' own unit.
    agreement
        Share of samples, 0 to 1, whose answer is the same: the same class, or every number
        within 1e-5 (relative above 1).
    milliseconds
        Of one sample alone through the reloaded model, the median of several calls.
    milliseconds_per_batch
        Of a whole batch, likewise.
    batch_size
        Samples of such a batch.
    remark
        What the user should know of it beside, a sentence; "" for nothing.
    """

    format: str
    path: Path
    bytes: int
    samples: int
    max_abs_difference: float
    agreement: float
    milliseconds: float
    milliseconds_per_batch: float
    batch_size: int
    remark: str = ""
