"""What can be observed of a network: weights, neurons and activations, reduced to what a screen shows."""
