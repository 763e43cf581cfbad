import numpy as np
import pytest

from engine.catalog import catalog
from engine.catalog.model import Field
from widgets.forms.editors import EditorContext
from widgets.forms.loss_graph import LOSS_CURVES, LossGraph
from widgets.forms.nested import KindEditor

LOSSES = catalog().family("loss")
NOT_OF_ONE_NUMBER = {"Circle", "CTC"}  # they compare whole batches and sequences


def test_every_loss_of_one_prediction_has_a_curve():
    usable = {kind.name for kind in LOSSES.values() if not kind.unsupported}
    assert usable == set(LOSS_CURVES) | NOT_OF_ONE_NUMBER


@pytest.mark.parametrize("name", LOSS_CURVES)
def test_a_loss_is_least_where_the_prediction_is_right(name):
    plotted, along = LOSS_CURVES[name]
    x = np.linspace(plotted.low, plotted.high, 401)
    y = plotted.values(x)
    assert np.isfinite(y).all()
    right = 0.0 if "minus" in along or "angle" in along else 1.0
    assert y[np.argmin(np.abs(x - right))] == pytest.approx(y.min(), abs=1e-6)


def probabilities(p):
    """Predictions and labels (n, 2): the right class is the second."""
    return np.stack([1 - p, p], axis=1), np.tile([0.0, 1.0], (len(p), 1))


def single(p):
    return p[:, None], np.ones((len(p), 1))


def errors(e):
    return e[:, None], np.zeros((len(e), 1))


def angles(a):
    radians = np.radians(a)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1), np.tile([1.0, 0.0], (len(a), 1))


TWO_CLASSES = {
    "CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence", "CategoricalHinge",
}  # fmt: skip
INDEX = {"SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"}


def asked(name, along, x):
    if name in INDEX:
        predictions, _ = probabilities(x)
        return predictions, np.ones(len(x), "int32")
    if name in TWO_CLASSES:
        return probabilities(x)
    if "angle" in along:
        return angles(x)
    return errors(x) if "minus" in along else single(x)


@pytest.mark.slow
def test_curves_are_those_of_keras():
    import keras

    for name, (plotted, along) in LOSS_CURVES.items():
        margin = (plotted.high - plotted.low) / 50  # Keras keeps away from the ends
        x = np.linspace(plotted.low + margin, plotted.high - margin, 25)
        predictions, labels = asked(name, along, x)
        made = getattr(keras.losses, name)()
        wanted = [float(made(t[None], p[None])) for t, p in zip(labels, predictions, strict=True)]
        np.testing.assert_allclose(plotted.values(x), wanted, atol=1e-4, err_msg=name)


def test_the_graph_follows_the_choice(qtbot):
    editor = KindEditor(Field("loss", "text"), EditorContext(object), LOSSES.values(), ("auto",))
    qtbot.addWidget(editor)
    graph = editor.below
    assert isinstance(graph, LossGraph)
    qtbot.addWidget(graph)
    editor.set_value("MeanSquaredError")
    assert not graph.isHidden()
    assert "prediction minus label" in graph.accessibleName()
    editor.entry().setCurrentText("BinaryCrossentropy")
    assert "right class" in graph.accessibleName()
    for name in ("auto", "CTC"):
        editor.set_value(name)
        assert graph.isHidden()
