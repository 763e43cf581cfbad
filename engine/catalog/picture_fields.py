"""What the arguments of layers for pictures take; ``Kind.name`` where kinds differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.catalog.rows import (
    BOOL,
    BOOL_ADVANCED,
    COUNT,
    FACTOR,
    FACTOR_RANGE,
    FILL,
    LONGEST_AXIS,
    NUMBER,
    PIXELS,
    TWO_PER_AXIS,
    FieldRow,
)

PICTURE_ROWS: Final[Mapping[str, FieldRow]] = {
    "height": replace(PIXELS, example=24),
    "width": replace(PIXELS, example=24),
    # Keras assumes 0 to 255; here a Rescaling to [0, 1] usually stands before them.
    "value_range": FieldRow("floats", length=2, ours=(0.0, 1.0)),
    "factor": FACTOR,
    "height_factor": FACTOR,
    "width_factor": FACTOR,
    "x_factor": FACTOR,
    "y_factor": FACTOR,
    "brightness_factor": FACTOR,
    "contrast_factor": FACTOR,
    "saturation_factor": FACTOR_RANGE,
    "hue_factor": FACTOR,
    "addition_factor": FACTOR,
    "threshold_factor": FACTOR,
    "RandomPosterization.factor": FieldRow("int", minimum=1, maximum=8, unit="bits", example=4),
    # In the middle these change nothing, so that one number from 0 up would not do.
    "RandomSharpness.factor": replace(FACTOR_RANGE, example=(0.4, 0.6)),
    "RandomSaturation.factor": replace(FACTOR_RANGE, example=(0.4, 0.6)),
    "fill_mode": FILL,
    "Resizing.fill_mode": FieldRow("choice", choices=("constant",), advanced=True),
    "fill_value": replace(NUMBER, advanced=True),
    "crop_to_aspect_ratio": BOOL,
    "pad_to_aspect_ratio": BOOL,
    "antialias": BOOL_ADVANCED,
    "num_chains": replace(COUNT, maximum=20),
    "chain_depth": replace(COUNT, maximum=20),
    "all_ops": BOOL_ADVANCED,
    "num_ops": replace(COUNT, maximum=20),
    "clip_limit": FieldRow("float", minimum=0.0),
    "tile_grid_size": FieldRow("ints", minimum=1, maximum=1000, length=2),
    "sigma": FACTOR,
    "RandomGaussianBlur.kernel_size": FieldRow("int", minimum=1, maximum=99, unit="pixels"),
    "RandomElasticTransform.scale": FACTOR,
    "RandomPerspective.scale": FACTOR,
    "RandomErasing.scale": FieldRow("floats", minimum=0.0, maximum=1.0, length=2, unit="share"),
    "RandomFlip.mode": FieldRow(
        "choice", choices=("horizontal", "vertical", "horizontal_and_vertical")
    ),
    "Rescaling.scale": FieldRow("floats", from_data=True),
    "Rescaling.offset": FieldRow("floats"),
    "offset": NUMBER,
    **{
        f"{kind}.factor": replace(FACTOR, example=0.1)
        for kind in (
            "RandomBrightness",
            "RandomColorDegeneration",
            "RandomContrast",
            "RandomHue",
            "RandomRotation",
        )
    },
    **{
        f"{kind}.{name}": replace(FACTOR, example=0.1)
        for kind in ("RandomTranslation", "RandomZoom")
        for name in ("height_factor", "width_factor")
    },
    "RandomZoom.width_factor": FACTOR,
    **{
        f"{kind}.interpolation": FieldRow("choice", choices=("nearest", "bilinear"), advanced=True)
        for kind in (
            "AugMix",
            "RandAugment",
            "RandomElasticTransform",
            "RandomPerspective",
            "RandomRotation",
            "RandomShear",
            "RandomTranslation",
            "RandomZoom",
        )
    },
    **{
        f"ZeroPadding{axes}D.padding": FieldRow(
            "ints", minimum=0, maximum=LONGEST_AXIS, length=TWO_PER_AXIS
        )
        for axes in (1, 2, 3)
    },
}
