import threading

import pytest

from app.system import scheduling


def slice_s():
    """Return the length of this thread's slices, 0 where the system does not say."""
    attributes = scheduling._attributes()
    return 0.0 if attributes is None else attributes.runtime / 1e9


def in_a_thread(work):
    """Return what ``work`` returns in a thread of its own: the test's keeps its slices."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_the_thread_takes_long_turns_and_those_it_starts_do_not():
    usual = in_a_thread(slice_s)

    def work():
        scheduling.take_long_turns()
        return slice_s(), in_a_thread(slice_s)

    assert usual < scheduling.TURN_S
    assert in_a_thread(work) == (scheduling.TURN_S if usual else 0.0, usual)


@pytest.mark.parametrize(
    ("system", "machine"), [("win32", "AMD64"), ("darwin", "x86_64"), ("linux", "riscv64")]
)
def test_elsewhere_nothing_is_asked_of_the_system(monkeypatch, system, machine):
    monkeypatch.setattr(scheduling.sys, "platform", system)
    monkeypatch.setattr(scheduling.platform, "machine", lambda: machine)
    monkeypatch.setattr(scheduling.ctypes, "CDLL", lambda *_: pytest.fail("a call"))
    scheduling.take_long_turns()
    assert scheduling._attributes() is None
