"""The result of an export. Loads without TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ExportReport:
    """An exported model, compared with the one in memory.

    Attributes
    ----------
    bytes
        Size of the file, or of all files of the folder.
    samples
        Number of compared samples.
    max_abs_difference
        Largest difference of any prediction, in its own unit.
    agreement
        Share of samples, 0 to 1, with the same prediction: the same class, or every number
        within 1e-5 (relative above 1).
    milliseconds
        Time of the reloaded model for one sample, the median of several calls.
    milliseconds_per_batch
        The same for a batch.
    batch_size
        Samples in this batch.
    remark
        A remark for the user, one sentence; "" for none.
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
