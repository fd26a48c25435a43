"""Find personal data in documents before somebody shares them: mail addresses, phone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from headstart.documents.document import Document

_MAIL = re.compile(r"(?<![\w.+/@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@])", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,/:#=-])(?:\+|00|\()?\d(?:[ ()./–-]{0,3}\d){6,18}(?![\w,/:=]|[.-]\w)")
_EXAMPLES = re.compile(
    r"@(?:[\w-]+\.)*(?:example(?:\.\w+)?|(?:invalid|test|local|lan|internal|localhost|localdomain))$|^(?:no-?reply|user(?:name)?|name|your?)@",
    re.IGNORECASE,
)
_PHONE_WORDS = re.compile(
    r"(phone|tel|telephone|mobile|cell|fax|hotline|telefon|telefonnummer|mobil|handy|téléphone|teléfono|telefono)"
    r"( ?(no|number|nr)\b)?[\s.:=()-]{0,5}$",
    re.IGNORECASE,
)
_DATE = re.compile(r"(19|20)\d\d[./ -]\d{1,2}[./ -]\d{1,2}|\d{1,2}[./ -]\d{1,2}[./ -](19|20)?\d\d")
_WITH_AREA = re.compile(r"\(0?\d{2,5}\)[ -]?\d[\d -]{4,}|\(?[2-9]\d{2}\)?[-. ]\d{3}[-.]\d{4}")
_BEFORE = 40
_CARD = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|(5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|6\d{15,18}"
)
"""Which first digits and lengths the numbers of cards have."""
_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}\b")
_COUNTRY = re.compile(r"\+ ?[1-9]|00 ?[1-9]\d?[ ()-]")
_PHONE_LENGTHS = range(8, 16)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One piece of personal data.

    Attributes
    ----------
    kind
        ``mail``, ``phone`` or ``card``.
    text
        As it is written; of a card's number the last four digits alone.
    place
        Where it stands: the document's name, with a page or row where there is one.
    """

    kind: str
    text: str
    place: str

    def to_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return {"kind": self.kind, "text": self.text, "place": self.place}


def find_personal_data(documents: Iterable[Document]) -> tuple[PersonalData, ...]:
    """Return the mail addresses, phone numbers and card numbers in documents, each once for a place.

    Cards are told by their check digit; phones by a country code, brackets, or a word before them. Addresses
    of examples (``@example.com``) are nobody's.
    """
    found: dict[PersonalData, None] = {}
    for document in documents:
        for text, place in _texts(document):
            found |= dict.fromkeys(PersonalData(kind, said, place) for kind, said in _in_text(text))
    return tuple(found)


def _texts(document: Document) -> Iterator[tuple[str, str]]:
    for section in document.sections:
        place = document.name if section.page is None else f"{document.name}, page {section.page}"
        yield "\n".join((*section.headings[-1:], section.text)), place
    for pair in document.pairs:
        yield f"{pair.question}\n{pair.answer}", pair.place


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    if "@" in text:
        for found in _MAIL.finditer(text):
            if not _EXAMPLES.search(found[0]):
                yield "mail", found[0]
    for found in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if is_card(digits) and re.fullmatch(r"\d+([ -]\d+)*", found[0]):
            yield "card", f"…{digits[-4:]}"
        elif _is_phone(found[0], digits, text[max(0, found.start() - _BEFORE) : found.start()]):
            yield "phone", found[0].strip()


def is_card(digits: str) -> bool:
    """Tell the number of a card by its length, its first digits and its check digit (Luhn)."""
    if _CARD.fullmatch(digits) is None or len(set(digits)) < 2:
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_phone(written: str, digits: str, before: str) -> bool:
    if len(digits) not in _PHONE_LENGTHS or _DATE.fullmatch(written.strip()) or _ADDRESS.match(written):
        return False
    if _COUNTRY.match(written) or _WITH_AREA.fullmatch(written):
        return True
    return _PHONE_WORDS.search(before) is not None
