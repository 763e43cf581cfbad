"""The graph editor and the palette of layers."""

from widgets.canvas.canvas import NetworkCanvas
from widgets.canvas.facts import BlockFacts
from widgets.canvas.keyboard import KEYS
from widgets.canvas.kinds_model import LAYER_MIME
from widgets.canvas.palette import LayerPalette
from widgets.canvas.ports import BLOCK_SIZE, InputPort

__all__ = [
    "BLOCK_SIZE",
    "KEYS",
    "LAYER_MIME",
    "BlockFacts",
    "InputPort",
    "LayerPalette",
    "NetworkCanvas",
]
