import io
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data import images
from engine.data.images import decode, decode_bytes, depth_text, prepare, true_size
from engine.data.info import ImagePreparation
from engine.errors import LONGEST_MESSAGE, BadInput

RAMP = np.linspace(0, 255, 40 * 30).reshape(30, 40).astype(np.uint8)
WHOLE = ImagePreparation(30, 40, 1)


def saved(image, format_name="PNG", **how):
    stream = io.BytesIO()
    image.save(stream, format_name, **how)
    return stream.getvalue()


# ---- Modes and formats ----


@pytest.mark.parametrize("format_name", ["PNG", "BMP", "GIF", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_every_format_is_read(format_name):
    how = {"lossless": True} if format_name == "WEBP" else {}
    image = decode_bytes(saved(Image.fromarray(RAMP), format_name, **how), "x")
    assert image.size == (40, 30)
    assert np.abs(np.asarray(image.convert("L"), int) - RAMP).max() <= 8


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "CMYK", "YCbCr", "PA"])
def test_every_mode_gives_the_same_picture(mode):
    source = Image.fromarray(RAMP)
    image = source.convert(mode) if mode != "PA" else source.convert("LA").convert("PA")
    format_name = "TIFF" if mode in ("CMYK", "YCbCr", "PA") else "PNG"
    read = image if mode == "PA" else decode_bytes(saved(image, format_name), "x")
    assert np.abs(prepare(read, WHOLE)[:, :, 0] - RAMP).max() <= 2


def test_one_bit_pictures():
    bits = Image.fromarray(((RAMP > 100) * 255).astype(np.uint8)).convert("1", dither=0)
    assert np.array_equal(np.asarray(decode_bytes(saved(bits), "x")) > 0, RAMP > 100)


@pytest.mark.parametrize("format_name", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(format_name):
    wide = RAMP.astype(np.uint16) * 257
    image = decode_bytes(saved(Image.fromarray(wide), format_name), "x")
    assert np.array_equal(np.asarray(image), RAMP)


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 1e9])
def test_floats_are_scaled_and_not_clipped(top):
    values = (RAMP / 255 * top).astype(np.float32)
    values[0, 0] = 0.0
    image = decode_bytes(saved(Image.fromarray(values), "TIFF"), "x")
    assert np.abs(np.asarray(image).astype(int) - RAMP).max() <= 1


def test_floats_that_are_no_numbers_become_black():
    values = np.full((4, 4), 0.5, np.float32)
    values[0] = np.nan
    values[1] = np.inf
    pixels = np.asarray(decode_bytes(saved(Image.fromarray(values), "TIFF"), "x"))
    assert pixels[:2].max() == 0
    assert pixels[2:].min() == 128


def test_32_bit_whole_numbers():
    values = RAMP.astype(np.int32) * 257
    assert np.array_equal(
        np.asarray(decode_bytes(saved(Image.fromarray(values), "TIFF"), "x")), RAMP
    )


def test_transparency_shows_white_paper():
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    clear.putpixel((3, 4), (255, 0, 0, 255))
    pixels = np.asarray(decode_bytes(saved(clear), "x"))
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[4, 3].tolist() == [255, 0, 0]
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    content = saved(palette, "GIF", transparency=0)
    assert np.asarray(decode_bytes(content, "x").convert("RGB")).min() == 255


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_light_strokes_on_nothing_are_seen(mode):
    clear = np.zeros((20, 20, 4), np.uint8)
    clear[5:15, 9:11] = (240, 250, 245, 255)
    clear[5:15, 11] = (240, 250, 245, 100)  # a soft edge
    pixels = np.asarray(decode_bytes(saved(Image.fromarray(clear).convert(mode)), "x").convert("L"))
    assert pixels[0, 0] == 0
    assert pixels[10, 9] > 235
    assert 80 < pixels[10, 11] < 110
    prepared = prepare(
        decode_bytes(saved(Image.fromarray(clear).convert(mode)), "x"),
        ImagePreparation(20, 20, 1, background="dark"),
    )
    assert prepared[10, 9] > 235


def test_a_cut_out_of_many_colours_and_an_empty_picture_lie_on_white():
    cut_out = np.zeros((20, 20, 4), np.uint8)
    cut_out[5:15, 5:10] = (255, 255, 255, 255)
    cut_out[5:15, 10:15] = (20, 20, 20, 255)
    assert (
        np.asarray(decode_bytes(saved(Image.fromarray(cut_out)), "x"))[0, 0].tolist() == [255] * 3
    )
    empty = Image.fromarray(np.zeros((20, 20, 4), np.uint8))
    assert np.asarray(decode_bytes(saved(empty), "x")).min() == 255


