import pytest

from widgets.base.amounts import bytes_text, count_text, seconds_text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (999.7, "1.0 kB"), (1234, "1.2 kB"), (812e6, "812 MB"),
     (9.96e9, "10 GB"), (9.8e9, "9.8 GB"), (3e15, "3,000 TB")],
)  # fmt: skip
def test_memory(count, text):
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (640, "640"), (51_000, "51 k"), (1.25e9, "1.2 G")]
)
def test_counts(count, text):
    assert count_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.00042, "0.4 ms"), (0.136, "136 ms"), (3.2, "3.2 s"), (119, "119 s"), (300, "5.0 min"),
     (7560, "2.1 h")],
)  # fmt: skip
def test_time_spans(seconds, text):
    assert seconds_text(seconds) == text
