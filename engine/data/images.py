"""Prepare any image of the user for a network."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from engine.data.files import named, open_regular, read_regular
from engine.data.fit_image import framed
from engine.data.info import ImagePreparation
from engine.data.resizing import least_side, resized
from engine.errors import BadInput
from engine.machine.memory import check_memory

Pixels: TypeAlias = npt.NDArray[np.float32]

MOST_PIXELS: Final = 100_000_000
MOST_PIXELS_JPEG: Final = 250_000_000  # decoded at a half, a quarter or an eighth
_COMFORTABLE_PIXELS: Final = 40_000_000  # larger pictures are halved as early as can be
Image.MAX_IMAGE_PIXELS = MOST_PIXELS_JPEG  # Pillow's own limit warns of photos that phones take
LARGEST_FILE: Final = 512 * 1024**2  # bytes
# Nothing else is tried: Pillow would start Ghostscript for PostScript, whatever the file is called.
FORMATS: Final = (
    "PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "AVIF", "JPEG2000", "PPM", "QOI", "PCX", "SGI", "TGA",
)  # fmt: skip
_GREY_BITS: Final = (8, 10, 12, 14, 16)  # that cameras and scanners put into 16-bit files
_GREY_MODES: Final = ("1", "L", "LA", "La", "F", "I", "I;16", "I;16B", "I;16L", "I;16N")
_FIRST_LYING: Final = 5  # EXIF orientations from here on exchange height and width
_UNIFORM = 40.0  # of 255: ink whose lightness varies less is a drawing of one colour
_SIZE, _DEPTH = "netsmith_size", "netsmith_depth"  # what `decode` notes in ``Image.info``
_ONE_LARGE: Final = Lock()  # several such pictures at once would fill the memory
_LONGEST_SIDE = 1024  # pixels; larger pictures are averaged down first, so that floats stay small

_DRAWING = "is a drawing (SVG): export it as PNG"
_PHONE = "is in a phone's photo format (HEIC): save it as JPEG or PNG"
_PRINT = "is a print file (EPS, PDF): export it as PNG"
_AVIF: Final = (b"ftypavif", b"ftypavis", b"ftypmif1")  # the family of HEIC; Pillow reads these
# First bytes of what people try and why it is refused; (place, bytes) -> reason.
_REFUSED: Final[Mapping[tuple[int, bytes], str]] = MappingProxyType(
    {
        (0, b"<svg"): _DRAWING,
        (0, b"<?xml"): _DRAWING,
        (0, b"<!DOCTYPE svg"): _DRAWING,
        (4, b"ftyp"): _PHONE,
        (0, b"%!PS"): _PRINT,
        (0, b"\xc5\xd0\xd3\xc6"): _PRINT,
        (0, b"%PDF"): _PRINT,
    }
)


def decode(path: Path, preparation: ImagePreparation | None = None) -> Image.Image:
    """Return a picture file as an upright 8-bit picture, mode "L" or "RGB".

    Transparency shows white paper, or black where what is drawn on it is light. Pictures above 40
    megapixels come at a half, a quarter or an eighth; `true_size` tells what the file holds.

    Parameters
    ----------
    preparation
        What the picture is for: a JPEG is decoded no larger than that needs, if it allows so.

    Raises
    ------
    BadInput
        If it is missing, no picture of a known format, cut off, or too large.
    """
    return decode_bytes(read_regular(path, LARGEST_FILE), path.name, preparation)


def decode_bytes(
    content: bytes, name: str, preparation: ImagePreparation | None = None
) -> Image.Image:
    """Return the bytes of a picture file as `decode` does; ``name`` is for messages."""
    shown = named(name)
    with _in_words(shown):
        return _decoded(_opened(io.BytesIO(content), shown), least_side(preparation))


@dataclass(frozen=True)
class PictureFacts:
    """What the head of a picture file says: its size upright, in pixels, and whether it may have colours."""

    width: int
    height: int
    has_colour: bool


def picture_facts(path: Path) -> PictureFacts:
    """Return what a picture file is without decoding it; errors as `decode`."""
    shown = named(path)
    with open_regular(path) as stream, _in_words(shown):
        image = _opened(stream, shown)
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation, 1) >= _FIRST_LYING:
            width, height = height, width
        return PictureFacts(width, height, image.mode not in _GREY_MODES)


def true_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height in pixels of the file that `decode` made the picture of, upright."""
    size: tuple[int, int] = image.info.get(_SIZE, image.size)
    return size


