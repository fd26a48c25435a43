"""Check the files of a saved model against what its manifest says, before anything uses them."""

from __future__ import annotations

import hashlib
import mmap
import re
from collections.abc import Mapping
from pathlib import Path

from headstart.bundle.graph_guard import refuse_external_data
from headstart.bundle.manifest import MANIFEST, MAX_MANIFEST_BYTES, SEAL, FileEntry
from headstart.errors import BundleError, CorruptBundleError, StorageError

MAX_HEAD_BYTES = 4 << 30
ASSISTANT = "assistant.json"
"""What stands in the folder of an assistant, which is no model."""
_SEAL = re.compile(rb"([0-9a-f]{64})  manifest\.json\r?\n?")
_MEND = "The model is damaged: copy it again from where it came, or train it anew."


def read_manifest_bytes(folder: Path) -> bytes:
    """Return the manifest's bytes after checking them against ``manifest.sha256``.

    Raises
    ------
    BundleError
        When the folder is not a saved model.
    CorruptBundleError
        When the manifest or its seal is damaged.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise BundleError(f"There is no saved model at {folder}.", "Check the path; a model is a folder.")
    if not path.is_file() and (folder / ASSISTANT).is_file():
        raise BundleError(f"{folder} is an assistant, not a model.", f'Ask it: headstart ask {folder} "…"')
    if not path.is_file():
        raise BundleError(
            f"{folder} is not a saved model: it holds no {MANIFEST}.",
            "Give the folder that `headstart train -o` made.",
        )
    content = read_capped(path, MAX_MANIFEST_BYTES)
    seal = folder / SEAL
    if seal.is_file():
        check_seal(content, read_capped(seal, 1000), str(path), str(seal))
    return content


def check_seal(content: bytes, sealed: bytes, where: str, seal: str) -> None:
    """Check the bytes of a manifest against those of its seal; `where` and `seal` are what to call them.

    Raises
    ------
    CorruptBundleError
        When one of them is not what was saved.
    """
    match = _SEAL.fullmatch(sealed)
    if match is None:
        raise CorruptBundleError(f"{seal} must hold one SHA-256 in the layout of sha256sum.", _MEND)
    digest = hashlib.sha256(content).hexdigest()
    if digest != match[1].decode():
        raise CorruptBundleError(
            f"{where} is not the manifest that was saved: {SEAL} says {match[1].decode()[:12]}…, "
            f"its SHA-256 is {digest[:12]}….",
            _MEND,
        )


def require_seal(folder: Path) -> None:
    """Raise where ``manifest.sha256`` is missing."""
    if not (folder / SEAL).is_file():
        raise CorruptBundleError(f"{folder / SEAL} is missing.", _MEND)


def verify_files(folder: Path, files: Mapping[str, FileEntry], graphs: frozenset[str]) -> None:
    """Check size and hash of every file; those named in `graphs` must also be whole in themselves.

    Files of the folder that the manifest does not list are left unread.

    Raises
    ------
    CorruptBundleError
        Naming the first file that is missing or changed.
    """
    for name, entry in files.items():
        check_file(folder / name, entry, is_graph=name in graphs)


def check_file(path: Path, entry: FileEntry, *, is_graph: bool = False) -> None:
    """Check one file; see `verify_files`."""
    _check_size(path, entry.bytes)
    with path.open("rb") as stream:
        if entry.bytes == 0:
            _compare(path, hashlib.sha256(stream.read()).hexdigest(), entry)
            return
        # Not closed by hand: an error below still refers to it, and it goes when the last reference goes.
        content = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    _compare(path, hashlib.sha256(content).hexdigest(), entry)
    if is_graph:
        refuse_external_data(content, str(path))


def read_checked(path: Path, entry: FileEntry) -> bytes:
    """Return the bytes of a file whose size and hash are as they should be."""
    _check_size(path, entry.bytes)
    content = read_capped(path, MAX_HEAD_BYTES)
    _compare(path, hashlib.sha256(content).hexdigest(), entry)
    return content


def read_capped(path: Path, limit: int) -> bytes:
    """Read a whole file after checking that it is not larger than `limit` bytes."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise CorruptBundleError(
                f"{path} may have at most {limit:,} bytes, found {size:,}.",
                "It is not a file of a saved model; get the model again from whoever made it.",
            )
        return path.read_bytes()
    except PermissionError as error:
        raise StorageError(f"{path} may not be read.", "Ask for permission to read the model.") from error


def _check_size(path: Path, expected: int) -> None:
    if not path.is_file():
        raise CorruptBundleError(f"{path} is missing.", _MEND)
    size = path.stat().st_size
    if size != expected:
        raise CorruptBundleError(f"{path} must have {expected:,} bytes, found {size:,}.", _MEND)


def _compare(path: Path, digest: str, entry: FileEntry) -> None:
    if digest != entry.sha256:
        raise CorruptBundleError(
            f"{path} is not the file that was saved: its SHA-256 is {digest[:12]}…, "
            f"the manifest says {entry.sha256[:12]}….",
            _MEND,
        )
