"""The constructor arguments that become fields, with a table row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.catalog.layer_fields import DROPOUT_ROWS, LAYER_ROWS
from engine.catalog.model import Kind
from engine.catalog.other_fields import LOSS_ROWS, METRIC_ROWS, OPTIMIZER_ROWS, WEIGHT_ROWS
from engine.catalog.picture_fields import PICTURE_ROWS
from engine.catalog.rows import CONSTRAINT, INITIALIZER, NOTHING, REGULARIZER, FieldRow

# Arguments that Netsmith sets itself, and why; ``Kind.name`` for one kind only.
LEFT_OUT: Final[Mapping[str, str]] = {
    "name": "the block's own name is used",
    "trainable": "a switch of every block, not a constructor argument",
    "dtype": "one precision for the whole model",
    "sparse": "wires carry dense tensors",
    "ragged": "wires carry dense tensors",
    "batch_size": "the training settings say it",
    "batch_shape": "the training settings say the batch size",
    "input_tensor": "wires say it",
    "optional": "every input gets data",
    "weights": "weights come from training or from a file",
    "return_state": "a wire carries one tensor",
    "stateful": "needs a fixed batch size, and batches are shuffled",
    "flash_attention": "not available with TensorFlow",
    "use_cudnn": "Keras chooses the faster way",
    "quantization_config": "quantization happens on export",
    "gptq_unpacked_column_size": "quantization happens on export",
    "reverse_dtype": "one precision for the whole model",
    "vocabulary_dtype": "one precision for the whole model",
    "Discretization.num_bins": "the boundaries are given instead of found in the data",
    "Discretization.epsilon": "the boundaries are given instead of found in the data",
}
KEPT: Final = frozenset({"InputLayer.dtype"})  # exceptions from LEFT_OUT

# Lists of {"kind": ..., "parameters": {...}} of layers, for which there is no field type.
LAYER_LISTS: Final = frozenset({"cells", "layers"})

# By the suffix of the argument's name.
SUFFIX_ROWS: Final[Mapping[str, FieldRow]] = {
    "_initializer": INITIALIZER,
    "_regularizer": REGULARIZER,
    "_constraint": CONSTRAINT,
}

FIELD_ROWS: Final[Mapping[str, FieldRow]] = {
    **LAYER_ROWS,
    **PICTURE_ROWS,
    **DROPOUT_ROWS,
    **WEIGHT_ROWS,
    **LOSS_ROWS,
    **OPTIMIZER_ROWS,
    **METRIC_ROWS,
}


def field_row(kind: str, name: str) -> FieldRow | None:
    """Return the row of an argument: by kind and name, else by name, else by suffix."""
    row = FIELD_ROWS.get(f"{kind}.{name}") or FIELD_ROWS.get(name)
    if row is None:
        row = next((r for end, r in SUFFIX_ROWS.items() if name.endswith(end)), None)
    return row


def left_out(kind: str, name: str) -> bool:
    """Tell whether Netsmith sets this argument itself."""
    place = f"{kind}.{name}"
    return place not in KEPT and (name in LEFT_OUT or place in LEFT_OUT)


def own_defaults(kind: Kind) -> dict[str, Any]:
    """Return the defaults of Netsmith that differ from Keras's, to be passed explicitly."""
    rows = {field.name: field_row(kind.name, field.name) for field in kind.fields}
    return {name: row.ours for name, row in rows.items() if row and row.ours is not NOTHING}
