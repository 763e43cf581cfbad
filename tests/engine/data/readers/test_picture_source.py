import os
import shutil

import numpy as np
import pytest
from PIL import Image

from engine.data import images
from engine.data.images import decode, picture_bytes, prepare
from engine.data.info import ImagePreparation
from engine.data.readers import picture_source
from engine.data.readers.picture_cache import PictureCache
from engine.data.readers.picture_folder import find_pictures
from engine.data.readers.picture_source import read_column
from engine.errors import BadInput, Cancelled, JobFailed
from tests.engine.data.readers.picture_files import picture, two_classes

PREPARATION = ImagePreparation(8, 6, 3, resampling="bilinear")
BYTES = 8 * 6 * 3


@pytest.fixture
def folder(tmp_path):
    return two_classes(tmp_path / "set", 5, ".jpg")


@pytest.fixture
def small_blocks(monkeypatch):
    """Three pictures in a block."""
    monkeypatch.setattr(picture_source, "_LEAST_BLOCK_BYTES", 3 * BYTES)
    monkeypatch.setattr(picture_source, "_MOST_BLOCKS", 1000)


@pytest.fixture
def decoded(monkeypatch):
    """Names of the files that are decoded, in any order."""
    names = []

    def spy(content, name, preparation):
        names.append(name)
        return picture_bytes(content, name, preparation)

    monkeypatch.setattr(picture_source, "picture_bytes", spy)
    return names


def files_of(folder):
    return find_pictures(folder).parts["training"]


def column_of(folder, preparation=PREPARATION, **how):
    return read_column(folder, files_of(folder), preparation, **how)[0]


def whole(column):
    return column.take(np.arange(len(column)))


# ---- The same pictures, however they are kept ----


def test_pictures_are_those_of_the_files(folder):
    column = column_of(folder)
    assert (len(column), column.shape, column.dtype) == (10, (8, 6, 3), np.uint8)
    assert column.nbytes == 10 * BYTES
    assert column.held is not None
    for row, file in enumerate(column.files):
        alone = prepare(decode(folder / file.name, PREPARATION), PREPARATION)
        assert np.array_equal(column.take(np.array([row]))[0], alone)


def test_a_picture_to_classify_is_seen_as_it_was_learned(tmp_path):
    folder = two_classes(tmp_path, 2, ".jpg", size=(300, 200))
    column = column_of(folder)
    path = folder / column.files[2].name
    for source in (path, path.read_bytes()):
        image, pixels = images.seen(source, PREPARATION)
        assert image.size == (300, 200)
        assert pixels.dtype == np.float32
        assert np.array_equal(pixels, column.take(np.array([2]))[0])


@pytest.mark.usefixtures("small_blocks")
def test_memory_cache_and_files_give_the_same_bytes(folder, tmp_path):
    held = column_of(folder)
    cached = column_of(folder, cache=PictureCache(tmp_path / "cache"), memory_limit_bytes=0)
    anew = column_of(folder, memory_limit_bytes=0)
    assert (cached.held, anew.held) == (None, None)
    rows = np.random.default_rng(0).integers(0, 10, 40)
    assert np.array_equal(held.take(rows), whole(held)[rows])
    assert np.array_equal(cached.take(rows), held.take(rows))
    assert np.array_equal(anew.take(rows), held.take(rows))
    assert held.take(rows[:0]).shape == (0, 8, 6, 3)


@pytest.mark.usefixtures("small_blocks")
def test_the_cache_saves_decoding(folder, tmp_path, decoded):
    first = whole(column_of(folder, cache=PictureCache(tmp_path / "cache")))
    assert len(decoded) == 10
    decoded.clear()
    for limit in (None, 0):
        again = column_of(folder, cache=PictureCache(tmp_path / "cache"), memory_limit_bytes=limit)
        assert np.array_equal(whole(again), first)
    assert decoded == []


