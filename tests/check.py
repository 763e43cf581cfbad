"""Everything a change must pass: lint, format, types, contracts, tests. Run by ``python3 main.py check``."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = (sys.executable, "-m", "pytest")
WINDOW_TESTS = "tests/end_to_end"
# Two processes with a half each, so that a module's tests mostly stay together, for they share its trained networks;
# whoever is done first takes of what the other has left.
IN_PARALLEL = ("-n", "2", "--dist", "worksteal")

CHECKS = (
    ("lint", (BIN / "ruff", "check", ".")),
    ("format", (BIN / "ruff", "format", "--check", ".")),
    ("types", (BIN / "mypy",)),
    ("import contracts", (BIN / "lint-imports",)),
    ("tests", (*PYTEST, *IN_PARALLEL, f"--ignore={WINDOW_TESTS}")),
    ("tests of the real window", (*PYTEST, *IN_PARALLEL, WINDOW_TESTS)),
)


def main() -> int:
    """Run every check, even after one failed; return 0 if all passed."""
    failed = []
    with screens(2) as for_windows:
        for name, command in CHECKS:
            print(f"== {name}", flush=True)
            settings = for_windows if WINDOW_TESTS in command else {"QT_QPA_PLATFORM": "offscreen"}
            environment = {
                **os.environ,
                "QT_SCALE_FACTOR": "1",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "PYTHONPATH": str(ROOT),
                **settings,
            }
            done = subprocess.run(list(map(str, command)), cwd=ROOT, env=environment, check=False)
            if done.returncode:
                failed.append(name)
    print("== all checks passed" if not failed else f"== FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


@contextlib.contextmanager
def screens(count):
    """Start X servers of our own and give the settings that open windows on them; offscreen without any.

    Each process of the window's tests has one of its own (tests/end_to_end/conftest.py): there is one focus on each.
    """
    if shutil.which("Xvfb") is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    with contextlib.ExitStack() as stack:
        displays = [stack.enter_context(screen()) for _ in range(count)]
        yield {
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": displays[0],
            "NETSMITH_TEST_DISPLAYS": " ".join(displays),
        }


@contextlib.contextmanager
def screen():
    """Start an X server and give the name of its display."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1600x1000x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as stream:
            number = stream.readline().strip()
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
