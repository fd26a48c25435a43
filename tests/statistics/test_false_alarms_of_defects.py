"""How often new good pictures are called defective, over many trainings: what is promised, and not much less.

Light: pictures of 16 places with 8 numbers each, noisier or less so as a whole.
Real pictures are drawn in `benchmarks/defects.py`.
"""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.fitting import fit
from headstart.defects.graph import Layout
from headstart.defects.measuring import Share
from headstart.defects.threshold import independent_pictures, set_threshold

pytestmark = pytest.mark.slow

LAYOUT = Layout(4, (3, 5))
DRAWS, NEW = 60, 200
USUAL = np.random.default_rng(7).normal(size=(16, 8))
MIX = np.random.default_rng(8).normal(size=(8, 8)) / 3


def good(rng: np.random.Generator, n: int, lots: int = 1) -> np.ndarray:
    """Pictures of a part; those of a lot share a little of what differs."""
    noise = rng.lognormal(0, 0.2, (n, 1, 1))
    own = rng.normal(size=(n, 16, 8)) @ MIX
    lot = np.repeat(rng.normal(size=(-(-n // lots), 16, 8)) @ MIX, lots, axis=0)[:n]
    return (USUAL + 0.2 * noise * (own + 0.7 * lot * (lots > 1))).astype(np.float16)


def realised(n: int, rates: tuple[float, ...], lots: int = 1) -> dict[float, np.ndarray]:
    found: dict[float, list[float]] = {rate: [] for rate in rates}
    for draw in range(DRAWS):
        rng = np.random.default_rng([draw, n, lots])
        groups = np.arange(n) // lots
        fitted = fit(good(rng, n, lots), LAYOUT, groups=groups)
        new = fitted.detector.look(good(rng, NEW, lots)).score
        for rate in rates:
            threshold, _ = set_threshold(fitted.scores, rate, independent_pictures(fitted.scores, groups))
            found[rate].append(float((new > threshold).mean()))
    return {rate: np.array(shares) for rate, shares in found.items()}


@pytest.mark.parametrize(
    ("n", "rates", "lots"), [(20, (0.05, 0.10), 1), (50, (0.02, 0.05, 0.10), 1), (52, (0.05, 0.10), 4)]
)
def test_the_promise_is_kept_and_not_needlessly_cautious(n: int, rates: tuple[float, ...], lots: int) -> None:
    for rate, shares in realised(n, rates, lots).items():
        error = 2 * shares.std() / np.sqrt(len(shares))
        assert shares.mean() <= rate + 0.005 + error
        assert shares.mean() >= 0.6 * rate - 0.005 - error


def test_the_interval_of_what_is_caught_holds_the_truth_in_95_of_100() -> None:
    rng = np.random.default_rng(0)
    truth, n = rng.uniform(0.5, 0.98, 2000), rng.integers(5, 60, 2000)

    shares = [Share.of(int(rng.binomial(count, p)), int(count)) for p, count in zip(truth, n, strict=True)]

    held = np.mean([one.low <= p <= one.high for one, p in zip(shares, truth, strict=True)])
    assert 0.92 <= held <= 0.99