def test_the_first_picture_of_an_animation_is_used():
    frames = [Image.new("L", (6, 6), value) for value in (10, 200)]
    content = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.abs(np.asarray(decode_bytes(content, "x").convert("L"), int) - 10).max() <= 1


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_grey_of_fewer_bits_in_16_is_as_light_as_it_was(bits):
    values = np.round(RAMP / 255 * (2**bits - 1)).astype(np.uint16)
    image = decode_bytes(saved(Image.fromarray(values)), "x")
    assert np.abs(np.asarray(image).astype(int) - RAMP).max() <= 1
    assert depth_text(image) == f"{bits}-bit grey"


def test_grey_of_16_and_8_bits_says_nothing_of_its_depth():
    whole = decode_bytes(saved(Image.fromarray(RAMP.astype(np.uint16) * 257)), "x")
    assert np.array_equal(np.asarray(whole), RAMP)
    assert depth_text(whole) == depth_text(decode_bytes(saved(Image.fromarray(RAMP)), "x")) == ""


def test_a_photo_of_48_megapixels_is_read_small_and_upright():
    scene = Image.new("RGB", (8000, 6000), (200, 30, 40))
    scene.paste((10, 20, 220), (0, 0, 8000, 3000))  # blue above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: blue at the right
    image = decode_bytes(saved(scene, "JPEG", exif=exif), "x")
    assert true_size(image) == (6000, 8000)
    assert image.size == (3000, 4000)
    picture = prepare(image, ImagePreparation(4, 4, 3))
    assert np.allclose(picture[:, :2], [200, 30, 40], atol=4)
    assert np.allclose(picture[:, 2:], [10, 20, 220], atol=4)


def test_a_large_png_is_halved_and_keeps_its_true_size():
    image = decode_bytes(saved(Image.new("L", (8000, 6000), 77)), "x")
    assert (image.size, true_size(image)) == ((4000, 3000), (8000, 6000))
    assert np.asarray(image).max() == np.asarray(image).min() == 77


def test_a_small_picture_has_its_own_size():
    assert true_size(decode_bytes(saved(Image.fromarray(RAMP)), "x")) == (40, 30)


# What a camera stores for a picture that is upright after turning, by its EXIF orientation.
STORED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.T,
    6: np.rot90,
    7: lambda a: np.rot90(a, 2).T,
    8: lambda a: np.rot90(a, -1),
}


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "TIFF"])
def test_all_eight_orientations_look_the_same(orientation, format_name):
    scene = np.zeros((16, 24), np.uint8)
    scene[:8, :8], scene[8:, :8] = 255, 120
    exif = Image.Exif()
    exif[0x0112] = orientation
    how = {"exif": exif, **({"quality": 95} if format_name == "JPEG" else {})}
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](scene)))
    image = decode_bytes(saved(stored, format_name, **how), "x")
    assert image.size == (24, 16)
    assert np.abs(np.asarray(image, int) - scene).max() <= 12


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow's
def test_a_broken_exif_does_not_hide_the_picture():
    content = saved(
        Image.fromarray(RAMP), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\x99" * 40
    )
    assert decode_bytes(content, "x").size == (40, 30)


# ---- What is refused ----


