"""Readers: the kinds of sources that data comes from, a row each. Loads without TensorFlow."""

from typing import Final

from engine.data.readers import arrays, bundled, downloads, generated, pictures
from engine.data.readers.reader import Reader as Reader
from engine.data.readers.reader import ReadRequest as ReadRequest

READERS: Final[dict[str, Reader]] = {
    row.id: row
    for row in (*bundled.ROWS, *generated.ROWS, *downloads.ROWS, *arrays.ROWS, *pictures.ROWS)
}
