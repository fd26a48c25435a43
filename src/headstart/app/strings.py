"""The words on the screens: one file for each language, English being complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from headstart.execution import Phase
from headstart.kinds import kinds
from headstart.wording import Words as Results

ENGLISH = "en"


@cache
def languages() -> dict[str, str]:
    """Return the code of each language there is, with its own name for itself; English first."""
    folder = resources.files("headstart.app").joinpath("strings")
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith(".json")]
    codes = sorted(name.removesuffix(".json") for name in files)
    ordered = [ENGLISH, *(code for code in codes if code != ENGLISH)]
    return {code: table(code).get("language.name", code) for code in ordered if code in codes}


@cache
def table(code: str) -> dict[str, str]:
    """Return the words of one language."""
    path = resources.files("headstart.app").joinpath("strings", f"{code}.json")
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def spoken(code: str) -> dict[str, str]:
    """Return the words of one language, with those for kinds of data that the file does not know.

    They are made of the words for any kind, whose keys have ``any`` where others have a kind's name. What
    comes from results is taken from `headstart.wording`.
    """
    found = {**table(code), **_of_results(code)}
    for kind in kinds().values():
        if f"things.{kind.name}" in found:
            continue
        words = kind.words
        named = {"one": words.one, "many": words.many, "Many": words.many.capitalize()}
        named |= {"inputs": words.inputs, "example": words.example}
        for key, text in table(code).items():
            if ".any" in key:
                found[key.replace(".any", f".{kind.name}", 1)] = _filled(text, named)
    return found


def _of_results(code: str) -> dict[str, str]:
    """Return what screens say of results by themselves, under the keys that they ask for."""
    words = Results(code)
    found = {f"stage.{phase}": words.say(f"phase.{phase}") for phase in Phase if phase is not Phase.OTHER}
    for kind in kinds():
        before, _, after = words.say("expect", kind=kind, range="\0").partition("\0")
        found |= {f"expect.before.{kind}": before.strip(), "expect.after": after.strip()}
    for key, name in (("sure", "right"), ("open", "either"), ("wrong", "wrong")):
        found[f"expect.{key}"] = words.say(f"report.{name}")
    if code != ENGLISH:
        for term, line in words.glossary().items():
            found |= {f"term.{term}": words.term(term), f"gloss.{term}": line}
    return found


def _filled(text: str, named: Mapping[str, str]) -> str:
    for name, word in named.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def choose(wanted: str | None, accepted: str | None) -> str:
    """Return the language to use.

    Parameters
    ----------
    wanted
        What the person chose.
    accepted
        The ``Accept-Language`` header of the browser.
    """
    known = languages()
    if wanted in known:
        return str(wanted)
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip().lower().split("-")[0]
        if code in known:
            return code
    return ENGLISH


class Words:
    """Looks up words in one language, and in English what it lacks."""

    def __init__(self, code: str) -> None:
        self._tables: list[Mapping[str, str]] = [spoken(code), spoken(ENGLISH)]

    def t(self, key: str, **values: Any) -> str:
        """Return the words for a key, with ``{name}`` replaced.

        Raises
        ------
        KeyError
            When English has no such key either: a fault of ours.
        """
        found = next((words[key] for words in self._tables if key in words), None)
        if found is None:
            raise KeyError(f"no words for {key!r}")
        return found.format_map(values) if values else found

    def tn(self, key: str, n: int, **values: Any) -> str:
        """Return the words for a number of things: the keys end in ``.one`` and ``.other``."""
        return self.t(f"{key}.{'one' if n == 1 else 'other'}", n=n, **values)
