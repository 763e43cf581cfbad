"""IDX files for tests, as bytes and on disk."""

import gzip
import struct

import numpy as np

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array):
    """Return the array as an IDX file."""
    array = np.asarray(array)
    head = bytes([0, 0, CODES[array.dtype.str[1:]], array.ndim])
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return head + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_idx_folder(folder, *, zipped=True, test=True, train=60, classes=10, side=28):
    """Write the usual files; return the arrays as (x, y, test_x, test_y)."""
    random = np.random.default_rng(0)
    written = []
    for part, count in (("train", train), ("t10k", train // 2)):
        x = random.integers(0, 256, (count, side, side), dtype=np.uint8)
        y = (np.arange(count) % classes).astype(np.uint8)
        written += [x, y]
        if part == "t10k" and not test:
            continue
        for name, array in ((f"{part}-images-idx3-ubyte", x), (f"{part}-labels-idx1-ubyte", y)):
            content = idx_bytes(array)
            if zipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
    return written
