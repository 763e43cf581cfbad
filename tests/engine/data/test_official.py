import dataclasses
import hashlib
import io
import pickle
import tarfile

import numpy as np
import pytest

from engine.data import official
from engine.data.choice import describe
from engine.data.downloads import REMOTE_FILES
from engine.data.loading import load
from engine.errors import BadInput
from engine.spec.data import DataSpec, SplitSpec
from tests.engine.data.idx_files import write_idx_folder


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """Return a function that puts content into Keras's cache as if it were the official file."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def put(source, *contents):
        files = []
        for remote, content in zip(REMOTE_FILES[source], contents, strict=True):
            path = tmp_path / remote.cached
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            files.append(
                dataclasses.replace(remote, sha256=hashlib.sha256(content).hexdigest(), url="none:")
            )
        changed = {**REMOTE_FILES, source: tuple(files)}
        monkeypatch.setattr(official, "REMOTE_FILES", changed)
        return path

    return put


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def texts(*lists):
    array = np.empty(len(lists), object)
    array[:] = lists
    return array


def test_mnist_from_the_cache_needs_no_network(cached):
    x = np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8)
    y = np.arange(50, dtype=np.uint8) % 10
    cached("mnist", npz(x_train=x, y_train=y, x_test=x[:20], y_test=y[:20]))
    data = load(DataSpec(reader="mnist", split=SplitSpec(validation=0.2)))
    assert data.info.counts == (40, 10, 20)
    assert data.info.own_test
    assert np.array_equal(data.test.x[..., 0], x[:20])
    assert np.array_equal(data.test.y, y[:20])
    assert data.test.x.dtype == np.uint8


def test_fashion_mnist_from_the_cache(cached, tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    _, _, test_x, test_y = write_idx_folder(folder)
    names = [remote.cached.rsplit("/", 1)[-1] for remote in REMOTE_FILES["fashion_mnist"]]
    cached("fashion_mnist", *[(folder / name).read_bytes() for name in names])
    data = load(DataSpec(reader="fashion_mnist"))
    assert np.array_equal(data.test.x[..., 0], test_x)
    assert np.array_equal(data.test.y, test_y)


def tar_of(members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, value in members.items():
            content = pickle.dumps(value, protocol=3)
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def test_cifar10_planes_become_pixels(cached):
    random = np.random.default_rng(0)
    batches = [random.integers(0, 256, (4, 3072), dtype=np.uint8) for _ in range(6)]
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    cached("cifar10", tar_of({
        f"cifar-10-batches-py/{name}": {b"data": batch, b"labels": [1, 2, 3, 9]}
        for name, batch in zip(names, batches, strict=True)
    }))  # fmt: skip
    data = load(DataSpec(reader="cifar10", split=SplitSpec(validation=0.0)))
    assert data.info.counts == (20, 0, 4)
    assert data.test.y.tolist() == [1, 2, 3, 9]
    first = data.test.x[0]
    assert first.shape == (32, 32, 3)
    red, green, blue = batches[5][0].reshape(3, 32, 32)
    assert np.array_equal(first, np.stack([red, green, blue], axis=2))


def test_cifar100_uses_the_fine_labels(cached):
    pixels = np.zeros((3, 3072), np.uint8)
    batch = {b"data": pixels, b"fine_labels": [0, 99, 4], b"coarse_labels": [1, 1, 1]}
    cached("cifar100", tar_of({"cifar-100-python/train": batch, "cifar-100-python/test": batch}))
    data = load(DataSpec(reader="cifar100", split=SplitSpec(validation=0.0)))
    assert [data.info.labels[i] for i in data.test.y] == ["apple", "worm", "beaver"]


def test_imdb_numbers_words_as_keras_does(cached):
    train = texts([1, 2, 3], [50, 60, 70, 80, 90, 100], [4], [5])
    cached("imdb", npz(
        x_train=train, y_train=np.array([0, 1, 0, 1]), x_test=train[:2], y_test=np.array([1, 0])
    ))  # fmt: skip
    options = {"words": 90, "length": 5}
    data = load(DataSpec(reader="imdb", options=options, split=SplitSpec(validation=0.0)))
    # 0 fills up in front, 1 starts, each word is its rank + 3, ranks outside the vocabulary are 2.
    assert data.test.x.tolist() == [[0, 1, 4, 5, 6], [63, 73, 83, 2, 2]]
    assert data.test.x.dtype == np.int32
    assert data.test.y.tolist() == [1, 0]
    assert data.info.vocabulary_size == 90
    assert data.training.x.max() < 90


def test_reuters_is_cut_by_shares(cached):
    cached("reuters", npz(x=texts(*[[i, i + 1] for i in range(92)]), y=np.arange(92) % 46))
    data = load(DataSpec(reader="reuters"))
    assert sum(data.info.counts) == 92
    assert not data.info.own_test


def test_housing_prices_come_in_100_000_dollars(cached):
    x = np.random.default_rng(0).random((40, 8))
    cached("california_housing", npz(x=x, y=np.full(40, 250_000.0)))
    data = load(DataSpec(reader="california_housing"))
    assert set(data.training.y.ravel()) == {2.5}
    assert data.training.x.shape == (28, 8)


def test_the_official_file_may_lie_anywhere(cached, tmp_path):
    content = npz(x=np.zeros((40, 8)), y=np.ones(40))
    cached("california_housing", content)
    (tmp_path / "mine.npz").write_bytes(content)
    spec = DataSpec(reader="california_housing", path=str(tmp_path / "mine.npz"))
    assert sum(load(spec).info.counts) == 40
    (tmp_path / "mine.npz").write_bytes(content + b" ")
    with pytest.raises(BadInput, match="not the official"):
        load(spec)


def test_a_long_text_keeps_its_end():
    info = describe(DataSpec(reader="imdb", options={"words": 1000, "length": 3}))
    assert official.word_numbers([[10, 20, 30, 40]], info).tolist() == [[23, 33, 43]]
    assert official.word_numbers([[]], info).tolist() == [[0, 0, 1]]
