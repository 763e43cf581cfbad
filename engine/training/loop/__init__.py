"""The training loop: session, executor, batches and compiled graphs."""
