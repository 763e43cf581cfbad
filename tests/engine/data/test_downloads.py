import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.data.downloads import REMOTE_FILES, RemoteFile, is_downloaded, keras_home, obtain
from engine.data.progress import never, silent
from engine.errors import LONGEST_MESSAGE, BadInput, Cancelled, JobFailed
from tests.patience import PATIENCE_S

CONTENT = bytes(range(256)) * 4096  # 1 MB
SUM = hashlib.sha256(CONTENT).hexdigest()


class Answers(BaseHTTPRequestHandler):
    """``/good`` sends all, ``/cut`` half of it, ``/stuck`` half and then nothing, else 404."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path not in ("/good", "/cut", "/stuck"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/good" else CONTENT[: len(CONTENT) // 2])
        if self.path == "/stuck":
            self.wfile.flush()
            self.server.gate.wait(PATIENCE_S)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    """A server on this machine; its ``address``, what was ``asked``, the ``gate`` of /stuck."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving.gate, serving.asked = threading.Event(), []
    serving.address = f"http://127.0.0.1:{serving.server_port}"
    thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
    thread.start()
    yield serving
    serving.gate.set()
    serving.shutdown()
    thread.join()
    serving.server_close()


def remote(address, sha256=SUM):
    return RemoteFile(address, "datasets/some.npz", sha256)


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_arrives_whole_with_progress_and_is_then_cached(server, tmp_path):
    told = []
    file = remote(f"{server.address}/good")
    path = obtain(file, "MNIST", lambda *facts: told.append(facts), never, tmp_path)
    assert path == tmp_path / "datasets" / "some.npz"
    assert path.read_bytes() == CONTENT
    assert {text for text, _, _ in told} == {"Downloading MNIST"}
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1:] == (len(CONTENT), len(CONTENT))
    assert files_below(tmp_path) == [path]
    assert obtain(file, "MNIST", silent, never, tmp_path) == path
    assert server.asked == ["/good"]


def test_a_wrong_cached_file_is_fetched_again(server, tmp_path):
    path = tmp_path / "datasets" / "some.npz"
    path.parent.mkdir()
    path.write_bytes(b"old")
    obtain(remote(f"{server.address}/good"), "MNIST", silent, never, tmp_path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("place", "sha256", "words"),
    [
        ("good", "0" * 64, "another file than the known one"),
        ("cut", SUM, "connection broke off"),
        ("missing", SUM, "the server answered 404"),
    ],
)
def test_failures_leave_no_file_and_the_old_one(server, tmp_path, place, sha256, words):
    path = tmp_path / "datasets" / "some.npz"
    path.parent.mkdir()
    path.write_bytes(b"old")
    with pytest.raises(JobFailed, match=words) as caught:
        obtain(remote(f"{server.address}/{place}", sha256), "MNIST", silent, never, tmp_path)
    assert len(str(caught.value)) <= LONGEST_MESSAGE
    assert "choose a local file" in str(caught.value)
    assert files_below(tmp_path) == [path]
    assert path.read_bytes() == b"old"


def test_no_network_is_said_with_the_cure(tmp_path):
    with pytest.raises(BadInput) as caught:
        obtain(remote("http://127.0.0.1:1/x"), "MNIST", silent, never, tmp_path)
    assert str(caught.value) == (
        "MNIST could not be downloaded (no network): "
        "choose a local file (IDX .gz or .npz) or try again"
    )
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("at_start", [True, False])
def test_a_request_to_stop_is_obeyed_while_the_server_is_silent(server, tmp_path, at_start):
    request = threading.Event()

    def tell(text, done, total):
        if done >= len(CONTENT) // 2:
            request.set()

    if at_start:
        request.set()
    with pytest.raises(Cancelled):
        obtain(remote(f"{server.address}/stuck"), "MNIST", tell, request.is_set, tmp_path)
    assert not server.gate.is_set()  # the rest never came
    assert files_below(tmp_path) == []
    server.gate.set()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "datasets").write_bytes(b"a file where a folder should be")
    with pytest.raises(JobFailed, match="KERAS_HOME"):
        obtain(remote("http://127.0.0.1:1/x"), "MNIST", silent, never, tmp_path)


def test_the_cache_is_that_of_keras(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert keras_home() == tmp_path
    assert not is_downloaded("cifar10")
    archive = tmp_path / "datasets" / "cifar-10-batches-py-target_archive"
    archive.parent.mkdir()
    archive.write_bytes(b"")
    assert is_downloaded("cifar10")
    assert not is_downloaded("digits")
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    (tmp_path / "me").mkdir()
    assert keras_home() == tmp_path / "me" / ".keras"


def test_every_file_has_a_sum_and_a_safe_address():
    for files in REMOTE_FILES.values():
        for file in files:
            assert file.url.startswith("https://")
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.cached.startswith("datasets/")
