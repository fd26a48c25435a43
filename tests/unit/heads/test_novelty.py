"""Inputs unlike everything in training."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from headstart.errors import CorruptBundleError
from headstart.heads.conformal import Conformal
from headstart.heads.doubt import Doubt
from headstart.heads.novelty import NOVEL, Grid, Novelty, kth_distance, on_grid, p_values
from headstart.heads.sparse import Sparse


def clouds(n=120, width=40, seed=0):
    """Three classes about three directions."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(3, width))
    y = np.arange(n) % 3
    return (centres[y] * 2 + rng.normal(size=(n, width))).astype(np.float32), y


def fit(rows, y, groups=None, name="embedding") -> Novelty:
    count = len(y)
    found = Novelty.fit(
        {name: rows},
        y,
        np.arange(count) if groups is None else groups,
        np.arange(count) * 2,
        np.arange(count, dtype=np.uint64) + 7,
    )
    assert found is not None
    return found


def test_distances_are_cosines_to_the_third_neighbour():
    rows, y = clouds()
    found = fit(rows, y)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    apart = 1 - unit @ unit.T
    np.fill_diagonal(apart, np.inf)
    expected = np.sort(np.sort(apart, axis=1)[:, 2])
    np.testing.assert_allclose(found.distances, expected, atol=2e-3)
    assert found.neighbour == 3


def test_members_of_a_group_do_not_vouch_for_each_other():
    rows, y = clouds(60)
    groups = np.concatenate([np.arange(60), np.arange(60)])
    doubled = np.concatenate([rows, rows])
    once, twice = fit(rows, y), fit(doubled, np.concatenate([y, y]), groups)
    assert twice.independent == 60
    assert twice.distances.min() > 0.01  # a copy of oneself would be at distance 0
    # Each other example stands there twice, so the third neighbour is the second one's copy.
    assert twice.distances.mean() == pytest.approx(once.distances.mean(), rel=0.1)


def test_the_p_value_counts_and_weighs_groups():
    distances, weights = np.array([0.1, 0.2, 0.3, 0.4], np.float32), np.array([1, 1, 0.5, 0.5], np.float32)
    found = p_values(np.array([0.05, 0.2, 0.25, 0.4, 0.9]), distances, weights)
    np.testing.assert_allclose(found, [1.0, 3 / 4, 2 / 4, 1.5 / 4, 1 / 4])


def test_known_things_are_turned_away_as_often_as_said_and_strange_ones_are_noticed():
    rows, y = clouds(300)
    found = fit(rows, y)
    new, _ = clouds(2000, seed=5)
    p = found.p_values({"embedding": new})
    assert (p < NOVEL).mean() == pytest.approx(NOVEL, abs=0.03)
    strange = np.random.default_rng(8).normal(size=(200, 40)).astype(np.float32)
    assert (found.p_values({"embedding": strange}) < NOVEL).mean() > 0.95
    assert found.known(p).tolist() == (p >= NOVEL).tolist()


def test_with_few_examples_nothing_is_turned_away():
    rows, y = clouds(18)
    found = fit(rows, y)
    assert found.known(found.p_values({"embedding": -10 * rows})) is None


def test_products_are_exact_in_any_batch_and_order():
    rows, y = clouds(200, width=1500)
    found = fit(rows, y)
    new, _ = clouds(64, width=1500, seed=2)
    whole = found.p_values({"embedding": new})
    alone = np.concatenate([found.p_values({"embedding": new[i : i + 1]}) for i in range(64)])
    assert whole.tobytes() == alone.tobytes()
    grid = on_grid({"embedding": new})
    asked = grid.blocks["embedding"].astype(np.int64)
    reference = found.references["embedding"].astype(np.int64)
    assert (grid.blocks["embedding"] @ reference.T.astype(np.float32) == asked @ reference.T).all()
    lengths = np.outer(np.linalg.norm(asked, axis=1), np.linalg.norm(reference, axis=1))
    exact = np.sort(asked @ reference.T / lengths, axis=1)[:, -3]
    far = kth_distance(grid, Grid.of({"embedding": reference.astype(np.float32)}), 3)
    np.testing.assert_allclose(1 - far, exact, atol=2e-7)


def test_two_blocks_weigh_the_same():
    rows, y = clouds(90)
    other = (clouds(90, width=7, seed=3)[0] * 1000).astype(np.float32)
    found = Novelty.fit(
        {"a.embedding": rows, "b.embedding": other, "raw": rows[:, :3]},
        y, np.arange(90), np.arange(90), np.zeros(90, np.uint64),
    )  # fmt: skip
    assert set(found.references) == {"a.embedding", "b.embedding"}
    [order], [likeness] = found.nearest({"a.embedding": rows[:1], "b.embedding": other[:1]}, 1)
    assert order == 0
    assert likeness == pytest.approx(1.0, abs=2e-3)
    [_], [half] = found.nearest({"a.embedding": rows[:1], "b.embedding": -other[:1]}, 90)
    assert half[np.argsort(-half)][-1] < 0.6


