"""What reading a document gives. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """Text under one heading.

    Attributes
    ----------
    headings
        The path of headings down to this section, the widest first; without the document's title.
    text
        The text as it is quoted: normalised once, while reading.
    page
        The page it begins on, from 1; None where the format has none.
    anchor
        The name by which an address points here (``#reset``); empty where there is none.
    start
        Where the text begins in the whole text of the document, in characters.
    """

    headings: tuple[str, ...]
    text: str
    page: int | None = None
    anchor: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A question that somebody has answered already.

    Attributes
    ----------
    place
        Where it stands, as a person would find it again: ``answers.csv:12``.
    """

    question: str
    answer: str
    place: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document that could be read.

    Attributes
    ----------
    name
        Its path relative to the folder that was read.
    title
        What it calls itself; its name where it has no title.
    content
        SHA-256 of the file's bytes, in hexadecimal: tells whether it has changed.
    format
        ``markdown``, ``html``, ``pdf``, …
    pairs
        Questions with their answers, where it is a table of such.
    notes
        What a person should know about how it was read (what was hidden and dropped, …).
    group
        The first folder of its path: who may see it can depend on it.
    """

    name: str
    title: str
    sections: tuple[Section, ...]
    content: str
    format: str
    pairs: tuple[QuestionAnswer, ...] = ()
    notes: tuple[str, ...] = ()
    group: str = ""
