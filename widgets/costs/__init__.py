"""What each layer of a network costs: a table with bars in its cells."""

from widgets.costs.model import MEASURES, LayerCostRow
from widgets.costs.panel import LayerCostsPanel

__all__ = ["MEASURES", "LayerCostRow", "LayerCostsPanel"]