def test_the_nearest_come_first_with_where_they_stood():
    rows, y = clouds()
    found = fit(rows, y)
    order, likeness = found.nearest({"embedding": rows[10:12]}, 4)
    assert order[:, 0].tolist() == [10, 11]
    assert found.positions[order[:, 0]].tolist() == [20, 22]
    assert (np.diff(likeness, axis=1) <= 0).all()
    assert found.nearest({"embedding": rows[:1]}, 1000)[0].shape == (1, 120)


def test_counts_of_words_alone_are_nothing_to_compare():
    counts = Sparse(np.ones(2, np.float32), np.zeros(2, np.int32), np.array([0, 1, 2]), (2, 5))
    assert Novelty.fit({"raw": counts}, *[np.arange(2)] * 3, np.zeros(2, np.uint64)) is None


def test_very_many_examples_are_cut_down_evenly():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [30_000, 40])
    found = fit(rng.normal(size=(30_040, 2)).astype(np.float32), y)
    assert len(found.labels) == 5000
    assert (found.labels == 1).sum() == 40
    assert len(found.distances) == 5000
    wide = fit(rng.normal(size=(3000, 1280)).astype(np.float32), np.arange(3000) % 5)
    assert wide.references["embedding"].nbytes <= 5_000_000


def test_of_very_many_examples_only_those_that_are_kept_are_touched():
    count = 400_000
    rows = np.lib.stride_tricks.as_strided(np.ones(512, np.float32), (count, 512), (0, 4))  # 800 MB if copied
    tracemalloc.start()
    found = fit(rows, np.arange(count) % 7)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.distances) == 5000
    assert peak < 200_000_000


def test_one_giant_group_is_cut_too():
    rng = np.random.default_rng(0)
    rows, groups = rng.normal(size=(30_000, 4)).astype(np.float32), np.zeros(30_000, np.int64)
    groups[-3:] = [1, 2, 3]
    found = fit(rows, np.zeros(30_000, np.int64), groups)
    assert np.isfinite(found.distances).all()
    assert len(found.distances) <= 10_000


def doubt() -> Doubt:
    rows, y = clouds()
    proba = np.random.default_rng(0).dirichlet(np.ones(3), 120).astype(np.float32)
    return Doubt(Conformal.fit(proba, y, np.arange(120) // 2), fit(rows, y))


def test_arrays_go_there_and_back():
    whole = doubt()
    again = Doubt.from_arrays(whole.arrays(), 3, {"embedding": 40})
    new, _ = clouds(30, seed=4)
    assert (
        again.novelty.p_values({"embedding": new}).tobytes()
        == whole.novelty.p_values({"embedding": new}).tobytes()
    )
    assert again.conformal.thresholds(0.9).tobytes() == whole.conformal.thresholds(0.9).tobytes()
    assert Doubt.from_arrays({}, 3, {}) == Doubt()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("conformal/scores", lambda a: a[:-1]),
        ("conformal/scores", lambda a: a * np.float32("nan")),
        ("conformal/labels", lambda a: a + 3),
        ("conformal/labels", lambda a: a.astype(np.int64)),
        ("conformal/groups", lambda a: a[None]),
        ("novelty/reference/embedding", lambda a: a[:, :-1]),
        ("novelty/reference/embedding", lambda a: a.astype(np.float32)),
        ("novelty/labels", lambda a: a - 9),
        ("novelty/positions", lambda a: a[1:]),
        ("novelty/distances", lambda a: a[::-1]),
        ("novelty/distances", lambda a: a[:0]),
        ("novelty/weights", lambda a: a * 0),
        ("novelty/neighbour", lambda a: a + 10_000),
        ("novelty/neighbour", lambda a: a * 0),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, change):
    arrays = doubt().arrays()
    arrays[name] = change(arrays[name])
    with pytest.raises(CorruptBundleError, match=name.split("/")[0]):
        Doubt.from_arrays(arrays, 3, {"embedding": 40})


@pytest.mark.parametrize("name", sorted(doubt().arrays()))
def test_a_missing_array_is_named(name):
    arrays = doubt().arrays()
    del arrays[name]
    with pytest.raises(CorruptBundleError, match=name.split("/")[0]):
        Doubt.from_arrays(arrays, 3, {"embedding": 40})
