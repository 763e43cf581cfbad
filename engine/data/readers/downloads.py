"""Public sets, fetched once, or read from the user's copy of the official files."""

from __future__ import annotations

from typing import Final

from engine.catalog.model import Field
from engine.data import class_names as names
from engine.data.info import DataInfo, ImagePreparation
from engine.data.local_files import read_replacement
from engine.data.official import read_download
from engine.data.readers.reader import Options, Reader, ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput

IDX_PATTERNS: Final = ("*-ubyte.gz", "*-ubyte")
_WORDS = Field(
    "words", "int", 10_000, minimum=10, maximum=100_000, unit="words",
    help="Only the most frequent words are told apart; all others become one.",
)  # fmt: skip
_LENGTH = Field(
    "length", "int", 200, minimum=1, maximum=2_500, unit="words",
    help="Longer texts keep their last words; shorter ones are filled up in front.",
)  # fmt: skip

_MNIST_PICTURE = ImagePreparation(28, 28, 1, fit="glyph", background="dark")
_FASHION_PICTURE = ImagePreparation(28, 28, 1, fit="pad", background="dark")
_CIFAR_PICTURE = ImagePreparation(32, 32, 3, fit="crop")
_HOUSING_COLUMNS = (
    "median income", "house age", "rooms", "bedrooms", "population", "people per household",
    "latitude", "longitude",
)  # fmt: skip


def read(request: ReadRequest) -> Samples:
    """Return the samples of a public set; errors as `engine.data.downloads.obtain`."""
    if request.info is None:
        raise BadInput("the set is not described: choose another one")
    if request.path is not None:
        return read_replacement(request.path, request.info, request.progress, request.cancelled)
    return read_download(request.info, request.progress, request.cancelled)


def _download(
    info: DataInfo,
    text: str,
    samples: int,
    megabytes: float,
    patterns: tuple[str, ...],
    *options: Field,
) -> Reader:
    return Reader(
        info.source, info.title, text, info.kind, info.task, "download", read, options, megabytes,
        patterns, samples, info, _with_words if options else None,
    )  # fmt: skip


def _pictures(
    set_id: str, title: str, image: ImagePreparation, labels: tuple[str, ...]
) -> DataInfo:
    """Describe a picture set that brings its test part; ``image`` says size and range."""
    return DataInfo.single(
        set_id, title, "picture", "classification",
        (image.height, image.width, image.channels), labels,
        value_range=image.value_range, own_test=True, image=image,
    )  # fmt: skip


def _text(set_id: str, title: str, labels: tuple[str, ...], *, own_test: bool) -> DataInfo:
    words, length = int(_WORDS.default), int(_LENGTH.default)
    return DataInfo.single(
        set_id, title, "text", "classification", (length,), labels, input_dtype="int32",
        value_range=(0.0, words - 1.0), vocabulary_size=words, own_test=own_test,
    )  # fmt: skip


def _with_words(info: DataInfo, options: Options) -> DataInfo:
    words = options["words"]
    return info.with_input(
        shape=(options["length"],), vocabulary_size=words, value_range=(0.0, words - 1.0)
    )


_HOUSING: Final = DataInfo.single(
    "california_housing", "California housing", "number", "regression", (len(_HOUSING_COLUMNS),),
    ("price (100,000 dollars)",), feature_names=_HOUSING_COLUMNS,
)  # fmt: skip
ROWS: Final = (
    _download(
        _pictures("mnist", "MNIST", _MNIST_PICTURE, names.DIGITS),
        "70,000 handwritten digits, the classic of the field.",
        70_000,
        11.5,
        (*IDX_PATTERNS, "*.npz"),
    ),
    _download(
        _pictures("fashion_mnist", "Fashion-MNIST", _FASHION_PICTURE, names.FASHION),
        "70,000 pictures of clothes in ten classes: harder than digits.",
        70_000,
        30.9,
        (*IDX_PATTERNS, "*.npz"),
    ),
    _download(
        _pictures("cifar10", "CIFAR-10", _CIFAR_PICTURE, names.CIFAR10),
        "60,000 small colour photos of animals and vehicles.",
        60_000,
        170.5,
        ("*.tar.gz", "*.npz"),
    ),
    _download(
        _pictures("cifar100", "CIFAR-100", _CIFAR_PICTURE, names.CIFAR100),
        "60,000 small colour photos in a hundred classes.",
        60_000,
        169.0,
        ("*.tar.gz", "*.npz"),
    ),
    _download(
        _text("imdb", "IMDB reviews", names.REVIEWS, own_test=True),
        "50,000 film reviews, positive or negative, as word numbers.",
        50_000,
        17.5,
        ("*.npz",),
        _WORDS,
        _LENGTH,
    ),
    _download(
        _text("reuters", "Reuters news", names.REUTERS, own_test=False),
        "11,228 news reports on 46 topics, as word numbers.",
        11_228,
        2.1,
        ("*.npz",),
        _WORDS,
        _LENGTH,
    ),
    _download(
        _HOUSING,
        "Predict the median house price of a district.",
        20_640,
        0.8,
        ("*.npz",),
    ),
)
