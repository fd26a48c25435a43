"""The 95% interval holds the truth in 92% to 99% of 200 draws: data drawn from known distributions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from covering import DRAWS, LEAST, MOST, Sample, cover

from headstart.heads.select import fit_head

FRESH = 1500


def gaussian_classes(
    n, width, n_classes, apart, *, per_class=False, seed=0
) -> Iterator[tuple[Sample, Sample]]:
    """Classes with Gaussian clouds about random centres; most of the width is noise, as in embeddings."""
    centres = np.random.default_rng(1000 + seed).normal(size=(n_classes, width)) * apart
    scale = 1.0 / np.sqrt(1.0 + np.arange(width) / 8.0)

    def sample(rng, count, balanced):
        y = np.arange(count) % n_classes if balanced else rng.integers(0, n_classes, count)
        rows = (centres[y] + rng.normal(size=(count, width))) * scale
        return Sample((rows.astype(np.float32),), y, np.arange(count))

    for number in range(DRAWS):
        rng = np.random.default_rng(number)
        yield sample(rng, n, per_class), sample(rng, FRESH, False)


SETTINGS = [
    pytest.param(40, 512, 2, 0.22, False, id="40 examples"),
    pytest.param(100, 256, 5, 0.25, False, id="100 examples"),
    pytest.param(100, 256, 5, 0.25, True, id="20 of each class", marks=pytest.mark.slow),
    pytest.param(150, 64, 10, 0.6, False, id="150 examples of 10 classes", marks=pytest.mark.slow),
    pytest.param(60, 128, 10, 0.4, True, id="6 of each class", marks=pytest.mark.slow),
    pytest.param(400, 512, 4, 0.18, False, id="400 examples", marks=pytest.mark.slow),
    pytest.param(400, 64, 4, 0.25, False, id="400 examples, few features", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("n", "width", "n_classes", "apart", "per_class"), SETTINGS)
def test_single_examples(n, width, n_classes, apart, per_class, record_property):
    got = cover(gaussian_classes(n, width, n_classes, apart, per_class=per_class))
    record_property("coverage", str(got))
    print(got)
    assert LEAST <= got.share <= MOST, got
    assert 0.3 < got.truth < 0.98, got


def speakers(n_groups, size, shift, *, n_classes=4, width=64, apart=0.5) -> Iterator[tuple[Sample, Sample]]:
    """Every group has an offset of its own, and uneven numbers of examples of all classes."""
    centres = np.random.default_rng(7).normal(size=(n_classes, width)) * apart

    def sample(rng, groups):
        sizes = rng.integers(max(1, size // 2), size * 3 // 2 + 1, groups)
        owner = np.repeat(np.arange(groups), sizes)
        offsets = rng.normal(size=(groups, n_classes, width)) * shift
        y = rng.integers(0, n_classes, len(owner))
        rows = centres[y] + offsets[owner, y] + rng.normal(size=(len(owner), width))
        return Sample((rows.astype(np.float32),), y, owner)

    for number in range(DRAWS):
        rng = np.random.default_rng(number)
        yield sample(rng, n_groups), sample(rng, 300)


@pytest.mark.parametrize(
    ("n_groups", "size", "shift", "most"),
    [
        # With few groups the interval pays for not knowing how much they differ: it may cover more.
        pytest.param(10, 8, 1.0, 1.0, id="10 groups"),
        pytest.param(40, 5, 1.2, MOST, id="40 groups"),
        pytest.param(60, 2, 1.0, MOST, id="pairs", marks=pytest.mark.slow),
        pytest.param(20, 20, 0.8, 1.0, id="20 large groups", marks=pytest.mark.slow),
    ],
)
def test_groups(n_groups, size, shift, most, record_property):
    got = cover(speakers(n_groups, size, shift))
    record_property("coverage", str(got))
    print(got)
    assert LEAST <= got.share <= most, got


def test_choosing_among_coins_is_paid_for():
    """Thirty guessing models: the best looks far better than chance, the corrected interval holds chance."""
    from headstart.evaluation.selection import corrected_accuracy

    held = naive_held = 0
    for number in range(DRAWS):
        rng = np.random.default_rng(number)
        flips = rng.random((120, 30)) < 0.5
        got = corrected_accuracy(flips, repeats=400)
        plain = corrected_accuracy(flips[:, [int(flips.mean(axis=0).argmax())]])
        held += got.low <= 0.5 <= got.high
        naive_held += plain.low <= 0.5 <= plain.high
    assert held / DRAWS >= LEAST
    assert naive_held / DRAWS < 0.85


def test_inflation_is_what_really_happens():
    """The factor found from one sample agrees with the spread of the estimate about the truth over many."""
    errors, factors, naive = [], [], []
    for number in range(3 * DRAWS):
        rng = np.random.default_rng(number)
        centres = np.random.default_rng(3).normal(size=(5, 24)) * 0.5
        y = rng.integers(0, 5, 60 + FRESH)
        rows = (centres[y] + rng.normal(size=(60 + FRESH, 24))).astype(np.float32)
        fitted = fit_head({"embedding": rows[:60]}, y[:60], n_classes=5, head="ridge")
        held_out = (fitted.loo_proba_.argmax(axis=1) == y[:60]).mean()
        truth = (fitted.predict_proba({"embedding": rows[60:]}).argmax(axis=1) == y[60:]).mean()
        errors.append(held_out - truth)
        naive.append(truth * (1 - truth))
        factors.append(fitted.dependence.inflation)
    happened = (np.var(errors) - np.mean(naive) / FRESH) / (np.mean(naive) / 60)
    print(f"inflation {np.mean(factors):.2f}, happened {happened:.2f}")
    assert happened > 1.25
    assert np.mean(factors) == pytest.approx(happened, rel=0.15)
