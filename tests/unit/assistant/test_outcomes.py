"""What is answered, what is not, and how real questions change how sure that is."""

from __future__ import annotations

import numpy as np

from headstart.assistant.answers import Signals, Status
from headstart.assistant.outcomes import Outcomes, is_fitted, outcomes_of, recalibrated, shipped

OUTCOMES = Outcomes(weights=(10.0, 0.0, 0.0, 0.0), bias=-5.0, answer_at=0.0, unsure_at=0.3)


def at(cosine: float) -> Signals:
    return Signals(cosine, 0.0, 0.0, 0.0)


def test_three_outcomes() -> None:
    assert [OUTCOMES.decide(at(cosine)) for cosine in (0.6, 0.4, 0.2)] == [
        Status.ANSWER,
        Status.UNSURE,
        Status.UNKNOWN,
    ]
    assert OUTCOMES.probability(at(0.5)) == 0.5


def test_the_shipped_coefficients_say_where_they_come_from() -> None:
    assert len(shipped().weights) == 4
    assert outcomes_of(shipped().to_dict()) == shipped()
    assert shipped().decide(Signals(0.9, 0.4, 1.0, 0.5)) is Status.ANSWER
    assert shipped().decide(Signals(0.05, 0.01, 0.0, 0.01)) is Status.UNKNOWN


def test_a_base_has_coefficients_of_its_own_where_they_were_fitted_on_it() -> None:
    # What the multilingual base gives questions that are answered rightly; its cosines are smaller.
    signals = Signals(cosine=0.46, margin_fifth=0.2, coverage=0.7, margin_rest=0.22)
    assert shipped("multilingual_e5_small").decide(signals) is Status.ANSWER
    assert shipped("minilm_l6").decide(signals) is Status.UNSURE
    assert shipped("minilm_l6") == shipped() == shipped("another_base")
    assert [is_fitted(base) for base in ("minilm_l6", "multilingual_e5_small", "another_base")] == [
        True,
        True,
        False,
    ]


def judged(count: int, share: float) -> list[tuple[Signals, bool]]:
    """Return questions that are right far less often than the logit says."""
    rng = np.random.default_rng(0)
    cosines = rng.uniform(0.3, 0.9, count)
    chances = share / (1 + np.exp(-10 * (cosines - 0.5)))
    return [(at(cosine), bool(rng.random() < p)) for cosine, p in zip(cosines, chances, strict=True)]


def test_real_questions_change_how_sure_it_is_from_fifty_on() -> None:
    assert recalibrated(OUTCOMES, judged(49, 0.4)) is OUTCOMES
    changed = recalibrated(OUTCOMES, judged(200, 0.4))
    assert changed.questions == 200
    assert changed.probability(at(0.6)) < OUTCOMES.probability(at(0.6))


def test_questions_that_say_nothing_new_change_nothing() -> None:
    assert recalibrated(OUTCOMES, judged(60, 1.0)).questions in (0, 60)
    always = [(at(0.8), True)] * 60
    assert recalibrated(OUTCOMES, always).probability(at(0.8)) > 0.95
