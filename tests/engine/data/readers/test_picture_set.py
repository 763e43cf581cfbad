import shutil
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from engine.data.readers import READERS
from engine.data.readers.picture_cache import PictureCache
from engine.data.readers.picture_set import read_pictures
from engine.errors import LONGEST_MESSAGE, BadInput
from tests.engine.data.readers.picture_files import make, picture, two_classes

AUTO = {field.name: field.default for field in READERS["pictures"].options}


def read(folder, cache=None, limit=None, **options):
    return read_pictures(folder, {**AUTO, **options}, cache=cache, memory_limit_bytes=limit)


def findings(found):
    return {finding.kind: finding for finding in found.findings}


def test_samples_and_parts(tmp_path):
    parts = ("train", "test", "val")
    names = [f"{part}/{name}/{i}.png" for part in parts for name in "ab" for i in "12"]
    found = read(make(tmp_path, names))
    assert found.parts == {
        "training": range(4), "validation": range(4, 8), "test": range(8, 12),
    }  # fmt: skip
    assert found.y.tolist() == [0, 0, 1, 1] * 3
    assert found.y.dtype == np.int32
    assert [file.name for file in found.column.files][4:8:3] == ["val/a/1.png", "val/b/2.png"]
    assert found.findings == ()


# ---- Size and colours ----


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(28, 28)] * 4, (28, 28)),
        ([(40, 24)] * 4, (24, 40)),  # height first
        ([(400, 300)] * 4, (64, 64)),
        ([(100, 60), (61, 200), (59, 59), (300, 45)], (56, 56)),
        ([(5, 9), (4, 5), (6, 6), (7, 5)], (8, 8)),
    ],
)
def test_the_pictures_decide_on_the_size(tmp_path, sizes, expected):
    for number, size in enumerate(sizes):
        make(tmp_path, [f"{'ab'[number % 2]}/{number}.png"], size=size)
    found = read(tmp_path)
    assert (found.options["height"], found.options["width"]) == expected
    assert found.column.shape == (*expected, 3)


def test_a_chosen_size(tmp_path):
    two_classes(tmp_path)
    assert read(tmp_path, height=10, width=12).column.shape == (10, 12, 3)
    assert read(tmp_path, width=12).column.shape == (12, 12, 3)


def test_grey_pictures_stay_grey(tmp_path):
    two_classes(tmp_path, mode="L")
    assert read(tmp_path).column.shape == (16, 20, 1)
    assert read(tmp_path, colour="colour").column.shape == (16, 20, 3)
    picture(9, (20, 16)).save(tmp_path / "cat" / "colour.png")
    assert read(tmp_path).column.shape == (16, 20, 3)
    assert read(tmp_path, colour="grey").column.shape == (16, 20, 1)


def test_the_choice_holds_when_more_pictures_come(tmp_path):
    first = read(two_classes(tmp_path, mode="L"))
    two_classes(tmp_path / "cat", size=(200, 200))
    again = read(tmp_path, **first.options)
    assert len(again.column) == 12
    assert again.column.shape == first.column.shape == (16, 20, 1)


# ---- Every format and mode ----


MODES = [
    ("png", "RGB"), ("png", "L"), ("png", "P"), ("png", "RGBA"), ("png", "LA"), ("png", "1"),
    ("png", "I;16"), ("jpg", "RGB"), ("jpg", "L"), ("jpg", "CMYK"), ("webp", "RGB"), ("webp", "RGBA"),
    ("tiff", "RGB"), ("tiff", "F"), ("bmp", "RGB"), ("gif", "P"), ("avif", "RGB"), ("ppm", "RGB"),
    ("jp2", "RGB"), ("tga", "RGB"), ("qoi", "RGB"), ("pcx", "RGB"), ("sgi", "RGB"),
]  # fmt: skip


