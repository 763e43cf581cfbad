"""What the operating system asks and grants."""
