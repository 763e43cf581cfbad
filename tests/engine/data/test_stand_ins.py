"""Made-up samples are of the shape, type and range that a network takes."""

import numpy as np

from engine.data.info import DataInfo
from engine.data.loaded import Statistics
from engine.data.stand_ins import stand_ins


def test_words_are_numbers_of_the_vocabulary():
    info = DataInfo.single(
        "imdb", "t", "text", "classification", (9,), ("a",), "int32", vocabulary_size=50
    )
    made = stand_ins(info, None, 64)
    assert (made.shape, made.dtype) == ((64, 9), np.int32)
    assert made.min() >= 0
    assert 40 < made.max() < 50


def test_pictures_fill_their_range():
    info = DataInfo.single(
        "file", "t", "picture", "classification", (4, 4, 3), ("a",), value_range=(-1, 3)
    )
    made = stand_ins(info, None, 64)
    assert made.shape == (64, 4, 4, 3)
    assert -1 <= made.min() < -0.9
    assert 2.9 < made.max() <= 3


def test_columns_have_the_mean_and_deviation_of_the_training_part():
    info = DataInfo.single("file", "t", "number", "regression", (2,), ("y",))
    made = stand_ins(info, Statistics(np.array([100.0, -5.0]), np.array([4.0, 0.01])), 4000)
    assert np.allclose(made.mean(axis=0), [100.0, -5.0], atol=0.2)
    assert np.allclose(made.std(axis=0), [2.0, 0.1], rtol=0.1)
    assert np.array_equal(
        made, stand_ins(info, Statistics(np.array([100.0, -5.0]), np.array([4.0, 0.01])), 4000)
    )
