"""Netsmith: without a verb the window opens, with a verb the engine runs headless.

Needs nothing but Python: the first call makes ``.venv`` beside this file and installs the locked set there.
"""

import sys

from app.environment import enter


def main() -> int:
    """Run in the project's environment; return the exit status."""
    arguments = sys.argv[1:]
    enter(checks=arguments[:1] == ["check"])
    from app.start import run  # its imports exist only inside the environment

    return run(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("netsmith: stopped")  # status 1; the verbs have their own way while they work
