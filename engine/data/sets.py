"""The data sets Netsmith knows, as values: what they hold, where they come from, what they take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from engine.catalog.model import Field
from engine.data import class_names as names
from engine.data.downloads import is_downloaded
from engine.data.features import kind_of
from engine.data.info import DataInfo, ImagePreparation, Task
from engine.data.options import checked_option
from engine.errors import BadInput, SpecError, quoted
from engine.spec.data import DataSpec, Scaling

Origin = Literal["bundled", "generated", "download", "file"]
FILE: Final = "file"


@dataclass(frozen=True)
class DataSet:
    """One choice on the data page.

    Attributes
    ----------
    help
        One sentence.
    kind, task
        What its samples are; of ``file``, the usual case, which only loading can tell.
    origin
        ``bundled``: on this computer already. ``generated``: computed. ``download``: fetched once.
        ``file``: the user's own.
    options
        What `DataSpec.options` may hold.
    megabytes
        Size of the download, 0 if there is none.
    local_patterns
        File names that may replace the download, as a file dialog takes them.
    samples
        How many there are, test part included; 0 if options or the file decide.
    info
        All that is known without loading, for the options' defaults; None: only loading can tell.
    """

    id: str
    title: str
    help: str
    kind: str
    task: Task
    origin: Origin
    options: tuple[Field, ...] = ()
    megabytes: float = 0.0
    local_patterns: tuple[str, ...] = ()
    samples: int = 0
    info: DataInfo | None = None

    @property
    def usual_scaling(self) -> Scaling:
        """What suits the inputs: pictures to [0, 1], numbers standardised, words untouched."""
        feature = self.info.inputs[0] if self.info is not None else None
        return kind_of(feature).scaling(feature) if feature is not None else "unit"


IDX_PATTERNS: Final = ("*-ubyte.gz", "*-ubyte")

_SAMPLES = Field(
    "samples", "int", 500, minimum=10, maximum=100_000, help="How many points to make."
)
_SEED = Field(
    "seed", "int", 0, minimum=0, maximum=2**31 - 1, help="Another number gives other points."
)


def _noise(default: float) -> Field:
    text = "How far points stray from the ideal shape (standard deviation)."
    return Field("noise", "float", default, minimum=0.0, maximum=2.0, help=text)


_CLASSES = Field("classes", "int", 3, minimum=2, maximum=10, help="How many groups to make.")
_ARMS = Field("classes", "int", 2, minimum=2, maximum=6, help="How many arms the spiral has.")
_WINDOW = Field(
    "window", "int", 20, minimum=2, maximum=500, unit="steps",
    help="How many past values the network sees before it predicts the next.",
)  # fmt: skip
_WORDS = Field(
    "words", "int", 10_000, minimum=10, maximum=100_000, unit="words",
    help="Only the most frequent words are told apart; all others become one.",
)  # fmt: skip
_LENGTH = Field(
    "length", "int", 200, minimum=1, maximum=2_500, unit="words",
    help="Longer texts keep their last words; shorter ones are filled up in front.",
)  # fmt: skip

_TASK = Field(
    "task", "choice", "auto", choices=("auto", "classes", "numbers"),
    help="What the answers are: classes to tell apart or numbers to predict; auto looks at them.",
)  # fmt: skip
_INPUTS = Field(
    "inputs", "choice", "auto", choices=("auto", "pictures", "series"),
    help="What a sample of several rows is: a picture or steps in time; auto looks at its shape.",
)  # fmt: skip

_DIGITS_PICTURE = ImagePreparation(8, 8, 1, (0.0, 16.0), fit="glyph", background="dark")
_MNIST_PICTURE = ImagePreparation(28, 28, 1, fit="glyph", background="dark")
_FASHION_PICTURE = ImagePreparation(28, 28, 1, fit="pad", background="dark")
_CIFAR_PICTURE = ImagePreparation(32, 32, 3, fit="crop")

_IRIS_COLUMNS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_WINE_COLUMNS = (
    "alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
    "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315", "proline",
)  # fmt: skip
_CELL_MEASURES = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
    "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
_CELL_COLUMNS = (
    *(f"mean {measure}" for measure in _CELL_MEASURES),
    *(f"{measure} error" for measure in _CELL_MEASURES),
    *(f"worst {measure}" for measure in _CELL_MEASURES),
)
_DIABETES_COLUMNS = (
    "age", "sex", "body mass index", "blood pressure", "total cholesterol", "LDL", "HDL",
    "cholesterol / HDL", "log triglycerides", "blood sugar",
)  # fmt: skip
_HOUSING_COLUMNS = (
    "median income", "house age", "rooms", "bedrooms", "population", "people per household",
    "latitude", "longitude",
)  # fmt: skip


def _pictures(
    set_id: str, title: str, image: ImagePreparation, labels: tuple[str, ...], *, own_test: bool
) -> DataInfo:
    """Describe a picture set; ``image`` says size and range."""
    return DataInfo.single(
        set_id, title, "picture", "classification",
        (image.height, image.width, image.channels), labels,
        value_range=image.value_range, own_test=own_test, image=image,
    )  # fmt: skip


def _table(
    set_id: str, title: str, columns: tuple[str, ...], labels: tuple[str, ...], task: Task
) -> DataInfo:
    return DataInfo.single(
        set_id, title, "number", task, (len(columns),), labels, feature_names=columns
    )


def _plane(set_id: str, title: str, labels: tuple[str, ...]) -> DataInfo:
    """Describe points of a plane in classes."""
    return DataInfo.single(
        set_id, title, "point", "classification", (2,), labels, feature_names=("x", "y")
    )


def _text(set_id: str, title: str, labels: tuple[str, ...], *, own_test: bool) -> DataInfo:
    words, length = int(_WORDS.default), int(_LENGTH.default)
    return DataInfo.single(
        set_id, title, "text", "classification", (length,), labels, input_dtype="int32",
        value_range=(0.0, words - 1.0), vocabulary_size=words, own_test=own_test,
    )  # fmt: skip


def _bundled(info: DataInfo, text: str, samples: int) -> DataSet:
    return DataSet(
        info.source, info.title, text, info.kind, info.task, "bundled", samples=samples, info=info
    )


def _generated(info: DataInfo, text: str, *options: Field) -> DataSet:
    return DataSet(
        info.source, info.title, text, info.kind, info.task, "generated", options, info=info
    )


def _download(
    info: DataInfo,
    text: str,
    samples: int,
    megabytes: float,
    patterns: tuple[str, ...],
    *options: Field,
) -> DataSet:
    return DataSet(
        info.source, info.title, text, info.kind, info.task, "download", options, megabytes,
        patterns, samples, info,
    )  # fmt: skip


_INK_NOISE = Field(
    "noise", "float", 0.25, minimum=0.0, maximum=1.0,
    help="How strong the noise is, as a share of the ink; at 0 the answer is the picture itself.",
)  # fmt: skip
_CLEANED = DataInfo.single(
    "digits_to_clean", "Digits to clean", "picture", "regression", (8, 8, 1),
    tuple(f"row {row + 1}, column {column + 1}" for row in range(8) for column in range(8)),
    value_range=_DIGITS_PICTURE.value_range, n_targets=64, image=_DIGITS_PICTURE,
)  # fmt: skip
_INSIDE_OUTSIDE = ("outer", "inner")
_ALL: tuple[DataSet, ...] = (
    _bundled(
        _pictures("digits", "Handwritten digits", _DIGITS_PICTURE, names.DIGITS, own_test=False),
        "1,797 small pictures of handwritten digits: trains in seconds.", 1797,
    ),
    _bundled(
        _table("iris", "Iris flowers", _IRIS_COLUMNS, names.IRIS, "classification"),
        "Tell three kinds of iris apart by four lengths.", 150,
    ),
    _bundled(
        _table("wine", "Wine", _WINE_COLUMNS, names.WINE, "classification"),
        "Tell which of three vines a wine comes from by its chemistry.", 178,
    ),
    _bundled(
        _table("breast_cancer", "Breast cancer", _CELL_COLUMNS, names.TUMOURS, "classification"),
        "Tell malignant from benign tumours by measures of cell nuclei.", 569,
    ),
    _bundled(
        _table("diabetes", "Diabetes", _DIABETES_COLUMNS, ("progression",), "regression"),
        "Predict how far the illness has gone a year later.", 442,
    ),
    _generated(
        _plane("circles", "Circles", _INSIDE_OUTSIDE),
        "A ring of points around another: no straight line can part them.",
        _SAMPLES, _noise(0.1), _SEED,
    ),
    _generated(
        _plane("moons", "Moons", ("upper", "lower")),
        "Two half moons that reach into each other.", _SAMPLES, _noise(0.15), _SEED,
    ),
    _generated(
        _plane("xor", "XOR", ("same sign", "different sign")),
        "Four squares, opposite ones of the same class: the problem one neuron cannot solve.",
        _SAMPLES, _noise(0.05), _SEED,
    ),
    _generated(
        _plane("spiral", "Spiral", ("arm 1", "arm 2")),
        "Arms wound around each other: needs a deeper network.",
        _SAMPLES, _noise(0.03), _SEED, _ARMS,
    ),
    _generated(
        _plane("blobs", "Blobs", ("group 1", "group 2", "group 3")),
        "Round groups of points, the easiest problem.", _SAMPLES, _noise(0.15), _SEED, _CLASSES,
    ),
    _generated(
        DataInfo.single(
            "parabola", "Parabola", "point", "regression", (1,), ("y",), value_range=(-1.0, 1.0),
            feature_names=("x",),
        ),
        "Learn the curve y = x² from points on it.", _SAMPLES, _noise(0.02), _SEED,
    ),
    _generated(
        DataInfo.single(
            "sine", "Sine wave", "sequence", "regression", (20, 1), ("next value",),
            feature_names=("value",),
        ),
        "Predict the next value of a wave from the last ones.",
        _SAMPLES, _noise(0.05), _SEED, _WINDOW,
    ),
    DataSet(
        "digits_to_clean", "Digits to clean",
        "Noisy digits whose answer is the clean picture: for networks that draw.",
        "picture", "regression", "generated", (_INK_NOISE, _SEED), samples=1797, info=_CLEANED,
    ),
    _download(
        _pictures("mnist", "MNIST", _MNIST_PICTURE, names.DIGITS, own_test=True),
        "70,000 handwritten digits, the classic of the field.", 70_000, 11.5,
        (*IDX_PATTERNS, "*.npz"),
    ),
    _download(
        _pictures("fashion_mnist", "Fashion-MNIST", _FASHION_PICTURE, names.FASHION, own_test=True),
        "70,000 pictures of clothes in ten classes: harder than digits.", 70_000, 30.9,
        (*IDX_PATTERNS, "*.npz"),
    ),
    _download(
        _pictures("cifar10", "CIFAR-10", _CIFAR_PICTURE, names.CIFAR10, own_test=True),
        "60,000 small colour photos of animals and vehicles.", 60_000, 170.5, ("*.tar.gz", "*.npz"),
    ),
    _download(
        _pictures("cifar100", "CIFAR-100", _CIFAR_PICTURE, names.CIFAR100, own_test=True),
        "60,000 small colour photos in a hundred classes.", 60_000, 169.0, ("*.tar.gz", "*.npz"),
    ),
    _download(
        _text("imdb", "IMDB reviews", names.REVIEWS, own_test=True),
        "50,000 film reviews, positive or negative, as word numbers.", 50_000, 17.5, ("*.npz",),
        _WORDS, _LENGTH,
    ),
    _download(
        _text("reuters", "Reuters news", names.REUTERS, own_test=False),
        "11,228 news reports on 46 topics, as word numbers.", 11_228, 2.1, ("*.npz",),
        _WORDS, _LENGTH,
    ),
    _download(
        _table(
            "california_housing", "California housing", _HOUSING_COLUMNS,
            ("price (100,000 dollars)",), "regression",
        ),
        "Predict the median house price of a district.", 20_640, 0.8, ("*.npz",),
    ),
    DataSet(
        FILE, "Your own file", "Pictures or tables of your own: IDX files or a NumPy .npz archive.",
        "picture", "classification", "file", (_TASK, _INPUTS), local_patterns=(*IDX_PATTERNS, "*.idx", "*.npz"),
    ),
)  # fmt: skip
DATA_SETS: Final[Mapping[str, DataSet]] = MappingProxyType({each.id: each for each in _ALL})


def find(name: str) -> DataSet:
    """Return the set of that name; case, spaces, ``-`` and ``_`` make no difference.

    Raises
    ------
    BadInput
        If there is none; names the nearest.
    """
    wanted = _plain(name)
    by_name = {_plain(key): each for key, each in DATA_SETS.items()}
    if wanted in by_name:
        return by_name[wanted]
    near = [
        by_name[key].id for key in difflib.get_close_matches(wanted, list(by_name), n=3, cutoff=0.5)
    ]
    cure = (
        f"did you mean {' or '.join(near)}?"
        if near
        else f"choose one like {', '.join(list(DATA_SETS)[:4])}"
    )
    raise BadInput(f'there is no data set "{quoted(name, 40)}": {cure}')


def option_values(spec: DataSpec) -> dict[str, Any]:
    """Return every option of the chosen set with its value, defaults filled in.

    Raises
    ------
    SpecError
        If an option is unknown, of the wrong type or out of bounds.
    BadInput
        If there is no such set.
    """
    chosen = find(spec.source)
    fields = {field.name: field for field in chosen.options}
    for name in spec.options:
        if name not in fields:
            known = ", ".join(fields) or "no options"
            raise SpecError(
                f"data.options.{quoted(name, 30)}", f"{chosen.title} takes {known}: remove it"
            )
    return {
        name: checked_option(field, spec.options.get(name, field.default))
        for name, field in fields.items()
    }


def describe(spec: DataSpec) -> DataInfo | None:
    """Return what is known of the chosen data without loading them; None if only loading can tell.

    Also None if the set or an option is unfit, which `engine.data.loading` explains. ``counts`` and
    ``class_counts`` stay empty.
    """
    try:
        info, options = find(spec.source).info, option_values(spec)
    except BadInput:
        return None
    if info is None:
        return None
    if "window" in options:
        return info.with_input(shape=(options["window"], 1))
    if "words" in options:
        words = options["words"]
        return info.with_input(
            shape=(options["length"],),
            vocabulary_size=words,
            value_range=(0.0, words - 1.0),
        )
    if "classes" in options:
        stem = info.labels[0].rpartition(" ")[0]
        return info.with_target(labels=tuple(f"{stem} {i + 1}" for i in range(options["classes"])))
    return info


def is_at_hand(spec: DataSpec) -> bool:
    """Tell whether the chosen data need no download: made, bundled, cached, or a file."""
    chosen = find(spec.source)
    if spec.path is not None or chosen.origin in ("bundled", "generated"):
        return True
    return chosen.origin == "download" and is_downloaded(chosen.id)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "", name).casefold()
