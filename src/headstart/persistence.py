"""`save`, `load` and `push_to_hub` as methods: what does the work is registered by `headstart.bundle`.

A model knows nothing of the format it is saved in. The bundle stands above it, and names its functions here
when it is imported; whoever trains or loads a model has imported it by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Persistent", "Store", "register"]


@dataclass(frozen=True)
class Store:
    """The functions that keep models.

    Attributes
    ----------
    save
        ``save(model, path, link_base=...)`` writes a folder and returns it.
    load
        ``load(path)`` reads one.
    push
        ``push(model, repo, private=..., token=...)`` uploads and returns what to load it by.
    """

    save: Callable[..., Path]
    load: Callable[..., Any]
    push: Callable[..., str]


class Persistent:
    """Has the methods that people look for on a model to save it, load it and share it."""

    _store: ClassVar[Store | None] = None

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a saved model, checking every file against its recorded hash.

        Raises
        ------
        BundleError
            When it is not a model, is damaged (the file is named), or comes from a newer version.
        BaseUnavailableError
            When it refers to a base model that is not on this machine.
        """
        loaded: Self = _registered().load(path)
        return loaded

    def save(self, path: str | Path, *, link_base: bool = False) -> Path:
        """Save to the folder `path`, whole or not at all; an older model there is replaced.

        Parameters
        ----------
        path
            The folder; made where missing. A folder that holds anything but a saved model is left alone.
        link_base
            Refer to the base models by name and hash instead of copying them in: a small folder, which works
            where the same bases are prepared.

        Raises
        ------
        ParameterError
            When `path` is something other than a saved model.
        StorageError
            When the disk is full, read-only or forbidden.
        """
        return _registered().save(self, path, link_base=link_base)

    def push_to_hub(self, repo: str, *, private: bool = True, token: str | None = None) -> str:
        """Upload to the Hugging Face Hub, model card and all; return ``org/name@commit`` to load it by.

        Parameters
        ----------
        repo
            ``org/name``; made where missing.
        private
            Whether a new repository is private.
        token
            What may write there; the stored login where not given.
        """
        return _registered().push(self, repo, private=private, token=token)


def register(store: Store) -> None:
    """Let models be saved, loaded and pushed by these functions."""
    Persistent._store = store


def _registered() -> Store:
    if Persistent._store is None:
        raise RuntimeError("Import headstart.bundle first: saving and loading models are functions of it.")
    return Persistent._store
