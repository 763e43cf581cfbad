import errno
import os

import numpy as np
import pytest

from engine import storage
from engine.data.readers.picture_cache import Block, PictureCache, key_of

SHAPE = (5, 4, 3, 3)


def block(seed=0, problems=None):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, SHAPE, dtype=np.uint8)
    return Block(pixels, random.integers(0, 2**60, SHAPE[0]).astype(np.uint64), problems or {})


def files(folder):
    return sorted(folder.glob("*.pictures"))


def test_what_is_kept_comes_back(tmp_path):
    kept = block(problems={2: '"x.jpg" is damaged', 4: "é"})
    cache = PictureCache(tmp_path / "new" / "pictures")
    assert cache.write("a", kept)
    found = PictureCache(tmp_path / "new" / "pictures").read("a", SHAPE)
    assert isinstance(found.pixels, np.memmap)
    assert np.array_equal(found.pixels, kept.pixels)
    assert np.array_equal(found.digests, kept.digests)
    assert found.problems == kept.problems


def test_nothing_is_there_at_first(tmp_path):
    assert PictureCache(tmp_path / "none").read("a", SHAPE) is None


def damaged(content):
    """Yield a file that is cut, longer, or has one byte changed: of the pixels, the checksum, the length."""
    yield b""
    yield content[:-1]
    yield content[:40]
    yield content + b"x"
    yield b"x" + content[1:]
    for place in (30, -9, -12, -20):
        changed = bytearray(content)
        changed[place] ^= 1
        yield bytes(changed)


def test_a_damaged_file_counts_as_missing(tmp_path):
    cache = PictureCache(tmp_path)
    cache.write("a", block())
    (path,) = files(tmp_path)
    for number, wrong in enumerate(damaged(path.read_bytes())):
        path.write_bytes(wrong)
        assert cache.read("a", SHAPE) is None, number
    assert cache.write("a", block(1))
    assert np.array_equal(cache.read("a", SHAPE).pixels, block(1).pixels)


def test_another_shape_counts_as_missing(tmp_path):
    cache = PictureCache(tmp_path)
    cache.write("a", block())
    assert cache.read("a", (6, 4, 3, 3)) is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch, number):
    cache = PictureCache(tmp_path)

    def refuse(path):
        raise OSError(number, "no")

    monkeypatch.setattr(storage, "sync", refuse)
    assert not cache.write("a", block())
    assert "free some space" in cache.problem
    monkeypatch.undo()
    assert not cache.write("a", block())  # no other try within one reading
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    cache = PictureCache(tmp_path / "file" / "pictures")
    assert not cache.write("a", block())
    assert cache.problem.endswith(": let NETSMITH_HOME name another folder")


def test_what_was_used_longest_ago_makes_room(tmp_path):
    for name in "abc":
        PictureCache(tmp_path).write(name, block())
    for age, name in enumerate("bca"):
        os.utime(tmp_path / f"{name}.pictures", (age, age))
    taken = sum(path.stat().st_size for path in files(tmp_path))
    cache = PictureCache(tmp_path, largest_bytes=taken + block().pixels.nbytes - 1)
    assert cache.read("b", SHAPE) is not None  # the oldest until now
    assert cache.write("d", block())
    assert [path.stem for path in files(tmp_path)] == ["a", "b", "d"]


def test_what_this_reading_uses_is_not_removed(tmp_path):
    cache = PictureCache(tmp_path, largest_bytes=2 * block().pixels.nbytes)
    assert cache.write("a", block())
    assert not cache.write("b", block())
    assert cache.problem == "the cache of pictures is full"
    assert [path.stem for path in files(tmp_path)] == ["a"]


def test_files_of_killed_processes_are_swept(tmp_path):
    left = tmp_path / ".a.pictures.999999999.0123abcd.part.pictures"
    left.write_bytes(b"x")
    PictureCache(tmp_path).write("a", block())
    assert not left.exists()


def test_keys_follow_from_all_parts():
    parts = (("a", 1), ("a1",), ("a", 2), (1, "a"), ("a", 1, ""))
    assert key_of(parts[0]) == key_of(("a", 1))
    assert len({key_of(each) for each in parts}) == len(parts)
    assert key_of(["\udcff"])  # a name that is no UTF-8
