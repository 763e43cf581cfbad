"""Probes: observations of a network, such as weights and activations, reduced to the size of a view."""
