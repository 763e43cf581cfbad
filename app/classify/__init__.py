"""What the Classify page works with: samples, answers, the weights that give them, and how they are shown."""
