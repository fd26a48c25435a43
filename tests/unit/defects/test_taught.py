"""Which pictures a detector was taught with: the last word counts, and the last review can be undone."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.defects.taught import Taught
from headstart.errors import CorruptBundleError


def seen(n: int) -> np.ndarray:
    return np.arange(n * 6, dtype=np.float16).reshape(n, 2, 3)


def trained() -> Taught:
    return Taught.of(["a", "b"], ["good", "good"], ["", "lot1"], [b"AA", b"BB"], seen(2), "origin")


def test_of_training_nothing_is_kept_but_what_tells_pictures_apart() -> None:
    taught = trained()

    assert (taught.last, taught.trained, taught.seen.shape) == (0, 2, (0, 2, 3))
    assert taught.label_of() == {b"AA": "good", b"BB": "good"}


def test_the_last_word_on_a_picture_counts_and_can_be_undone() -> None:
    once = trained().joined(["c", "a"], ["good", "scratch"], "lot2", [b"CC", b"AA"], seen(2))
    twice = once.joined(["a"], ["good"], "", [b"AA"], seen(1))

    assert once.valid() == [1, 2, 3]
    assert once.label_of() == {b"AA": "scratch", b"BB": "good", b"CC": "good"}
    assert twice.valid() == [1, 2, 4]
    assert (twice.last, twice.groups) == (2, ("", "lot1", "lot2", "lot2", ""))
    back = twice.undone().undone()
    for name, array in trained().arrays().items():
        np.testing.assert_array_equal(back.arrays()[name], array)


def test_it_comes_back_from_its_arrays() -> None:
    taught = trained().joined(["ü"], ["Kratzer"], "", [b"\x00\xff"], seen(1))

    again = Taught.from_arrays(taught.arrays(), 2, 3)

    assert again is not None
    assert (again.names, again.labels, again.steps) == (taught.names, taught.labels, (0, 0, 1))
    np.testing.assert_array_equal(again.seen, taught.seen)
    assert Taught.from_arrays({}, 2, 3) is None


@pytest.mark.parametrize(
    "change", [{"taught_contents": np.zeros((1, 2), np.uint8)}, {"taught_seen": seen(2)}]
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, np.ndarray]) -> None:
    arrays = trained().joined(["c"], ["good"], "", [b"CC"], seen(1)).arrays() | change

    with pytest.raises(CorruptBundleError, match="does not fit together"):
        Taught.from_arrays(arrays, 2, 3)
    with pytest.raises(CorruptBundleError, match="does not fit together"):
        Taught.from_arrays({**arrays, "taught": np.zeros(3, np.uint8)}, 2, 3)