@pytest.mark.usefixtures("small_blocks")
def test_a_changed_picture_is_decoded_again(folder, tmp_path, decoded):
    column_of(folder, cache=PictureCache(tmp_path / "cache"))
    decoded.clear()
    picture(99).save(folder / "dog" / "4.jpg")
    column = column_of(folder, cache=PictureCache(tmp_path / "cache"), memory_limit_bytes=0)
    assert decoded == ["dog/4.jpg"]  # it is alone in the last block
    assert np.array_equal(whole(column), whole(column_of(folder)))


@pytest.mark.usefixtures("small_blocks")
def test_a_damaged_cache_is_remade(folder, tmp_path, decoded):
    column_of(folder, cache=PictureCache(tmp_path / "cache"))
    path = min((tmp_path / "cache").iterdir())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    decoded.clear()
    column = column_of(folder, cache=PictureCache(tmp_path / "cache"), memory_limit_bytes=0)
    assert 0 < len(decoded) <= 3
    assert path.read_bytes() == content
    assert np.array_equal(whole(column), whole(column_of(folder)))


def test_another_way_of_decoding_is_not_mixed_up(folder, tmp_path):
    cache = tmp_path / "cache"
    grey = ImagePreparation(8, 6, 1, resampling="bilinear")
    ways = [PREPARATION, grey, ImagePreparation(8, 6, 3, fit="crop", resampling="bilinear")]
    found = [whole(column_of(folder, way, cache=PictureCache(cache))) for way in (*ways, *ways)]
    assert [x.shape[-1] for x in found[:3]] == [3, 1, 3]
    assert all(np.array_equal(found[i], found[i + 3]) for i in range(3))
    assert not np.array_equal(found[0], found[2])


def test_a_full_disk_means_decoding_anew(folder, tmp_path, decoded):
    cache = PictureCache(tmp_path / "cache", largest_bytes=0)
    column = column_of(folder, cache=cache, memory_limit_bytes=0)
    assert cache.problem == "the cache of pictures is full"
    assert len(decoded) == 10
    assert np.array_equal(whole(column), whole(column_of(folder)))
    assert len(decoded) == 30


@pytest.mark.usefixtures("small_blocks")
def test_stopping_keeps_the_blocks_that_are_done(folder, tmp_path, decoded):
    told = []
    with pytest.raises(Cancelled):
        column_of(
            folder,
            cache=PictureCache(tmp_path / "cache"),
            progress=lambda text, done, total: told.append((done, total)),
            cancelled=lambda: len(told) >= 4,
        )
    assert told[:2] == [(1, 10), (2, 10)]
    assert len(list((tmp_path / "cache").iterdir())) == 1
    decoded.clear()
    column_of(folder, cache=PictureCache(tmp_path / "cache"))
    assert len(decoded) == 7


# ---- What cannot be read ----


