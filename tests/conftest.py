"""What every test relies on: a home of its own, and nothing that outlives it."""

import contextlib
import gc
import locale
import os
import random
import signal
import threading
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from engine.training.loop.compiling import xla_flags
from tests.patience import PATIENCE_S

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["XLA_FLAGS"] = xla_flags(os.environ.get("XLA_FLAGS", ""))

# No bound on time: how quick a machine is decides no test. Few examples at home, many where CI is set.
for profile, examples in (("home", 20), ("everything", 100)):
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("everything" if os.environ.get("CI") else "home")

SHARED_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def modules_are_no_garbage():
    """Spare each training the look through all that was imported, which takes most of a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """Keep projects, settings and logs of a test apart from the user's and from other tests'."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("NETSMITH_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def same_numbers():
    """Give a test's layers the same weights whichever test ran before: they draw their seeds when they are made."""
    random.seed(1)


@pytest.fixture
def qtbot(qtbot):
    """Mouse and keyboard; waits as long as a busy machine may need."""
    for name in ("waitActive", "waitExposed", "waitSignal", "waitSignals", "waitUntil"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_S * 1000))
    return qtbot


@pytest.fixture
def heeded():
    """Heed, here and in started processes, the signals that whoever started the tests may ignore (nohup, &)."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    if hasattr(signal, "SIGHUP"):
        usual[signal.SIGHUP] = signal.SIG_DFL
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def reloaded_here(monkeypatch):
    """Check exported files in this process: it saves the seconds in which a fresh one loads TensorFlow."""
    from engine.export import parity, reload

    monkeypatch.setattr(parity, "_run", lambda arguments, _cancelled: reload._main(arguments))


@pytest.fixture
def shared_data():
    """The folder of real data sets; the test is skipped where it is not there."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data sets are not on this machine (../shared/data)")
    return SHARED_DATA


@pytest.fixture(autouse=True)
def nothing_outlives(request):
    """Fail a test that leaves a top-level widget or one of our threads behind."""
    yield
    ours = [t.name for t in threading.enumerate() if t.name.startswith(("training-", "job-"))]
    assert not ours, f"threads outlive the test: {ours}"
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        return
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert not left, f"windows outlive the test: {left}"


COUNTRIES = ("C", "de_DE", "fr_FR", "ar_EG")


@pytest.fixture(params=COUNTRIES)
def country(request):
    """A country whose numbers look otherwise, for Qt and, where this computer knows it, for the process."""
    from PySide6.QtCore import QLocale

    before, process = QLocale(), locale.setlocale(locale.LC_ALL)
    QLocale.setDefault(QLocale(request.param))
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, f"{request.param}.UTF-8")
    yield request.param
    QLocale.setDefault(before)
    locale.setlocale(locale.LC_ALL, process)


@pytest.fixture
def type_keys():
    """A function that replaces what stands in a line or a number box by a text, key by key."""
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    def press(widget, text, key=Qt.Key.Key_unknown):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            QApplication.sendEvent(widget, event)

    def type_into(widget, text):
        widget.setFocus()
        widget.selectAll()
        press(widget, "", Qt.Key.Key_Delete)
        for letter in text:  # QTest knows keys of Latin letters only
            press(widget, letter)

    return type_into


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    """End Qt while Python is whole; what crashes from there on ends the tests with a signal, which is a failure."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if application is not None:
        gc.collect()
        application.shutdown()
