"""A saved model as one zip file, and back: nothing is written before every name and size is known.

An archive may come from anybody. It may hold only the plain files that its manifest lists, each once, each of
the size that the manifest says; everything else (paths, links, folders, encrypted or overlapping entries,
data before or after) is refused with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from headstart.bundle.load import read_manifest
from headstart.bundle.manifest import (
    CARD,
    HEAD,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    SEAL,
    FileEntry,
    Manifest,
)
from headstart.bundle.parsing import parse
from headstart.bundle.save import OURS, check_target, storage_errors
from headstart.bundle.swap import find_folder, replacing
from headstart.bundle.verify import MAX_HEAD_BYTES, check_file, check_seal
from headstart.data.zip_checks import UNIX, UNREADABLE, entry_fault, overlap, shown
from headstart.errors import BundleError, CorruptBundleError, HeadstartError, ParameterError
from headstart.files import whole_file

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes
_MOST_FILES = 64
_MOST_SHRUNK = 200  # a file of zeros shrinks a thousandfold, weights hardly at all
_SMALL = 1 << 20
_BLOCK = 1 << 20
_MEND = "Do not use this archive: get the model again from whoever made it."
_AGAIN = "The archive is damaged: copy or download it again."


def pack(folder: str | Path, output: str | Path) -> Path:
    """Write the saved model in `folder` to the zip file `output`, after checking every file of it.

    Raises
    ------
    BundleError
        When it is not a model, or a file of it is damaged.
    ParameterError
        When `output` is a folder.
    """
    source = find_folder(Path(folder).expanduser().absolute())
    manifest = read_manifest(source)
    target = Path(os.path.realpath(Path(output).expanduser()))
    if target.is_dir():
        raise ParameterError(f"{target} is a folder; a packed model is a file.", "Name a file with -o.")
    with whole_file(target) as passing, zipfile.ZipFile(passing, "w") as archive:
        for name in (MANIFEST, SEAL):
            _add(archive, source / name)
        for name, entry in manifest.files.items():
            check_file(source / name, entry, is_graph=name in _graphs(manifest))
            _add(archive, source / name)
    return target


def unpack(archive: str | Path, output: str | Path) -> Path:
    """Unpack a model to the folder `output`, whole or not at all; an older model there is replaced.

    Raises
    ------
    BundleError
        When the archive is not a model, is hostile, damaged, or from a newer version; names the reason.
    """
    source = Path(archive).expanduser().absolute()
    target = check_target(output)
    with opened(source) as (packed, manifest), storage_errors(target):
        with replacing(target, lambda name: OURS.fullmatch(name) is not None) as folder:
            for name in (MANIFEST, SEAL):
                _extract(packed, name, folder / name, None)
            for name, entry in manifest.files.items():
                _extract(packed, name, folder / name, entry)
                check_file(folder / name, entry, is_graph=name in _graphs(manifest))
    return target


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open an archive and read its manifest, after checking every name and size in it.

    Raises
    ------
    BundleError
        See `unpack`.
    """
    if not path.is_file():
        raise BundleError(f"There is no file {path}.", "Check the path; a packed model is a zip file.")
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as packed:
            _check_frame(stream, packed, path)
            names = _check_entries(packed, path)
            content = _read(packed, MANIFEST, MAX_MANIFEST_BYTES, path)
            check_seal(content, _read(packed, SEAL, 1000, path), f"{path}: {MANIFEST}", f"{path}: {SEAL}")
            manifest = parse(content, f"{path}: {MANIFEST}")
            _check_expected(packed, manifest, names, path)
            yield packed, manifest
    except HeadstartError:
        raise
    except UNREADABLE as error:
        raise CorruptBundleError(f"{path} is not a zip file that can be read: {error}.", _AGAIN) from error


def _graphs(manifest: Manifest) -> frozenset[str]:
    return frozenset(entry.files["encoder"] for entry in manifest.encoders if entry.files)


def _add(archive: zipfile.ZipFile, path: Path) -> None:
    entry = zipfile.ZipInfo(path.name, _WHEN)
    entry.create_system, entry.external_attr = UNIX, (stat.S_IFREG | 0o644) << 16
    entry.compress_type = (
        zipfile.ZIP_STORED if path.suffix in (".onnx", ".safetensors") else zipfile.ZIP_DEFLATED
    )
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as target:
        while block := source.read(_BLOCK):
            target.write(block)


