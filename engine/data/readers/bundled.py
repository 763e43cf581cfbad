"""Sets that come with scikit-learn: no file, no network."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.data import class_names as names
from engine.data.info import DataInfo, ImagePreparation, Task
from engine.data.loaded import Part
from engine.data.readers.reader import Reader, ReadRequest
from engine.data.samples import Samples
from engine.errors import BadInput

DIGITS_PICTURE: Final = ImagePreparation(8, 8, 1, (0.0, 16.0), fit="glyph", background="dark")
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


def read(request: ReadRequest) -> Samples:
    """Return all samples of the set that is described."""
    from sklearn import datasets  # takes seconds: only when asked for

    info = request.info
    if info is None:
        raise BadInput("the set is not described: choose another one")
    loader = getattr(datasets, f"load_{info.source}")
    # scikit-learn centres and shrinks the diabetes columns unless asked for the measured values.
    bunch = loader(scaled=False) if info.source == "diabetes" else loader()
    x = np.asarray(bunch.data, np.float32).reshape(-1, *info.input_shape)
    if info.task == "regression":
        return Samples(info, Part(x, np.asarray(bunch.target, np.float32)[:, None]))
    return Samples(info, Part(x, np.asarray(bunch.target, np.int32)))


def _bundled(info: DataInfo, text: str, samples: int) -> Reader:
    return Reader(
        info.source,
        info.title,
        text,
        info.kind,
        info.task,
        "bundled",
        read,
        samples=samples,
        info=info,
    )


def _table(
    set_id: str, title: str, columns: tuple[str, ...], labels: tuple[str, ...], task: Task
) -> DataInfo:
    return DataInfo.single(
        set_id, title, "number", task, (len(columns),), labels, feature_names=columns
    )


_DIGITS: Final = DataInfo.single(
    "digits", "Handwritten digits", "picture", "classification", (8, 8, 1), names.DIGITS,
    value_range=DIGITS_PICTURE.value_range, image=DIGITS_PICTURE,
)  # fmt: skip
ROWS: Final = (
    _bundled(
        _DIGITS,
        "1,797 small pictures of handwritten digits: trains in seconds.",
        1797,
    ),
    _bundled(
        _table("iris", "Iris flowers", _IRIS_COLUMNS, names.IRIS, "classification"),
        "Tell three kinds of iris apart by four lengths.",
        150,
    ),
    _bundled(
        _table("wine", "Wine", _WINE_COLUMNS, names.WINE, "classification"),
        "Tell which of three vines a wine comes from by its chemistry.",
        178,
    ),
    _bundled(
        _table("breast_cancer", "Breast cancer", _CELL_COLUMNS, names.TUMOURS, "classification"),
        "Tell malignant from benign tumours by measures of cell nuclei.",
        569,
    ),
    _bundled(
        _table("diabetes", "Diabetes", _DIABETES_COLUMNS, ("progression",), "regression"),
        "Predict how far the illness has gone a year later.",
        442,
    ),
)
