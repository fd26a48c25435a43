"""What examples need of a base, found from them before any base is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from headstart.data.languages import ENGLISH, MOST_TEXTS, languages_of
from headstart.data.text import read_text
from headstart.errors import HeadstartError
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.types import Modality

EVERY = "*"
"""On a card: it reads as good as every language."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a base must be able to do.

    Attributes
    ----------
    languages
        ISO codes of the languages that it must read; empty for other kinds than texts.
    """

    languages: tuple[str, ...] = ()


def needs_of(modality: Modality | str, sources: Sequence[Any]) -> Needs:
    """Return what the examples of a kind need; nothing where the kind has no way to tell."""
    find = kind_of(modality).needs
    return Needs() if find is None else find(sources)


def of_texts(sources: Sequence[Any]) -> Needs:
    """Return the languages of texts; English where nothing tells, as with names and codes."""
    step = max(1, len(sources) // MOST_TEXTS)
    found = languages_of(list(islice(_readable(sources[::step]), 2 * MOST_TEXTS)))
    return Needs(languages=found.counted or (ENGLISH,))


def _readable(sources: Sequence[Any]) -> Iterable[str]:
    for source in sources:
        try:
            yield read_text(source)[0]
        except (HeadstartError, OSError):
            continue  # whoever reads the examples tells it


def knows_many(base: Base) -> bool:
    """Tell whether a base reads several languages."""
    return len(base.languages) > 1 or EVERY in base.languages


def suits(base: Base, needs: Needs) -> bool:
    """Tell whether a base reads what must be read; a card that names no language may."""
    return not base.languages or EVERY in base.languages or set(needs.languages) <= set(base.languages)