def _check_frame(stream: IO[bytes], packed: zipfile.ZipFile, path: Path) -> None:
    """Refuse what is a zip file and something else at once, and entries that share bytes."""
    stream.seek(0)
    if stream.read(4) != b"PK\x03\x04":
        raise CorruptBundleError(f"{path} has other data before its first file.", _MEND)
    if packed.comment:
        raise CorruptBundleError(f"{path} has other data after its last file.", _MEND)
    if reason := overlap(packed):
        raise CorruptBundleError(f"{path}: {reason}.", _MEND)


def _check_entries(packed: zipfile.ZipFile, path: Path) -> set[str]:
    entries = packed.infolist()
    if len(entries) > _MOST_FILES:
        raise CorruptBundleError(
            f"{path} holds {len(entries)} files; a saved model has at most {_MOST_FILES}.", _MEND
        )
    for entry in entries:
        reason = _refused(entry)
        if reason:
            raise CorruptBundleError(f"{path}: {shown(entry.orig_filename)} {reason}.", _MEND)
    for name, count in Counter(entry.filename.casefold() for entry in entries).items():
        if count > 1:
            twice = [entry.filename for entry in entries if entry.filename.casefold() == name]
            words = "stands twice" if len(set(twice)) == 1 else "differs from another name only in its case"
            raise CorruptBundleError(f"{path}: {shown(twice[-1])} {words}.", _MEND)
    return {entry.filename for entry in entries}


def _refused(entry: zipfile.ZipInfo) -> str:
    """Say why an entry may not be unpacked; empty where it may."""
    if entry.orig_filename != entry.filename or not _PLAIN.fullmatch(entry.filename):
        return "is not a plain file name: it could be written outside of the folder"
    if reason := entry_fault(entry)[1]:
        return reason
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in a way that zip files seldom use"
    if entry.file_size > _SMALL and entry.file_size > _MOST_SHRUNK * max(1, entry.compress_size):
        return f"would grow from {entry.compress_size:,} to {entry.file_size:,} bytes, as no model does"
    if entry.file_size > MAX_HEAD_BYTES:
        return f"has {entry.file_size:,} bytes; at most {MAX_HEAD_BYTES:,} can be unpacked"
    return ""


def _check_expected(packed: zipfile.ZipFile, manifest: Manifest, names: set[str], path: Path) -> None:
    expected = {MANIFEST, SEAL, *manifest.files}
    if HEAD not in expected or CARD not in expected:
        raise CorruptBundleError(f"{path}: 'files' must list {HEAD} and {CARD}.", _AGAIN)
    for name in sorted(expected - names):
        raise CorruptBundleError(f"{path}: {name} is missing.", _AGAIN)
    for name in sorted(names - expected):
        raise CorruptBundleError(f"{path}: {shown(name)} is not a file of the model in it.", _MEND)
    for name, entry in manifest.files.items():
        size = packed.getinfo(name).file_size
        if size != entry.bytes:
            raise CorruptBundleError(
                f"{path}: {name} must have {entry.bytes:,} bytes, found {size:,}.", _AGAIN
            )


def _read(packed: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    if name not in packed.namelist():
        raise BundleError(
            f"{path} is not a packed model: it holds no {name}.",
            "Give a file that `headstart bundle pack` made. A model that was zipped as a folder has its "
            "files one level too deep: unzip it by hand and use the folder.",
        )
    try:
        with packed.open(name) as stream:
            content = stream.read(limit + 1)
    except UNREADABLE as error:
        raise CorruptBundleError(f"{path}: {name} is damaged ({error}).", _AGAIN) from error
    if len(content) > limit:
        raise CorruptBundleError(f"{path}: {name} may have at most {limit:,} bytes.", _MEND)
    return content


def _extract(packed: zipfile.ZipFile, name: str, target: Path, entry: FileEntry | None) -> None:
    """Write one file, counting: what an archive says of itself need not be so."""
    size = packed.getinfo(name).file_size
    digest, left = hashlib.sha256(), size
    try:
        with packed.open(name) as source, target.open("wb") as out:
            while block := source.read(_BLOCK):
                left -= len(block)
                if left < 0:
                    raise CorruptBundleError(f"{name} is longer than the archive says.", _MEND)
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
    except UNREADABLE as error:
        raise CorruptBundleError(f"{packed.filename}: {name} is damaged ({error}).", _AGAIN) from error
    if entry is not None and digest.hexdigest() != entry.sha256:
        raise CorruptBundleError(
            f"{packed.filename}: {name} is not the file that was saved: its SHA-256 is "
            f"{digest.hexdigest()[:12]}…, the manifest says {entry.sha256[:12]}….",
            _AGAIN,
        )
