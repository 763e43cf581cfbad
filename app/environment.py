"""The project's own environment: made on the first call, entered on every one.

Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess  # argument lists only, never a shell
import sys
from pathlib import Path

from engine.machine.gpu import SWITCH, wants_cuda

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
SUPPORTED = ((3, 11), (3, 13))

# What a bare Debian lacks for Qt: file to look for -> package. Found by removing each in turn.
DEBIAN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
DEBIAN_FONT = "fonts-dejavu-core"  # without any font every label is empty
DEBIAN_CHECKS = {"Xvfb": "xvfb"}  # commands that only the checks need
CUDA_LOCK = ROOT / "requirements-cuda.lock"
_CUDA_SIZE = (
    "2.8 GB to download, 4.4 GB on the disk"  # the wheels of the lock file, on 64-bit Linux
)
_SWITCHED = ENVIRONMENT / "cuda.switch"  # what the user said of CUDA last


class SetUpError(Exception):
    """The environment cannot be made; the text says what is missing and how to get it."""


def enter(*, checks: bool = False) -> None:
    """Continue this program inside the project's environment, making it first if needed.

    Returns only when the calling interpreter already is that environment (or a frozen program);
    otherwise the process is replaced by the environment's interpreter with the same arguments.

    Parameters
    ----------
    checks
        Also install what the tests, lint and types need.
    """
    if getattr(sys, "frozen", False):
        return
    try:
        python = prepare(checks=checks)
    except SetUpError as error:
        print(f"netsmith: {error}", file=sys.stderr)  # noqa: T201 - the only screen there is
        sys.exit(2)
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    command = [str(python), *sys.argv]
    if os.name == "nt":  # execv on Windows returns to the shell before the program ends
        sys.exit(subprocess.call(command))
    os.execv(python, command)  # noqa: S606 - no shell is wanted


def prepare(*, checks: bool) -> Path:
    """Make the environment complete and return its interpreter; at once if nothing is missing."""
    lock = ROOT / ("requirements-dev.lock" if checks else "requirements.lock")
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # The larger set contains the smaller: either stamp will do for running the program.
    installed = any(_is_installed(each) for each in (lock, ROOT / "requirements-dev.lock"))
    with_cuda = not _is_installed(CUDA_LOCK) and _cuda_is_wanted()
    if python.exists() and installed and not with_cuda and _stamped_python_runs(python):
        return python
    version = sys.version_info[:2]
    if not SUPPORTED[0] <= version <= SUPPORTED[1]:
        message = f"Python {version[0]}.{version[1]} is not supported: start it with Python 3.11, 3.12 or 3.13"
        raise SetUpError(message)
    _install_system_packages(checks=checks)
    if not python.exists() or not _stamped_python_runs(python):
        installed = False
        _say(f"preparing {ENVIRONMENT.name} (once, a few minutes) ...")
        _make_environment()
    if not installed:
        _install(python, lock)
        _stamp(lock).write_text(_fingerprint(lock), encoding="utf-8")
    if with_cuda:
        _install_cuda(python)
    return python


def _stamp(lock: Path) -> Path:
    """Return the file that notes which lock file's packages are installed."""
    return ENVIRONMENT / f"{lock.name}.installed"


def _is_installed(lock: Path) -> bool:
    return _read(_stamp(lock)) == _fingerprint(lock)


def _cuda_is_wanted() -> bool:
    """Tell whether CUDA's libraries are to be installed: a card is here, and nobody said not to.

    What `SWITCH` says is kept for later calls without it.
    """
    said = os.environ.get(SWITCH, "").strip() or _read(_SWITCHED)
    if said in ("0", "1") and ENVIRONMENT.is_dir() and _read(_SWITCHED) != said:
        _SWITCHED.write_text(said, encoding="utf-8")
    return said == "1" or (said != "0" and wants_cuda())


def _install_cuda(python: Path) -> None:
    """Install CUDA's libraries beside TensorFlow; without them it runs on the processor."""
    _say(
        f"an NVIDIA card is here: installing CUDA's libraries ({_CUDA_SIZE}); "
        f"start with {SWITCH}=0 to leave them out ..."
    )
    try:
        _install(python, CUDA_LOCK)
    except SetUpError as error:
        _SWITCHED.write_text("0", encoding="utf-8")  # or every start would try again
        _say(
            f"CUDA's libraries were not installed, so TensorFlow runs on the processor: {error}; "
            f"start once with {SWITCH}=1 for another try"
        )
        return
    _stamp(CUDA_LOCK).write_text(_fingerprint(CUDA_LOCK), encoding="utf-8")


def _fingerprint(lock: Path) -> str:
    """Identify a lock file's content, '' where there is none."""
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else "absent"


def _stamped_python_runs(python: Path) -> bool:
    """Tell whether the environment's interpreter still exists: its base may have been removed."""
    return python.resolve().exists()


def _make_environment() -> None:
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    command = [sys.executable, "-m", "venv", str(ENVIRONMENT)]
    if subprocess.run(command, check=False, capture_output=True).returncode == 0:
        return
    # Debian ships Python without ensurepip.
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    _apt_install([package], f"Python's venv module needs the package {package}")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode != 0:
        raise SetUpError(f"the environment could not be made: {_last_line(finished.stderr)}")


def _install(python: Path, lock: Path) -> None:
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--require-hashes", "-r", str(lock)]  # fmt: skip
    finished = subprocess.run(command, check=False, stdout=sys.stderr)
    if finished.returncode != 0:
        raise SetUpError(
            "the packages could not be installed (see above): check the network and try again"
        )


def _install_system_packages(*, checks: bool) -> None:
    """On Debian and its children, install the system libraries Qt needs; elsewhere do nothing."""
    if not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return
    missing = [package for name, package in DEBIAN_LIBRARIES.items() if not _loads(name)]
    if not any(
        Path(folder).exists()
        for folder in ("/usr/share/fonts/truetype", "/usr/share/fonts/opentype")
    ):
        missing.append(DEBIAN_FONT)
    if checks:
        missing += [
            package for name, package in DEBIAN_CHECKS.items() if shutil.which(name) is None
        ]
    if missing:
        _apt_install(missing, "Qt needs system libraries")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _apt_install(packages: list[str], why: str) -> None:
    """Install Debian packages as root or through sudo; without either, say the exact command."""
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        raise SetUpError(f"{why}; install it and start again")
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    ):
        prefix = ["sudo", "-n"]
    else:
        raise SetUpError(f"{why}. Run: sudo {' '.join(install)}")
    _say(f"installing {' '.join(packages)} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], install):
        finished = subprocess.run(
            [*prefix, *command], check=False, capture_output=True, text=True, env=environment
        )
    if finished.returncode != 0:
        raise SetUpError(
            f"{why}, but apt-get failed: {_last_line(finished.stderr)}. Run: sudo {' '.join(install)}"
        )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _say(text: str) -> None:
    print(f"netsmith: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the only screen there is
