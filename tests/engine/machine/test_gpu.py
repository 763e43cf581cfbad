"""An NVIDIA card is found by its driver; where TensorFlow does not use it, one sentence says why."""

import pytest

from engine.machine import gpu
from engine.machine.gpu import (
    Driver,
    find_driver,
    has_nvidia_card,
    missing_library,
    visible,
    why_no_gpu,
)


class PretendedDriver:
    """Stands in for libcuda: how many cards it finds and which CUDA it runs."""

    def __init__(self, cards=1, cuda=12040, status=0):
        self.cards, self.cuda, self.status = cards, cuda, status

    def cuInit(self, _flags):  # noqa: N802 - the driver's name
        return self.status

    def cuDriverGetVersion(self, number):  # noqa: N802
        number._obj.value = self.cuda
        return 0

    def cuDeviceGetCount(self, number):  # noqa: N802
        number._obj.value = self.cards
        return 0


def loader(**libraries):
    """Return what opens these libraries by name, with ``_`` for what names cannot hold, and refuses others."""

    def load(name):
        key = name.rpartition("/")[2].replace(".", "_")
        if key not in libraries:
            raise OSError(name)
        return libraries[key]

    return load


def driver_of(**settings):
    return loader(libcuda_so_1=PretendedDriver(**settings))


def test_a_driver_tells_cards_cuda_and_version(tmp_path):
    file = tmp_path / "version"
    file.write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19\nGCC version: 12.2.0"
    )
    assert find_driver(driver_of(cards=2), file) == Driver(2, (12, 4), "535.129.03")
    assert find_driver(driver_of(status=999), tmp_path / "none") == Driver(0, (12, 4), "")
    assert find_driver(loader(), file) is None


def test_a_driver_of_wsl2_is_found_where_it_lies(tmp_path):
    asked = []

    def load(name):
        asked.append(name)
        if name == "/usr/lib/wsl/lib/libcuda.so.1":
            return PretendedDriver()
        raise OSError(name)

    assert find_driver(load, tmp_path / "none") == Driver(1, (12, 4))
    assert asked[0] == "libcuda.so.1"


@pytest.mark.parametrize(
    ("environ", "settings", "wanted"),
    [
        ({}, {}, True),
        ({}, {"cards": 0}, False),
        ({}, {"status": 100}, False),
        ({}, {"cuda": 11040}, False),
        ({"CUDA_VISIBLE_DEVICES": ""}, {}, False),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, {}, False),
        ({"CUDA_VISIBLE_DEVICES": "1"}, {}, True),
    ],
)
def test_cudas_libraries_are_wanted_where_a_card_can_use_them(
    monkeypatch, environ, settings, wanted
):
    monkeypatch.setattr(gpu.sys, "platform", "linux")
    assert gpu.wants_cuda(environ, driver_of(**settings)) is wanted
    monkeypatch.setattr(gpu.sys, "platform", "win32")
    assert gpu.wants_cuda(environ, driver_of(**settings)) is False


def why(system="Linux", driver=None, environ=None, missing="", has_card=False):
    return why_no_gpu(system, environ or {}, lambda: driver, lambda: missing, lambda: has_card)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"system": "Windows"}, ("inside WSL2", "start Netsmith there")),
        ({"system": "Darwin"}, ("On macOS",)),
        ({"has_card": True}, ("without its driver", "install NVIDIA's driver")),
        ({"driver": Driver(0)}, ("no card that answers", "nvidia-smi")),
        ({"driver": Driver(1, (11, 4), "470.57.02")}, ("470.57.02 is too old", "525.60 or newer")),
        ({"driver": Driver(1, (11, 4))}, ("driver is too old", "525.60")),
        ({"driver": Driver(1, (12, 2)), "missing": "libcudnn.so.9"}, ("libcudnn.so.9 is missing", "NETSMITH_CUDA=1")),
        ({"driver": Driver(1), "environ": {"CUDA_VISIBLE_DEVICES": "-1"}}, ("hidden by", "unset it")),
        ({"driver": Driver(0), "environ": {"CUDA_VISIBLE_DEVICES": ""}}, ("hidden by", "unset it")),
        ({"driver": Driver(1, (12, 2))}, ("no way to use", "update its driver")),
    ],
)  # fmt: skip
def test_why_a_card_is_not_used_and_the_cure(given, words):
    said = why(**given)
    assert all(word in said for word in words), said
    assert said.count(".") <= 4
    assert said.endswith(".")


def test_without_a_card_there_is_nothing_to_say():
    assert why() == ""


def test_the_missing_library_is_named(tmp_path):
    everything = {name.replace(".", "_"): object() for name in gpu.LIBRARIES}
    assert missing_library(loader(**everything), []) == ""
    without = {name: each for name, each in everything.items() if name != "libcudnn_so_9"}
    assert missing_library(loader(**without), []) == "libcudnn.so.9"
    # The packages' own folders count, also where the system does not look.
    file = tmp_path / "nvidia" / "cudnn" / "lib" / "libcudnn.so.9"
    file.parent.mkdir(parents=True)
    file.touch()

    def load(name):
        if name == str(file):
            return object()
        return loader(**without)(name)

    assert missing_library(load, [str(tmp_path)]) == ""


def test_a_card_without_a_driver_is_seen_on_the_bus(tmp_path):
    for name, vendor, kind in (("a", "0x8086", "0x030000"), ("b", "0x10de", "0x040300")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "vendor").write_text(f"{vendor}\n")
        (tmp_path / name / "class").write_text(f"{kind}\n")
    assert not has_nvidia_card(tmp_path)  # graphics of another maker, sound of this one
    (tmp_path / "b" / "class").write_text("0x030200\n")
    assert has_nvidia_card(tmp_path)
    assert not has_nvidia_card(tmp_path / "none")


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [(None, (10, 20, 30)), ("1", (20,)), ("2,0", (30, 10)), ("7", ()), ("GPU-8f2", ()), ("-1", ())],
)
def test_memory_is_told_of_the_cards_that_tensorflow_sees(chosen, seen):
    environ = {} if chosen is None else {"CUDA_VISIBLE_DEVICES": chosen}
    assert visible((10, 20, 30), environ) == seen
