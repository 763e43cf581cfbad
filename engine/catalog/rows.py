"""Row types of the hand-written tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from engine.catalog.model import FieldType

PER_AXIS: Final = -1  # one number for each axis of the kind: 2 for Conv2D
# Before and after, axis by axis: top, bottom, left, right for ZeroPadding2D.
TWO_PER_AXIS: Final = -2
NOTHING: Final = object()


@dataclass(frozen=True)
class FieldRow:
    """One argument; its help is in ``resources/catalog/help.json``.

    Attributes
    ----------
    example
        If given, the argument is required in Netsmith, and a new layer starts with this value: for
        arguments that Keras requires, and those without which a layer must be adapted to data.
    from_data
        Whether the data gives it where it is absent: `engine.data.preprocessing` says where.
    ours
        Default of Netsmith where Keras's does not suit its data.
    optional
        Whether None is allowed; None means if it is Keras's default.

    The others are those of `engine.catalog.model.Field`.
    """

    type: FieldType
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    length: int = 0
    unit: str = ""
    advanced: bool = False
    example: Any = NOTHING
    ours: Any = NOTHING
    optional: bool | None = None
    from_data: bool = False


@dataclass(frozen=True)
class KindRow:
    """One kind; attributes as in `engine.catalog.model.Kind`."""

    group: str
    ranks: tuple[int, ...] = ()
    inputs: tuple[int, int | None] = (1, 1)
    input_names: tuple[str, ...] = ()
    common: bool = False
    unsupported: str = ""


SMALLEST_STEP: Final = 1e-12  # a smaller learning rate changes no 32-bit weight
LARGEST_SEED: Final = 2**31 - 1
LARGEST_SIZE: Final = 1_000_000_000
LONGEST_AXIS: Final = 10_000  # of a window or a margin
LONGEST_FRAME: Final = 65_536  # samples of sound; Keras allocates a table of as many rows
MOST_DRAWERS: Final = 1_000_000  # of words; Keras allocates a list of them

# Rows that several tables share.
BOOL: Final = FieldRow("bool")
BOOL_ADVANCED: Final = FieldRow("bool", advanced=True)
COUNT: Final = FieldRow("int", minimum=1, maximum=LARGEST_SIZE)
COUNT_ADVANCED: Final = replace(COUNT, advanced=True)
INDEX: Final = FieldRow("int", minimum=0, maximum=LARGEST_SIZE)
AXIS: Final = FieldRow("int", minimum=-6, maximum=6, advanced=True)
AXES: Final = FieldRow("ints", minimum=-6, maximum=6, advanced=True)
SHARE: Final = FieldRow("float", minimum=0.0, maximum=1.0, unit="share")
STRENGTH: Final = FieldRow("float", minimum=0.0)
NUMBER: Final = FieldRow("float")
MOMENTUM: Final = FieldRow("float", minimum=0.0, maximum=1.0)
MOMENTUM_ADVANCED: Final = replace(MOMENTUM, advanced=True)
TINY: Final = FieldRow("float", minimum=0.0, maximum=1.0, advanced=True)
SIZES: Final = FieldRow("ints", minimum=1, maximum=LONGEST_AXIS, length=PER_AXIS)
PIXELS: Final = FieldRow("int", minimum=1, maximum=100_000, unit="pixels")
UNITS: Final = replace(COUNT, example=32)
ACTIVATION: Final = FieldRow("activation")
INITIALIZER: Final = FieldRow("initializer", advanced=True)
REGULARIZER: Final = FieldRow("regularizer", advanced=True)
CONSTRAINT: Final = FieldRow("constraint", advanced=True)
FILL: Final = FieldRow("choice", choices=("reflect", "wrap", "constant", "nearest"), advanced=True)
SIZED_FILTERS: Final = replace(COUNT, example=32)
LIST_OF_NUMBERS: Final = FieldRow("floats", advanced=True)
LOOKUP_MODES: Final = FieldRow("choice", choices=("int", "one_hot", "multi_hot", "count", "tf_idf"))
HASH_MODES: Final = FieldRow("choice", choices=("int", "one_hot", "multi_hot", "count"))
WINDOW: Final = FieldRow("choice", choices=("hann", "hamming"), advanced=True, optional=True)
PROBABILITY: Final = FieldRow("float", minimum=0.0, maximum=1.0, example=0.5)
FACTOR_RANGE: Final = FieldRow("floats", minimum=0.0, maximum=1.0, length=2, unit="share")
FACTOR: Final = FieldRow("float", minimum=0.0, maximum=1.0, unit="share")