@pytest.mark.parametrize(("suffix", "mode"), MODES)
def test_every_format_and_mode(tmp_path, suffix, mode):
    """A ramp from dark above to light below is one in every format and mode."""
    ramp = np.repeat(np.linspace(10, 245, 48).astype(np.uint8)[:, None], 40, 1)
    image = Image.fromarray(ramp).convert("RGB" if mode not in ("F", "I;16") else "L")
    image = Image.fromarray(ramp.astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / f"x.{suffix}")
    found = read(tmp_path, height=16, width=16, colour="colour")
    assert [finding.kind for finding in found.findings] == ["conflict"]  # equal files, all read
    x = found.column.take(np.array([0]))[0].astype(int)
    expected = ramp.reshape(16, 3, 40).mean(axis=(1, 2))
    tolerance = 60 if mode == "1" else 12
    assert np.abs(x.mean(axis=1) - expected[:, None]).max() <= tolerance


def test_the_first_picture_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        frames[0].save(tmp_path / name / "x.gif", save_all=True, append_images=frames[1:])
    assert read(tmp_path).column.take(np.array([0]))[0, 0, 0].tolist() == [255, 0, 0]


# ---- What is unusual ----


def png_of_size(width, height):
    """A PNG that declares a size and holds almost nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def test_unreadable_pictures_are_listed_and_left_out(tmp_path):
    two_classes(tmp_path, 4)
    (tmp_path / "cat" / "bomb.png").write_bytes(png_of_size(65_000, 65_000))
    (tmp_path / "cat" / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "dog" / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (tmp_path / "dog" / "empty.jpg").write_bytes(b"")
    found = read(tmp_path)
    finding = findings(found)["unreadable"]
    assert finding.text == "4 of 12 pictures are left out: they cannot be read."
    assert [line.split('"')[1] for line in finding.details] == [
        "cat/bomb.png", "cat/drawing.svg", "dog/empty.jpg", "dog/phone.heic",
    ]  # fmt: skip
    assert "is too large" in finding.details[0]
    assert all(len(line) <= LONGEST_MESSAGE for line in finding.details)
    assert len(found.column) == 8
    assert found.parts == {"training": range(8)}


def test_a_class_that_cannot_be_read_leaves_nothing_to_learn(tmp_path):
    two_classes(tmp_path, 2)
    for number in range(2):
        (tmp_path / "cat" / f"{number}.png").write_bytes(b"x")
    with pytest.raises(BadInput, match="fewer than two classes are left") as caught:
        read(tmp_path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_the_same_picture_twice(tmp_path):
    parts = ("train", "test")
    make(tmp_path, [f"{part}/{name}/{i}.png" for part in parts for name in "ab" for i in "123"])
    shutil.copy(tmp_path / "train/a/1.png", tmp_path / "train/b/same.png")
    shutil.copy(tmp_path / "train/a/2.png", tmp_path / "test/a/same.png")
    shutil.copy(tmp_path / "train/b/3.png", tmp_path / "train/b/again.png")
    found = read(tmp_path)
    names = [file.name for file in found.column.files]
    told = {kind: [names[row] for row in each.rows] for kind, each in findings(found).items()}
    assert told == {
        "conflict": ["train/a/1.png", "train/b/same.png"],
        "leak": ["train/a/2.png", "test/a/same.png"],
        "duplicate": ["train/b/3.png", "train/b/again.png"],
    }
    assert findings(found)["leak"].text == (
        "1 picture is in more than one part: figures of the test look better than they are."
    )
    assert findings(found)["conflict"].details == ("train/a/1.png = train/b/same.png",)


def test_a_full_cache_is_said(tmp_path):
    two_classes(tmp_path / "set")
    cache = PictureCache(tmp_path / "cache", largest_bytes=0)
    found = read(tmp_path / "set", cache, limit=0)
    assert findings(found)["not_cached"].text == (
        "Pictures are decoded whenever they are needed, because the cache of pictures is full."
    )


def test_memory_and_cache_give_the_same(tmp_path):
    two_classes(tmp_path / "set", 6, ".jpg", size=(90, 70))
    (tmp_path / "set" / "cat" / "2.jpg").write_bytes(b"x")
    held = read(tmp_path / "set")
    cached = read(tmp_path / "set", PictureCache(tmp_path / "cache"), limit=0)
    rows = np.arange(len(held.column))
    assert cached.column.held is None
    assert np.array_equal(held.column.take(rows), cached.column.take(rows))
    assert np.array_equal(held.y, cached.y)
    assert held.findings == cached.findings
