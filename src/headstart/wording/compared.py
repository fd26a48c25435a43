"""Ways to a model, by name."""

from __future__ import annotations

from headstart.wording.words import ENGLISH, Words


def way_title(name: str, title: str, words: Words) -> str:
    """Return what a way is.

    Parameters
    ----------
    title
        What it was called where it was compared; kept where that is not the usual, as for rows.
    """
    usual = f"comparison.{name}-title"
    return words.say(usual) if title in ("", ENGLISH.say(usual)) else title
