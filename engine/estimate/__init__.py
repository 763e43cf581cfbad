"""What a network is, from its description alone. Loads without TensorFlow."""

from engine.estimate.network import Estimate as Estimate
from engine.estimate.network import estimate as estimate
