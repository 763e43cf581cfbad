"""What a training keeps on disk: checkpoints and resume points."""
