"""What says the same is kept once; what differs in a number, a name or a "not" is not the same."""

from __future__ import annotations

import pytest

from headstart.documents import Document, QuestionAnswer, Section, without_repeats
from headstart.documents.alike import distinct

MANUAL = """The warranty covers defects of the material for twenty-four months from the day of purchase. It
does not cover lime, wear, or damage by a fall. Keep the receipt, and bring the device to any
shop that sells it. The maker repairs it or gives you another one; he does not give back the
money. The battery is changed for a fee. The plug must fit the wall. Water may not come into the
base. Store it in a dry place, and wind up the cord. Do not use it outside, nor near a fire, and
keep children away from it at all times, please."""


def document(
    name: str, *texts: str, headings: tuple[str, ...] = (), kind: str = "html", group: str = ""
) -> Document:
    sections = tuple(Section(headings, text) for text in texts)
    return Document(name, name, sections, name, kind, group=group)


@pytest.mark.parametrize(
    "other",
    [
        MANUAL.upper(),
        MANUAL.replace(". ", ".\n\n"),
        MANUAL.replace("twenty-four", "twenty four").replace(",", ""),
        MANUAL.replace("please", "thanks"),
    ],
)
def test_documents_with_the_same_words_are_one(other: str) -> None:
    kept, problems = distinct([document("a.html", MANUAL), document("b.html", other)])
    assert [one.name for one in kept] == ["a.html"]
    assert problems[0].reason == "It says the same as a.html; only that is used."


@pytest.mark.parametrize(
    "other",
    [
        MANUAL.replace("for twenty-four months", "for 12 months"),
        MANUAL.replace("does not cover", "does cover"),
        MANUAL.replace("for twenty-four months", "for 24 months"),
        MANUAL + " A new part of the text, which says something of its own about the device and its use.",
    ],
)
def test_another_version_is_another_document(other: str) -> None:
    kept, problems = distinct([document("a.html", MANUAL), document("b.html", other)])
    assert (len(kept), problems) == (2, [])


def test_short_documents_are_one_only_word_for_word() -> None:
    kept, _ = distinct(
        [document("a", "Use it on gas."), document("b", "Use it on steel."), document("c", "use it on gas")]
    )
    assert [one.name for one in kept] == ["a", "b"]
    rows = Document("t", "t", (), "t", "answers", pairs=(QuestionAnswer("Is it loud?", "A little.", "t:2"),))
    assert len(distinct([rows, document("a", "Something else altogether, in a few words.")])[0]) == 2


def test_a_repeated_section_stays_in_the_first_document() -> None:
    own = "A text of its own."
    kept = without_repeats([document("a", own, MANUAL), document("b", MANUAL, own + " And more.", MANUAL)])
    assert [[section.text for section in one.sections] for one in kept] == [
        [own, MANUAL],
        [own + " And more."],
    ]
    assert kept[1].notes == ("2 sections stand in a too and are used once.",)


def test_a_short_section_stays_under_another_heading() -> None:
    steps = "Open the settings and choose Remove."
    kept = without_repeats(
        [
            document("a", steps, headings=("Windows",)),
            document("b", steps, headings=("Mac",)),
            document("c", steps, headings=("Mac",)),
        ]
    )
    assert [len(one.sections) for one in kept] == [1, 1, 0]


def test_lines_that_most_pages_begin_or_end_with_are_dropped() -> None:
    texts = [(f"Our shop – 1950\n\nPage {n} on its own.", f"The end of {n}.\n\n© Shop") for n in range(6)]
    pages = [document(f"shop/{n}.html", *text, group="shop") for n, text in enumerate(texts)]
    kept = without_repeats(pages)
    assert [section.text for section in kept[2].sections] == ["Page 2 on its own.", "The end of 2."]
    assert kept[2].sections[0].start == len("Our shop – 1950\n\n")
    assert without_repeats(pages[:4])[2].sections[0].text.startswith("Our shop")
