"""The numbers of a text with what they count: "14 days", "£12.50", "version 3.2", "port 8080"."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headstart.assistant.words import STOP_WORDS, stems

VERSION = "version"
_NUMBER = re.compile(
    r"(?<![\w.,/#&-])(?:v(?=\d))?(?P<sign>[£€$])?\s?(?P<digits>\d{1,15}(?:[.,]\d{1,15}){0,4})(?!\d|\w*[_/@])"
)
_AFTER = re.compile(r"[ \u00a0\u202f-]?(%|°C|[°€£$]|[^\W\d_]+)(?: ([^\W\d_]+))?(?: ([^\W\d_]+))?")
_BEFORE = re.compile(r"([^\W\d_]+)[ \u00a0]?(?:is |of |: ?|= ?)?$")
_WORD = re.compile(r"[^\W\d_]+")
_ITEM = re.compile(r"(?:^|\n)[ \t]*\(?$")
_PLACES = frozenset(
    "section sections chapter page pages step figure fig table rfc bug issue note appendix line example "
    "level abschnitt kapitel seite schritt abbildung tabelle zeile chapitre étape tableau capítulo página "
    "paso".split()
)
"""What a number after it names is a place or a reference, and not an amount."""
WRITTEN = {
    word.casefold(): number
    for number, several in {
        1: "one ein eine einen einem einer un una",
        2: "two zwei deux dos",
        3: "three drei trois tres",
        4: "four vier quatre cuatro",
        5: "five fünf cinq cinco",
        6: "six sechs seis",
        7: "seven sieben sept siete",
        8: "eight acht huit ocho",
        9: "nine neun neuf nueve",
        10: "ten zehn dix diez",
        12: "twelve zwölf douze doce",
        14: "fourteen vierzehn quatorze catorce",
        15: "fifteen fünfzehn quinze quince",
        20: "twenty zwanzig vingt veinte",
        24: "twenty-four vierundzwanzig",
        30: "thirty dreißig trente treinta",
        60: "sixty sechzig soixante sesenta",
        90: "ninety neunzig noventa",
        100: "hundred hundert cent cien",
    }.items()
    for word in several.split()
}
_ALIKE, _EXACT = 0.03, 1e-6
_DOTS_OF_ADDRESS = 3


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and what it counts.

    Attributes
    ----------
    kind
        What is counted: a kind of ``units.toml``, ``version``, or the stem of the word beside the number.
    value
        How much, in the kind's base unit.
    said
        As it stands in the text.
    """

    kind: str
    value: float | tuple[int, ...]
    said: str

    def equals(self, other: Quantity) -> bool:
        """Return whether both say the same; "a month" and "30 days" do."""
        if isinstance(self.value, tuple) or isinstance(other.value, tuple):
            return self.value == other.value
        room = _ALIKE if self.kind == "time" else _EXACT
        return abs(self.value - other.value) <= room * max(abs(self.value), abs(other.value))


def quantities(text: str) -> list[Quantity]:
    """Return the amounts and versions that a text names; numbers of items, pages and steps are none.

    Examples
    --------
    >>> [(one.kind, one.value) for one in quantities("Send it back within 2 weeks, for £3.")]
    [('time', 1209600.0), ('pounds', 3.0)]
    >>> quantities("See section 4.2, step 3.")
    []
    """
    return [*_in_digits(text), *_in_words(text)]


def _in_digits(text: str) -> Iterator[Quantity]:
    for found in _NUMBER.finditer(text):
        before = _BEFORE.search(text[max(found.start() - 40, 0) : found.start()])
        word = before[1] if before else ""
        if word.casefold() not in _PLACES and not _numbers_an_item(text, found):
            yield from _of_number(found, word, _AFTER.match(text, found.end()))


def _of_number(found: re.Match[str], before: str, after: re.Match[str] | None) -> Iterator[Quantity]:
    """Yield what a number between two words says; without a unit it counts what either of them says."""
    digits, said = found["digits"], found[0].strip()
    unit = units()[found["sign"]] if found["sign"] else None
    following = _unit(after)
    parts = tuple(map(int, re.findall(r"\d+", digits)))
    if unit is not None:
        yield Quantity(unit[0], unit[1] * _number(digits), said)
    elif following is not None:
        yield Quantity(following[0], following[1] * _number(digits), f"{said} {following[2]}")
    elif _is_address(digits):
        return
    elif digits.count(".") > 1 or before.casefold() in ("version", "release") or said[:1] == "v":
        yield Quantity(VERSION, parts, said)
    elif "." in digits and before[:1].isupper():
        yield Quantity(f"{VERSION} of {before.casefold()}", parts, said)
    else:
        word = after[1].casefold() if after else ""
        for counted, shown in ((word, f"{said} {word}"), (before.casefold(), said)):
            if counted and counted not in STOP_WORDS:
                yield Quantity(f"'{stems(counted)[0]}'", _number(digits), shown)


def _is_address(digits: str) -> bool:
    return digits.count(".") == _DOTS_OF_ADDRESS


def _numbers_an_item(text: str, found: re.Match[str]) -> bool:
    begins = _ITEM.search(text[max(found.start() - 20, 0) : found.start()])
    return begins is not None and text[found.end() : found.end() + 1] in (".", ")")


def _in_words(text: str) -> Iterator[Quantity]:
    for found in _WORD.finditer(text):
        number = WRITTEN.get(found[0].casefold())
        after = _AFTER.match(text, found.end()) if number is not None else None
        if number is None or after is None:
            continue
        unit = _unit(after)
        if unit is not None:  # "two things" says little, "two weeks" an amount
            yield Quantity(unit[0], unit[1] * number, f"{found[0]} {unit[2]}")


def _unit(after: re.Match[str] | None) -> tuple[str, float, str] | None:
    """Return the unit that follows a number, past one or two words such as "working" and "full"."""
    for place in (1, 2, 3) if after else ():
        assert after is not None
        word = (after[place] or "").casefold()
        if word in STOP_WORDS and word not in ("an", "s", "m"):
            return None
        if word in units() and (place == 1 or len(word) > 1):
            return *units()[word], after.string[after.start(1) : after.end(place)]
    return None


def _number(digits: str) -> float:
    """Return a number as it is written in English or German."""
    last = max(digits.rfind("."), digits.rfind(","))
    thousands = (
        last < 0 or (digits[last] == "," and len(digits) - last == 4) or digits.count(digits[last]) > 1
    )
    whole = digits if thousands else digits[:last]
    rest = "" if thousands else digits[last + 1 :]
    return float(re.sub(r"[.,]", "", whole) + "." + (rest or "0"))


@cache
def units() -> Mapping[str, tuple[str, float]]:
    """Return what a word beside a number says: the kind of amount, and how much of its base unit."""
    told = tomllib.loads(files("headstart.assistant").joinpath("units.toml").read_text(encoding="utf-8"))
    return {
        word: (kind, float(unit["size"]))
        for kind, by_name in told.items()
        for unit in by_name.values()
        for word in unit["words"]
    }
