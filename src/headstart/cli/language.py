"""The language that the person at the terminal reads."""

from __future__ import annotations

from contextvars import ContextVar

from headstart.wording import Words, choose_language

_asked: ContextVar[str | None] = ContextVar("language", default=None)


def ask_for(language: str | None) -> None:
    """Keep what stands after ``--language``; None where it was not given.

    Raises
    ------
    ParameterError
        When there is no such language, or none that the settings name.
    """
    choose_language(language)
    _asked.set(language)


def speaking() -> Words:
    """Return the words of the language that was asked for, or that the settings or the locale name."""
    return Words(choose_language(_asked.get()))
