"""Read a saved model: nothing is used before it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors

from headstart.bundle.manifest import CARD, DOUBT, HEAD, MANIFEST, SEEN, EncoderEntry, Manifest
from headstart.bundle.parsing import parse
from headstart.bundle.swap import find_folder
from headstart.bundle.verify import (
    check_file,
    read_checked,
    read_manifest_bytes,
    require_seal,
    verify_files,
)
from headstart.errors import BaseUnavailableError, BundleError, CorruptBaseError, CorruptBundleError
from headstart.features import Seal
from headstart.heads.doubt import Doubt
from headstart.model import Model
from headstart.targets import target_of
from headstart.types import EncoderSpec, Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.bases.card import Base
    from headstart.heads.protocol import Fitted

_TRIES = 5
_ARRAYS = (HEAD, SEEN, DOUBT)  # checked as they are read


def load(path: str | Path) -> Model:
    """Read the model saved in the folder `path`; see `Model.load`."""
    target = Path(path).expanduser().absolute()
    for _ in range(_TRIES):
        folder = find_folder(target)
        before = _identity(folder)
        try:
            return _load(folder)
        except (BundleError, FileNotFoundError):
            if before == _identity(find_folder(target)):
                raise
        # else another process replaced the model while it was read: read the new one
    raise BundleError(f"{target} is being replaced again and again.", "Try once more when that has ended.")


def read_manifest(path: str | Path) -> Manifest:
    """Return what a saved model says about itself; its other files are not read.

    Raises
    ------
    BundleError
        When it is not a model, its manifest is damaged, or it comes from a newer version.
    """
    folder = find_folder(Path(path).expanduser().absolute())
    content = read_manifest_bytes(folder)
    manifest = parse(content, str(folder / MANIFEST))
    require_seal(folder)  # after the version is known: a later format may seal itself otherwise
    if HEAD not in manifest.files or CARD not in manifest.files:
        raise CorruptBundleError(f"{folder}: 'files' must list {HEAD} and {CARD}.", "Train the model anew.")
    return manifest


def read_report(path: str | Path) -> Mapping[str, Any]:
    """Return what a saved model was measured to be worth: the training report as plain data.

    Raises
    ------
    BundleError
        As `read_manifest` does.
    """
    return read_manifest(path).quality


def _load(folder: Path) -> Model:
    manifest = read_manifest(folder)
    graphs = frozenset(entry.files["encoder"] for entry in manifest.encoders if "encoder" in entry.files)
    verify_files(folder, {k: v for k, v in manifest.files.items() if k not in _ARRAYS}, graphs)
    seals = _seals(folder, manifest)
    head = _read_head(folder / HEAD, manifest)
    return Model(
        modality=manifest.modality,
        target=manifest.target,
        classes=manifest.classes,
        encoders=tuple(_encoder(folder, entry, manifest.modality) for entry in manifest.encoders),
        blocks=manifest.blocks,
        head=head,
        quality=manifest.quality,
        data_fingerprint=manifest.data_fingerprint,
        cards={entry.name: entry.card for entry in manifest.encoders},
        name=manifest.name,
        created=manifest.created,
        libraries=manifest.libraries,
        headstart_version=manifest.headstart,
        seen=_read_seen(folder / SEEN, manifest),
        seals=seals,
        doubt=_read_doubt(folder / DOUBT, manifest, head),
    )


def _seals(folder: Path, manifest: Manifest) -> dict[Path, Seal]:
    names = [name for entry in manifest.encoders for name in entry.files.values()]
    return {folder / name: Seal.of(folder / name, manifest.files[name].sha256) for name in names}


def _encoder(folder: Path, entry: EncoderEntry, modality: Modality) -> EncoderSpec:
    files: Mapping[str, Path] = {role: folder / name for role, name in entry.files.items()}
    if entry.linked:
        files = _linked_files(folder, entry)
    return EncoderSpec(
        name=entry.name,
        modality=modality,
        fingerprint=entry.fingerprint,
        width=entry.width,
        outputs=entry.outputs,
        recipe=entry.recipe,
        files=files,
        class_names=entry.class_names,
    )


def _linked_files(folder: Path, entry: EncoderEntry) -> Mapping[str, Path]:
    from headstart.bases.catalogue import load_catalogue  # only bundles without their own base need these
    from headstart.bases.store import installed

    base: Base | None = load_catalogue().cards.get(entry.name)
    spec = None if base is None else installed(base)
    if spec is None:
        raise BaseUnavailableError(
            f"{folder} refers to the base model {entry.name}, which is not on this machine.",
            f"Get it with: headstart bases get {entry.name}",
        )
    if spec.fingerprint != entry.fingerprint or set(spec.files) != set(entry.linked):
        raise CorruptBaseError(
            f"{folder} was trained on {entry.name} with fingerprint {entry.fingerprint[:12]}…, "
            f"but the one on this machine has {spec.fingerprint[:12]}….",
            "Train the model anew, or install the version of headstart that it was trained with.",
        )
    for role, expected in entry.linked.items():
        check_file(spec.files[role], expected, is_graph=role == "encoder")
    return spec.files


def _read_head(path: Path, manifest: Manifest) -> Fitted:
    target = target_of(manifest.target)
    read = partial(target.need("read_head", "load a model"), names=manifest.classes)
    arrays = _read_arrays(path, manifest)
    try:
        head: Fitted = read(arrays, manifest.head)
    except (BundleError, KeyError, ValueError, TypeError, IndexError) as error:
        if isinstance(error, CorruptBundleError) or not isinstance(error, BundleError):
            reason = error.message if isinstance(error, BundleError) else str(error)
            raise _unfit(path, reason) from error
        raise
    if not set(head.blocks) <= {block.name for block in manifest.blocks}:
        raise _unfit(path, f"its blocks are {sorted(head.blocks)}")
    return head


def _read_seen(path: Path, manifest: Manifest) -> NDArray[np.uint64]:
    if SEEN not in manifest.files:
        return np.zeros(0, dtype=np.uint64)
    seen = _read_arrays(path, manifest).get("contents")
    if seen is None or seen.dtype != np.uint64 or seen.ndim != 1:
        raise _unfit(path, "the array 'contents' is missing or is not a list of hashes")
    return seen


def _read_doubt(path: Path, manifest: Manifest, head: Fitted) -> Doubt | None:
    if DOUBT not in manifest.files:  # saved before models could doubt
        return None
    outputs = {entry.name: entry.outputs for entry in manifest.encoders}
    widths = {block.name: outputs[block.encoder][block.output] for block in manifest.blocks if block.encoder}
    widths = {**head.widths, **widths}
    try:
        return Doubt.from_arrays(_read_arrays(path, manifest), len(manifest.classes), widths)
    except CorruptBundleError as error:
        raise _unfit(path, error.message) from error


def _read_arrays(path: Path, manifest: Manifest) -> dict[str, NDArray[Any]]:
    content = read_checked(path, manifest.files[path.name])
    try:
        return dict(from_safetensors(content))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise _unfit(path, str(error)) from error


def _unfit(path: Path, reason: str) -> CorruptBundleError:
    return CorruptBundleError(
        f"{path} must hold the arrays that the manifest describes: {reason}.",
        "The model is damaged: copy it again from where it came, or train it anew.",
    )


def _identity(folder: Path) -> tuple[int, ...]:
    """Return what changes when the folder is replaced; times too, for inode numbers are given out again."""
    try:
        both = folder.stat(), (folder / MANIFEST).stat()
    except OSError:
        return ()
    return tuple(n for status in both for n in (status.st_ino, status.st_mtime_ns, status.st_ctime_ns))
