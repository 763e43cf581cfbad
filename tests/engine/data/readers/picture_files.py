"""Makes folders of small pictures for the tests of the reader."""

import zlib

import numpy as np
from PIL import Image


def picture(seed, size=(20, 16), mode="RGB"):
    """A picture of random colours, (width, height)."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def make(root, names, **how):
    """Write a different picture for each name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = zlib.crc32("/".join(path.parts[-3:]).encode("utf-8", "surrogatepass"))
        picture(seed, **how).save(path)
    return root


def two_classes(root, count=3, suffix=".png", **how):
    """Write ``count`` pictures of each of the classes cat and dog."""
    names = [f"{name}/{number}{suffix}" for name in ("cat", "dog") for number in range(count)]
    return make(root, names, **how)
