"""The one fork: a verb runs headless, none opens the window."""
def run(arguments):
    return 0
