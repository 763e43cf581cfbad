import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from engine.data.images import decode, prepare
from engine.data.readers import READERS
from tests.engine.data.drawn_digits import drawn

DIGITS = READERS["digits"].info.image
MNIST = READERS["mnist"].info.image


@pytest.fixture(scope="module")
def known():
    """The set, and a machine that learned it."""
    bunch = load_digits()
    machine = SVC(C=10, gamma=0.05).fit(bunch.images.reshape(-1, 64) / 16, bunch.target)
    return bunch, machine


def answers(machine, pictures):
    return machine.predict(np.array([picture.ravel() for picture in pictures]) / 16)


# Measured: pen 16: 0.91, 20: 0.95, 24: 0.98, 32: 0.97.
@pytest.mark.parametrize(("pen", "least"), [(16, 0.85), (20, 0.9), (24, 0.94), (32, 0.93)])
@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)])
def test_drawn_digits_are_mostly_known(known, pen, least, ink, paper):
    random = np.random.default_rng(7)
    truth = np.repeat(np.arange(10), 12)
    pictures = [
        prepare(drawn(digit, random, pen=pen, ink=ink, paper=paper), DIGITS) for digit in truth
    ]
    assert np.mean(answers(known[1], pictures) == truth) >= least


def test_a_photographed_digit_on_grey_paper_is_known(known):
    random = np.random.default_rng(3)
    pictures = [prepare(drawn(digit, random, ink=60, paper=170), DIGITS) for digit in range(10)]
    assert np.sum(answers(known[1], pictures) == np.arange(10)) >= 8


@pytest.mark.parametrize("times", [1, 4, 32])
def test_training_pictures_come_back_as_they_were(known, tmp_path, times):
    bunch, machine = known
    back = []
    for number, image in enumerate(bunch.images[:100]):
        grey = np.rint(image * 255 / 16).astype(np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.kron(grey, np.ones((times, times), np.uint8))).save(path)
        back.append(prepare(decode(path), DIGITS))
        assert np.abs(back[-1][:, :, 0] - image).max() < 0.05
    original = machine.predict(bunch.images[:100].reshape(-1, 64) / 16)
    assert np.array_equal(answers(machine, back), original)


def test_a_dark_on_light_training_picture_is_turned(known):
    image = known[0].images[5]
    grey = np.rint(255 - image * 255 / 16).astype(np.uint8)
    picture = Image.fromarray(
        np.pad(np.kron(grey, np.ones((16, 16), np.uint8)), 2, constant_values=255)
    )
    assert np.abs(prepare(picture, DIGITS)[:, :, 0] - image).max() < 3.0


def test_mnist_glyphs_fill_20_of_28_pixels_around_their_centre_of_mass():
    random = np.random.default_rng(0)
    for digit in range(10):
        picture = prepare(drawn(digit, random, pen=24), MNIST)[:, :, 0]
        rows, columns = np.flatnonzero(picture.max(1) > 64), np.flatnonzero(picture.max(0) > 64)
        longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
        assert 19 <= longest <= 21
        for axis in (0, 1):
            mass = picture.sum(axis=1 - axis)
            assert mass @ (np.arange(28) + 0.5) / mass.sum() == pytest.approx(14.0, abs=0.6)
        assert picture.max() > 200


def test_where_it_was_drawn_and_how_large_changes_little():
    square = np.full((280, 280), 255, np.uint8)
    square[40:120, 60:110] = 0
    square[60:100, 75:95] = 255
    other = np.full((500, 400), 255, np.uint8)
    other[300:460, 100:200] = 0
    other[340:420, 130:170] = 255
    first, second = (prepare(Image.fromarray(each), MNIST) for each in (square, other))
    assert np.abs(first - second).max() < 12


def test_strokes_become_as_thick_as_usual():
    random = np.random.default_rng(1)
    for pen in (6, 12, 20):
        share = np.mean([prepare(drawn(d, random, pen=pen), DIGITS).mean() / 16 for d in range(10)])
        assert 0.25 < share < 0.36


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("preparation", [DIGITS, MNIST])
def test_an_empty_picture_stays_empty(value, preparation):
    picture = prepare(Image.new("L", (280, 280), value), preparation)
    assert picture.shape == (preparation.height, preparation.width, 1)
    assert np.ptp(picture) == 0
    assert picture.max() <= preparation.value_range[1] / 2 + 1


def test_extreme_drawings_take_no_time_and_stay_in_range():
    dots = np.full((280, 280), 255, np.uint8)
    dots[3, 3] = dots[270, 272] = 0
    lines = [np.full(shape, 255, np.uint8) for shape in ((1, 2000), (2000, 1), (280, 280))]
    lines[0][0, 900:1100] = lines[1][900:1100, 0] = lines[2][:, 140] = 0
    for pixels in (dots, *lines):
        for preparation in (DIGITS, MNIST):
            picture = prepare(Image.fromarray(pixels), preparation)
            assert np.isfinite(picture).all()
            assert picture.min() >= 0
            assert picture.max() <= preparation.value_range[1]


def test_real_photos_survive_any_preparation(shared_data):
    for path in sorted((shared_data / "photos").glob("*.*")):
        for name in ("digits", "mnist", "fashion_mnist", "cifar10"):
            preparation = READERS[name].info.image
            picture = prepare(decode(path), preparation)
            assert picture.shape == (preparation.height, preparation.width, preparation.channels)
            assert np.ptp(picture) > 0
