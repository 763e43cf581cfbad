import threading

import pytest

from app.jobs import Job, JobRunner
from engine.errors import BadInput
from tests.patience import PATIENCE_S


@pytest.fixture
def jobs(qapp):
    runner = JobRunner()
    yield runner
    assert runner.close(PATIENCE_S)


def job(work, *, key="a", done=lambda _value: None, failed=lambda _text: None, words="", **more):
    return Job(key, words, work, done, failed, **more)


def test_the_result_arrives_on_the_window_thread(jobs, qtbot):
    answers = []
    jobs.submit("engine", job(lambda _job: threading.current_thread().name,
                              done=lambda name: answers.append((name, threading.current_thread()))))  # fmt: skip
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == [("job-engine", threading.main_thread())]


def test_the_latest_request_of_a_key_wins(jobs, qtbot):
    gate, answers = threading.Event(), []
    jobs.submit("engine", job(lambda _job: gate.wait(PATIENCE_S), key="hold"))
    for number in range(5):
        jobs.submit("engine", job(lambda _job, n=number: n, done=answers.append))
    gate.set()
    qtbot.waitUntil(lambda: bool(answers))
    jobs.submit("engine", job(lambda _job: "last", done=answers.append))
    qtbot.waitUntil(lambda: "last" in answers)
    assert answers == [4, "last"]


def test_a_running_job_sees_that_it_is_not_wanted(jobs, qtbot):
    started, seen, answers = threading.Event(), threading.Event(), []

    def work(own):
        started.set()
        if own.unwanted.wait(PATIENCE_S):
            seen.set()
        return "late"

    jobs.submit("data", job(work, done=answers.append))
    assert started.wait(PATIENCE_S)
    jobs.cancel("a")
    assert seen.wait(PATIENCE_S)
    jobs.submit("data", job(lambda _job: "next", done=answers.append))
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["next"]


def test_failures_become_sentences(jobs, qtbot, caplog):
    sentences = []

    def refuse(_job):
        raise BadInput("no such file: choose another")

    def crash(_job):
        raise ZeroDivisionError("division by zero")

    jobs.submit("data", job(refuse, key="a", failed=sentences.append))
    jobs.submit("data", job(crash, key="b", failed=sentences.append))
    qtbot.waitUntil(lambda: len(sentences) == 2)
    assert sentences[0] == "no such file: choose another"
    assert "ZeroDivisionError" in sentences[1]


def test_what_runs_is_said_and_progress_is_passed_on(jobs, qtbot):
    words, progress = [], []
    jobs.words_changed.connect(words.append)
    one = job(
        lambda own: jobs.report(own, "bytes", 3, 10),
        words="Reading …",
        progress=lambda *v: progress.append(v),
    )
    jobs.submit("data", one)
    qtbot.waitUntil(lambda: words[-1:] == [""])
    assert words[0] == "Reading …"
    assert progress == [("bytes", 3, 10)]
