"""Any picture of the user's as what the network was trained on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.data.files import named, read_regular
from engine.data.framing import framed
from engine.data.info import ImagePreparation
from engine.errors import BadInput

Pixels: TypeAlias = npt.NDArray[np.float32]

MOST_PIXELS: Final = 40_000_000
_LARGEST_FILE = 512 * 1024**2  # bytes
# Nothing else is tried: Pillow would start Ghostscript for PostScript, whatever the file is called.
_FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF")
_LONGEST_SIDE = 1024  # pixels; larger pictures are averaged down first, so that floats stay small

_DRAWING = "is a drawing (SVG): export it as PNG"
_PHONE = "is in a phone's photo format (HEIC, AVIF): save it as JPEG or PNG"
_PRINT = "is a print file (EPS, PDF): export it as PNG"
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


def decode(path: Path) -> Image.Image:
    """Return a picture file as an upright 8-bit picture, mode "L" or "RGB", transparency on white.

    Raises
    ------
    BadInput
        If it is missing, no picture of a known format, cut off, or above 40 megapixels.
    """
    return decode_bytes(read_regular(path, _LARGEST_FILE), path.name)


def decode_bytes(content: bytes, name: str) -> Image.Image:
    """Return the bytes of a picture file as `decode` does; ``name`` is for messages."""
    shown = named(name)
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    for (place, mark), reason in _REFUSED.items():
        if start[place : place + len(mark)] == mark:
            raise BadInput(f'"{shown}" {reason}')
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
        _refuse_huge(image)
        image.load()
        return _eight_bits(_upright(image))
    except UnidentifiedImageError as error:
        raise BadInput(f'"{shown}" is no picture: choose a PNG, JPEG or similar') from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput(f'"{shown}" is too large: make it smaller than 40 megapixels') from error
    except Exception as error:  # Pillow's decoders raise a dozen types on broken files
        raise BadInput(f'"{shown}" is damaged or cut off: save it again as PNG') from error


def prepare(image: Image.Image, preparation: ImagePreparation) -> Pixels:
    """Return a picture as the network takes it.

    Returns
    -------
    Pixels
        (h, w, c) float32 in ``preparation.value_range``.
    """
    grey = preparation.channels == 1
    upright = _eight_bits(image).convert("L" if grey else "RGB")
    factor = -(-max(upright.size) // _LONGEST_SIDE)
    small = upright.reduce(factor) if factor > 1 else upright
    pixels = np.asarray(small, np.float32)
    picture = framed(pixels[:, :, None] if grey else pixels, preparation)
    low, high = preparation.value_range
    return np.asarray(low + picture * ((high - low) / 255.0), np.float32)


def _refuse_huge(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise Image.DecompressionBombError


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture turned as its EXIF says; unturned if the EXIF is broken."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception as error:  # a broken tag block says nothing about the pixels
        if image.im is None:
            raise ValueError("no pixels") from error
        return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return the picture as mode "L" or "RGB"."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_scaled(np.asarray(image), image.mode))
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        colours = image.convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        return Image.alpha_composite(white, colours).convert("RGB")
    return image.convert("RGB")


def _scaled(values: npt.NDArray[Any], mode: str) -> npt.NDArray[np.uint8]:
    """Return grey values of 16 or more bits or floats as 8 bits, scaled and not clipped."""
    numbers = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    # The smallest usual range that holds all values; one of its own if none does.
    usual = {"F": (1.0, 255.0, 65535.0), "I": (255.0, 65535.0)}.get(mode, (65535.0,))
    fitting = [top for top in usual if low >= 0.0 and high <= top]
    if fitting:
        low, high = 0.0, fitting[0]
    scaled = (numbers - low) * (255.0 / ((high - low) or 1.0))
    return np.rint(scaled).astype(np.uint8)
