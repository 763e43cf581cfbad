import sys
import time

import psutil
import pytest

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


def test_a_busy_process_shows_its_load():
    reader = MeterReader()
    reader.read()
    started, busy_s = time.perf_counter(), time.process_time()
    while time.process_time() < busy_s + 0.3:
        pass
    meters = reader.read()
    passed_s = (time.perf_counter() - started) * (psutil.cpu_count() or 1)
    load = (time.process_time() - busy_s) / passed_s  # other programs may leave little
    assert meters.process_load == pytest.approx(load, rel=0.3)


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
