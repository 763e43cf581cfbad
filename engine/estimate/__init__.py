"""Shapes, weights and costs of a network from its description. Loads without TensorFlow."""

from engine.estimate.network import Estimate as Estimate
from engine.estimate.network import estimate as estimate