def depth_text(image: Image.Image) -> str:
    """Return ``12-bit grey`` where a file of 16 bits was read as one of fewer, else ""."""
    return str(image.info.get(_DEPTH, ""))


def picture_bytes(
    content: bytes, name: str, preparation: ImagePreparation
) -> npt.NDArray[np.uint8]:
    """Return the bytes of a picture file as (h, w, c) uint8 of a preparation that resamples bilinearly.

    These are the numbers that `prepare` gives of the same file in the range of 0 to 255. Errors as `decode`.
    """
    image = decode_bytes(content, name, preparation)
    return resized(image.convert("L" if preparation.channels == 1 else "RGB"), preparation)


def seen(source: Path | bytes, preparation: ImagePreparation) -> tuple[Image.Image, Pixels]:
    """Return a picture, and what a network sees of it: the very numbers that it learned from, had it been among them.

    Parameters
    ----------
    source
        A file, or the bytes of one.

    Raises
    ------
    BadInput
        As `decode` and `prepare`.
    """
    if isinstance(source, Path):
        content, name = read_regular(source, LARGEST_FILE), source.name
    else:
        content, name = source, "picture"
    image = decode_bytes(content, name)
    small = decode_bytes(content, name, preparation) if least_side(preparation) else image
    return image, prepare(small, preparation)