@pytest.mark.usefixtures("small_blocks")
def test_unreadable_pictures_are_left_out(folder, tmp_path):
    (folder / "cat" / "1.jpg").write_bytes(b"no picture")
    good = (folder / "dog" / "0.jpg").read_bytes()
    (folder / "dog" / "0.jpg").write_bytes(good[: len(good) // 2])
    files = files_of(folder)
    left = [file for row, file in enumerate(files) if row not in (1, 5)]
    expected = np.stack(
        [picture_bytes((folder / file.name).read_bytes(), "x", PREPARATION) for file in left]
    )
    for limit in (None, 0, None):
        cache = PictureCache(tmp_path / "cache")
        column, problems = read_column(
            folder, files, PREPARATION, cache=cache, memory_limit_bytes=limit
        )
        assert problems == {
            1: '"cat/1.jpg" is no picture: choose a PNG, JPEG or similar',
            5: '"dog/0.jpg" is damaged or cut off: save it again as PNG',
        }
        assert list(column.files) == left
        assert np.array_equal(whole(column), expected)


def test_a_file_that_cannot_be_opened_is_named_with_its_folder(folder):
    files = files_of(folder)
    (folder / "cat" / "1.jpg").unlink()
    _, problems = read_column(folder, files, PREPARATION)
    assert problems == {1: '"cat/1.jpg" does not exist: choose another file'}


def test_a_file_that_changes_while_it_is_used_fails(folder):
    column = column_of(folder, memory_limit_bytes=0)
    picture(7).save(folder / "cat" / "2.jpg")
    assert column.take(np.array([0, 1])).shape == (2, 8, 6, 3)
    with pytest.raises(JobFailed, match="was changed meanwhile: load the data again"):
        column.take(np.array([1, 2]))
    shutil.rmtree(folder)
    with pytest.raises(JobFailed, match="does not exist"):
        column.take(np.array([0]))


def test_equal_files_have_equal_digests(folder):
    shutil.copy(folder / "cat" / "0.jpg", folder / "dog" / "copy.jpg")
    column = column_of(folder)
    equal = column.digests == column.digests[0]
    names = [file.name for file, is_equal in zip(column.files, equal, strict=True) if is_equal]
    assert names == ["cat/0.jpg", "dog/copy.jpg"]


# ---- Sizes ----


def test_fits(tmp_path):
    """A picture twice as wide as high, red, green and blue: one fit stretches, one cuts, one pads."""
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 20:60, 1] = pixels[:, 60:, 2] = 255
    Image.fromarray(pixels).save(tmp_path / "x.png")
    content = (tmp_path / "x.png").read_bytes()
    found = {
        fit: picture_bytes(
            content, "x", ImagePreparation(16, 16, 3, fit=fit, resampling="bilinear")
        )
        for fit in ("stretch", "crop", "pad")
    }
    red, green, blue = np.eye(3, dtype=np.uint8) * 255
    assert (found["stretch"][:, 1] == red).all()
    assert (found["stretch"][:, 8] == green).all()
    assert (found["stretch"][:, -2] == blue).all()
    assert (found["crop"][:, 1:-1] == green).all()
    assert (found["pad"][8, [1, 8, -2]] == [red, green, blue]).all()
    assert (found["pad"][:3] == found["pad"][0, 0]).all()  # one colour above the picture


def test_a_jpeg_is_decoded_no_larger_than_needed(tmp_path):
    picture(0, (400, 300)).save(tmp_path / "x.jpg")
    assert decode(tmp_path / "x.jpg").size == (400, 300)
    assert decode(tmp_path / "x.jpg", ImagePreparation(20, 20, 3)).size == (400, 300)
    small = decode(tmp_path / "x.jpg", ImagePreparation(20, 20, 3, resampling="bilinear"))
    assert small.size == (50, 38)
    assert images.true_size(small) == (400, 300)
    tall = decode(tmp_path / "x.jpg", ImagePreparation(100, 8, 3, resampling="bilinear"))
    assert tall.size == (200, 150)


def test_turned_photos_are_upright(tmp_path):
    upright = Image.fromarray(np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[:, None], 90, 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.save(tmp_path / "1.jpg", quality=95)
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "6.jpg", quality=95, exif=exif)
    way = ImagePreparation(8, 6, 1, resampling="bilinear")
    found = [picture_bytes((tmp_path / f"{n}.jpg").read_bytes(), "x", way) for n in (1, 6)]
    assert np.abs(found[0].astype(int) - found[1]).max() <= 3
    assert found[0][0].mean() < 40 < 200 < found[0][-1].mean()
    facts = images.picture_facts(tmp_path / "6.jpg")
    assert (facts.width, facts.height) == (90, 60)


def test_the_head_of_a_broken_file(tmp_path):
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BadInput, match=r"x\.png"):
        images.picture_facts(tmp_path / "x.png")


def test_no_file_stays_open(folder, tmp_path):
    def opened():
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    column_of(folder, cache=PictureCache(tmp_path / "cache"))
    assert opened() == before
