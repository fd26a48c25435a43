"""Every base model that headstart knows: the shipped cards and those that the person added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

from headstart import settings
from headstart.bases.builders import check_builder
from headstart.bases.card import Base
from headstart.bases.storage import storage_errors
from headstart.errors import ParameterError, UnknownBaseError
from headstart.files import write_whole
from headstart.kinds import kind_of, kinds
from headstart.types import Modality


@dataclass(frozen=True)
class Catalogue:
    """An immutable set of cards.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> catalogue.get("minilm_l6").width
    384
    """

    cards: Mapping[str, Base]

    def list(self, modality: Modality | str | None = None) -> tuple[Base, ...]:
        """Return the cards, best first within each modality."""
        wanted = None if modality is None else kind_of(modality).name
        order = list(kinds())
        chosen = [base for base in self.cards.values() if wanted in (None, base.modality)]
        return tuple(sorted(chosen, key=lambda base: (order.index(base.modality), base.rank, base.name)))

    def get(self, name: str) -> Base:
        """Return the card called `name`.

        Raises
        ------
        UnknownBaseError
            With the nearest known names.
        """
        if name in self.cards:
            return self.cards[name]
        near = get_close_matches(name.lower().replace("-", "_"), self.cards, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See them all with: headstart bases"
        raise UnknownBaseError(f"There is no base model called {name!r}.", hint)

    def default(self, modality: Modality | str) -> Base:
        """Return the base that a new task of this modality starts from."""
        cards = self.list(modality)
        return next((base for base in cards if base.default), cards[0])

    def __iter__(self) -> Iterator[Base]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.cards)


def load_catalogue(user_cards: Path | None = None) -> Catalogue:
    """Read the shipped cards and those in `user_cards` (the settings' folder where None)."""
    cards: dict[str, Base] = {}
    with as_file(files("headstart.bases") / "cards") as shipped:
        for path in sorted(shipped.glob("*.toml")):
            _add(cards, path)
    now = settings.current()
    folder = now.user_cards if user_cards is None and now.cache_folder is not None else user_cards
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.toml")):
            _add(cards, path)
    return Catalogue(MappingProxyType(cards))


def add_card(path: Path, *, replace: bool = False) -> Base:
    """Check a card and keep a copy of it among the person's own.

    Raises
    ------
    ParameterError
        Naming everything that is wrong with the card; also where the name is taken.
    StorageError
        When the folder of cards cannot be written to.
    """
    base = read_card(path)
    folder = settings.current().user_cards
    known = load_catalogue(folder).cards
    target = folder / f"{base.name}.toml"
    if base.name in known and not (replace and target.exists()):
        raise ParameterError(
            f"{path} describes {base.name!r}, and there is a base of that name already.",
            "Give the card another name.",
        )
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(target, path.read_bytes())
    return base


def read_card(path: Path) -> Base:
    """Read one card and check also that its builder exists; see `Base.from_toml`."""
    return Base.from_toml(path, also=check_builder)


def _add(cards: dict[str, Base], path: Path) -> None:
    base = read_card(path)
    if base.name in cards:
        raise ParameterError(
            f"{path} describes {base.name!r}, and there is a base of that name already.",
            "Give the card another name, or remove the file.",
        )
    cards[base.name] = base
