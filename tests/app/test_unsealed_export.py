"""A SavedModel whose seal has no key: it is exported, and said that Netsmith will not open it."""

import errno

import pytest

from app import heavy
from engine.data.choice import describe
from engine.export.report import ExportReport
from engine.runs import trained_model as trained_module
from engine.runs.trained import Trained
from engine.spec.data import DataSpec
from engine.storage import refusal
from engine.templates import new_project

DATA = DataSpec(reader="iris")
INFO = describe(DATA)
TRAINED = Trained("r", new_project("mlp", DATA, INFO, "test"), INFO, None, (), {})


@pytest.mark.parametrize("is_full", [True, False])
def test_a_key_that_cannot_be_kept_is_said(tmp_path, monkeypatch, is_full):
    def user_key(folder):
        if is_full:
            raise refusal(folder / "signing.key", OSError(errno.ENOSPC, "full"))
        return b"key"

    def export(_model, _card, format_id, path, _samples, *, key, **_options):
        assert (key() is None) == is_full
        return ExportReport(format_id, path, 1, 1, 0.0, 1.0, 1.0, 1.0, 1)

    monkeypatch.setattr(trained_module, "model_of", lambda _trained: None)
    monkeypatch.setattr(trained_module, "_compared", lambda *_: None)
    monkeypatch.setattr("engine.models.signing.user_key", user_key)
    monkeypatch.setattr("engine.export.formats.export", export)
    report = heavy.export_model(TRAINED, "saved_model", tmp_path / "m", None, False)
    assert report.remark == (
        'Netsmith will not open it again, only TensorFlow will: "signing.key" was not written:'
        " the disk is full: free some space"
        if is_full
        else ""
    )
