"""Data types of ONNX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.importing.onnx.graph import Node, refused_setting

# TensorProto.DataType -> NumPy's name, for plain numbers.
TYPES: Final[Mapping[int, str]] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
}  # fmt: skip
_OTHERS: Final[Mapping[int, str]] = {
    8: "text", 14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn",
    18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
    23: "float4e2m1", 24: "float8e8m0",
}  # fmt: skip


def cast_target(node: Node) -> int:
    """Return the target of Cast; the attributes for 8-bit floats must have their defaults."""
    if not node.whole("saturate", 1):
        raise refused_setting(node, "saturate")
    if node.text("round_mode", "up") != "up":
        raise refused_setting(node, "round_mode")
    return node.whole("to", 0)


def type_name(number: int) -> str:
    """Return the name of a type, "an unknown type" if it has none."""
    return {**TYPES, **_OTHERS}.get(number, "an unknown type")
