"""The headless verbs, on the same engine as the window."""

VERBS = (
    "new",
    "data",
    "train",
    "evaluate",
    "classify",
    "predict",
    "export",
    "inspect",
    "bench",
    "check",
)
