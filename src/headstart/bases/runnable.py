"""Which bases to measure: those a person named, or those that a preset takes, made ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import Needs, knows_many, suits
from headstart.bases.presets import BEST, is_preset, plan
from headstart.data.languages import name_of
from headstart.errors import BaseUnavailableError, MissingExtraError, ParameterError
from headstart.execution import Phase, Progress

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.bases.presets import Plan
    from headstart.execution import ProgressCallback
    from headstart.types import EncoderSpec, Modality

Ready = tuple["Base", "EncoderSpec"]


@dataclass(frozen=True, slots=True)
class Runnable:
    """The bases to measure, each with what it was made ready as.

    Attributes
    ----------
    notes
        What a person should know about the choice: what could not be fetched, what reads other languages.
    """

    bases: tuple[Ready, ...]
    notes: tuple[str, ...] = ()


def runnable(
    modality: Modality, base: str | Sequence[str], progress: ProgressCallback, needs: Needs | None = None
) -> Runnable:
    """Return the bases to measure; none where a kind of data has none.

    Parameters
    ----------
    base
        A preset, one name, several, or names with commas between them.
    needs
        What the examples need; see `needs_of`.

    Raises
    ------
    UnknownBaseError, BaseUnavailableError
        When a base that was asked for is not to be had.
    ParameterError
        When it is for another kind of data.
    """
    needs = needs or Needs()
    if is_preset(base):
        found = _of_preset(modality, str(base), progress, needs)
    else:
        found = Runnable(tuple(_ready(card, progress) for card in _named(modality, base)))
    return Runnable(found.bases, (*found.notes, *_foreign([card for card, _ in found.bases], needs)))


def _named(modality: Modality, base: str | Sequence[str]) -> list[Base]:
    catalogue = load_catalogue()
    names = base.split(",") if isinstance(base, str) else list(base)
    wanted = [catalogue.get(name.strip()) for name in names]
    for card in wanted:
        if card.modality != modality:
            raise ParameterError(
                f"{card.name} is a base for {card.modality}, but these examples are {modality}.",
                f"See which bases there are: headstart bases --kind {modality}",
            )
    return wanted


def _of_preset(modality: Modality, preset: str, progress: ProgressCallback, needs: Needs) -> Runnable:
    cards = load_catalogue().list(modality)
    here = store.installed_names(cards, modality)
    chosen = plan(preset, cards, here, needs)
    if chosen.fetched:
        progress(Progress(str(chosen), 0, phase=Phase.FETCHING))
    ready: list[Ready] = []
    missed: list[BaseUnavailableError | MissingExtraError] = []
    for card in chosen.measured:
        try:
            ready.append(_ready(card, progress))
        except (BaseUnavailableError, MissingExtraError) as error:
            missed.append(error)
    if chosen.measured and not ready:
        others = [card for card in cards if card.name in here]
        if not others:
            raise missed[0]
        ready = [_ready(card, progress) for card in others]
    return Runnable(tuple(ready), tuple(_missed(chosen, missed)))


def _ready(card: Base, progress: ProgressCallback) -> Ready:
    return card, store.prepare(card, progress=progress)


def _missed(chosen: Plan, missed: Sequence[BaseUnavailableError | MissingExtraError]) -> list[str]:
    """Say which bases could not be had; those of the Hub are many, and told in one sentence."""
    if chosen.preset == BEST and len(missed) > 1:
        first = missed[0].message
        return [f"{len(missed)} bases could not be had and were not measured. The first: {first}"]
    return [error.message for error in missed]


def _foreign(cards: Sequence[Base], needs: Needs) -> list[str]:
    """Say where a base meets a language that it has not learned: its accuracy is measured all the same."""
    strange = [card for card in cards if not suits(card, needs)]
    if not strange:
        return []
    seen = " and ".join(name_of(code) for code in needs.languages)
    better = next((c.name for c in load_catalogue().list("text") if knows_many(c) and suits(c, needs)), "")
    learned = ", ".join(f"{card.name} ({card.language})" for card in strange)
    return [
        f"Many of the texts are {seen}, which {learned} did not learn; how well it does all the same is "
        f"measured. A base that learned it: --base {better}"
    ]
