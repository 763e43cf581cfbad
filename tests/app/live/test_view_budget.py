"""The budget of live views: slower frames, never a slower training."""

from functools import partial

import pytest

from app.live.view_budget import LONGEST_FRAME_S, SHORTEST_FRAME_S, SPAN_S, ViewBudget


def after(budget, cost_s, spans):
    """Let frames of one cost come as often as the budget allows."""
    now = spent = 0.0
    budget.begin(now, spent)
    now += SPAN_S
    assert not budget.note(now, partial(float, spent))  # the first span is for building views
    for _ in range(spans):
        now += SPAN_S
        spent += cost_s * SPAN_S / budget.frame_s
        assert budget.note(now, partial(float, spent))
    return budget


def test_cheap_views_come_as_often_as_an_eye_follows():
    assert after(ViewBudget(0.05), 0.001, 5).frame_s == SHORTEST_FRAME_S


@pytest.mark.parametrize("cost_s", [0.005, 0.02, 0.05])
def test_dear_views_get_slower_until_they_keep_to_the_limit(cost_s):
    budget = after(ViewBudget(0.05), cost_s, 8)
    assert budget.share <= 0.0501
    assert budget.frame_s == pytest.approx(cost_s / 0.05, rel=0.01)


def test_views_never_stand_still_and_come_back_when_they_may():
    budget = after(ViewBudget(0.05), 5.0, 12)
    assert budget.frame_s == LONGEST_FRAME_S
    assert after(budget, 0.001, 8).frame_s == SHORTEST_FRAME_S


def test_nothing_is_known_within_a_span():
    budget = ViewBudget(0.05)
    assert not budget.note(10.0, lambda: 1.0)
    assert not budget.note(10.0 + SPAN_S / 2, lambda: 2.0)
    assert budget.share == 0.0
