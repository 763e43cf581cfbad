"""Which data, and how it is cut."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from engine.spec.base import Flag, Frozen, Number, Parameters, Whole


class SplitSpec(Frozen):
    """How samples become training, validation and test part.

    Attributes
    ----------
    validation, test
        Shares of all samples, 0 to 0.8. Where a set brings its own test part, ``test`` is not used and
        ``validation`` is a share of the rest.
    seed
        Of the shuffle before cutting.
    stratified
        Keep each class's share in every part (classification only).
    """

    validation: Number = Field(default=0.15, ge=0.0, le=0.8)
    test: Number = Field(default=0.15, ge=0.0, le=0.8)
    seed: Whole = Field(default=0, ge=0, le=2**31 - 1)
    stratified: Flag = True

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.validation + self.test > 0.9:
            raise ValueError(
                "validation and test take more than 90 % together: leave some to train on"
            )
        return self


class DataSpec(Frozen):
    """The choice of data.

    Attributes
    ----------
    reader
        Id of a row of `engine.data.readers`.
    path
        A local file or folder that replaces the download, or the file itself where the reader is ``"file"``;
        None: as the reader says.
    options
        What the set takes, as `engine.data.readers` lists it: a generated one ``{"samples": 500, "noise": 0.1,
        "seed": 0}``, a file of one's own ``{"task": "numbers", "inputs": "series"}``.
    """

    reader: str = "digits"
    path: str | None = None
    options: Parameters = {}
    split: SplitSpec = SplitSpec()
