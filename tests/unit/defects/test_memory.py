"""The memory of sights: which rows are kept, and how near the nearest is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.defects.levels import Levels
from headstart.defects.memory import k_centre, remember

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
    memory, left_out = remember(seen, ONE, seen.astype(np.float32), np.arange(6))

    assert memory.distances(seen, ONE).max() == pytest.approx(0, abs=5e-3)
    assert left_out.min() > 0.1


def test_another_copy_of_a_remembered_picture_changes_nothing_for_others() -> None:
    seen, new = _seen(6), _seen(3, seed=1)
    twice = np.concatenate([seen, seen[2:3]])

    one, _ = remember(seen, ONE, seen.astype(np.float32), np.arange(6))
    two, _ = remember(twice, ONE, twice.astype(np.float32), np.arange(7))

    np.testing.assert_allclose(one.distances(new, ONE) * one.usual, two.distances(new, ONE) * two.usual)


def test_a_group_is_left_out_whole_and_from_what_is_usual_too() -> None:
    seen, groups = _seen(6), np.array([0, 0, 1, 1, 2, 2])
    _, left_out = remember(seen, ONE, seen.astype(np.float32), groups)

    rest = seen[2:]
    others, _ = remember(rest, ONE, rest.astype(np.float32), groups[2:])
    bare = [
        replace(remember(x, ONE, x.astype(np.float32), g)[0], usual=np.ones(4, np.float32))
        for x, g in (
            (np.delete(seen, [2, 3], 0), np.array([0, 0, 2, 2])),
            (np.delete(seen, [4, 5], 0), np.array([0, 0, 1, 1])),
        )
    ]
    far = np.concatenate([bare[0].distances(seen[2:4], ONE), bare[1].distances(seen[4:6], ONE)])
    usual = np.exp(np.log(far).mean(0))

    found = replace(others, usual=np.ones(4, np.float32)).distances(seen[:2], ONE)
    np.testing.assert_allclose(left_out[:2], found / np.maximum(usual, usual.mean() / 2), rtol=1e-3)


def test_left_out_distances_are_like_those_of_new_pictures_where_few_rows_are_kept() -> None:
    seen, new = _seen(150), _seen(150, seed=1)

    memory, left_out = remember(seen, ONE, seen.astype(np.float32), np.arange(150), kept=60)

    found = memory.distances(new, ONE).mean(1)
    assert (left_out.mean(1)[:, None] > found).mean() == pytest.approx(0.5, abs=0.08)


def test_the_edge_of_pictures_does_not_count_for_more() -> None:
    seen = _seen(80)
    seen[:, 0] *= 4

    _, left_out = remember(seen, ONE, seen.astype(np.float32), np.arange(80), kept=100)

    middle = np.median(left_out, axis=0)
    assert middle.max() / middle.min() < 1.4


def test_something_is_left_when_a_group_leaves_though_all_is_alike() -> None:
    seen = np.ones((4, 4, 3), np.float16)
    groups = np.array([0, 0, 1, 1])

    memory, left_out = remember(seen, ONE, seen.astype(np.float32), groups)

    assert np.isfinite(left_out).all()
    assert np.isfinite(memory.distances(seen, ONE)).all()


def test_no_more_rows_are_kept_than_asked_and_each_knows_its_picture() -> None:
    seen = _seen(50)
    levels = Levels(np.ones(3, np.float32), 2 * np.ones(3, np.float32))
    memory, _ = remember(seen, levels, seen.astype(np.float32), np.arange(50), kept=20)

    assert memory.rows.shape == (20, 3)
    for row, picture in zip(memory.rows, memory.pictures, strict=True):
        assert (levels.bring(seen[picture]).astype(np.float16) == row).all(1).any()
