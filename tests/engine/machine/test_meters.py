import sys
import time

import psutil

from engine.machine.meters import GpuMemory, MeterReader, free_gpu_bytes


def test_the_meters_say_what_the_system_says():
    meters = MeterReader().read()
    assert meters.total_bytes == psutil.virtual_memory().total
    assert 0 < meters.process_bytes < meters.total_bytes
    assert 0 < meters.free_bytes < meters.total_bytes
    assert meters.gpus == ()


def test_memory_that_is_taken_shows():
    reader = MeterReader()
    before = reader.read()
    block = bytearray(b"\1") * 64_000_000
    after = reader.read()
    assert after.process_bytes - before.process_bytes > 0.9 * len(block)


def test_a_busy_process_shows_its_load(monkeypatch):
    busy = iter((0.0, 50.0, 100.0 * psutil.cpu_count(), 100.5 * psutil.cpu_count()))
    monkeypatch.setattr(psutil.Process, "cpu_percent", lambda process, interval: next(busy))
    reader = MeterReader()
    assert reader.read().process_load == 0.5 / psutil.cpu_count()
    assert reader.read().process_load == 1.0
    assert reader.read().process_load == 1.0  # clocks of different grain


def test_a_process_that_works_is_busy():
    reader = MeterReader()
    busy_s = time.process_time()
    while time.process_time() < busy_s + 0.1:
        pass
    assert reader.read().process_load > 0


def test_gpu_memory_comes_from_whoever_knows_it():
    held = (GpuMemory("gpu:0", 10),)
    assert MeterReader(lambda: held).read().gpus == held


def test_a_reading_takes_less_than_a_millisecond():
    reader = MeterReader()
    durations = []
    for _ in range(50):
        started = time.thread_time()  # other programs do not count
        reader.read()
        durations.append(time.thread_time() - started)
    assert sorted(durations)[len(durations) // 2] < 0.001


def test_the_driver_s_tool_says_what_is_free_on_each_gpu():
    assert free_gpu_bytes((sys.executable, "-c", "print('100\\n200')")) == (
        100 * 2**20,
        200 * 2**20,
    )


def test_no_tool_or_a_strange_answer_is_no_gpu():
    assert free_gpu_bytes(("no-such-tool-here",)) == ()
    assert free_gpu_bytes((sys.executable, "-c", "print('[N/A]')")) == ()
    assert free_gpu_bytes((sys.executable, "-c", "raise SystemExit(9)")) == ()
