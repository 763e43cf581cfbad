from types import SimpleNamespace

import psutil
import pytest

from engine.errors import BadInput
from engine.machine.memory import memory_for_samples


def test_samples_may_take_a_share_of_what_is_free(monkeypatch):
    monkeypatch.delenv("NETSMITH_MEMORY_MB", raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1_000_000))
    assert memory_for_samples() == 300_000


@pytest.mark.parametrize(("text", "expected"), [("2.5", 2_500_000), ("0", 0)])
def test_a_limit_of_the_users(monkeypatch, text, expected):
    monkeypatch.setenv("NETSMITH_MEMORY_MB", text)
    assert memory_for_samples() == expected


@pytest.mark.parametrize("text", ["", "much", "-1", "nan", "inf"])
def test_a_limit_that_is_no_number(monkeypatch, text):
    monkeypatch.setenv("NETSMITH_MEMORY_MB", text)
    with pytest.raises(BadInput, match="NETSMITH_MEMORY_MB"):
        memory_for_samples()
