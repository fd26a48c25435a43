"""A detector fitted to good pictures: odd ones, strange ones, and good ones that are none."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.detector import Detector, combined
from headstart.defects.fitting import Fitted, fit, standardise
from headstart.defects.graph import Layout
from headstart.errors import CorruptBundleError, NotEnoughDataError

LAYOUT = Layout(6, (4, 6))
_rng = np.random.default_rng(7)
USUAL = _rng.normal(size=(36, 10))


def good(n: int, seed: int = 0) -> np.ndarray:
    """Pictures of a part that has a sight of its own at each place."""
    rng = np.random.default_rng(seed)
    return (USUAL + 0.2 * rng.normal(size=(n, 36, 10))).astype(np.float16)


def defective(n: int, seed: int = 1) -> np.ndarray:
    """The same part with something odd at three places."""
    pictures = good(n, seed)
    pictures[:, 14:17] += np.float16(3)
    return pictures


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(good(60), LAYOUT)


def test_defects_are_above_the_threshold_and_shown_where_they_are(fitted: Fitted) -> None:
    seen = fitted.detector.look(defective(10))

    assert seen.defective.all()
    assert not seen.strange.any()
    assert (seen.p_value < 0.02).all()
    flat = seen.heat.reshape(10, -1)
    assert (flat[:, 14:17] > 1).all()
    assert np.delete(flat, [14, 15, 16], axis=1).mean() < 0.9


def test_good_pictures_are_below_it_mostly(fitted: Fitted) -> None:
    seen = fitted.detector.look(good(200, seed=5))

    assert seen.defective.mean() < 0.12
    assert seen.p_value.mean() == pytest.approx(0.5, abs=0.12)
    assert np.median(seen.score) == pytest.approx(0, abs=0.8)


def test_pictures_of_something_else_are_strange(fitted: Fitted) -> None:
    other = np.random.default_rng(3).normal(size=(4, 36, 10)).astype(np.float16)

    seen = fitted.detector.look(other)

    assert seen.strange.all()


def test_a_picture_that_is_noisier_all_over_is_no_defect_where_good_ones_are_noisier_too() -> None:
    near = np.random.default_rng(2).uniform(1.8, 2.2, (40, 36)).astype(np.float32)
    near *= np.linspace(1, 1.3, 40, dtype=np.float32)[:, None]
    far = np.random.default_rng(3).uniform(0.9, 1.1, (40, 36)).astype(np.float32)
    standard = standardise(near, far)
    local = near.copy()
    local[:, :3] *= 1.3

    usual, odd, noisy = (combined(one, far, standard).mean() for one in (near, local, 1.5 * near))

    assert standard.slope > 0.9
    assert noisy < usual + 2
    assert odd > usual + 5


def test_a_slope_is_a_share() -> None:
    near = np.random.default_rng(2).uniform(1.8, 2.2, (40, 36)).astype(np.float32)
    near[:, :4] = 5 - near[:, 10:].min(1)[:, None]

    assert standardise(near, near).slope == 0


def test_left_out_scores_are_those_of_pictures_never_seen(fitted: Fitted) -> None:
    inside = fitted.detector.look(good(60)).score
    new = fitted.detector.look(good(200, seed=5)).score

    assert fitted.scores.mean() > inside.mean() + 0.3
    assert new.mean() == pytest.approx(fitted.scores.mean(), abs=0.5)


def test_a_picture_gets_the_same_score_beside_any_others(fitted: Fitted) -> None:
    pictures = np.concatenate([good(20, seed=5), defective(20)])

    together = fitted.detector.look(pictures).score
    alone = np.concatenate([fitted.detector.look(one[None]).score for one in pictures])

    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_defects_among_the_good_pictures_are_listed_first() -> None:
    mixed = np.concatenate([good(50), defective(2)])

    found = fit(mixed, LAYOUT)

    assert set(found.suspects[:2]) == {50, 51}
    assert len(fit(good(60), LAYOUT).suspects) <= 1


def test_groups_leave_together_and_one_group_is_none() -> None:
    pictures = good(40)

    alone, grouped = fit(pictures, LAYOUT), fit(pictures, LAYOUT, groups=np.arange(40) // 4)
    one = fit(pictures, LAYOUT, groups=np.zeros(40))

    assert not np.array_equal(alone.scores, grouped.scores)
    np.testing.assert_array_equal(alone.scores, one.scores)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_pictures_are_refused(n: int) -> None:
    with pytest.raises(NotEnoughDataError, match=f"Expected at least 5 different good photos, found {n}"):
        fit(good(n), LAYOUT)


def test_pictures_that_all_show_the_same_are_refused() -> None:
    same = np.repeat(good(1), 30, axis=0)

    with pytest.raises(NotEnoughDataError, match="found photos that all show the same"):
        fit(same, LAYOUT)


def test_five_pictures_are_enough_to_begin_with() -> None:
    found = fit(good(5), LAYOUT)

    assert found.false_alarms.expected is None
    assert np.isfinite(found.scores).all()


def test_arrays_hold_all_of_it_in_little_room(fitted: Fitted) -> None:
    arrays = fitted.detector.arrays()
    again = Detector.from_arrays(arrays, channels=10, side=6)

    pictures = defective(3)
    np.testing.assert_array_equal(again.look(pictures).score, fitted.detector.look(pictures).score)
    np.testing.assert_array_equal(again.look(pictures).heat, fitted.detector.look(pictures).heat)
    assert arrays["whiten"].dtype == arrays["memory"].dtype == np.float16


@pytest.mark.parametrize(
    "name", ["centre", "scale", "project", "mean", "whiten", "memory", "usual", "standard", "left_out"]
)
def test_arrays_that_do_not_fit_are_refused(fitted: Fitted, name: str) -> None:
    arrays = fitted.detector.arrays()
    missing = {key: value for key, value in arrays.items() if key != name}
    broken = {**arrays, name: np.full_like(arrays[name], np.nan)}

    for wrong in (missing, broken):
        with pytest.raises(CorruptBundleError, match="The detector's array"):
            Detector.from_arrays(wrong, channels=10, side=6)
    with pytest.raises(CorruptBundleError, match="'mean' must have the shape"):
        Detector.from_arrays(arrays, channels=10, side=7)
