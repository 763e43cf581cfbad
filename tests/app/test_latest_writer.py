"""Values written on a thread of their own."""

import threading

from app.latest_writer import LatestWriter


def test_what_is_replaced_before_its_turn_is_never_written():
    written, gate, began = [], threading.Semaphore(0), threading.Semaphore(0)

    def write(value):
        began.release()
        assert gate.acquire(timeout=20)
        written.append(value)

    writer = LatestWriter(write)
    writer.submit(1)
    assert began.acquire(timeout=20)
    for value in (2, 3, 4):
        writer.submit(value)
    gate.release(2)
    writer.wait()
    assert written == [1, 4]


def test_a_failure_stays_known_until_a_write_succeeds():
    fails = [True]

    def write(_value):
        if fails[0]:
            raise OSError("broken")

    seen = []
    writer = LatestWriter(write, lambda: seen.append(writer.problem))
    writer.submit(1)
    writer.wait()
    assert "broken" in writer.problem
    fails[0] = False
    writer.submit(2)
    writer.wait()
    assert writer.problem == ""
    assert ["broken" in problem for problem in seen] == [True, False]


def test_nobody_waits_where_nothing_is_written():
    writer = LatestWriter(print)
    writer.wait()
    assert writer.problem == ""
