"""The memory of sights: which rows are kept, and how near the nearest is."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.levels import Levels
from headstart.defects.memory import Memory, k_centre, remember

ONE = Levels(np.zeros(3, np.float32), np.ones(3, np.float32))


def test_rows_are_chosen_farthest_first() -> None:
    rows = np.array([[0], [1], [2], [10]], np.float32)

    assert k_centre(rows, 3).tolist() == [0, 3, 2]


def test_copies_are_not_kept_twice() -> None:
    rows = np.array([[0], [5], [5], [0]], np.float32)

    assert k_centre(rows, 4).tolist() == [0, 1]


def _seen(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 4, 3)).astype(np.float16)


def test_a_picture_in_the_memory_is_at_no_distance_and_left_out_it_is() -> None:
    seen = _seen(6)
    ids = np.arange(6)
    memory = remember(seen, ONE, seen.astype(np.float32), ids)

    assert memory.distances(seen, ONE).max() == pytest.approx(0, abs=2e-3)
    assert memory.distances(seen, ONE, ids, ids).min() > 0.1


def test_another_copy_of_a_remembered_picture_changes_nothing_for_others() -> None:
    seen, new = _seen(6), _seen(3, seed=1)
    twice = np.concatenate([seen, seen[2:3]])

    one = remember(seen, ONE, seen.astype(np.float32), np.arange(6))
    two = remember(twice, ONE, twice.astype(np.float32), np.arange(7))

    np.testing.assert_array_equal(one.distances(new, ONE), two.distances(new, ONE))


def test_a_group_is_left_out_whole() -> None:
    seen, groups = _seen(6), np.array([0, 0, 1, 1, 2, 2])
    memory = remember(seen, ONE, seen.astype(np.float32), groups)
    kept = groups[memory.pictures] != 0
    others = Memory(memory.rows[kept], memory.pictures[kept])

    found = memory.distances(seen[:2], ONE, groups[:2], groups)

    np.testing.assert_allclose(found, others.distances(seen[:2], ONE))


def test_something_is_left_when_a_group_leaves_though_all_is_alike() -> None:
    seen = np.ones((4, 4, 3), np.float16)
    groups = np.array([0, 0, 1, 1])
    memory = remember(seen, ONE, seen.astype(np.float32), groups)

    assert np.isfinite(memory.distances(seen, ONE, groups, groups)).all()


def test_no_more_rows_are_kept_than_asked_and_each_knows_its_picture() -> None:
    seen = _seen(50)
    levels = Levels(np.ones(3, np.float32), 2 * np.ones(3, np.float32))
    memory = remember(seen, levels, seen.astype(np.float32), np.arange(50), kept=20)

    assert memory.rows.shape == (20, 3)
    for row, picture in zip(memory.rows, memory.pictures, strict=True):
        assert (levels.bring(seen[picture]).astype(np.float16) == row).all(1).any()
