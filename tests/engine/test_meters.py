import time

import psutil

from engine.meters import GpuMemory, MeterReader


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
    until = time.perf_counter() + 0.3
    while time.perf_counter() < until:
        pass
    meters = reader.read()
    one_processor = 1 / (psutil.cpu_count() or 1)
    assert 0.3 * one_processor < meters.process_load <= 1.0
    assert 0.3 * one_processor < meters.system_load <= 1.0


def test_gpu_memory_comes_from_whoever_knows_it():
    held = (GpuMemory("gpu:0", 10, 20),)
    assert MeterReader(lambda: held).read().gpus == held


def test_a_reading_takes_less_than_a_millisecond():
    reader = MeterReader()
    durations = []
    for _ in range(50):
        started = time.perf_counter()
        reader.read()
        durations.append(time.perf_counter() - started)
    assert sorted(durations)[len(durations) // 2] < 0.001
