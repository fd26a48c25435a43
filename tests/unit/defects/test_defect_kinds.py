"""Kinds of defect are told apart by what is seen at their oddest places."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.kinds import Kinds, enough_of, fit_kinds, unlike
from headstart.errors import CorruptBundleError, ParameterError
from headstart.targets import target_of

PLACES, CHANNELS = 16, 8
SIGHTS = np.random.default_rng(1).normal(size=(PLACES, CHANNELS)).astype(np.float16)


def _defects(n: int, kind: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures with the mark of a kind at three places, anywhere, and how odd each place is."""
    rng = np.random.default_rng([kind, seed])
    level = SIGHTS.astype(np.float32) + 0.3 * rng.normal(size=(n, PLACES, CHANNELS)).astype(np.float32)
    heat = rng.uniform(0, 0.5, (n, PLACES)).astype(np.float32)
    mark = np.eye(CHANNELS, dtype=np.float32)[kind] * 2
    for i in range(n):
        at = rng.choice(PLACES, 3, replace=False)
        level[i, at] += mark
        heat[i, at] += 1
    return level, heat


def _rows(n: int, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    rows = [unlike(*_defects(n, kind, seed), SIGHTS) for kind in (0, 1, 2)]
    return np.concatenate(rows), [name for name in ("bent", "crack", "stain") for _ in range(n)]


def test_what_is_usual_at_a_place_is_taken_away_at_the_oddest_three() -> None:
    level = np.repeat(SIGHTS.astype(np.float32)[None], 1, axis=0)
    heat = np.zeros((1, PLACES), np.float32)
    level[0, [2, 5, 9]] += 3
    heat[0, [2, 5, 9]] = 1

    np.testing.assert_allclose(unlike(level, heat, SIGHTS), 3, rtol=1e-5)


def test_kinds_are_named_and_left_out_ones_tell_how_well() -> None:
    rows, labels = _rows(12)
    kinds, right = fit_kinds(rows, labels, np.arange(36), SIGHTS)

    assert kinds.names == ("bent", "crack", "stain")
    assert right >= 34
    assert kinds.name(*_defects(9, 1, seed=9)) == ["crack"] * 9


def test_labels_without_meaning_are_named_by_luck_alone() -> None:
    rows, labels = _rows(20)
    shuffled = np.random.default_rng(0).permutation(labels).tolist()

    _, right = fit_kinds(rows, shuffled, np.arange(60), SIGHTS)

    assert right < 33


def test_left_out_answers_are_those_of_fits_without_the_group() -> None:
    rows, labels = _rows(8)
    rows = rows + np.random.default_rng(0).normal(size=rows.shape).astype(np.float32)
    groups = np.arange(24)

    _, alone = fit_kinds(rows, labels, groups, SIGHTS)
    _, twice = fit_kinds(
        np.repeat(rows, 2, axis=0), np.repeat(labels, 2).tolist(), np.repeat(groups, 2), SIGHTS
    )
    _, leaky = fit_kinds(np.repeat(rows, 2, axis=0), np.repeat(labels, 2).tolist(), np.arange(48), SIGHTS)

    assert abs(twice / 2 - alone) <= 2
    assert leaky > twice


def test_a_kind_takes_five_photos_and_one_kind_is_none() -> None:
    assert enough_of(["bent"] * 5 + ["crack"] * 6 + ["stain"] * 4) == ["bent", "crack"]
    assert enough_of(["bent"] * 50 + ["crack"] * 4) == []
    assert enough_of([]) == []


def test_arrays_hold_all_of_it() -> None:
    rows, labels = _rows(6)
    kinds, _ = fit_kinds(rows, labels, np.arange(18), SIGHTS)
    arrays = kinds.arrays()

    again = Kinds.from_arrays(arrays, kinds.names, PLACES, CHANNELS)

    assert again is not None
    new = _defects(4, 2, seed=3)
    assert again.name(*new) == kinds.name(*new)
    assert Kinds.from_arrays({}, (), PLACES, CHANNELS) is None
    for name in arrays:
        with pytest.raises(CorruptBundleError, match=f"The array '{name}' must have the shape"):
            Kinds.from_arrays({**arrays, name: arrays[name][:1]}, kinds.names, PLACES, CHANNELS)


def test_a_confidence_is_refused_with_what_is_promised_instead() -> None:
    with pytest.raises(
        ParameterError, match=r"A confidence \(0\.9\) is for classes, tags and numbers"
    ) as caught:
        target_of("defects").need("confident", "promise a confidence")(None, 0.9)
    assert "--false-alarms" in str(caught.value.hint)
