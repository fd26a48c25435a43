"""Label words with spaces between them are told from names of several words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from headstart.data.tags import separator_of_tags
from headstart.data.word_tags import are_lists_of_words

rng = np.random.default_rng(0)
SKY = ("clear", "haze", "partly_cloudy")
LAND = ("agriculture", "cultivation", "habitation", "primary", "road", "water")


def satellite(number: int) -> list[str]:
    """Return labels as satellite images have them: one word on the sky, others on the land, sorted."""
    return [
        " ".join(sorted([str(rng.choice(SKY)), *(word for word in LAND if rng.random() < 0.3)]))
        for _ in range(number)
    ]


@pytest.mark.parametrize(
    "labels",
    [
        satellite(60),
        satellite(1000),
        ["cat", "dog", "cat dog"],
        ["cat dog", "dog cat", "cat", "dog bird"],
        ["a", "b", "c", "a b", "a c", "a b c"],
        ["red blue", "red green", "blue green", "red blue green"],
        ["rain", "wind", "rain wind", "wind rain snow", "snow"],
    ],
)
def test_lists(labels: Sequence[str]) -> None:
    assert are_lists_of_words(Counter(labels * 5))
    assert separator_of_tags(Counter(labels * 5)) == " "


@pytest.mark.parametrize(
    "labels",
    [
        ["golden retriever", "labrador retriever", "flat coated retriever", "yorkshire terrier", "poodle"],
        ["New York", "New Jersey", "New Mexico", "Mexico", "North Carolina", "South Carolina"],
        ["black cat", "white cat", "black dog", "white dog"],
        ["strongly agree", "agree", "neither agree nor disagree", "disagree", "strongly disagree"],
        ["very good", "good", "bad", "very bad"],
        ["red", "blue", "dark red", "dark blue", "light red", "light blue"],
        ["left arm", "right arm", "left leg", "right leg", "arm", "leg", "upper arm", "left upper arm"],
        ["fire", "truck", "fire truck", "dog"],
        ["rock and roll", "rock", "roll", "pop"],
        ["orange juice", "blood orange", "apple juice"],
        ["bye bye", "bye"],
        ["cat"],
    ],
)
def test_names(labels: Sequence[str]) -> None:
    assert not are_lists_of_words(Counter(labels * 5))
    assert separator_of_tags(Counter(labels * 5)) is None


@pytest.mark.parametrize("labels", [["a|b", "a|c"], ["a|b", "a|c", "d"], ["a;b", "c;a", "a"]])
def test_few_combinations(labels: list[str]) -> None:
    assert separator_of_tags(Counter(labels * 5)) == labels[0][1]
