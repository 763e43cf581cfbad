"""Training: events and control (light), session, executor and checkpoints (heavy)."""
