"""Formulas of blocks: parsed by ``ast`` into a tree, never executed. Loads without TensorFlow."""

from engine.formula.making import FormulaError
from engine.formula.parsing import (
    inputs_of,
    is_comparison,
    mended_formula,
    parse,
    parse_node,
)
from engine.formula.tree import MOST_INPUTS, Tree, used_inputs
from engine.formula.writing import canonical, text

__all__ = [
    "MOST_INPUTS",
    "FormulaError",
    "Tree",
    "canonical",
    "inputs_of",
    "is_comparison",
    "mended_formula",
    "parse",
    "parse_node",
    "text",
    "used_inputs",
]
