import os
from pathlib import Path

import pytest

from engine.data.files import open_regular, read_regular
from engine.errors import LONGEST_MESSAGE, BadInput


def test_a_regular_file_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert read_regular(tmp_path / "a") == b"abc"
    with pytest.raises(BadInput, match="choose a smaller file"):
        read_regular(tmp_path / "a", most_bytes=2)


def unfit(folder):
    (folder / "real").write_bytes(b"abc")
    (folder / "link").symlink_to(folder / "real")
    (folder / "loop").symlink_to(folder / "loop")
    os.mkfifo(folder / "pipe")
    return {
        folder / "missing": "does not exist",
        folder: "is a folder",
        folder / "link": "is a link",
        folder / "loop": "is a link",
        folder / "pipe": "device or a pipe",
        "/dev/zero": "device or a pipe",
        folder / "real" / "below": "cannot be opened",
        folder / ("n" * 400): "cannot be opened",
        folder / "nul\0": "cannot be opened",
        "\\\\server\\share\\x.png": "another computer",
        "//server/share/x.png": "another computer",
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither pipes nor /dev")
def test_all_else_is_refused_at_once_in_one_sentence(tmp_path):
    for path, words in unfit(tmp_path).items():
        with pytest.raises(BadInput, match=words) as caught:
            open_regular(Path(path))
        assert len(str(caught.value)) <= LONGEST_MESSAGE