def png_of_size(width, height):
    """A PNG that declares a size and holds almost nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


GOOD = saved(Image.fromarray(RAMP))
UNFIT = {
    "empty": (b"", "is no picture"),
    "text": (b"I am not a picture at all", "is no picture"),
    "HTML": (b"<html><img src=x></html>", "is no picture"),
    "cut PNG": (GOOD[: len(GOOD) // 2], "damaged or cut off"),
    "cut JPEG": (saved(Image.fromarray(RAMP), "JPEG")[:-60], "damaged or cut off"),
    "no pixels": (png_of_size(0, 0), "is no picture|damaged"),
    "101 megapixels": (png_of_size(101_000, 1_000), "101,000 x 1,000 pixels.*100 megapixels"),
    "4 gigapixels": (png_of_size(65_000, 65_000), "too large"),
    "48 megapixels of nothing": (png_of_size(8_000, 6_000), "damaged or cut off"),
    "few lines of many": (png_of_size(3_000, 3_000), "damaged or cut off"),
    "SVG": (b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>", "export it as PNG"),
    "SVG with a head": (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><svg/>", "SVG"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "save it as JPEG"),
    "AVIF": (b"\0\0\0\x1cftypavif\0\0\0\0", "is no picture|damaged"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "export it as PNG"),
    "EPS with a preview": (b"\xc5\xd0\xd3\xc6" + b"\0" * 40, "export it as PNG"),
    "PDF": (b"%PDF-1.7", "export it as PNG"),
    "ICO": (b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0h\4\0\0\x16\0\0\0", "is no picture"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_unfit_files_are_refused_in_one_sentence(tmp_path, name):
    content, words = UNFIT[name]
    path = tmp_path / f"{'p' * 100}\u202e.png"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=words) as caught:
        decode(path)
    message = str(caught.value)
    assert message.startswith('"ppp')
    assert "\u202e" not in message
    assert len(message) <= LONGEST_MESSAGE


def test_postscript_never_starts_ghostscript(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("subprocess.Popen", lambda *a, **k: started.append(a))
    monkeypatch.setattr("subprocess.check_call", lambda *a, **k: started.append(a))
    # The mark is hidden behind a line, so only the list of formats protects.
    (tmp_path / "x.png").write_bytes(b"\n\n\n%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(BadInput):
        decode(tmp_path / "x.png")
    assert started == []
    assert not {"EPS", "PS", "PDF", "WMF", "FITS"} & set(
        images.FORMATS
    )  # what Pillow has others read


def test_places_that_are_no_files_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.png"):
        with pytest.raises(BadInput):
            decode(path)
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(BadInput, match="pipe"):
            decode(tmp_path / "pipe.png")


SEEDS = [
    saved(Image.fromarray(RAMP), "PNG"),
    saved(Image.fromarray(RAMP), "JPEG"),
    saved(Image.fromarray(RAMP), "GIF"),
    saved(Image.fromarray(RAMP), "BMP"),
    saved(Image.fromarray(RAMP), "WEBP"),
]


@given(st.sampled_from(SEEDS), st.data())
def test_mutated_pictures_open_or_are_refused(content, data):
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode_bytes(bytes(changed), "x.png")
    except BadInput:
        return
    assert image.mode in ("L", "RGB")


# ---- Preparing ----


def test_the_value_range_is_that_of_the_training_pictures():
    for low, high in ((0.0, 16.0), (0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        picture = prepare(Image.fromarray(RAMP), ImagePreparation(30, 40, 1, (low, high)))
        assert picture.dtype == np.float32
        assert (picture.min(), picture.max()) == (low, high)
        assert np.allclose(picture[:, :, 0], low + RAMP / 255 * (high - low), atol=1e-4)


def test_shrinking_averages_areas():
    fine = np.kron([[0, 100], [200, 40]], np.ones((50, 50))).astype(np.uint8)
    fine[::2] = 255 - fine[::2]
    picture = prepare(Image.fromarray(fine), ImagePreparation(2, 2, 1))
    assert np.allclose(picture, 127.5, atol=0.01)


def scene():
    """A wide picture: red left third, green middle, blue right."""
    pixels = np.zeros((30, 90, 3), np.uint8)
    for third in range(3):
        pixels[:, third * 30 : third * 30 + 30, third] = 200
    return Image.fromarray(pixels)


def test_crop_keeps_the_middle():
    picture = prepare(scene(), ImagePreparation(10, 10, 3, fit="crop"))
    assert np.array_equal(picture, np.broadcast_to([0.0, 200.0, 0.0], (10, 10, 3)))


def test_stretch_keeps_everything():
    picture = prepare(scene(), ImagePreparation(6, 6, 3, fit="stretch"))
    assert picture[:, :2, 0].min() == picture[:, 2:4, 1].min() == picture[:, 4:, 2].min() == 200
    assert picture.sum() == 200 * 36


def test_pad_fills_with_background():
    grey = np.full((20, 60), 10, np.uint8)
    grey[5:15, 20:40] = 220
    picture = prepare(Image.fromarray(grey), ImagePreparation(30, 30, 1, fit="pad"))[:, :, 0]
    assert np.allclose(picture[:9], 10)
    assert np.allclose(picture[-9:], 10)
    assert picture[15, 15] == 220
    inverted = prepare(
        Image.fromarray(255 - grey), ImagePreparation(30, 30, 1, fit="pad", background="dark")
    )
    assert np.allclose(inverted[:, :, 0], picture)


def test_a_dark_border_is_left_alone_and_any_never_inverts():
    light = Image.new("L", (10, 10), 240)
    assert prepare(light, ImagePreparation(5, 5, 1)).min() == 240
    dark = Image.new("L", (10, 10), 20)
    assert prepare(dark, ImagePreparation(5, 5, 1, background="dark")).max() == 20


def test_small_pictures_are_enlarged_smoothly():
    picture = prepare(Image.fromarray(np.array([[0, 255]], np.uint8)), ImagePreparation(4, 16, 1))
    assert picture[0, 0, 0] < 20 < 100 < picture[0, 8, 0] < 255
    assert np.all(np.diff(picture[0, :, 0]) >= -1)


def test_huge_pictures_are_prepared_within_memory():
    picture = prepare(Image.new("RGB", (8000, 5000), (10, 20, 30)), ImagePreparation(4, 4, 3))
    assert np.allclose(picture, [10, 20, 30])


@given(
    st.integers(1, 300), st.integers(1, 300), st.sampled_from(["stretch", "crop", "pad", "glyph"]),
    st.sampled_from([1, 3]), st.sampled_from([(8, 8), (28, 28), (20, 33)]), st.integers(0, 9),
)  # fmt: skip
def test_any_size_fits_any_network(height, width, fit, channels, size, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    preparation = ImagePreparation(*size, channels, (0.0, 1.0), fit, "dark")
    picture = prepare(Image.fromarray(pixels), preparation)
    assert picture.shape == (*size, channels)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0.0
    assert picture.max() <= 1.0 + 1e-6
