"""The weights of a layer: the right view for every tensor, updated in place."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QTabWidget
from shiboken6 import isValid

from engine.probes.tensor_view import LayerWeights, TensorView
from widgets.base.theme import DARK
from widgets.plots import FilterGrid, HeatmapView, HistogramView, WeightsPanel
from widgets.plots.weights import facts_text


def tensor(name, values, shape=None):
    values = np.asarray(values, dtype=np.float32)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    counts = np.histogram(finite, 40, (low, high))[0] if finite.size else np.zeros(40, dtype=int)
    return TensorView(
        name=name,
        shape=values.shape if shape is None else shape,
        values=values,
        minimum=low,
        maximum=high,
        mean=float(finite.mean()) if finite.size else 0.0,
        deviation=float(finite.std()) if finite.size else 0.0,
        histogram=counts,
        not_finite=int(values.size - finite.size),
    )


def sample(kind, *tensors, step=1, layer="layer_1"):
    return LayerWeights(layer, kind, tensors, step)


def drawn(name, *shape):
    return tensor(name, np.random.default_rng(0).normal(size=shape))


@pytest.fixture
def panel(qtbot):
    made = WeightsPanel()
    qtbot.addWidget(made)
    made.resize(380, 520)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize(
    ("kind", "name", "shape", "view", "shown"),
    [
        ("Dense", "kernel", (12, 7), HeatmapView, (12, 7)),
        ("Dense", "bias", (7,), HeatmapView, (1, 7)),
        ("Embedding", "embeddings", (50, 8), HeatmapView, (50, 8)),
        ("Conv1D", "kernel", (5, 2, 6), FilterGrid, (6, 2, 1, 1, 5)),
        ("Conv2D", "kernel", (3, 3, 1, 32), FilterGrid, (32, 1, 1, 3, 3)),
        ("Conv3D", "kernel", (2, 3, 4, 1, 8), FilterGrid, (8, 1, 2, 3, 4)),
        ("Conv2DTranspose", "kernel", (3, 3, 6, 2), FilterGrid, (6, 2, 1, 3, 3)),
        ("DepthwiseConv2D", "kernel", (3, 3, 4, 2), FilterGrid, (8, 1, 1, 3, 3)),
        ("SeparableConv2D", "depthwise_kernel", (3, 3, 4, 2), FilterGrid, (8, 1, 1, 3, 3)),
        ("SeparableConv2D", "pointwise_kernel", (1, 1, 8, 6), HeatmapView, (8, 6)),
        ("ConvLSTM2D", "recurrent_kernel", (3, 3, 2, 8), FilterGrid, (8, 2, 1, 3, 3)),
        ("TimeDistributed", "kernel", (3, 3, 1, 4), FilterGrid, (4, 1, 1, 3, 3)),
        ("MultiHeadAttention", "query_kernel", (64, 2, 32), HeatmapView, (64, 64)),
        ("MultiHeadAttention", "attention_output_kernel", (2, 32, 64), HeatmapView, (64, 64)),
        ("BatchNormalization", "gamma", (9,), HeatmapView, (1, 9)),
        ("Anything", "scale", (), HeatmapView, (1, 1)),
        ("Anything", "cube", (2, 3, 4, 5), HeatmapView, (6, 20)),
    ],
)
def test_every_tensor_gets_its_view(panel, kind, name, shape, view, shown):
    given = drawn(name, *shape)
    panel.show_weights(sample(kind, given))
    made = panel.view(name)
    assert type(made) is view
    assert made.objectName() == f"plot.weights.{name}"
    assert made.values.shape == shown
    assert sorted(made.values.ravel()) == sorted(given.values.ravel())


@pytest.mark.parametrize(
    ("kind", "gates", "names"),
    [
        ("LSTM", 4, ("input", "forget", "cell", "output")),
        ("GRU", 3, ("update", "reset", "candidate")),
        ("SimpleRNN", 1, ()),
    ],
)
@pytest.mark.parametrize("prefix", ["", "forward_"])
def test_recurrent_kernels_are_shown_by_gate(panel, kind, gates, names, prefix):
    tensors = (
        drawn(f"{prefix}kernel", 3, gates * 5),
        drawn(f"{prefix}recurrent_kernel", 5, gates * 5),
        drawn(f"{prefix}bias", gates * 5),
    )
    panel.show_weights(sample(kind if not prefix else "Bidirectional", *tensors))
    for each in tensors:
        assert panel.view(each.name)._blocks == names


def test_the_same_layer_is_updated_in_place(qtbot, panel):
    panel.show_weights(sample("Dense", tensor("kernel", [[1.0, 2.0]]), drawn("bias", 2)))
    before = panel.view("kernel")
    before.plot.getViewBox().setRange(xRange=(0, 1), padding=0)
    panel.show_weights(sample("Dense", tensor("kernel", [[3.0, 4.0]]), drawn("bias", 2), step=1240))
    assert panel.view("kernel") is before
    assert before.values.tolist() == [[3.0, 4.0]]
    assert before.plot.getViewBox().viewRange()[0] == pytest.approx([0, 1])
    qtbot.waitUntil(lambda: "step 1,240" in facts(panel))  # numbers follow four times a second
    assert panel.findChild(HistogramView, "plot.histogram.kernel").counts().sum() == 2


def facts(panel):
    labels = panel.findChildren(QLabel, "panel.weights.facts")
    return next(label.text() for label in labels if label.isVisible())


def test_a_tab_is_drawn_when_it_is_chosen(panel):
    panel.show_weights(sample("Dense", drawn("kernel", 2, 3), tensor("bias", [1.0, 2.0, 3.0])))
    panel.show_weights(sample("Dense", drawn("kernel", 2, 3), tensor("bias", [4.0, 5.0, 6.0])))
    assert panel.view("bias").values.tolist() == [[0.0]]
    panel.findChild(QTabWidget, "panel.weights.tensors").setCurrentIndex(1)
    assert panel.view("bias").values.tolist() == [[4.0, 5.0, 6.0]]


def test_another_layer_replaces_the_views(qtbot, panel):
    panel.show_weights(sample("Dense", drawn("kernel", 2, 3)))
    old = panel.view("kernel")
    panel.show_weights(sample("Conv2D", drawn("kernel", 3, 3, 1, 2), layer="conv2d"))
    assert isinstance(panel.view("kernel"), FilterGrid)
    qtbot.waitUntil(lambda: not isValid(old))


def test_values_that_are_not_finite_are_counted(qtbot, panel):
    panel.show_weights(sample("Dense", tensor("kernel", [[np.nan, 1.0], [np.inf, np.nan]])))
    warning = panel.findChild(QLabel, "panel.weights.warning")
    assert warning.isVisible()
    assert "3 values" in warning.text()
    panel.set_theme(DARK)
    assert warning.palette().windowText().color().name() == DARK.warning
    panel.show_weights(sample("Dense", tensor("kernel", [[0.0, 1.0], [2.0, 3.0]])))
    qtbot.waitUntil(lambda: not warning.isVisible())


def test_a_tensor_without_any_finite_value_is_shown(panel):
    panel.show_weights(sample("Dense", tensor("kernel", np.full((2, 2), np.nan))))
    histogram = panel.findChild(HistogramView, "plot.histogram.kernel")
    assert "no finite value" in histogram.text()


def test_facts_say_what_is_reduced():
    whole = tensor("kernel", [[-1.0, 1.0]])
    reduced = tensor("kernel", np.zeros((256, 256)), shape=(6272, 256))
    assert facts_text(sample("Dense", whole, step=1240), whole) == (
        "layer_1 · kernel 1 × 2 · step 1,240 · −1.00\N{NO-BREAK SPACE}…\N{NO-BREAK SPACE}1.00"
    )
    assert facts_text(sample("Dense", reduced), reduced).endswith(
        "block means, 256 × 256 of 6,272 × 256"
    )


def test_a_layer_without_weights_says_so(panel):
    assert panel.is_empty()
    panel.show_weights(sample("Dense", drawn("kernel", 2, 3)))
    assert not panel.is_empty()
    panel.show_weights(sample("Flatten"))
    assert panel.is_empty()
    panel.show_weights(sample("Dense", drawn("kernel", 0, 3)))
    assert panel.is_empty()
    panel.show_empty("<b>No layer</b> is selected.")
    assert panel.findChild(QLabel, "panel.weights.hint").text() == "<b>No layer</b> is selected."
    with pytest.raises(KeyError):
        panel.view("kernel")


def test_an_ampersand_in_a_name_is_no_shortcut(panel):
    panel.show_weights(sample("Dense", drawn("a&b", 2, 3)))
    assert panel.findChild(QTabWidget, "panel.weights.tensors").tabText(0) == "a&&b"


def test_histogram_counts_what_is_finite(qtbot):
    view = HistogramView()
    qtbot.addWidget(view)
    view.show_values([[0.0, 1.0], [np.nan, np.inf]])
    assert view.counts().sum() == 2
    assert view.text() == "mean 0.5000 · deviation 0.5000"
    view.show_values(np.full(9, 0.25))
    assert view.counts().max() == 9
    low, high = view.plot.getViewBox().viewRange()[0]
    assert low < 0.25 < high
    view.show_values([np.nan])
    assert "no finite value" in view.text()


def test_a_matrix_is_wanted_as_fine_as_its_pixels_and_single_numbers_when_zoomed_in(panel):
    panel.show_weights(sample("Dense", drawn("kernel", 784, 128)))
    view = panel.view("kernel")
    for side, pixels in zip(panel.sides, view.sides, strict=True):
        assert side == 128 or side // 2 < pixels <= side
        assert side.bit_count() == 1  # a power of two: a little resizing asks for nothing new
    view.plot.getViewBox().setRange(xRange=(10, 20), yRange=(5, 15), padding=0)
    assert panel.sides is None


def test_filters_are_wanted_as_fine_as_they_come(panel):
    panel.show_weights(sample("Conv2D", drawn("kernel", 3, 3, 1, 32)))
    assert panel.sides is None
