"""Everything a change must pass: lint, format, types, import contracts, tests. Run by ``python3 main.py check``."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS = (
    ("lint", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("import contracts", [BIN / "lint-imports"]),
    ("tests", [sys.executable, "-m", "pytest", *os.environ.get("NETSMITH_PYTEST", "").split()]),
)


def main() -> int:
    """Run every check, even after one failed; return 0 if all passed."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",  # end-to-end tests start their own X server
        "QT_SCALE_FACTOR": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": str(ROOT),
    }
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run(list(map(str, command)), cwd=ROOT, env=environment, check=False).returncode:
            failed.append(name)
    print("== all checks passed" if not failed else f"== FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
