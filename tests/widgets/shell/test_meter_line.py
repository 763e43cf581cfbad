import pytest

from engine.machine.meters import GpuMemory, Meters
from widgets.shell.meter_line import MeterLine

METERS = Meters(812_000_000, 9_800_000_000, 16_000_000_000, 0.5)


@pytest.fixture
def line(qtbot):
    line = MeterLine()
    qtbot.addWidget(line)
    return line


def test_memory_is_shown_always_and_speed_while_training(line):
    line.show_meters(METERS)
    assert line.text() == "memory 812 MB, 9.8 GB free"
    line.show_device("cpu", "With XLA: it helps Dense.")
    line.show_speed(0.00052, 61_234.0)
    assert line.text() == (
        "0.5 ms per step · 61,200 samples/s  ·  memory 812 MB, 9.8 GB free  ·  CPU · XLA"
    )
    assert "With XLA: it helps Dense." in line.toolTip()
    line.show_speed(0.0, 0.0)
    line.show_device("", "")
    assert line.text() == "memory 812 MB, 9.8 GB free"
    assert line.toolTip() == ""


def test_each_gpu_has_its_memory(line):
    line.show_meters(Meters(8_000_000, 9_000_000, 0, 0, (GpuMemory("gpu:0", 1_500_000_000),)))
    assert line.text() == "memory 8.0 MB, 9.0 MB free · GPU 0 1.5 GB"
