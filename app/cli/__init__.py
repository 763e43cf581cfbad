"""The headless verbs, on the same engine as the window."""

VERBS = ("new", "train", "evaluate", "classify", "predict", "export", "inspect", "bench", "check")
