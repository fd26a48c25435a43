"""Texts that only describe a photo or sound beside them, under the same name: captions, boxes, settings."""

from __future__ import annotations

import mimetypes
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.data.held import modality_of
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.data.item import Item

# A description may stand beside photos under another name, so that texts only win by a majority.
_ORDER = (Modality.IMAGE, Modality.AUDIO, Modality.TEXT)


def commonest(items: Sequence[Item], kinds: Sequence[str | None]) -> Modality:
    """Return the modality that most inputs are of; what describes a photo or sound does not count."""
    found = [modality_of(kind) if kind else None for kind in kinds]
    tally = Counter(filter(None, found))
    for media in _ORDER[:2]:
        tally[Modality.TEXT] -= len(sidecars(items, kinds, media))
    # The ending says what was meant where a web page was saved in place of a photo.
    tally[Modality.TEXT] -= sum(
        one is Modality.TEXT and isinstance(item.source, Path) and likely_by_name(item.name) in _ORDER[:2]
        for item, one in zip(items, found, strict=True)
    )
    return max(_ORDER, key=lambda one: tally[one])


def sidecars(items: Sequence[Item], kinds: Sequence[str | None], modality: Modality) -> frozenset[int]:
    """Return the places of texts that stand beside an input of `modality` and bear its name."""
    found = [modality_of(kind) if kind else None for kind in kinds]
    if modality is Modality.TEXT or modality not in found or Modality.TEXT not in found:
        return frozenset()  # as nearly always, and then no path need be taken apart
    media = {_stem(item) for item, one in zip(items, found, strict=True) if one is modality} - {None}
    return frozenset(
        place
        for place, (item, one) in enumerate(zip(items, found, strict=True))
        if one is Modality.TEXT and _stem(item) in media and likely_by_name(item.name) is not modality
    )


def likely_by_name(name: str) -> Modality | None:
    """Return what a file is meant to be by its name, where its content does not tell."""
    kind = (mimetypes.guess_type(name)[0] or "").split("/")[0]
    return Modality(kind) if kind in list(Modality) else None


def _stem(item: Item) -> str | None:
    """Return a file's place and its name up to the first dot: IMG_1.jpg and IMG_1.jpg.json have the same."""
    if not isinstance(item.source, Path):
        return None
    return str(item.source.with_name(item.source.name.split(".")[0]))
