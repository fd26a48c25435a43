"""Known defects count where left-out pictures show that they help, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.defects.detector import Detector
from headstart.defects.fitting import Fitted, fit
from headstart.defects.fusing import Fused, fuse
from headstart.defects.graph import Layout
from headstart.defects.known import fit_likeness, pays, share_of
from headstart.errors import CorruptBundleError

LAYOUT = Layout(6, (4, 6))
USUAL = np.random.default_rng(7).normal(size=(36, 10))
DIRECTION = np.r_[0, 0, 1, 0, 0, 0, 0, 0, 0, -1.0]
N = 80


def pictures(n: int, seed: int, by: float = 0.0, direction: np.ndarray = DIRECTION) -> np.ndarray:
    """Pictures with speckles at two places of any kind, and with something of one kind at three."""
    rng = np.random.default_rng(seed)
    seen = USUAL + 0.2 * rng.normal(size=(n, 36, 10))
    for one in seen:
        for place in rng.choice(36, 2, replace=False):
            one[place] += 0.9 * rng.normal(size=10)
        one[rng.choice(36, 3, replace=False)] += by * direction
    return seen.astype(np.float16)


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(pictures(N, 0), LAYOUT)


@pytest.fixture(scope="module")
def fused(fitted: Fitted) -> Fused:
    found = fuse(fitted, pictures(N, 0), pictures(30, 1, by=1.4), np.arange(N + 30))
    assert found is not None
    return found


def test_known_defects_help_to_find_more_of_their_kind(fitted: Fitted, fused: Fused) -> None:
    new = pictures(200, 2, by=1.4)

    alone, together = fitted.detector.look(new), fused.fitted.detector.look(new)

    assert together.defective.mean() > alone.defective.mean() + 0.05
    assert fused.after > fused.before
    np.testing.assert_array_equal(alone.heat, together.heat)


def test_the_promise_and_the_count_are_those_of_left_out_pictures(fitted: Fitted, fused: Fused) -> None:
    good, bad = (fused.fitted.detector.look(pictures(300, *how)) for how in ((3,), (4, 1.4)))

    assert good.defective.mean() < 0.11
    assert fused.defective.mean() == pytest.approx(bad.defective.mean(), abs=0.2)
    np.testing.assert_array_equal(fused.fitted.detector.left_out, np.sort(fused.fitted.scores))
    added = good.score - fitted.detector.look(pictures(300, 3)).score
    assert added.mean() == pytest.approx((fused.fitted.scores - fitted.scores).mean(), abs=0.15)
    assert added.std() == pytest.approx((fused.fitted.scores - fitted.scores).std(), rel=0.25)


def test_too_few_known_defects_only_measure(fitted: Fitted) -> None:
    assert fuse(fitted, pictures(N, 0), pictures(4, 1, by=1.4), np.arange(N + 4)) is None


def test_defects_that_are_found_without_only_measure(fitted: Fitted) -> None:
    assert fuse(fitted, pictures(N, 0), pictures(20, 1, by=6), np.arange(N + 20)) is None


def test_defects_without_anything_in_common_mostly_only_measure(fitted: Fitted) -> None:
    groups = np.arange(N + 10)

    counted = [fuse(fitted, pictures(N, 0), pictures(10, seed), groups) is not None for seed in range(20, 32)]

    assert sum(counted) <= 4, "a gain of one standard error comes by luck in one of six"


def test_defects_of_one_group_are_never_judged_by_themselves(fitted: Fitted) -> None:
    groups = np.r_[np.arange(N), np.full(20, N)]

    assert fuse(fitted, pictures(N, 0), pictures(20, 1, by=1.4), groups) is None


def test_good_pictures_of_one_group_are_left_out_alone(fitted: Fitted, fused: Fused) -> None:
    groups = np.r_[np.zeros(N, int), np.arange(30) + 1]

    found = fuse(fitted, pictures(N, 0), pictures(30, 1, by=1.4), groups)

    assert found is not None
    np.testing.assert_allclose(found.fitted.scores, fused.fitted.scores)


def test_likeness_counts_half_at_most_and_never_against() -> None:
    rng, defective = np.random.default_rng(0), np.arange(60) >= 40
    odd, none = rng.normal(size=60) + defective, rng.normal(size=60)

    assert share_of(odd, none + 9 * defective, defective) == 0.5
    assert share_of(odd, none - 2 * defective, defective) == 0
    assert share_of(none - 3 * defective, odd, defective) == 0.5


def test_a_gain_within_its_error_does_not_pay() -> None:
    rng = np.random.default_rng(1)
    good, bad = rng.normal(size=60), rng.normal(size=10) + 1

    assert not pays((good, bad), (good, bad))
    assert not pays((good, bad), (good + 0.3 * rng.normal(size=60), bad))
    assert pays((good, bad), (good, bad + 2))


def test_likeness_is_left_out_exactly() -> None:
    rng = np.random.default_rng(2)
    good, bad = rng.normal(size=(20, 6)), rng.normal(size=(8, 6)) + 1
    groups = np.arange(28)
    found = fit_likeness(good.astype(np.float32), bad.astype(np.float32), groups)

    new = bad[:1] @ found.weight + found.bias

    assert found.good.mean() == pytest.approx(0)
    assert found.good.std() == pytest.approx(1)
    assert found.bad[0] < new[0], "a fit that has seen it finds it liker"


def test_what_was_learned_is_kept_in_the_arrays(fused: Fused) -> None:
    detector = fused.fitted.detector
    arrays = detector.arrays()
    new = pictures(5, 9, by=1.4)

    again = Detector.from_arrays(arrays, channels=10, side=6)

    np.testing.assert_array_equal(again.look(new).score, detector.look(new).score)
    assert not {"known_sights", "known_weight"} & set(replace(detector, known=None).arrays())
    for name in ("known_sights", "known_weight", "known_bias"):
        missing = {key: value for key, value in arrays.items() if key != name}
        with pytest.raises(CorruptBundleError, match=f"The array '{name}' must have the shape"):
            Detector.from_arrays(missing, channels=10, side=6)
