"""Export of projects as Keras scripts, and import of scripts; a script is parsed, never executed."""
