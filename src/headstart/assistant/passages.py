"""Documents cut into passages: what is searched, shown and quoted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from headstart.assistant.sentences import Span, sentences

if TYPE_CHECKING:
    from headstart.documents.document import Document, QuestionAnswer, Section

PASSAGE_TOKENS = 400
PART_TOKENS = 100
_BETWEEN = " > "
_PIECE = re.compile(r"\S+\s*")

Lengths = Callable[[Sequence[str]], Sequence[int]]
"""Counts the tokens of texts."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of a document, or as much of it as is searched as one.

    Attributes
    ----------
    key
        Names it for as long as its document, headings and text stay as they are.
    document, title, group, content
        Of the document; see `headstart.documents.document.Document`.
    headings, page, anchor
        Of the section.
    text
        An exact part of the section's text.
    start
        Where it begins in the whole text of the document, in characters.
    parts
        Where its parts begin and end in `text`.
    question
        What was asked, where this is a stored answer; `text` is returned whole then.
    place
        Where a stored answer stands, as a person would find it again.
    """

    key: str
    document: str
    title: str
    headings: tuple[str, ...]
    text: str
    group: str = ""
    content: str = ""
    page: int | None = None
    anchor: str = ""
    start: int = 0
    parts: tuple[Span, ...] = ()
    question: str = ""
    place: str = ""

    @property
    def path(self) -> str:
        """The document's title and the headings, as one line."""
        names = self.headings if self.headings[:1] == (self.title,) else (self.title, *self.headings)
        return _BETWEEN.join(name for name in names if name)

    @property
    def searched(self) -> str:
        """The text with what stands above it; of a stored answer the question alone."""
        return self.question or f"{self.path}\n{self.text}"

    @property
    def worded(self) -> str:
        """Everything whose words count."""
        return f"{self.path}\n{self.question}\n{self.text}"

    @property
    def part_texts(self) -> list[str]:
        """The texts of the parts; the question of a stored answer is one of them."""
        parts = [self.text[start:end] for start, end in self.parts]
        return [self.question, *parts] if self.question else parts

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, without those that say nothing."""
        return {name: value for name, value in asdict(self).items() if value not in ("", (), None)}


def passage_of(fields: dict[str, Any]) -> Passage:
    """Return the passage that `Passage.to_dict` described."""
    told = {**fields, "headings": tuple(fields.get("headings", ()))}
    told["parts"] = tuple((int(start), int(end)) for start, end in fields.get("parts", ()))
    return Passage(**told)


def answer_passage(question: str, answer: str, place: str, group: str = "") -> Passage:
    """Return an answer that a person wrote, made ready to be searched."""
    name = place.split(":")[0]
    return Passage(
        key=_key(name, question, answer),
        document=name,
        title="",
        headings=(),
        text=answer,
        group=group,
        parts=((0, len(answer)),),
        question=question,
        place=place,
    )


def cut(documents: Sequence[Document], lengths: Lengths) -> list[Passage]:
    """Cut documents into passages.

    Parameters
    ----------
    lengths
        Counts the tokens of texts, as the base model does.
    """
    return [passage for document in documents for passage in _of_document(document, lengths)]


def _of_document(document: Document, lengths: Lengths) -> Iterator[Passage]:
    seen: dict[str, int] = {}
    for passage in _all_of(document, lengths):
        # The same words may stand under the same headings twice.
        count = seen[passage.key] = seen.get(passage.key, 0) + 1
        yield passage if count == 1 else replace(passage, key=f"{passage.key}-{count}")


def _all_of(document: Document, lengths: Lengths) -> Iterator[Passage]:
    for section in document.sections:
        yield from _of_section(document, section, lengths)
    for pair in document.pairs:
        yield _of_pair(document, pair, lengths)


def _of_section(document: Document, section: Section, lengths: Lengths) -> Iterator[Passage]:
    above = _BETWEEN.join((document.title, *section.headings))
    room = max(PASSAGE_TOKENS - lengths([above])[0], PART_TOKENS)
    pieces = _pieces(section.text, lengths)
    for run in _runs(pieces, room):
        start, end = run[0][0][0], run[-1][0][1]
        parts = [(part[0][0][0] - start, part[-1][0][1] - start) for part in _runs(run, PART_TOKENS)]
        text = section.text[start:end]
        yield Passage(
            key=_key(document.name, document.title, *section.headings, text),
            document=document.name,
            title=document.title,
            headings=section.headings,
            text=text,
            group=document.group,
            content=document.content,
            page=section.page,
            anchor=section.anchor,
            start=section.start + start,
            parts=tuple(parts),
        )


def _of_pair(document: Document, pair: QuestionAnswer, lengths: Lengths) -> Passage:
    runs = _runs(_pieces(pair.answer, lengths), PART_TOKENS)
    return Passage(
        key=_key(document.name, pair.question, pair.answer),
        document=document.name,
        title=document.title,
        headings=(),
        text=pair.answer,
        group=document.group,
        content=document.content,
        parts=tuple((run[0][0][0], run[-1][0][1]) for run in runs) or ((0, len(pair.answer)),),
        question=pair.question,
        place=pair.place,
    )


_Piece = tuple[Span, int]


def _pieces(text: str, lengths: Lengths) -> list[_Piece]:
    """Return the sentences with their numbers of tokens; a long one is cut between words."""
    spans = sentences(text)
    counts = lengths([text[start:end] for start, end in spans])
    pieces: list[_Piece] = []
    for span, count in zip(spans, counts, strict=True):
        pieces.extend([(span, count)] if count <= PART_TOKENS else _cut_long(text, span, lengths))
    return pieces


def _cut_long(text: str, span: Span, lengths: Lengths) -> Iterator[_Piece]:
    found = list(_PIECE.finditer(text, *span))
    counts = lengths([word[0] for word in found])
    for run in _runs([(word.span(), count) for word, count in zip(found, counts, strict=True)], PART_TOKENS):
        yield (run[0][0][0], run[-1][0][1]), sum(count for _, count in run)


def _runs(pieces: Sequence[_Piece], room: int) -> Iterator[list[_Piece]]:
    """Yield neighbours that fit into `room` tokens together."""
    run: list[_Piece] = []
    held = 0
    for piece in pieces:
        if run and held + piece[1] > room:
            yield run
            run, held = [], 0
        run.append(piece)
        held += piece[1]
    if run:
        yield run


def _key(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(errors="replace"), digest_size=8).hexdigest()
