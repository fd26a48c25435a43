"""Glossary terms on the page: each a button that shows its one line, by pointer, touch and keyboard."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from headstart.report.wording import snippet
from headstart.wording import ENGLISH, Words

_PLAIN = {"class", "head", "group", "frozen", "encoder"}
"""Terms that running text uses in their everyday sense too often to be marked there."""

_PROSE_LIMIT = 2000
_MARKED = re.compile(r"(?P<open>\()?\[(?P<term>[^\]]+)\](?(open)\))")
_COMMAND = re.compile(r"\bheadstart (?:bases|check|evaluate|predict|train) \S.*$")


class Terms:
    """The glossary as one page uses it; remembers which terms need their line at the end.

    Attributes
    ----------
    used
        Every term that was marked with its one line, in the alphabet's order.
    """

    def __init__(self, words: Words = ENGLISH) -> None:
        self._lines = words.glossary()
        self._shown = {term: words.term(term) for term in self._lines}
        self._used: set[str] = set()
        marked = sorted((t for t in self._lines if t not in _PLAIN), key=lambda t: len(self._shown[t]))
        self._names = {self._shown[term].lower(): term for term in marked}
        # The lower-case s is a plural; both `base model` and `base models` lead to the same line.
        pattern = "|".join(re.escape(self._shown[term]) for term in reversed(marked))
        self._pattern = re.compile(rf"(?<![\w-])({pattern})(s?)(?![\w-])", re.I)

    @property
    def used(self) -> dict[str, tuple[str, str]]:
        """Return the terms that were marked so far, each with what it is called and its line."""
        return {term: (self._shown[term], self._lines[term]) for term in sorted(self._used)}

    def term(self, name: str, text: str | None = None) -> Markup:
        """Return a button that explains a term; `text` is what it says where that differs.

        Raises
        ------
        KeyError
            When the glossary has no such term, so that no page ever ships a dead one.
        """
        shown = self._shown[name]
        self._used.add(name)
        return Markup('<button type="button" class="term" popovertarget="{}">{}</button>').format(
            identifier(name), text or shown
        )

    def phrase(self, text: str, pieces: Mapping[str, Markup]) -> Markup:
        """Return a sentence of the catalogue in which terms are buttons.

        Parameters
        ----------
        text
            With ``[term]``, or ``[as it is said|term]``; a term in brackets stays in one with them.
        pieces
            What stands in the text as a sign of its own, for each such sign.
        """
        out, end = Markup(""), 0
        for found in _MARKED.finditer(text):
            out += escape(text[end : found.start()])
            shown, _, name = found["term"].partition("|")
            button = self.term(name or shown, shown if name else None)
            out += Markup('<span class="keep">({})</span>').format(button) if found["open"] else button
            end = found.end()
        return Markup(_filled(str(out + escape(text[end:])), pieces))

    def step(self, text: object) -> Markup:
        """Return running text that may end with a command, which is set as one."""
        plain = snippet(str(text or ""), _PROSE_LIMIT)
        found = _COMMAND.search(plain)
        if found is None:
            return self.prose(plain)
        return self.prose(plain[: found.start()]) + Markup(" <code>{}</code>").format(found[0])

    def prose(self, text: object) -> Markup:
        """Return running text, escaped, with the first use of each term marked."""
        rest, out, seen = snippet(str(text or ""), _PROSE_LIMIT), Markup(""), set()
        while match := self._pattern.search(rest):
            name = self._names[match[1].lower()]
            out += escape(rest[: match.start()])
            out += escape(match[0]) if name in seen else self.term(name, match[0])
            seen.add(name)
            rest = rest[match.end() :]
        return out + escape(rest)


def _filled(text: str, pieces: Mapping[str, Markup]) -> str:
    for sign, piece in pieces.items():
        text = text.replace(sign, str(piece))
    return text


def identifier(term: str) -> str:
    """Return the id of the element that holds a term's line."""
    return "word-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
