"""How large a step is."""

from __future__ import annotations

import pytest

from headstart.finetune.schedule import SMALLEST, first_stage, pace, peak


def test_it_climbs_to_the_peak_and_falls_to_nothing() -> None:
    paces = [pace(step, 100) for step in range(100)]
    assert paces[:10] == pytest.approx([0.1 * k for k in range(1, 11)])
    assert max(paces) == 1.0
    assert paces[10:] == sorted(paces[10:], reverse=True)
    assert paces[55] == pytest.approx(0.5)  # the middle of the cosine
    assert 0 < paces[-1] < 0.001


def test_a_run_of_one_step_takes_it() -> None:
    assert pace(0, 1) == 1.0
    with pytest.raises(ValueError, match="step must be from 0 to 0"):
        pace(1, 1)


def test_steps_follow_the_size_of_weights_and_shrink_with_depth() -> None:
    assert peak(0.01, 0.8, 0, 0.5) == pytest.approx(0.005)
    assert peak(0.01, 0.8, 2, 0.5) == pytest.approx(0.005 * 0.64)
    assert peak(0.01, 1.0, 3, 0.0) == pytest.approx(0.01 * SMALLEST)


@pytest.mark.parametrize(("depth", "stages", "first"), [("all", 9, 0), ("half", 9, 4), ("top", 9, 6)])
def test_depth_counts_stages_from_the_top(depth: str, stages: int, first: int) -> None:
    assert first_stage(depth, stages) == first


@pytest.mark.parametrize("depth", ["top", "half"])
def test_something_is_always_tuned(depth: str) -> None:
    assert first_stage(depth, 1) == 0
