"""Glossary terms on the page: each a button that shows its one line, by pointer, touch and keyboard."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from headstart import glossary
from headstart.report.wording import snippet

_PLAIN = {"class", "head", "group", "frozen", "encoder"}
"""Terms that running text uses in their everyday sense too often to be marked there."""

_PROSE_LIMIT = 2000
_COMMAND = re.compile(r"\bheadstart (?:bases|check|evaluate|predict|train) \S.*$")


class Terms:
    """The glossary as one page uses it; remembers which terms need their line at the end.

    Attributes
    ----------
    used
        Term to its one line, for every term that was marked, in the alphabet's order.
    """

    def __init__(self) -> None:
        self._lines = glossary.terms()
        self._used: set[str] = set()
        marked = sorted((t for t in self._lines if t not in _PLAIN), key=len, reverse=True)
        self._names = {name.lower(): name for name in self._lines}
        # The lower-case s is a plural; both `base model` and `base models` lead to the same line.
        self._pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, marked))})(s?)(?![\w-])", re.I)

    @property
    def used(self) -> dict[str, str]:
        """Return the terms that were marked so far with their lines."""
        return {term: self._lines[term] for term in sorted(self._used)}

    def term(self, name: str, text: str | None = None) -> Markup:
        """Return a button that explains a term; `text` is what it says where that differs.

        Raises
        ------
        KeyError
            When the glossary has no such term, so that no page ever ships a dead one.
        """
        _ = self._lines[name]
        self._used.add(name)
        return Markup('<button type="button" class="term" popovertarget="{}">{}</button>').format(
            identifier(name), text or name
        )

    def aside(self, name: str, text: str | None = None) -> Markup:
        """Return a term in brackets that stay with it when the line breaks."""
        return Markup('<span class="keep">({})</span>').format(self.term(name, text))

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


def identifier(term: str) -> str:
    """Return the id of the element that holds a term's line."""
    return "word-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
