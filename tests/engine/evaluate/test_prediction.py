import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data.info import DataInfo
from engine.data.loaded import Part
from engine.errors import BadInput, Cancelled
from engine.evaluate.metrics import evaluate
from engine.evaluate.prediction import (
    classify,
    gives_scores,
    predict,
    probabilities,
    top,
)

GENERATOR = np.random.default_rng(5)


def info(labels=("a", "b", "c"), task="classification"):
    return DataInfo.single("test", "Test", "number", task, (2,), labels)


def net(units=3, activation="softmax", loss=None, metrics=()):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation)])
    if loss:
        model.compile("adam", loss, metrics=list(metrics))
    return model


def samples(n=50, classes=3):
    x = GENERATOR.normal(size=(n, 2)).astype(np.float32)
    return Part(x, GENERATOR.integers(0, classes, n).astype(np.int32))


# ---- Probabilities ----


@given(
    arrays(np.float32, (4, 3), elements=st.floats(-(2.0**99), 2.0**99, width=32)),
    st.sampled_from([None, True, False]),
)
def test_rows_are_probabilities_whatever_comes(outputs, from_logits):
    rows = probabilities(outputs, info(), from_logits=from_logits)
    assert rows.shape == (4, 3)
    assert (rows >= 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)


def test_scores_become_softmax_and_probabilities_stay():
    scores = np.array([[0.0, np.log(3), 0.0]])
    np.testing.assert_allclose(probabilities(scores, info()), [[0.2, 0.6, 0.2]], rtol=1e-6)
    given_ones = np.array([[0.2, 0.5, 0.3]])
    np.testing.assert_allclose(probabilities(given_ones, info()), given_ones, rtol=1e-6)
    assert probabilities(given_ones, info(), from_logits=True)[0, 1] != pytest.approx(0.5)


def test_one_unit_tells_two_classes():
    two = info(("no", "yes"))
    np.testing.assert_allclose(probabilities(np.array([[0.9]]), two), [[0.1, 0.9]], rtol=1e-6)
    found = probabilities(np.array([[0.0]]), two, from_logits=True)
    np.testing.assert_allclose(found, [[0.5, 0.5]])


def test_top_names_the_likeliest_first():
    assert top(np.array([0.2, 0.5, 0.3]), ("a", "b", "c"), 2) == (("b", 0.5), ("c", 0.3))
    assert len(top(np.array([0.2, 0.8]), ("a", "b"))) == 2


# ---- Predicting ----


def test_prediction_equals_keras_and_is_cut_into_batches():
    model, part = net(), samples(23)
    expected = model.predict(part.x, verbose=0)
    np.testing.assert_allclose(predict(model, part.x, batch_size=5), expected, atol=1e-6)
    assert predict(model, part.x[:0]).shape == (0, 3)


def test_prediction_is_cancelled_between_batches():
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        predict(net(), samples(50).x, batch_size=5, cancelled=lambda: next(answers))


def test_samples_of_another_shape_are_refused():
    with pytest.raises(BadInput, match="shape 3: the model takes 2"):
        predict(net(), np.zeros((4, 3), np.float32))


def test_pictures_are_classified():
    model = net()
    model.set_weights([np.eye(2, 3, dtype=np.float32) * 9, np.zeros(3, np.float32)])
    first, second = classify(model, np.eye(2, dtype=np.float32), info(), k=1)
    assert (first[0][0], second[0][0]) == ("a", "b")
    assert first[0][1] > 0.99


@pytest.mark.parametrize(
    ("activation", "scores"),
    [("linear", True), ("softmax", False), ("sigmoid", False), ("relu", None)],
)
def test_the_last_layer_says_whether_outputs_are_scores(activation, scores):
    assert gives_scores(net(activation=activation)) is scores


# ---- Evaluating ----


