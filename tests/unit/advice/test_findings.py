"""Chance, leakage, outliers, amounts and words."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.advice.amount import answer_target, judge_amount
from headstart.advice.availability import Hints, offers
from headstart.advice.chance import LEVEL, chance_p_value, shuffled
from headstart.advice.curves import Fits
from headstart.advice.leakage import leakage_gap
from headstart.advice.learning_curve import Curve, Forecast, measure_curve
from headstart.advice.outliers import novelty, novelty_p, stand_out
from headstart.advice.wording import say_disagreement
from headstart.advice_types import RankedBase, SecondOpinions
from headstart.bases.catalogue import load_catalogue
from headstart.reports import Interval


def drawn(n, apart, seed=0, n_classes=3, width=20):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    return rng.normal(size=(n, width)) + apart * rng.normal(size=(n_classes, width))[y], y


def test_shuffling_keeps_counts_and_groups():
    y = np.repeat([0, 1, 0, 1, 2], [4, 4, 2, 2, 6])
    owner = np.repeat([0, 1, 2, 3, 4, 5, 6, 7, 8], [4, 4, 2, 2, 2, 1, 1, 1, 1])
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(30):
        made = shuffled(y, owner, rng)
        assert np.bincount(made).tolist() == np.bincount(y).tolist()
        for group in range(9):
            assert len(set(made[owner == group])) == 1
        seen.add(tuple(made))
    assert len(seen) > 5
    mixed = shuffled(np.array([0, 1, 0, 1]), np.zeros(4, dtype=np.int64), rng)
    assert sorted(mixed) == [0, 0, 1, 1]


def test_what_can_be_learned_is_told_from_what_cannot():
    rows, y = drawn(90, 0.6)
    owner = np.arange(90)
    assert chance_p_value(rows @ rows.T, y, owner, 3) <= LEVEL
    noise = [
        chance_p_value(rows @ rows.T, np.random.default_rng(seed).permutation(y), owner, 3, shuffles=99)
        for seed in range(20)
    ]
    assert np.mean(np.array(noise) <= 0.1) <= 0.3
    assert np.mean(noise) == pytest.approx(0.5, abs=0.25)


def test_torn_groups_flatter():
    rng = np.random.default_rng(0)
    centres, y = rng.normal(size=(40, 30)), np.repeat(np.arange(40) % 2, 4)
    rows = np.repeat(centres, 4, axis=0) + 0.1 * rng.normal(size=(160, 30))
    found = leakage_gap(rows @ rows.T, y, np.repeat(np.arange(40), 4), 2)
    assert found is not None
    assert found.low > 0.2
    assert leakage_gap(rows @ rows.T, y, np.arange(160), 2) is None


def test_an_example_unlike_all_others_stands_out():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 12)) @ rng.normal(size=(12, 40)) + 0.3 * rng.normal(size=(200, 40))
    strange = [17, 60, 61]
    rows[strange] += 60 * rng.normal(size=40) / 40**0.5 + rng.normal(size=(3, 40))
    found = novelty(rows + 30, np.arange(200))
    assert set(stand_out(found)[:3]) == set(strange)
    assert len(stand_out(found)) <= 5
    assert novelty_p(found)[stand_out(found)[0]] == pytest.approx(1 / 200)
    for seed in range(5):
        same = np.random.default_rng(seed).normal(size=(200, 50))
        assert len(stand_out(novelty(same, np.arange(200)))) <= 2
    assert len(stand_out(novelty(np.ones((30, 4)), np.arange(30)))) == 0
    assert np.isfinite(novelty(rows, np.zeros(200, dtype=np.int64))).all()


def made_forecast(error, n=100):
    curve = Curve(np.array([20.0, 50, 99]), np.full((3, n), error), np.zeros(n, np.int64), np.arange(n))
    flat = np.full(30, error)
    reaching = Fits("pow3", np.zeros(30), np.full(30, error * 10), np.full(30, 0.5))
    stuck = Fits("pow3", flat, np.zeros(30), np.full(30, 1.0))
    return curve, reaching, stuck


def test_a_target_is_answered_in_each_way():
    curve, reaching, stuck = made_forecast(0.1)
    known = Interval(0.9, 0.82, 0.95)

    def answer(target, *fits, accuracy=known):
        return answer_target(Forecast(curve, np.full((30, 3), 0.1), fits), target, accuracy, 2)

    assert answer(0.85, reaching).reachable == "reached"
    assert "may be 82" in answer(0.85, reaching).in_words
    found = answer(0.95, reaching)
    assert found.reachable == "yes"
    assert found.n_per_class_low == pytest.approx((1 / 0.05) ** 2 / 2)
    assert answer(0.95, stuck).reachable == "no"
    assert "Not with this base" in answer(0.95, stuck).in_words
    maybe = answer(0.95, reaching, reaching, stuck)
    assert maybe.reachable == "uncertain"
    assert maybe.n_per_class_high is None


def test_amount_says_so_when_there_is_too_little():
    rows, y = drawn(12, 1.0)
    found = judge_amount(measure_curve(rows @ rows.T, y, np.arange(12), 3), ["a", "b", "c"], target=0.9)
    assert found.reason.code == "too-few"
    assert found.in_words.startswith("There are too few examples to measure how fast accuracy grows")
    assert found.curve == ()
    assert judge_amount(None, ["a", "b"], used=270).reason.code == "too-few-groups"
    assert found.for_target.reachable == "uncertain"


def test_a_forecast_gives_ranges_only_and_goes_no_further_than_three_times():
    rows, y = drawn(150, 0.4)
    found = judge_amount(measure_curve(rows @ rows.T, y, np.arange(150), 3), ["a", "b", "c"])
    plain = found.to_dict()
    assert set(plain["forecast"][0]) == {"n_per_class", "low", "high"}
    assert plain["forecast"][-1]["n_per_class"] == pytest.approx(150)
    assert [point["n_per_class"] for point in plain["curve"]] == sorted(
        p["n_per_class"] for p in plain["curve"]
    )
    assert all(0 <= p["low"] <= p["high"] <= 1 for p in plain["curve"] + plain["forecast"])
    assert {one["label"] for one in plain["classes"]} == {"a", "b", "c"}
    assert sum(one["share"] for one in plain["classes"]) == pytest.approx(1)


def test_no_mistake_yet_is_no_promise_of_none():
    rows, y = drawn(120, 8.0)
    curve = measure_curve(rows @ rows.T, y, np.arange(120), 3)
    assert curve.mean[-1] == 0
    found = judge_amount(curve, ["a", "b", "c"])
    assert found.curve[-1].low == pytest.approx(0.05 ** (1 / 120))
    assert found.forecast[-1].low == pytest.approx(0.05 ** (1 / 120))


def test_installed_bases_come_first_and_language_is_looked_at():
    cards = [(base, base.name == "wordllama_256") for base in load_catalogue().list("text")]
    english = offers(cards, Hints(english=0.2))
    assert english[0].name == "wordllama_256"
    assert all(offer.suits for offer in english)
    other = {offer.name: offer for offer in offers(cards, Hints(english=0.0))}
    assert other["minilm_l6"].suits is False
    assert other["multilingual_e5_small"].suits is True
    assert not other["multilingual_e5_small"].hub
    assert other["multilingual_e5_small_hub"].hub
    russian = {offer.name: offer.suits for offer in offers(cards, Hints(0.0, ("ru",)))}
    assert russian["use_multilingual"]
    finnish = {offer.name: offer.suits for offer in offers(cards, Hints(0.0, ("fi",)))}
    assert (finnish["use_multilingual"], finnish["multilingual_e5_small"]) == (False, True)
    sounds = [(base, True) for base in load_catalogue().list("audio")]
    speech = {offer.name: offer.suits for offer in offers(sounds, Hints(speech=0.9))}
    assert speech["whisper_tiny_en"] is True
    assert speech["yamnet"] is False
    birds = {offer.name: offer.suits for offer in offers(sounds, Hints(speech=0.0))}
    assert birds["whisper_tiny_en"] is False
    assert birds["yamnet"] is True


def ranked(base, knn, *, chosen=False, tied=False):
    opinions = SecondOpinions(knn=knn, logme=0.3, hscore=2.0)
    return RankedBase(base, 0.2, Interval(0.9, 0.8, 0.95), opinions, chosen=chosen, tied=tied)


def test_disagreement_is_told_only_where_it_is_clear():
    assert say_disagreement([ranked("a", 0.80, chosen=True), ranked("b", 0.81)], 200) == []
    (said,) = say_disagreement([ranked("a", 0.70, chosen=True), ranked("b", 0.90)], 200)
    assert "prefer b to a" in said
    assert say_disagreement([ranked("a", 0.70, chosen=True), ranked("b", 0.90, tied=True)], 200) == []
    assert say_disagreement([ranked("a", 0.7, chosen=True)], 200) == []
