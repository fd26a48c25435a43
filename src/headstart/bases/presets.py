"""Which bases are measured where none is named: the quick one, the usual ones, or all that can be had."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from headstart import settings
from headstart.bases.builders import CONVERTED
from headstart.bases.needs import Needs, knows_many, suits

if TYPE_CHECKING:
    from headstart.bases.card import Base

QUICK, BALANCED, BEST, AUTO = "quick", "balanced", "best", "auto"
PRESETS = (QUICK, BALANCED, BEST)
_SECOND = "_hub"  # ends the name of a second source of the same model
_UNPAID = "-NC"  # in the name of a licence: not for commercial use


@dataclass(frozen=True, slots=True)
class Plan:
    """The bases that a preset measures.

    Attributes
    ----------
    preset
        Its name.
    measured
        The bases, best first.
    fetched
        Those of them that are not on this machine.
    """

    preset: str
    measured: tuple[Base, ...]
    fetched: tuple[Base, ...]

    @property
    def bytes(self) -> int:
        """How much is fetched."""
        return sum(base.download_bytes for base in self.fetched)

    @property
    def milliseconds(self) -> float | None:
        """What one example costs on one core with all of them; None where one was never measured."""
        costs = [base.milliseconds for base in self.measured]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def __str__(self) -> str:
        names = ", ".join(base.name for base in self.measured)
        new = ", ".join(f"{base.name} ({base.download_bytes / 1e6:.0f} MB)" for base in self.fetched)
        return f"{self.preset} measures {names}" + (f"; to fetch: {new}" if new else "")


def is_preset(base: object) -> bool:
    """Tell whether what a person named is a preset."""
    return base == AUTO or base in PRESETS


def plan(preset: str, cards: Sequence[Base], here: Collection[str], needs: Needs) -> Plan:
    """Choose the bases of one kind of data.

    Parameters
    ----------
    preset
        ``quick``: the cheapest that reads the examples, the usual one where nothing tells. ``balanced`` (or
        ``auto``): those on this machine, or the usual one where there is none. ``best``: all that can be had,
        those of the Hub too.
    cards
        The bases of that kind, best first.
    here
        Names of those that are on this machine.
    needs
        What the examples need.
    """
    preset = BALANCED if preset == AUTO else preset
    fitting = [base for base in cards if suits(base, needs)] or list(cards)
    chosen = (
        _best(fitting, here) if preset == BEST
        else _quick(fitting, here) if preset == QUICK and needs.languages
        else _balanced(fitting, () if preset == QUICK else here)  # nothing tells: the usual one
    )  # fmt: skip
    return Plan(preset, tuple(chosen), tuple(base for base in chosen if base.name not in here))


def _quick(fitting: Sequence[Base], here: Collection[str]) -> list[Base]:
    measured = [base for base in fitting if base.milliseconds and _of_registry(base) and not _unpaid(base)]
    least = min(measured, key=lambda base: base.milliseconds or 0, default=None)
    return _balanced(fitting, here) if least is None else [least]


def _balanced(fitting: Sequence[Base], here: Collection[str]) -> list[Base]:
    own = usual(fitting)
    present = [base for base in own if base.name in here] or [base for base in fitting if base.name in here]
    return present or [next((base for base in own if base.default), own[0])] if fitting else []


def usual(fitting: Sequence[Base]) -> Sequence[Base]:
    """Return those to choose from: bases of many languages are slower, and the last resort."""
    return [base for base in fitting if not knows_many(base)] or fitting


def _best(fitting: Sequence[Base], here: Collection[str]) -> list[Base]:
    names = {base.name for base in fitting}
    twice = {name for name in names if name.endswith(_SECOND) and name.removesuffix(_SECOND) in names}
    found = [base for base in fitting if base.name in here or (_to_be_had(base) and base.name not in twice)]
    return found or _balanced(fitting, here)


def _to_be_had(base: Base) -> bool:
    libraries = CONVERTED.get(base.builder, ())
    if settings.current().offline or _unpaid(base) or not all(map(find_spec, libraries)):
        return False
    return _of_registry(base) or find_spec("huggingface_hub") is not None


def _of_registry(base: Base) -> bool:
    return all(source.kind != "hf" for source in base.sources)


def _unpaid(base: Base) -> bool:
    return _UNPAID in base.licence.upper()
