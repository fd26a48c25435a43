"""Which bases to measure: those a person named, or those that are on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.execution import ProgressCallback
    from headstart.types import EncoderSpec, Modality


def runnable(
    modality: Modality, base: str | Sequence[str], progress: ProgressCallback
) -> list[tuple[Base, EncoderSpec]]:
    """Return the bases to measure with what each was made ready as; none where a kind of data has none.

    Raises
    ------
    UnknownBaseError, BaseUnavailableError
        When a base that was asked for is not to be had.
    ParameterError
        When it is for another kind of data.
    """
    catalogue = load_catalogue()
    if base == "auto":
        cards = catalogue.list(modality)
        here = store.installed_names(cards, modality)
        wanted = [card for card in cards if card.name in here] or [card for card in cards if card.default][:1]
    else:
        names = base.split(",") if isinstance(base, str) else list(base)
        wanted = [catalogue.get(name.strip()) for name in names]
    for card in wanted:
        if card.modality != modality:
            raise ParameterError(
                f"{card.name} is a base for {card.modality}, but these examples are {modality}.",
                f"See which bases there are: headstart bases --kind {modality}",
            )
    return [(card, store.prepare(card, progress=progress)) for card in wanted]
