"""How long a test waits for what must happen: a wait that comes to its end is a failure, so it may be long."""

PATIENCE_S = 180
