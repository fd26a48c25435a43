"""Inputs at the edges of what programs hold: masked, without dimensions, in batches, names of things."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
import torch

import headstart as hs
from headstart.data.given_inputs import take
from headstart.errors import DataError, ParameterError
from headstart.types import Modality, Unreadable

TEXTS = [f"note number {i} of the {('red', 'blue')[i % 2]} team" for i in range(20)]
LABELS = ["a", "b"] * 10


def test_a_missing_cell_leaves_the_splits_of_the_others() -> None:
    split = ["train"] * 14 + ["test"] * 5 + [None]
    frame = pandas.DataFrame({"text": TEXTS, "label": LABELS, "split": split})
    assert len(hs.load(frame)) == 15  # without the test part
    assert len(hs.load(frame.assign(split=[*split[:-1], float("nan")]))) == 15


def test_a_masked_input_is_missing() -> None:
    masked = np.ma.array(TEXTS, mask=[0] * 19 + [1])
    data = hs.load(masked, labels=LABELS)
    assert len(data) == 19
    assert [problem.source for problem in data.problems] == ["input 19"]
    assert isinstance(list(take(masked, Modality.TEXT))[-1], Unreadable)


def test_an_array_without_dimensions_is_one_input() -> None:
    assert list(take(np.array("a text"), Modality.TEXT)) == ["a text"]
    assert list(hs.load([np.array(text) for text in TEXTS], labels=LABELS).sources) == TEXTS


def test_a_batch_in_a_list_is_refused_as_a_batch() -> None:
    with pytest.raises(ParameterError, match="This is a batch of pictures"):
        take([torch.rand(4, 3, 32, 32)], Modality.IMAGE)


def test_a_list_of_addresses_is_no_list_of_texts() -> None:
    names = [f"https://example.com/{i}" for i in range(20)]
    with pytest.raises(DataError, match="look like"):
        take(names, Modality.TEXT)
    assert list(take(names, Modality.TEXT, names_as_texts=True)) == names


def test_each_name_of_a_file_in_a_list_is_told_in_its_place() -> None:
    names = [f"photos/{i}.jpg" for i in range(20)]
    assert all(isinstance(source, Unreadable) for source in take(names, Modality.TEXT))
    assert list(take(names, Modality.TEXT, names_as_texts=True)) == names


def test_a_dict_of_inputs_and_labels_is_told_what_to_give() -> None:
    with pytest.raises(ParameterError, match=r"labels=list\(d\.values\(\)\)"):
        hs.load(dict(zip(TEXTS, LABELS, strict=True)))


def test_an_address_is_told_from_a_file_that_is_missing() -> None:
    (source,) = take(["https://example.com/a.png"], Modality.IMAGE)
    assert isinstance(source, Unreadable)
    assert "headstart fetches nothing from there" in source.reason
