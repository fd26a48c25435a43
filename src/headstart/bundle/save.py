"""Write a model to a folder: whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save as to_safetensors

from headstart._version import __version__
from headstart.bundle.card import model_card
from headstart.bundle.formats import v1
from headstart.bundle.graph_guard import refuse_external_data
from headstart.bundle.manifest import (
    CARD,
    DOUBT,
    HEAD,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    SEAL,
    SEEN,
    EncoderEntry,
    FileEntry,
    Manifest,
    to_bytes,
)
from headstart.bundle.swap import replacing
from headstart.errors import BundleError, HeadstartError, ParameterError, StorageError
from headstart.files import flush, sha256_of
from headstart.model import Model
from headstart.provenance import library_versions
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

OURS = re.compile(
    r"manifest\.(json|sha256)|README\.md|report\.html|(head|seen|doubt)\.safetensors|(encoder|tokenizer)(_\d+)?\.\w+"
)
# What a model tells of its base. Where the files lay on the trainer's machine stays there.
_CARD_FACTS = (
    "title",
    "trained_on",
    "domain",
    "language",
    "names",
    "parameters",
    "licence",
    "licence_note",
    "upstream",
    "notes",
)
_SUFFIX = {"encoder": ".onnx", "tokenizer": ".json"}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def save(model: Model, path: str | Path, *, link_base: bool = False) -> Path:
    """Save `model` to the folder `path`; see `Model.save`.

    Returns
    -------
    Path
        The folder, absolute.
    """
    target = check_target(path)
    with storage_errors(target), replacing(target, _is_ours) as folder:
        files: dict[str, FileEntry] = {}
        copied: dict[Path, str] = {}
        entries = tuple(
            _store_encoder(folder, spec, number, link_base, model.cards.get(spec.name, {}), files, copied)
            for number, spec in enumerate(model.encoders, start=1)
        )
        files[HEAD] = _write(folder / HEAD, _to_safetensors(model.head.arrays()))
        if len(model.seen):
            files[SEEN] = _write(folder / SEEN, _to_safetensors({"contents": model.seen}))
        if model.doubt is not None:
            files[DOUBT] = _write(folder / DOUBT, _to_safetensors(model.doubt.arrays()))
        manifest = _describe(model, target.name, entries, files)
        files[CARD] = _write(folder / CARD, model_card(manifest).encode("utf-8", errors="replace"))
        _seal(folder, manifest)
    return target


def check_target(path: str | Path) -> Path:
    """Return the absolute folder that a model can be saved in as `path`; nothing is written.

    Raises
    ------
    ParameterError
        When something other than a saved model is there already.
    StorageError
        When nothing may be written there.
    """
    target = Path(os.path.realpath(Path(path).expanduser()))  # a link to a folder stays a link
    _require_possible(target)
    parent = next(folder for folder in target.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise StorageError(
            f"A model could not be saved to {target}: {parent} is not a folder that may be written to.",
            "Save to a folder that you may write to.",
        )
    if not os.path.lexists(target):
        return target
    hint = "Choose another name for the model, or move that away first."
    if not target.is_dir():
        raise ParameterError(f"{target} is a file; a model is saved as a folder.", hint)
    names = sorted(entry.name for entry in os.scandir(target))
    if names and not _looks_like_a_model(target):
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        raise ParameterError(
            f"{target} is a folder that holds other things than a saved model ({shown}); it is left alone.",
            hint,
        )
    return target


def _require_possible(target: Path) -> None:
    """Refuse a name that no folder can have, before any work is done for it."""
    try:
        target.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # told apart by what follows
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(
            f"A model could not be saved to {target}: {reason}.", "Choose another name for the model."
        ) from error


def _describe(
    model: Model, name: str, entries: tuple[EncoderEntry, ...], files: Mapping[str, FileEntry]
) -> Manifest:
    return Manifest(
        name=model.name or name,
        created=model.created,
        headstart=__version__,
        modality=model.modality,
        target=model.target,
        classes=model.classes,
        encoders=entries,
        blocks=model.blocks,
        head=plain(model.head.meta),
        quality={key: value for key, value in plain(model.quality).items() if key != "model"},
        data_fingerprint=model.data_fingerprint,
        libraries=dict(model.libraries) or library_versions(),
        files=files,
    )


def _seal(folder: Path, manifest: Manifest) -> None:
    content = to_bytes(v1.write(manifest))
    if len(content) > MAX_MANIFEST_BYTES:
        raise BundleError(
            f"The model's description takes {len(content) / 1e6:.0f} MB; a manifest may have "
            f"{MAX_MANIFEST_BYTES / 1e6:.0f} MB.",
            "Train on fewer classes.",
        )
    entry = _write(folder / MANIFEST, content)
    _write(folder / SEAL, f"{entry.sha256}  {MANIFEST}\n".encode())


def _store_encoder(
    folder: Path,
    spec: EncoderSpec,
    number: int,
    link: bool,
    card: Mapping[str, Any],
    files: dict[str, FileEntry],
    copied: dict[Path, str],
) -> EncoderEntry:
    placed: dict[str, str] = {}
    linked: dict[str, FileEntry] = {}
    for role, source in spec.files.items():
        if link:
            linked[role] = _hash(source)
        else:
            # Two columns of a table may run through one base, which is then kept once.
            name = copied.get(source) or role + (f"_{number}" if number > 1 else "") + _SUFFIX.get(
                role, ".bin"
            )
            if source not in copied:
                files[name] = _copy(source, folder / name)
                copied[source] = name
            placed[role] = name
    if "encoder" in placed:
        refuse_external_data((folder / placed["encoder"]).read_bytes(), str(spec.files["encoder"]))
    return EncoderEntry(
        name=spec.name,
        fingerprint=spec.fingerprint,
        width=spec.width,
        outputs=spec.outputs,
        recipe=plain(spec.recipe),
        class_names=spec.class_names,
        files=placed,
        linked=linked,
        card={key: plain(card[key]) for key in _CARD_FACTS if key in card},
    )


def _to_safetensors(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    # safetensors writes memory as it lies, so each array must lie in row order
    return bytes(to_safetensors({name: np.asarray(array, order="C") for name, array in arrays.items()}))


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: NumPy numbers as numbers, what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _write(path: Path, content: bytes) -> FileEntry:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return FileEntry(hashlib.sha256(content).hexdigest(), len(content))


def _copy(source: Path, target: Path) -> FileEntry:
    shutil.copyfile(source, target)
    flush(target)
    return _hash(target)


def _hash(path: Path) -> FileEntry:
    return FileEntry(sha256_of(path), path.stat().st_size)


def _is_ours(name: str) -> bool:
    return OURS.fullmatch(name) is not None


def _looks_like_a_model(folder: Path) -> bool:
    """Return whether it is one of ours, even a damaged one: that may be replaced."""
    if (folder / MANIFEST).is_file() and (folder / SEAL).is_file():
        return True
    try:
        table = json.loads((folder / MANIFEST).read_bytes()[:MAX_MANIFEST_BYTES])
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(table, dict) and "format_version" in table


@contextmanager
def storage_errors(target: Path) -> Iterator[None]:
    """Turn what the system says about the disk into our words."""
    try:
        yield
    except HeadstartError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"The model could not be saved to {target}: there is no room left ({error.strerror}).",
                "Free some space, or save to a folder on another disk. Nothing was changed there.",
            ) from error
        raise StorageError(
            f"The model could not be saved to {target}: {error.strerror or error}.",
            "Save to a folder that you may write to. Nothing was changed there.",
        ) from error
