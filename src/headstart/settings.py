"""One table of settings, read from the environment when asked for, never at import.

| variable | meaning | default |
| --- | --- | --- |
| ``HEADSTART_CACHE`` | folder for prepared bases and embeddings | the user's cache folder |
| ``HEADSTART_OFFLINE`` | ``1`` forbids every use of the network | off |
| ``HEADSTART_THREADS`` | threads for decoding and inference | the cores this process may use, quotas heeded |
| ``HEADSTART_NO_CACHE`` | ``1`` neither reads nor writes cached embeddings | off |
| ``HEADSTART_LANGUAGE`` | language of the terminal and of reports: ``en`` or ``de`` | that of the locale |
| ``HEADSTART_TOKEN`` | what requests to ``headstart serve`` must bring | none |
| ``HEADSTART_WORDING_KEY`` | the key that the server of ``--wording-endpoint`` asks for | none |
| ``HEADSTART_ASK_TOKEN`` | what pages for everybody may bring instead, to ask assistants alone | none |
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from headstart.cores import available_cores
from headstart.errors import ParameterError, StorageError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes
    ----------
    cache_folder
        Folder that holds ``bases/``, ``embeddings.sqlite`` and ``unpacked/``; made when first written to.
        None where nobody named one and this user has no home folder, as a bare user id has none.
    offline
        Whether the network may not be used.
    threads
        Threads for decoding and inference, at least 1.
    use_embedding_cache
        Whether embeddings are looked up and stored.
    """

    cache_folder: Path | None
    offline: bool
    threads: int
    use_embedding_cache: bool

    @property
    def cache(self) -> Path:
        """The cache folder, for work that cannot do without one.

        Raises
        ------
        StorageError
            When there is none.
        """
        if self.cache_folder is None:
            raise StorageError(
                "This needs a folder to keep things in, and this user has no home folder.",
                "Name a folder that may be written to: HEADSTART_CACHE=/some/folder",
            )
        return self.cache_folder

    @property
    def bases(self) -> Path:
        """Folder of prepared base models."""
        return self.cache / "bases"

    @property
    def user_cards(self) -> Path:
        """Folder of base-model cards that the person added."""
        return self.cache / "cards"

    @property
    def embeddings(self) -> Path:
        """The SQLite file of cached embeddings."""
        return self.cache / "embeddings.sqlite"

    @property
    def unpacked(self) -> Path:
        """Folder of unpacked archives."""
        return self.cache / "unpacked"


def current() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    ParameterError
        When a variable has a value that is not allowed.
    """
    cache = _cache_folder()
    return Settings(
        cache_folder=cache,
        offline=_flag("HEADSTART_OFFLINE"),
        threads=_threads(),
        use_embedding_cache=cache is not None and not _flag("HEADSTART_NO_CACHE"),
    )


def _cache_folder() -> Path | None:
    named = os.environ.get("HEADSTART_CACHE")
    try:
        if named:
            return Path(named).expanduser().absolute()
        from platformdirs import user_cache_path

        folder = user_cache_path("headstart", appauthor=False)
    except (RuntimeError, KeyError) as error:  # no home folder: pathlib and pwd each say it in their way
        if named:
            raise ParameterError(
                f"HEADSTART_CACHE is {named!r}, and this user has no home folder.", "Write the path in full."
            ) from error
        return None
    # A '~' that stands for nothing is left as it is, and would become a folder of that name.
    return folder if folder.is_absolute() else None


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ParameterError(f"{name} must be 1 or 0, got {value!r}.", f"Set {name}=1 or unset it.")


def _threads() -> int:
    value = os.environ.get("HEADSTART_THREADS", "").strip()
    if not value:
        return available_cores()
    if not value.isdigit() or int(value) < 1:
        raise ParameterError(
            f"HEADSTART_THREADS must be a whole number from 1 up, got {value!r}.",
            "Set it to the number of cores to use, or unset it.",
        )
    return int(value)
