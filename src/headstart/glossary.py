"""The terms a newcomer meets, read from one file."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib import resources

from headstart.errors import ParameterError


def terms() -> dict[str, str]:
    """Return every term with its one-line explanation, in the alphabet's order."""
    return dict(_terms())


@cache
def _terms() -> dict[str, str]:
    text = resources.files("headstart").joinpath("glossary.toml").read_text(encoding="utf-8")
    return {term: entry["line"] for term, entry in sorted(tomllib.loads(text).items())}


def explain(term: str) -> str:
    """Return the explanation of one term.

    Raises
    ------
    ParameterError
        Naming the nearest terms there are.
    """
    known = {name.lower(): line for name, line in terms().items()}
    wanted = term.strip().lower()
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5) or list(known)[:3]
    raise ParameterError(f"No explanation of {term!r}.", f"Did you mean: {', '.join(near)}?")
