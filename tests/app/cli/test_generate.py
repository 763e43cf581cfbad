"""A generator from the shell: made, trained, resumed, asked for samples; what it cannot do is refused."""

import json

import numpy as np
import pytest

from tests.app.cli.test_verbs import verb


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A pair of networks trained for two epochs."""
    from app.cli.verbs import run_verb

    folder = tmp_path_factory.mktemp("generate") / "ring"
    new = ["new", str(folder), "--data", "ring", "--template", "gan_points"]
    assert run_verb([*new, "--set", "data.options.samples=300"]) == 0
    setting = ["--set", "training.batch_size=64"]
    assert run_verb(["train", str(folder), "--epochs", "2", *setting]) == 0
    return folder


def test_a_training_tells_both_losses_and_goes_on_where_it_stopped(capsys, project):
    setting = ("--set", "training.batch_size=64")
    status, lines, _ = verb(capsys, "train", project, "--epochs", 3, "--resume", *setting)
    assert status == 0
    assert lines[-1]["epochs"] == 3
    for name in ("generator_loss", "discriminator_loss", "test_generator_loss"):
        assert np.isfinite(lines[-1]["metrics"][name])


def test_samples_are_points_of_the_plane_the_same_for_a_seed(capsys, project, tmp_path):
    found = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / f"{name}.npz"
        status, lines, _ = verb(
            capsys, "generate", project, "--samples", 50, "--seed", seed, "--out", out
        )
        assert status == 0
        assert (lines[-1]["samples"], lines[-1]["out"]) == (50, str(out))
        with np.load(out) as stored:
            found.append(stored["x"])
    assert found[0].shape == (50, 2)
    np.testing.assert_array_equal(found[0], found[1])
    assert np.any(found[0] != found[2])


@pytest.mark.parametrize(("verb_name", "more"), [("evaluate", ()), ("classify", ("picture.png",))])
def test_what_needs_answers_is_refused_in_a_sentence(capsys, project, verb_name, more):
    status, _, complaints = verb(capsys, verb_name, project, *more)
    assert status == 2
    assert complaints == ["netsmith: these networks make samples and give no answers: use generate"]


def test_the_exported_file_is_the_generator(capsys, project, tmp_path):
    out = tmp_path / "generator.keras"
    status, lines, _ = verb(capsys, "export", project, "--out", out)
    assert status == 0
    assert lines[-1]["max_abs_difference"] < 1e-5
    _, lines, _ = verb(capsys, "inspect", out)
    assert lines[-1]["layers"][0]["name"] == "noise"
    assert lines[-1]["parameters"] == 8 * 128 + 128 + 128 * 128 + 128 + 128 * 2 + 2


def test_a_network_that_answers_generates_nothing(capsys, tmp_path):
    folder = tmp_path / "iris"
    assert verb(capsys, "new", folder, "--data", "iris", "--template", "perceptron")[0] == 0
    assert verb(capsys, "train", folder, "--epochs", 1)[0] == 0
    status, _, complaints = verb(capsys, "generate", folder, "--out", tmp_path / "x.npz")
    assert status == 2
    assert "makes none" in complaints[0]
    assert not (tmp_path / "x.npz").exists()


def test_a_network_that_cannot_play_its_role_is_refused_before_training(capsys, project):
    setting = "network.layers.dense_6.parameters.units=3"
    status, _, complaints = verb(capsys, "train", project, "--set", setting)
    assert status == 2
    assert "discriminator gives 3 but must give one number" in complaints[0]
    before = json.loads((project / "project.json").read_text())
    assert before["training"]["stages"][0]["procedure"] == "adversarial"
