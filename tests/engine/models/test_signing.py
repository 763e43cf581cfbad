"""The user's key, and what a seal covers."""

import json
import os
import stat

import pytest

from engine.errors import JobFailed
from engine.models import signing


def test_the_key_is_made_once_and_for_the_user_alone(tmp_path):
    home = tmp_path / "new" / "home"
    assert signing.known_key(home) is None
    key = signing.user_key(home)
    assert (signing.user_key(home), signing.known_key(home), len(key)) == (key, key, 32)
    assert os.listdir(home) == ["signing.key"]
    if os.name == "posix":
        assert stat.S_IMODE((home / "signing.key").stat().st_mode) == 0o600
    assert signing.user_key(tmp_path / "other") != key


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_key_cut_off_is_replaced(content, tmp_path):
    (tmp_path / "signing.key").write_bytes(content)
    assert signing.known_key(tmp_path) is None
    assert len(signing.user_key(tmp_path)) == 32


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JobFailed, match=r"signing\.key"):
        signing.user_key(tmp_path / "file")


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_key_elsewhere_is_none(tmp_path):
    signing.user_key(tmp_path / "home")
    (tmp_path / "signing.key").symlink_to(tmp_path / "home" / "signing.key")
    assert signing.known_key(tmp_path) is None


def test_the_seal_covers_names_sizes_and_content(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"xy")
    (tmp_path / ".DS_Store").write_bytes(b"of a file manager, which may rewrite it")
    signing.write_seal(tmp_path, {"text": "grün"}, b"k" * 32)
    sealed = json.loads((tmp_path / signing.NAME).read_bytes())
    assert list(sealed["files"]) == ["a/b"]
    assert sealed["files"]["a/b"][0] == 2
    assert sealed["hmac"] == signing.signature(sealed, b"k" * 32)
    changes = (
        {"content": {"text": "x"}},
        {"format": 2},
        {"files": {"a/c": sealed["files"]["a/b"]}},
        {"files": {"a/b": [3, sealed["files"]["a/b"][1]]}},
        {"more": 1},
    )
    found = {signing.signature({**sealed, **change}, b"k" * 32) for change in changes}
    assert len(found | {sealed["hmac"], signing.signature(sealed, b"l" * 32)}) == len(changes) + 2
