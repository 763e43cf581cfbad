"""How the system shares the processors between the window's thread and the training.

A training keeps every processor busy, and each of its threads waits for the slowest. Linux gives a thread that wakes
up a short time slice (1.4 to 3 ms), at once and again and again: a frame of the window then stops the training several
times. With a longer slice it waits a moment for its turn and draws the whole frame in it.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from typing import Final, Literal

TURN_S: Final = 0.01  # a frame takes 3 to 4 ms
# The numbers of sched_setattr and sched_getattr, which the C library of most systems does not name.
_CALLS: Final = {"x86_64": {"set": 314, "get": 315}, "aarch64": {"set": 274, "get": 275}}
_THIS_THREAD: Final = 0
_USUAL_POLICY: Final = 0  # SCHED_OTHER
# SCHED_FLAG_RESET_ON_FORK: the threads of the training are made by the window's.
_NOT_FOR_CHILDREN: Final = 1


class _Attributes(ctypes.Structure):
    """``struct sched_attr`` in its first version; see sched_setattr(2).

    For a usual thread ``runtime`` is the length of its slices in nanoseconds, from Linux 6.12 on; before it is 0.
    """

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def take_long_turns() -> None:
    """Ask for slices of `TURN_S` for the calling thread, where the system knows such a request; needs no rights."""
    attributes = _attributes()
    if attributes is None or attributes.policy != _USUAL_POLICY:
        return
    attributes.runtime = round(TURN_S * 1e9)
    attributes.flags |= _NOT_FOR_CHILDREN
    _call("set", ctypes.byref(attributes), 0)


def _attributes() -> _Attributes | None:
    """Return what the system says of the calling thread; None where it knows no such question."""
    attributes = _Attributes()
    size = ctypes.sizeof(attributes)
    return attributes if _call("get", ctypes.byref(attributes), size, 0) else None


def _call(name: Literal["set", "get"], *arguments: object) -> bool:
    """Call one of `_CALLS` for this thread; False if it fails or there is none."""
    numbers = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or numbers is None:
        return False
    return bool(ctypes.CDLL(None).syscall(numbers[name], _THIS_THREAD, *arguments) == 0)
