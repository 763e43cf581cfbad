"""What live views show and may cost."""
