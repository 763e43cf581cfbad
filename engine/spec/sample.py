"""A sample of the data, named by its place."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.spec.base import Frozen, Whole

PartName = Literal["training", "validation", "test"]


class SampleSpec(Frozen):
    """A sample that is shown to the network again and again.

    Attributes
    ----------
    part
        Of the data; where it is empty, the training part is meant.
    number
        From 0; counted round where the part has fewer samples.
    """

    part: PartName = "validation"
    number: Whole = Field(default=0, ge=0, le=2**31 - 1)
