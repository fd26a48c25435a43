"""Passages are exact parts of their documents, of a size that can be searched."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.assistant.passages import PART_TOKENS, PASSAGE_TOKENS, Passage, cut, passage_of
from headstart.documents.document import Document, Section
from kettle import documents


def lengths(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def long_document(words: int) -> Document:
    text = " ".join(f"Word {number}." for number in range(words // 2))
    return Document("long.txt", "Long", (Section(("One",), text, start=40),), "0", "text")


def test_a_short_section_is_one_passage_with_its_headings_in_front() -> None:
    found = cut(documents(), lengths)
    assert found[0].searched.startswith("Kettle K2 > Setting up > Unpacking\nTake the kettle")
    assert (found[0].page, found[0].document) == (1, "manual.pdf")


def test_a_long_section_is_cut_between_sentences() -> None:
    document = long_document(1500)
    found = cut([document], lengths)
    assert len(found) == 4
    for passage in found:
        assert lengths([passage.searched])[0] <= PASSAGE_TOKENS
        assert max(lengths(passage.part_texts)) <= PART_TOKENS
        assert passage.text.endswith(".")


def test_every_passage_stands_in_its_document_where_it_says() -> None:
    document = long_document(900)
    for passage in cut([document], lengths):
        start = passage.start - 40
        assert document.sections[0].text[start : start + len(passage.text)] == passage.text


def test_parts_leave_no_word_out() -> None:
    for passage in cut([*documents(), long_document(900)], lengths):
        parts = [part for part in passage.part_texts if part != passage.question]
        assert " ".join(parts).split() == passage.text.split()


def test_a_word_longer_than_a_part_is_taken_whole() -> None:
    document = Document("x", "x", (Section((), "a" * 5000),), "0", "text")
    [passage] = cut([document], lambda texts: [len(text) for text in texts])
    assert passage.text == "a" * 5000


def test_a_stored_answer_is_one_passage_that_is_searched_by_its_question() -> None:
    passage = cut(documents(), lengths)[-1]
    assert passage.searched == "Do you sell spare lids?"
    assert passage.place == "answers.csv:3"


def test_keys_differ_even_for_the_same_words_and_stay() -> None:
    twice = Document("x", "x", (Section(("A",), "Same."), Section(("A",), "Same.")), "0", "text")
    keys = [passage.key for passage in cut([twice], lengths)]
    assert len(set(keys)) == 2
    assert keys == [passage.key for passage in cut([twice], lengths)]


def test_a_passage_is_the_same_after_it_was_written_down() -> None:
    for passage in cut(documents(), lengths):
        assert passage_of(passage.to_dict()) == passage


def test_the_title_stands_once_where_it_is_the_first_heading_too() -> None:
    passage = Passage("k", "d", "Title", ("Title", "Part"), "text")
    assert passage.path == "Title > Part"
