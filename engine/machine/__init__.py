"""The computer itself: memory, load and NVIDIA cards."""