def test_classification_figures_equal_keras_and_scikit_learn():
    from sklearn.metrics import confusion_matrix, f1_score

    part = samples(200)
    model = net(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    found = evaluate(model, part, info(), batch_size=64)
    loss, accuracy = model.evaluate(part.x, part.y, verbose=0)
    assert found.metrics["loss"] == pytest.approx(loss, rel=1e-5)
    assert found.metrics["accuracy"] == pytest.approx(accuracy, rel=1e-6)
    predicted = model.predict(part.x, verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(found.confusion, confusion_matrix(part.y, predicted))
    assert found.metrics["f1"] == pytest.approx(f1_score(part.y, predicted, average="macro"))
    assert [each.samples for each in found.per_class] == np.bincount(part.y).tolist()
    assert (found.labels, found.samples) == (("a", "b", "c"), 200)


def test_rows_of_the_confusion_matrix_are_true_classes():
    model = net(activation="linear")
    model.set_weights([np.zeros((2, 3), np.float32), np.array([0, 5, 0], np.float32)])
    found = evaluate(model, Part(np.zeros((4, 2), np.float32), np.array([0, 0, 1, 1])), info())
    assert found.confusion.tolist() == [[0, 2, 0], [0, 2, 0], [0, 0, 0]]
    assert found.metrics["recall"] == pytest.approx(
        0.5
    )  # class "c" neither occurs nor is predicted
    assert "loss" not in found.metrics


def test_one_unit_of_scores_is_cut_at_zero():
    model = net(units=1, activation="linear")
    model.set_weights([np.array([[1.0], [0.0]], np.float32), np.zeros(1, np.float32)])
    part = Part(np.array([[0.2, 0], [-0.2, 0]], np.float32), np.array([1, 0]))
    assert evaluate(model, part, info(("no", "yes"))).metrics["accuracy"] == 1


def test_regression_figures():
    model = net(units=1, activation="linear", loss="mse")
    model.set_weights([np.array([[2.0], [0.0]], np.float32), np.zeros(1, np.float32)])
    x = np.array([[1, 0], [2, 0], [3, 0]], np.float32)
    part = Part(x, np.array([[2], [4], [9]], np.float32))
    found = evaluate(model, part, info(("y",), "regression"))
    assert found.metrics["mean_absolute_error"] == pytest.approx(1)
    assert found.metrics["root_mean_squared_error"] == pytest.approx(3**0.5)
    assert found.metrics["loss"] == pytest.approx(3)
    assert found.metrics["r2"] == pytest.approx(1 - 9 / 26)
    assert found.confusion.shape == (0, 0)
    single = evaluate(model, Part(part.x[:1], part.y[:1]), info(("y",), "regression"))
    assert "r2" not in single.metrics


@pytest.mark.parametrize(
    ("units", "part", "data", "words"),
    [
        (2, samples(4), info(), "tells 2 classes apart"),
        (3, Part(np.zeros((0, 2), np.float32), np.zeros(0, np.int32)), info(), "no samples"),
        (
            2,
            Part(np.zeros((3, 2), np.float32), np.zeros((3, 1))),
            info(("y",), "regression"),
            "2 num",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_said(units, part, data, words):
    with pytest.raises(BadInput, match=words):
        evaluate(net(units=units), part, data)


@pytest.mark.parametrize(
    ("units", "activation", "loss", "labels"),
    [
        (3, "softmax", "sparse_categorical_crossentropy", ("a", "b", "c")),
        (1, "sigmoid", "binary_crossentropy", ("a", "b")),
    ],
)
def test_the_loss_of_sure_and_wrong_answers_is_that_of_training(units, activation, loss, labels):
    model = net(units, activation, loss)
    kernel, bias = model.get_weights()
    model.set_weights([kernel * 1e3, bias])  # probabilities far below Keras's epsilon
    part = samples(400, len(labels))
    wanted = model.evaluate(part.x, part.y, batch_size=400, verbose=0)
    assert wanted > 50
    assert evaluate(model, part, info(labels)).metrics["loss"] == pytest.approx(wanted, rel=1e-5)
