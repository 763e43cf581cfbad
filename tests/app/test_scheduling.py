import platform
import sys
import threading

import pytest

from app import scheduling

BEFORE_IT_WAS_KNOWN = (6, 12)


def in_a_thread(work):
    """Return what ``work`` returns in a thread of its own: the test's keeps its slices."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def linux():
    major, minor = platform.release().split(".")[:2]
    return int(major), int(minor)


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or scheduling.turn_s() == 0.0,
    reason="this system does not tell the slices of threads",
)
def test_the_thread_takes_long_turns_and_those_it_starts_do_not():
    if linux() < BEFORE_IT_WAS_KNOWN:
        pytest.skip("this Linux has slices of one length only")
    usual = in_a_thread(scheduling.turn_s)

    def work():
        scheduling.take_long_turns()
        return scheduling.turn_s(), in_a_thread(scheduling.turn_s)

    assert usual < scheduling.TURN_S
    assert in_a_thread(work) == (scheduling.TURN_S, usual)


@pytest.mark.parametrize(
    ("system", "machine"), [("win32", "AMD64"), ("darwin", "arm64"), ("linux", "riscv64")]
)
def test_elsewhere_nothing_is_asked_of_the_system(monkeypatch, system, machine):
    monkeypatch.setattr(scheduling.sys, "platform", system)
    monkeypatch.setattr(scheduling.platform, "machine", lambda: machine)
    monkeypatch.setattr(scheduling.ctypes, "CDLL", lambda *_, **__: pytest.fail("a call"))
    scheduling.take_long_turns()
    assert scheduling.turn_s() == 0.0
