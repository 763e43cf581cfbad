import numpy as np
import pytest

from engine.catalog import catalog
from widgets.base.theme import DARK, LIGHT
from widgets.forms.activation_graph import CURVES, SPANS, ActivationGraph, span_text


def test_every_activation_of_the_catalogue_has_a_range():
    kinds = catalog().family("activation").values()
    usable = {kind.name for kind in kinds if not kind.unsupported}
    assert usable <= set(CURVES) | set(SPANS)


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("relu", -1.0, 0.0),
        ("relu", 2.0, 2.0),
        ("sigmoid", 0.0, 0.5),
        ("tanh", 1.0, 0.7615941559557649),
        ("softplus", 0.0, 0.6931471805599453),
        ("gelu", 1.0, 0.8413447460685429),
        ("elu", -1.0, -0.6321205588285577),
        ("silu", 1.0, 0.7310585786300049),
        ("softsign", -3.0, -0.75),
    ],
)
def test_curves_give_the_values_of_the_textbook(name, x, y):
    assert CURVES[name].values(np.array([x]))[0] == pytest.approx(y)


@pytest.mark.parametrize("name", CURVES)
def test_no_curve_leaves_the_range_it_claims(name):
    y = CURVES[name].values(np.linspace(-30, 30, 6001))
    assert np.isfinite(y).all()
    span = CURVES[name].span
    if " to " in span:
        low, high = (float(part) for part in span.split(" to "))
        assert low - 1e-9 <= y.min() <= low + 0.05
        assert high - 0.05 <= y.max() <= high + 1e-9
    elif span.startswith("above "):
        assert y.min() > float(span.removeprefix("above ")) - 0.01
    elif span.endswith("and above"):
        assert y.min() == pytest.approx(float(span.split()[0]), abs=0.01)
    elif span == "below 0":
        assert y.max() <= 0
    else:
        assert y.min() < -4
        assert y.max() > 4


@pytest.mark.slow
def test_curves_are_those_of_keras():
    import keras

    x = np.linspace(-5, 5, 201)
    for name, curve in CURVES.items():
        wanted = np.asarray(keras.activations.get(name)(keras.ops.convert_to_tensor(x, "float64")))
        np.testing.assert_allclose(curve.values(x), wanted, atol=1e-5, err_msg=name)


def _pixels(graph, colour):
    picture = graph.grab().toImage()
    scale = picture.devicePixelRatio()
    return [
        (x / scale, y / scale)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).name() == colour
    ]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_curve_rises_to_the_right_in_the_theme_s_colour(qtbot, theme):
    graph = ActivationGraph()
    qtbot.addWidget(graph)
    graph.set_theme(theme)
    graph.show_kind("sigmoid")
    graph.resize(240, graph.sizeHint().height())
    dots = _pixels(graph, theme.accent)
    assert len(dots) > 20
    (_, left_y), (_, right_y) = min(dots), max(dots)
    assert left_y > right_y + 20  # a flipped picture fails here


def test_what_has_no_curve_shows_its_range_and_the_unknown_nothing(qtbot):
    graph = ActivationGraph()
    qtbot.addWidget(graph)
    graph.show_kind("softmax")
    assert not graph.isHidden()
    assert "adding up to 1" in graph.accessibleName()
    for name in ("home_made", None):
        graph.show_kind(name)
        assert graph.isHidden()
        assert span_text(name or "") == ""
