import numpy as np
import pytest

from engine.data.choice import describe, recognised
from engine.data.column_array import ColumnArray
from engine.data.images import seen
from engine.data.loading import load
from engine.errors import BadInput, SpecError
from engine.spec.data import DataSpec, SplitSpec
from engine.templates import new_project
from tests.engine.data.readers.picture_files import two_classes


def spec_of(folder, **options):
    return DataSpec(reader="pictures", path=str(folder), options=options)


def test_a_folder_of_classes_is_cut_into_parts(tmp_path):
    data = load(spec_of(two_classes(tmp_path, 10, ".jpg")))
    info = data.info
    assert (info.source, info.kind, info.task) == ("pictures", "picture", "classification")
    assert info.labels == ("cat", "dog")
    assert info.input_shape == (16, 20, 3)
    assert info.value_range == (0.0, 255.0)
    assert info.counts == (14, 3, 3)
    assert info.class_counts == (10, 10)
    assert not info.own_test
    assert data.training.x.dtype == np.uint8
    assert (info.image.height, info.image.width, info.image.channels) == (16, 20, 3)
    assert data.findings == ()


def test_parts_of_the_folder_are_taken_as_they_are(tmp_path):
    parts = {"train": 8, "val": 3, "test": 2}
    for part, count in parts.items():
        two_classes(tmp_path / part, count)
    data = load(spec_of(tmp_path))
    assert data.info.counts == (16, 6, 4)
    assert data.info.own_test
    assert data.test.y.tolist() == [0, 0, 1, 1]
    first = seen(tmp_path / "test" / "cat" / "0.png", data.info.image)[1]
    assert np.array_equal(data.test.x[0], first)


def test_a_validation_folder_alone(tmp_path):
    two_classes(tmp_path / "train", 10)
    two_classes(tmp_path / "valid", 2)
    assert load(spec_of(tmp_path)).info.counts == (17, 4, 3)


def test_memory_and_disk_give_the_same_parts(tmp_path):
    for part, count in (("train", 9), ("test", 3)):
        two_classes(tmp_path / "set" / part, count, ".jpg", size=(90, 70))
    (tmp_path / "set" / "train" / "cat" / "2.jpg").write_bytes(b"x")
    held = load(spec_of(tmp_path / "set"))
    kept = load(spec_of(tmp_path / "set"), cache=tmp_path / "home", memory_limit_bytes=0)
    for name in ("training", "validation", "test"):
        here, there = getattr(held, name), getattr(kept, name)
        assert isinstance(there.x, ColumnArray)
        assert np.array_equal(here.x, there.x[:])
        assert np.array_equal(here.y, there.y)
    assert held.info == kept.info
    assert held.parts.key == kept.parts.key
    assert np.array_equal(held.statistics.mean, kept.statistics.mean)
    assert np.array_equal(held.statistics.variance, kept.statistics.variance)
    assert [finding.kind for finding in kept.findings] == ["unreadable"]
    assert list((tmp_path / "home" / "pictures").iterdir())


def test_options(tmp_path):
    two_classes(tmp_path, 10)
    assert load(spec_of(tmp_path, height=8, width=12)).info.input_shape == (8, 12, 3)
    assert load(spec_of(tmp_path, colour="grey")).info.input_shape == (16, 20, 1)
    assert load(spec_of(tmp_path, fit="pad")).info.image.fit == "pad"
    with pytest.raises(SpecError, match="must be stretch, crop or pad"):
        load(spec_of(tmp_path, fit="squeeze"))


def test_without_a_folder():
    with pytest.raises(BadInput, match="no folder is chosen"):
        load(DataSpec(reader="pictures"))
    assert describe(DataSpec(reader="pictures")) is None


def test_a_folder_of_pictures_is_recognised(tmp_path):
    assert recognised(two_classes(tmp_path)).id == "pictures"


def test_the_seed_cuts_as_it_does_elsewhere(tmp_path):
    two_classes(tmp_path, 10)
    spec = spec_of(tmp_path)
    one, same, other = (load(spec.but(split=SplitSpec(seed=seed))).parts.key for seed in (0, 0, 1))
    assert one == same != other


def test_a_ready_network_brings_pictures_to_its_size_and_scales_them(tmp_path):
    data = load(spec_of(two_classes(tmp_path, 10)))
    network = new_project("cnn", spec_of(tmp_path), data.info).network
    first, second, third = network.layers[:3]
    assert [layer.kind for layer in (first, second, third)] == [
        "InputLayer",
        "Resizing",
        "Rescaling",
    ]
    assert [layer.id for layer in (second, third)] == ["resizing", "input_scaling"]
    assert second.parameters == {"height": 16, "width": 20}
    assert third.parameters["scale"] == pytest.approx(1 / 255)
    bundled = DataSpec(reader="digits")
    assert "Resizing" not in [
        layer.kind for layer in new_project("cnn", bundled, describe(bundled)).network.layers
    ]


def test_real_photos(shared_data):
    data = load(spec_of(shared_data / "clothing-small"))
    assert data.info.input_shape == (64, 64, 3)
    assert data.info.counts == (255, 45, 100)
    assert len(data.info.labels) == 10
    assert data.test.y.tolist() == np.repeat(np.arange(10), 10).tolist()
    assert data.findings == ()
