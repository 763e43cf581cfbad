import numpy as np

from engine.data.loading import load
from engine.data.preview import caption, preview
from engine.data.readers import READERS
from engine.spec.data import DataSpec


def test_the_answer_is_the_clean_picture():
    data = load(DataSpec(reader="digits_to_clean"))
    part = data.training
    assert part.x.shape[1:] == (8, 8, 1)
    assert (float(part.x.min()), float(part.x.max())) == (0.0, 16.0)
    assert (float(part.y.min()), float(part.y.max())) == (0.0, 1.0)
    assert data.info.answer_shape == (8, 8, 1)
    assert sum(data.info.counts) == READERS["digits_to_clean"].samples
    away = part.x.reshape(len(part), -1) / 16 - part.y
    assert 0.1 < float(np.sqrt((away**2).mean())) < 0.25
    assert caption(part.y[0], data.info) == "a picture"


def test_without_noise_the_answer_is_the_picture_itself():
    data = load(DataSpec(reader="digits_to_clean", options={"noise": 0.0}))
    np.testing.assert_allclose(data.test.x.reshape(len(data.test), -1) / 16, data.test.y)


def test_the_preview_shows_what_is_wanted_beside_what_is_given():
    data = load(DataSpec(reader="digits_to_clean"))
    shown = preview(data, count=3)
    drawn = np.random.default_rng(0).permutation(len(data.training))[:3]
    wanted = np.rint(data.training.y[drawn].reshape(3, 8, 8) * 255)
    np.testing.assert_array_equal(np.array(shown.answers), wanted)
    assert len(shown.pictures) == 3
    assert preview(load(DataSpec(reader="digits")), count=3).answers == ()
