"""Neurons and synapses of dense layers, drawn."""

from widgets.neurons.panel import NeuronsPanel

__all__ = ["NeuronsPanel"]
