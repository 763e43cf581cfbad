"""How fast folders of pictures are read, beside Keras's own reader; prints one line of JSON.

Run by `benchmarks.suite`; by hand: ``python -m benchmarks.reading pictures 3``. Photos of 12 megapixels and of 0.2
are read to 64 x 64 pixels, in turn with ``keras.utils.image_dataset_from_directory``; then once more from the cache,
in batches of a random order, as the second epoch of a training reads them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.data.info import ImagePreparation
from engine.data.readers.picture_cache import PictureCache
from engine.data.readers.picture_folder import find_pictures
from engine.data.readers.picture_source import PictureColumn, read_column

SIDE = 64  # pixels that every picture is brought to
_BATCH = 32
_LEAST_S = 1.0  # of each measurement
_QUALITY = 85
_WAVES = ((3, 45.0), (12, 30.0), (40, 12.0), (150, 5.0))  # so many a side, and how strong


@dataclass(frozen=True)
class Photos:
    """A folder of made photos: ``different`` ones, each there ``copies`` times in each of two classes.

    Attributes
    ----------
    grain
        Standard deviation of the noise: files have about 1.1 bits a pixel, as real photos do.
    """

    name: str
    width: int
    height: int
    grain: float
    different: int
    copies: int

    def make(self, folder: Path) -> Path:
        """Write them; return their folder."""
        for number in range(self.different):
            picture = _photo(self, number)
            for copy in range(self.copies):
                for label in ("one", "other"):
                    path = folder / self.name / label / f"{number}_{copy}.jpg"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    picture.save(path, quality=_QUALITY)
        return folder / self.name


PHOTOS = (Photos("12mp", 4000, 3000, 4.0, 6, 2), Photos("0.2mp", 512, 400, 1.0, 50, 4))


def _photo(photos: Photos, seed: int) -> Image.Image:
    width, height = photos.width, photos.height
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128.0, np.float32)
    for waves, strength in _WAVES:
        coarse = random.normal(0.0, strength, (waves, waves, 3)).astype(np.float32)
        for channel in range(3):
            plane = Image.fromarray(np.ascontiguousarray(coarse[:, :, channel]))
            pixels[:, :, channel] += np.asarray(
                plane.resize((width, height), Image.Resampling.BICUBIC)
            )
    pixels += random.normal(0.0, photos.grain, (height, width, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


# ---- Ways of reading ----


def _with_keras(folder: Path) -> Callable[[], int]:
    import keras

    dataset = keras.utils.image_dataset_from_directory(
        str(folder), image_size=(SIDE, SIDE), batch_size=_BATCH, verbose=False
    )
    return lambda: sum(int(x.shape[0]) for x, _ in dataset)


def _with_reader(folder: Path, **how: Any) -> Callable[[], PictureColumn]:
    files = find_pictures(folder).parts["training"]
    preparation = ImagePreparation(SIDE, SIDE, 3, resampling="bilinear")
    return lambda: read_column(folder, files, preparation, **how)[0]


def _epoch(column: PictureColumn) -> Callable[[], int]:
    """Return a pass over all pictures in batches of a random order."""
    order = np.random.default_rng(0).permutation(len(column))
    batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
    return lambda: sum(len(column.take(batch)) for batch in batches)


def _speed(read: Callable[[], Any], pictures: int) -> float:
    """Return pictures a second, over as many passes as a measurement takes."""
    passes, started = 0, time.perf_counter()
    while (seconds := time.perf_counter() - started) < _LEAST_S:
        read()
        passes += 1
    return round(pictures * passes / seconds, 1)


def measure(case: str, folder: Path, rounds: int) -> dict[str, Any]:
    """Return pictures a second of each way in each round."""
    ways: dict[str, tuple[Callable[[], Any], int]] = {}
    for photos in PHOTOS:
        path = photos.make(folder)
        count = 2 * photos.different * photos.copies
        ways[f"keras_{photos.name}"] = _with_keras(path), count
        ways[f"reader_{photos.name}"] = _with_reader(path), count
        cache = PictureCache(folder / "cache")
        column = _with_reader(path, cache=cache, memory_limit_bytes=0)()
        ways[f"cache_{photos.name}"] = _epoch(column), count
    for read, _ in ways.values():
        read()  # traced, and the files are in the computer's memory
    found = [
        {name: _speed(read, count) for name, (read, count) in ways.items()} for _ in range(rounds)
    ]
    return {"case": case, "rounds": found}


def main() -> None:
    """Measure as the arguments say: the case's name and how often."""
    with tempfile.TemporaryDirectory(prefix="netsmith-pictures-") as folder:
        print(json.dumps(measure(sys.argv[1], Path(folder), int(sys.argv[2]))), flush=True)


if __name__ == "__main__":
    main()
