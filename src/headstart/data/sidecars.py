"""Texts that only describe a photo or sound beside them, under the same name: captions, boxes, settings."""

from __future__ import annotations

import mimetypes
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.data.held import modality_of
from headstart.kinds import is_inline, is_of_files, kinds
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.data.item import Item


def commonest(items: Sequence[Item], formats: Sequence[str | None]) -> Modality:
    """Return the modality that most inputs are of; what describes a photo or sound does not count."""
    kinds_of = [modality_of(kind) if kind else None for kind in formats]
    tally = Counter(filter(None, kinds_of))
    # A description may stand beside photos under another name, so that texts only win by a majority.
    order = [Modality(name) for name in sorted(kinds(), key=is_inline)]
    for media in filter(is_of_files, order):
        tally[Modality.TEXT] -= len(sidecars(items, formats, media))
    # The ending says what was meant where a web page was saved in place of a photo.
    tally[Modality.TEXT] -= sum(
        kind is Modality.TEXT and isinstance(item.source, Path) and is_of_files(likely_by_name(item.name))
        for item, kind in zip(items, kinds_of, strict=True)
    )
    return max(order, key=lambda kind: tally[kind])


def sidecars(items: Sequence[Item], formats: Sequence[str | None], modality: Modality) -> frozenset[int]:
    """Return the places of texts that stand beside an input of `modality` and bear its name."""
    kinds_of = [modality_of(kind) if kind else None for kind in formats]
    if modality is Modality.TEXT or modality not in kinds_of or Modality.TEXT not in kinds_of:
        return frozenset()  # as nearly always, and then no path need be taken apart
    media = {_stem(item) for item, kind in zip(items, kinds_of, strict=True) if kind is modality} - {None}
    return frozenset(
        place
        for place, (item, kind) in enumerate(zip(items, kinds_of, strict=True))
        if kind is Modality.TEXT and _stem(item) in media and likely_by_name(item.name) is not modality
    )


def likely_by_name(name: str) -> Modality | None:
    """Return what a file is meant to be by its name, where its content does not tell."""
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122
    for kind in kinds().values():
        if kind.files.sniff is not None and ending in kind.files.endings:
            return Modality(kind.name)
    named = (mimetypes.guess_type(name)[0] or "").split("/")[0]
    return Modality(named) if named in kinds() else None


def _stem(item: Item) -> str | None:
    """Return a file's place and its name up to the first dot: IMG_1.jpg and IMG_1.jpg.json have the same."""
    if not isinstance(item.source, Path):
        return None
    return str(item.source.with_name(item.source.name.split(".")[0]))
