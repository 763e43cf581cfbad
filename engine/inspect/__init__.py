"""Looking inside a network: its weights, reduced to what a screen can show."""
