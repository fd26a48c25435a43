"""Which sentences are quoted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from headstart.assistant.passages import Passage
from headstart.assistant.quotes import choose, closest, texts_of

TEXT = "Alpha one. Beta two. Gamma three. Delta four. Epsilon five. Zeta six."
PASSAGE = Passage("k", "d.md", "D", ("H",), TEXT, start=100, parts=((0, 20), (21, 45), (46, len(TEXT))))
QUESTION = np.array([1.0, 0.0], dtype=np.float32)
NEAR = np.array([0.1, 0.2, 0.9], dtype=np.float32)


def encoder(*wanted: str) -> Callable[[Sequence[str]], np.ndarray]:
    """Return what gives sentences that begin with a wanted word the direction of the question."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        return np.array([[1, 0] if text.split()[0] in wanted else [0, 1] for text in texts], dtype=np.float32)

    return encode


encode = encoder("Gamma", "Epsilon", "Zeta")


def test_the_nearest_sentences_are_quoted_in_their_order_and_neighbours_joined() -> None:
    quotes = choose(PASSAGE, QUESTION, NEAR, encode)
    assert [quote.text for quote in quotes] == ["Gamma three.", "Epsilon five. Zeta six."]
    assert [quote.start for quote in quotes] == [121, 146]
    assert all(TEXT[quote.at :].startswith(quote.text) for quote in quotes)


def test_earlier_sentences_are_preferred() -> None:
    assert choose(PASSAGE, QUESTION, NEAR, encoder())[0].text.startswith("Alpha one.")


def test_the_closest_part_stands_for_a_passage() -> None:
    assert closest(PASSAGE, NEAR).text == "Epsilon five. Zeta six."


def test_a_stored_answer_is_whole() -> None:
    stored = Passage(
        "k", "a.csv", "", (), "No. Never.\nReally.", parts=((0, 18),), question="May I?", place="a.csv:2"
    )
    assert [quote.text for quote in choose(stored, QUESTION, NEAR[:2], encode)] == ["No. Never.\nReally."]
    assert closest(stored, NEAR[:2]).text == "No. Never.\nReally."


def test_a_passage_without_sentences_is_quoted_as_it_is() -> None:
    numbers = Passage("k", "d.md", "", (), "12 34\n56 78", parts=((0, 11),))
    [quote] = choose(numbers, QUESTION, NEAR[:1], encode)
    assert quote.text == "12 34\n56 78"


def test_broken_lines_are_compared_as_one() -> None:
    assert texts_of(Passage("k", "d", "", (), "a\n  b"), [(0, 5)]) == ["a b"]
