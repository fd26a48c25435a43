"""Sentences from codes and figures."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from headstart import glossary
from headstart.kinds import is_kind, kind_of
from headstart.reasons import Reason
from headstart.wording.catalogue import BY, ENGLISH_CODE, Entry, catalogue
from headstart.wording.numbers import numbers_of
from headstart.wording.sentences import translated

KIND = "kind"
"""The figure that names the kind of data; ``{things}`` stands for what a person calls such examples."""


class Words:
    """Says what results mean, in one language; in English what the language lacks.

    Sentences hold figures as Python's formats do: ``{count:,}``, ``{accuracy:.1%}``. Beyond these,
    ``{low:100*.0f}`` is a share told of a hundred, ``{classes:# class}`` a number with its noun, ``{things}``
    the examples of the kind of data, ``{bases:each terminal.of-column}`` a sentence for each column with its
    base, and ``{@amount.twice}`` another sentence with the same figures.
    """

    def __init__(self, language: str = ENGLISH_CODE) -> None:
        self.language = language
        self.numbers = numbers_of(language)
        self._formatter = _Formatter(self)

    def has(self, key: str) -> bool:
        """Tell whether there is such a sentence."""
        return key in catalogue(self.language) or key in catalogue(ENGLISH_CODE)

    def say(self, key: str, /, **figures: Any) -> str:
        """Return a sentence with its figures.

        Raises
        ------
        KeyError
            When there is no such sentence, or a figure is missing: a fault of ours.
        """
        return self._filled(self._entry(key), figures)

    def tell(self, topic: str, finding: Reason | Mapping[str, Any] | None, text: str = "") -> str:
        """Return what a finding says.

        Parameters
        ----------
        topic
            What it is about: ``conclusion``, ``step``, ``amount``, …
        finding
            The finding, or its plain data from a report, a bundle or the app's database. What an older
            headstart has saved may lack figures: it is told in the English of its own time.
        text
            What to say where there is no finding.
        """
        plain = finding.to_dict() if isinstance(finding, Reason) else finding
        if not isinstance(plain, Mapping):
            return text
        saved = str(plain.get("text") or text)
        if self.language == ENGLISH_CODE and saved:
            return saved
        try:
            return self.say(f"{topic}.{plain.get('code')}", **(plain.get("figures") or {}))
        except (KeyError, TypeError, ValueError):
            return saved

    def translate(self, text: str) -> str:
        """Return an error, a note or help, which are English where they arise; as it is where unknown."""
        return translated(text, self.language)

    def things(self, kind: str, count: int | None = None) -> str:
        """Return what a person calls the examples: ``photos``; with a count, ``1 photo``, ``213 photos``."""
        noun = self._noun(kind)
        return noun["other"] if count is None else self._counted(count, noun)

    def counted(self, count: int, noun: str) -> str:
        """Return ``1 class`` or ``7 classes``."""
        entry = self._entry(f"noun.{noun}")
        return self._counted(count, entry if isinstance(entry, Mapping) else {"other": entry})

    def percent(self, share: float | None, digits: int = 0) -> str:
        """Return a share in percent, never rounding a doubt or a chance away."""
        return self.say("number.unknown") if share is None else self.numbers.percent(share, digits)

    def of_hundred(self, low: float, high: float) -> str:
        """Return ``91 to 96``, or ``about 97`` where both ends round to the same number."""
        first, last = f"{100 * low:.0f}", f"{100 * high:.0f}"
        return self.say("number.about", n=first) if first == last else self.between(first, last)

    def between(self, low: str, high: str) -> str:
        """Return ``low to high``."""
        return self.say("number.range", low=low, high=high)

    def points(self, low: float, high: float) -> str:
        """Return a difference of two accuracies as ``+3 to +11 points``."""
        first, last = (f"{100 * value:+.0f}".replace("-", "−") for value in (low, high))
        noun = "point" if first == last and first in ("+1", "−1") else "points"
        return self.say(f"number.{noun}", n=first if first == last else self.between(first, last))

    def figure(self, value: float | None, digits: int = 2) -> str:
        """Return a plain number, or an en dash where there is none."""
        return "–" if value is None else self.numbers.write(value, f",.{digits}f").replace("-", "−")

    def whole(self, value: float) -> str:
        """Return a number of examples."""
        return self.numbers.write(value, ",.0f")

    def size(self, count: float | None) -> str:
        """Return a number of bytes as a person would say it."""
        if not count:
            return "–"
        large = count >= 1e6
        return f"{self.whole(count / 1e6 if large else max(count / 1e3, 1))} {'MB' if large else 'kB'}"

    def number(self, value: float, form: str) -> str:
        """Return a number in a format of Python, as the language writes it."""
        return self.numbers.write(value, form)

    def listed(self, names: Sequence[str]) -> str:
        """Return ``a``, ``a and b`` or ``a, b and c``."""
        *first, last = [str(name) for name in names] or [""]
        return self.say("number.and", first=", ".join(first), last=last) if first else last

    def of_kind(self, kind: str, form: str) -> str:
        """Return one of the words for a kind of data: ``one``, ``many``, ``inputs``, ``probe``."""
        own = catalogue(self.language).get(f"kind.{kind}.{form}")
        return own if isinstance(own, str) else str(getattr(kind_of(kind).words, form))

    def glossary(self) -> dict[str, str]:
        """Return every term of the glossary, by its English name, with its line."""
        own = catalogue(self.language)
        return {term: str(own.get(f"glossary.{term}", line)) for term, line in glossary.terms().items()}

    def term(self, name: str) -> str:
        """Return what a term of the glossary is called."""
        return str(catalogue(self.language).get(f"term.{name}", name))

    def explain(self, term: str) -> str:
        """Return the explanation of one term, by its English name or by its name in this language.

        Raises
        ------
        ParameterError
            Naming the nearest terms there are.
        """
        lines = self.glossary()
        known = {name.lower(): name for name in lines} | {self.term(name).lower(): name for name in lines}
        name = known.get(term.strip().lower())
        return glossary.explain(term) if name is None else lines[name]

    def _entry(self, key: str) -> Entry:
        found = catalogue(self.language).get(key)
        return catalogue(ENGLISH_CODE)[key] if found is None else found

    def _filled(self, entry: Entry, figures: Mapping[str, Any]) -> str:
        text = entry if isinstance(entry, str) else _chosen(entry, figures)
        return self._formatter.vformat(text, (), figures)

    def _noun(self, kind: str) -> Mapping[str, str]:
        own = catalogue(self.language).get(f"kind.{kind}.noun")
        if isinstance(own, Mapping):
            return own
        if is_kind(kind):
            words = kind_of(kind).words
            return {"one": words.one, "other": words.many}
        entry = self._entry("noun.example")
        return entry if isinstance(entry, Mapping) else {"other": entry}

    def _counted(self, count: int, noun: Mapping[str, str]) -> str:
        return f"{self.numbers.write(count, ',')} {noun.get(_plural(count), noun['other'])}"

    def _format(self, value: Any, form: str) -> str:
        if isinstance(value, _Noun):
            return value.forms.get(form or "other", value.forms["other"])
        if form.startswith("# "):
            noun = form.removeprefix("# ")
            return self.counted(int(value), noun)
        if isinstance(value, Mapping):  # what runs through what, by column
            key = form.removeprefix("each ")
            return ", ".join(self.say(key, column=name, base=base) for name, base in value.items())
        if isinstance(value, list | tuple):
            return self.listed(value)
        return self.numbers.write(value, form)


class _Noun:
    """What a person calls the examples, in the forms that the language has."""

    def __init__(self, forms: Mapping[str, str]) -> None:
        self.forms = forms


class _Formatter(string.Formatter):
    """Python's own formatter, with what sentences need beyond numbers."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        if field_name.startswith("@"):
            return self._words.say(field_name.removeprefix("@"), **kwargs), ""
        if field_name == "things" and "things" not in kwargs:
            return _Noun(self._words._noun(str(kwargs[KIND]))), ""
        return kwargs[field_name], ""  # no attributes, no items: figures are plain

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._words._format(value, format_spec)


def _chosen(entry: Mapping[str, str], figures: Mapping[str, Any]) -> str:
    """Return the form that a figure asks for, or the one for all others."""
    value = figures[entry[BY]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        name = _plural(value)
    else:
        name = {True: "yes", False: "no", None: "none"}.get(value, str(value))
    return entry.get(name) or entry["other"]


def _plural(count: float) -> str:
    return "one" if count == 1 else "other"


ENGLISH = Words()


def reason(topic: str, code: str, /, **figures: Any) -> Reason:
    """Return a finding with its English text, as JSON and programs carry it."""
    return Reason(code, figures, ENGLISH.say(f"{topic}.{code}", **figures))