def prepare(image: Image.Image, preparation: ImagePreparation) -> Pixels:
    """Return a picture as the network takes it.

    Returns
    -------
    Pixels
        (h, w, c) float32 in ``preparation.value_range``.

    Raises
    ------
    BadInput
        If it would be larger than this computer's memory.
    """
    height, width, channels = preparation.height, preparation.width, preparation.channels
    check_memory((height, width, channels), f"a picture of {width:,} x {height:,}")
    grey = preparation.channels == 1
    upright = _eight_bits(image).convert("L" if grey else "RGB")
    if preparation.resampling == "bilinear":
        return _in_range(resized(upright, preparation), preparation.value_range)
    factor = -(-max(upright.size) // _LONGEST_SIDE)
    small = upright.reduce(factor) if factor > 1 else upright
    pixels = np.asarray(small, np.float32)
    picture = framed(pixels[:, :, None] if grey else pixels, preparation)
    return _in_range(picture, preparation.value_range)


@contextmanager
def _in_words(shown: str) -> Iterator[None]:
    """Turn what Pillow raises into BadInput with one sentence."""
    try:
        yield
    except BadInput:
        raise
    except UnidentifiedImageError as error:
        raise BadInput(f'"{shown}" is no picture: choose a PNG, JPEG or similar') from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        limit = MOST_PIXELS_JPEG // 1_000_000
        raise BadInput(
            f'"{shown}" is too large: make it smaller than {limit} megapixels'
        ) from error
    except Exception as error:  # Pillow's decoders raise a dozen types on broken files
        raise BadInput(f'"{shown}" is damaged or cut off: save it again as PNG') from error


def _opened(stream: BinaryIO, shown: str) -> Image.Image:
    """Return a picture file of an allowed format and size, of which nothing is decoded yet."""
    start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    for (place, mark), reason in _REFUSED.items():
        if start[place : place + len(mark)] == mark and not start[4:].startswith(_AVIF):
            raise BadInput(f'"{shown}" {reason}')
    stream.seek(0)
    image = Image.open(stream, formats=FORMATS)
    _refuse_huge(image, shown)
    return image


def _in_range(picture: npt.NDArray[Any], value_range: tuple[float, float]) -> Pixels:
    """Return pixels of 0 to 255 in another range."""
    low, high = value_range
    return np.asarray(low + picture * np.float32((high - low) / 255.0), np.float32)


def _decoded(image: Image.Image, least: int) -> Image.Image:
    """Return an opened picture decoded, upright and in 8 bits; what was done is in its ``info``.

    A JPEG may come at a half, a quarter or an eighth as long as no side is below ``least``; 0: any is too small.
    """
    width, height = image.size
    if image.format in ("JPEG", "MPO"):
        divisor = _divisor(image)
        side = least or max(width, height)
        image.draft(None, (min(width // divisor, side), min(height // divisor, side)))
    with _ONE_LARGE if image.width * image.height > _COMFORTABLE_PIXELS else nullcontext():
        image.load()
        stored = image.size
        _turn_upright(image)
        if image.size != stored:
            width, height = height, width
        found = _eight_bits(_reduced(image))
    found.info = {**found.info, _SIZE: (width, height)}
    return found


def _refuse_huge(image: Image.Image, shown: str) -> None:
    limit = MOST_PIXELS_JPEG if image.format in ("JPEG", "MPO") else MOST_PIXELS
    if image.width * image.height > limit:
        raise BadInput(
            f'"{shown}" is too large ({image.width:,} x {image.height:,} pixels): '
            f"make it smaller than {limit // 1_000_000} megapixels"
        )


def _divisor(image: Image.Image) -> int:
    """Return by which of 1, 2, 4 and 8 a picture must be divided to be of a comfortable size."""
    pixels = image.width * image.height
    return next(each for each in (1, 2, 4, 8) if pixels <= _COMFORTABLE_PIXELS * each**2)


def _reduced(image: Image.Image) -> Image.Image:
    """Return a picture of a comfortable size, where its mode can be averaged."""
    divisor = _divisor(image)
    can_be = image.mode in ("L", "LA", "RGB", "RGBA", "CMYK", "I", "F")
    return image.reduce(divisor) if divisor > 1 and can_be else image


def _turn_upright(image: Image.Image) -> None:
    """Turn the picture as its EXIF says; leave it unturned if the EXIF is broken."""
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception as error:  # a broken tag block says nothing about the pixels
        if image.im is None:
            raise ValueError("no pixels") from error


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the picture as mode "L" or "RGB"."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        values, bits = _scaled(np.asarray(image), image.mode)
        found = Image.fromarray(values)
        found.info = {_DEPTH: f"{bits}-bit grey"} if 8 < bits < 16 else {}
        return found
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        colours = image.convert("RGBA")
        paper = Image.new("RGBA", colours.size, _paper(colours))
        return Image.alpha_composite(paper, colours).convert("RGB")
    return image.convert("RGB")


def _paper(colours: Image.Image) -> str:
    """Return the colour behind a transparent picture: black for a drawing in one light colour."""
    factor = -(-max(colours.size) // _LONGEST_SIDE)
    small = np.asarray(colours.reduce(factor) if factor > 1 else colours, np.float32)
    ink, lightness = small[:, :, 3], small[:, :, :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    if not ink.any():
        return "white"
    usual = float(np.average(lightness, weights=ink))
    varies = float(np.sqrt(np.average((lightness - usual) ** 2, weights=ink)))
    return "black" if usual > 127.5 and varies < _UNIFORM else "white"


def _scaled(values: npt.NDArray[Any], mode: str) -> tuple[npt.NDArray[np.uint8], int]:
    """Return grey values of 16 or more bits or floats as 8 bits, scaled and not clipped.

    Whole numbers are taken to have as few bits as hold the largest: 12 bits stored in 16 would be
    nearly black. These bits come second, 0 for any other range.
    """
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    # The smallest usual range that holds all values; one of its own if none does.
    usual = (
        {1.0: 0, 255.0: 8, 65535.0: 16} if mode == "F" else {2.0**n - 1.0: n for n in _GREY_BITS}
    )
    fitting = [top for top in usual if low >= 0.0 and high <= top]
    if fitting:
        low, high = 0.0, fitting[0]
    scaled = (numbers - low) * (255.0 / ((high - low) or 1.0))
    return np.rint(scaled).astype(np.uint8), usual[fitting[0]] if fitting else 0
