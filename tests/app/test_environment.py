"""What the first call installs, without installing anything."""

import pytest

from app import environment


@pytest.fixture
def place(monkeypatch, tmp_path):
    """An environment that exists, lock files beside it, and what was asked to be installed."""
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-cuda.lock"):
        (tmp_path / name).write_text(name)
    installed = []
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "ENVIRONMENT", venv)
    monkeypatch.setattr(environment, "CUDA_LOCK", tmp_path / "requirements-cuda.lock")
    monkeypatch.setattr(environment, "_SWITCHED", venv / "cuda.switch")
    monkeypatch.setattr(environment, "_install_system_packages", lambda *, checks: None)
    monkeypatch.setattr(environment, "_install", lambda _python, lock: installed.append(lock.name))
    monkeypatch.delenv(environment.SWITCH, raising=False)
    monkeypatch.setattr(environment, "wants_cuda", lambda: False)
    return installed


def has_card(monkeypatch, answer=True):
    monkeypatch.setattr(environment, "wants_cuda", lambda: answer)


def test_without_a_card_the_usual_set_is_installed_once(place):
    environment.prepare(checks=False)
    environment.prepare(checks=False)
    assert place == ["requirements.lock"]


def test_with_a_card_cudas_libraries_come_too_and_their_size_is_said_before(
    place, monkeypatch, capsys
):
    has_card(monkeypatch)
    environment.prepare(checks=False)
    environment.prepare(checks=False)
    assert place == ["requirements.lock", "requirements-cuda.lock"]
    said = capsys.readouterr().err
    assert "GB" in said
    assert "NETSMITH_CUDA=0" in said


def test_a_card_that_comes_later_is_found(place, monkeypatch):
    environment.prepare(checks=False)
    has_card(monkeypatch)
    environment.prepare(checks=False)
    assert place == ["requirements.lock", "requirements-cuda.lock"]


def test_it_can_be_told_not_to_and_remembers(place, monkeypatch):
    has_card(monkeypatch)
    monkeypatch.setenv("NETSMITH_CUDA", "0")
    environment.prepare(checks=False)
    monkeypatch.delenv("NETSMITH_CUDA")
    environment.prepare(checks=False)
    assert place == ["requirements.lock"]
    monkeypatch.setenv("NETSMITH_CUDA", "1")
    environment.prepare(checks=False)
    assert place == ["requirements.lock", "requirements-cuda.lock"]


def test_a_failed_installation_leaves_the_processor_and_is_not_tried_at_every_start(
    place, monkeypatch, capsys
):
    has_card(monkeypatch)

    def install(_python, lock):
        place.append(lock.name)
        if lock.name == "requirements-cuda.lock":
            raise environment.SetUpError("no network")

    monkeypatch.setattr(environment, "_install", install)
    environment.prepare(checks=False)
    environment.prepare(checks=False)
    assert place == ["requirements.lock", "requirements-cuda.lock"]
    assert "TensorFlow runs on the processor: no network" in capsys.readouterr().err


def test_the_locks_agree_on_what_they_share():
    """CUDA's libraries are added to an environment that stays as it is."""

    def versions(name):
        lines = (environment.ROOT / name).read_text().splitlines()
        pairs = (line.split()[0].split("==") for line in lines if line[:1].isalnum())
        return {(name, version.rstrip(";")) for name, version in pairs}

    usual, cuda = versions("requirements.lock"), versions("requirements-cuda.lock")
    assert usual <= cuda
    added = {name for name, _version in cuda - usual}
    assert added
    assert all(name.startswith("nvidia-") for name in added)
    text = (environment.ROOT / "requirements-cuda.lock").read_text()
    assert text.count("--hash=sha256:") >= len(cuda)
    assert "://" not in text
