"""Search by hand-computed scores."""

from __future__ import annotations

import math

import numpy as np
import pytest

from headstart.assistant import index as module
from headstart.assistant.index import Index, Query, Vectors
from headstart.assistant.postings import count_words, covered

TEXTS = ["red kettle", "red red lid", "blue lid"]


def test_bm25_is_what_a_hand_computes() -> None:
    scores = count_words(TEXTS).scores(["red"])
    rarity, mean = math.log(1 + (3 - 2 + 0.5) / 2.5), 7 / 3
    first = rarity * 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / mean))
    second = rarity * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / mean))
    assert scores == pytest.approx([first, second, 0.0], rel=1e-6)


def test_a_word_that_is_nowhere_counts_nothing() -> None:
    assert count_words(TEXTS).scores(["green"]).tolist() == [0, 0, 0]
    assert count_words([]).scores(["green"]).tolist() == []


def test_words_that_are_hardly_anywhere_count_little() -> None:
    index = made(np.random.default_rng(5), 50)
    known, unknown = index.shares(["red"]), index.shares(["red", "green", "purple"])
    assert 0 < unknown.max() < known.max() < 1
    assert index.shares([]).tolist() == [0.0] * 50


def test_coverage_weighs_words_by_their_rarity() -> None:
    postings = count_words(TEXTS)
    assert covered(["red", "lid"], "a red lid", postings) == pytest.approx(1)
    assert covered(["the", "is"], "the lid is", postings) == 0
    blue = covered(["blue", "red"], "blue", postings)
    assert 0.5 < blue < 1


def made(rng: np.random.Generator, count: int) -> Index:
    sizes = rng.integers(1, 4, count)
    whole = rng.normal(size=(count, 8)).astype(np.float32)
    parts = rng.normal(size=(int(sizes.sum()), 8)).astype(np.float32)
    texts = [" ".join(rng.choice(["red", "lid", "blue", "tap"], 3)) for _ in range(count)]
    return Index(Vectors.of(whole, parts, sizes.tolist()), count_words(texts))


def slowly(index: Index, query: Query) -> np.ndarray:
    """Return the scores by the formula, one passage at a time."""
    vectors, words = index.vectors, index.postings.scores(query.words)
    most = 2.2 * sum(index.postings.rarity(word) for word in query.words)
    scores = []
    for row in range(len(index)):
        parts = vectors.parts[vectors.starts[row] : vectors.starts[row + 1]].astype(np.float32)
        whole = vectors.whole[row].astype(np.float32) @ query.vector
        scores.append(0.5 * whole + 0.5 * (parts @ query.vector).max() + 0.3 * words[row] / most)
    return np.array(scores)


@pytest.fixture
def query() -> Query:
    return Query(np.eye(8, dtype=np.float32)[0], ("red", "lid"))


def test_passages_are_ranked_by_the_formula(query: Query) -> None:
    index = made(np.random.default_rng(0), 50)
    scores = slowly(index, query)
    found = index.search(query, most=5)
    assert found.rows.tolist() == np.argsort(-scores)[:5].tolist()
    assert found.scores == pytest.approx(np.sort(scores)[::-1][:5], abs=1e-5)


def test_a_closer_look_at_the_best_gives_the_same(query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    index = made(np.random.default_rng(1), 300)
    expected = index.search(query, most=5)
    monkeypatch.setattr(module, "ALL_PARTS_UP_TO", 100)
    found = index.search(query, most=5)
    assert found.rows.tolist() == expected.rows.tolist()
    assert found.scores == pytest.approx(expected.scores, abs=1e-6)


def test_what_may_not_be_seen_is_not_found(query: Query) -> None:
    index = made(np.random.default_rng(2), 20)
    visible = np.zeros(20, dtype=bool)
    visible[3] = True
    assert index.search(query, visible=visible).rows.tolist() == [3]


def test_an_empty_index_finds_nothing(query: Query) -> None:
    none = np.zeros((0, 8), dtype=np.float32)
    assert len(Index(Vectors.of(none, none, []), count_words([])).search(query).rows) == 0


def test_another_wording_lifts_its_passage(query: Query) -> None:
    index = made(np.random.default_rng(3), 40)
    last = int(np.argsort(-slowly(index, query))[-1])
    worded = Index(index.vectors, index.postings, query.vector[None], np.array([last]))
    before, after = index.search(query, most=40), worded.search(query, most=40)
    place = {row: i for i, row in enumerate(after.rows.tolist())}
    assert place[last] < before.rows.tolist().index(last)
    others = [row for row in before.rows.tolist() if row != last]
    assert [row for row in after.rows.tolist() if row != last] == others


def test_vectors_are_taken_and_joined_with_their_parts() -> None:
    vectors = made(np.random.default_rng(4), 10).vectors
    again = Vectors.joined(vectors.take(np.array([0, 1, 2])), vectors.take(np.arange(3, 10)))
    assert np.array_equal(again.parts, vectors.parts)
    assert again.starts.tolist() == vectors.starts.tolist()
