"""Tags as they come in: what is refused, and which tags are solved together."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads.tags.labels import TagLabels

NAN = np.nan


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1, 0, 1], "a column for each tag, got shape \\(3,\\)"),
        ([[1.0, 0.0], [0.0, 2.0]], "got 2 in row 1, column 1"),
        ([[1.0, NAN], [0.0, NAN]], "Tag 1 is not known for any example"),
    ],
)
def test_what_is_no_table_of_tags_is_refused(y: list, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        TagLabels.check(np.array(y, dtype=float))


def test_weights_must_be_above_zero() -> None:
    with pytest.raises(ParameterError, match="one number above 0 for each of 2 examples"):
        TagLabels.check(np.array([[1.0], [0.0]]), weights=[1, 0])


def test_tags_that_all_or_none_have_cannot_be_learned() -> None:
    with pytest.raises(NotEnoughDataError, match="there is no such tag"):
        TagLabels.check(np.array([[1.0, 0.0], [1.0, 0.0]]))


def test_tags_known_for_the_same_examples_are_one_part() -> None:
    y = np.array([[1, 0, NAN, 1], [0, 1, 1, NAN], [1, 1, 0, 0]], dtype=float)
    parts = {tuple(part.tags): part.rows.tolist() for part in TagLabels.check(y).parts}
    assert parts == {(0, 1): [0, 1, 2], (2,): [1, 2], (3,): [0, 2]}


def test_a_tag_of_one_group_alone_can_still_be_learned_but_not_one_that_all_have() -> None:
    labels = TagLabels.check(np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]))
    (part,) = labels.parts
    assert labels.learnable(part).tolist() == [True, False]


def test_folds_keep_groups_whole_and_spread_rare_tags() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random((200, 3)) < [0.5, 0.3, 0.05]).astype(float)
    y[:10, 2] = 1
    owner = np.repeat(np.arange(100), 2)
    folds = TagLabels.check(y, owner).folds(5)
    assert all(len(set(folds[owner == group])) == 1 for group in range(100))
    assert np.bincount(folds[y[:, 2] == 1], minlength=5).min() >= 1


def test_drawing_takes_whole_groups() -> None:
    labels = TagLabels.check(np.tile([[1.0], [0.0]], (50, 1)), np.repeat(np.arange(20), 5))
    rows = labels.draw(30)
    assert len(rows) == 30
    assert len(np.unique(labels.owner[rows])) == 6
    assert labels.draw(1000).tolist() == list(range(100))
