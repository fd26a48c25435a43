"""The models that are served, and what is told about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.assistant.store import is_assistant
from headstart.bundle.load import load
from headstart.errors import ParameterError
from headstart.kinds import has_columns, is_kind, is_of_files, kind_of
from headstart.model import Model
from headstart.targets import shown_of

_FORBIDDEN = set("/\\:?#%")


@dataclass(frozen=True)
class Served:
    """One model under the name that it is called by."""

    name: str
    model: Model

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the rows that it takes, each with its role; none where an input is one thing."""
        if not has_columns(self.model.modality):
            return {}
        return {
            str(spec.recipe["column"]): str(spec.recipe["columns"][spec.recipe["column"]])
            for spec in self.model.encoders
        }

    @property
    def file_columns(self) -> frozenset[str]:
        """Those of `columns` whose cells are photos or sounds: senders send them, and never name them."""
        return frozenset(
            column for column, role in self.columns.items() if is_kind(role) and is_of_files(role)
        )

    def summary(self) -> dict[str, Any]:
        """Return what the list of models says of it."""
        return {
            "name": self.name,
            "modality": str(self.model.modality),
            "target": self.model.target,
            "classes": len(self.model.classes),
            "accuracy": _accuracy(self.model),
            "created": self.model.created,
        }

    def details(self) -> dict[str, Any]:
        """Return all that its manifest says which a caller needs."""
        quality = self.model.quality
        return {
            **self.summary(),
            "classes": list(self.model.classes),
            "guessing": _number(quality.get("guessing")),
            "per_class": {
                name: {key: _number(score.get(key)) for key in ("recall", "low", "high", "n")}
                for name, score in dict(quality.get("per_class") or {}).items()
            },
            "bases": [
                {"name": spec.name, **_told(self.model.cards.get(spec.name, {}))}
                for spec in self.model.encoders
            ],
            "columns": [{"name": name, "role": role} for name, role in self.columns.items()],
            "measured": self._measured(),
            "headstart": self.model.headstart_version,
        }

    def _measured(self) -> str | None:
        """Return in words what a model of another target than classes is worth."""
        shown = shown_of(self.model.quality, self.model.target)
        return None if shown is None else shown.headline

    def warm(self) -> None:
        """Run one made-up input, so that the first real one finds everything open."""
        self.model.predict([kind_of(self.model.modality).sample()], top=1)


def load_models(named: Sequence[str]) -> dict[str, Served]:
    """Load models given as ``FOLDER`` or ``NAME=FOLDER``; assistants among them are left out.

    Raises
    ------
    ParameterError
        When two have one name, or a name cannot stand in an address.
    BundleError
        When one is not a model or is damaged.
    """
    folders = split_names(named).items()
    return {name: Served(name, load(folder)) for name, folder in folders if not is_assistant(folder)}


def split_names(named: Sequence[str]) -> dict[str, Path]:
    """Return folders by the names that they are served under.

    Raises
    ------
    ParameterError
        When two have one name, or a name cannot stand in an address.
    """
    folders: dict[str, Path] = {}
    for given in named:
        name, folder = _split(given)
        if not name or name.startswith(".") or set(name) & _FORBIDDEN or not name.isprintable():
            raise ParameterError(
                f"{name!r} cannot be the name of a model in an address.", f"Give it another: NAME={folder}"
            )
        if name in folders:
            raise ParameterError(
                f"Two models are named {name}.", f"Give one of them another name: NAME={folder}"
            )
        folders[name] = folder
    return folders


def _split(given: str) -> tuple[str, Path]:
    name, equals, folder = given.partition("=")
    if equals and not Path(given).exists():
        return name, Path(folder)
    path = Path(given).expanduser()
    return path.absolute().name, path


def _accuracy(model: Model) -> dict[str, float | None] | None:
    accuracy = model.quality.get("accuracy") or {}
    if accuracy.get("estimate") is None:
        return None
    return {key: _number(accuracy.get(key)) for key in ("estimate", "low", "high", "level")}


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


def _told(card: Any) -> dict[str, str]:
    return {key: str(card[key]) for key in ("title", "licence", "trained_on") if card.get(key)}
