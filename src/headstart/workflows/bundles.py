"""Look after saved models as files: check, describe, pack into one file, unpack."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from headstart.bundle import archive
from headstart.bundle.load import load, read_manifest
from headstart.bundle.manifest import MANIFEST, SEAL, Manifest
from headstart.bundle.save import OURS
from headstart.targets import CLASSES, shown_of


@dataclass(frozen=True)
class BundleInfo:
    """What a saved model says about itself.

    Attributes
    ----------
    path
        The folder or zip file.
    files
        File name to size in bytes, of those that the manifest vouches for.
    linked
        Base models that it refers to instead of holding them.
    unlisted
        Other files in the folder, which nothing vouches for.
    checked
        Whether every file was read and compared with its recorded hash.
    target
        The name of what it learned.
    learned, worth
        In words, for another target than classes: what it does, and what it was measured to be worth.
    """

    path: str
    name: str
    modality: str
    classes: tuple[str, ...]
    bases: tuple[str, ...]
    created: str
    headstart: str
    accuracy: dict[str, Any]
    files: dict[str, int]
    linked: tuple[str, ...]
    unlisted: tuple[str, ...]
    checked: bool
    target: str = CLASSES.name
    learned: str = ""
    worth: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def bundle_info(path: str | Path) -> BundleInfo:
    """Describe a saved model, a folder or a packed file, by its manifest alone.

    Raises
    ------
    BundleError
        When it is not a model, or comes from a newer version, which is named.
    """
    return _describe(Path(path), checked=False)


def verify_bundle(path: str | Path) -> BundleInfo:
    """Check every byte of a saved model, a folder or a packed file, as loading it does.

    Raises
    ------
    BundleError
        Naming the first file that is missing, changed or hostile.
    """
    target = Path(path)
    if target.is_file():
        with tempfile.TemporaryDirectory(prefix="headstart-") as spare:
            load(archive.unpack(target, Path(spare) / "model"))
    else:
        load(target)
    return _describe(target, checked=True)


def pack_bundle(folder: str | Path, output: str | Path | None = None) -> Path:
    """Write a saved model to one zip file; by default beside the folder, with its name."""
    source = Path(folder).expanduser().absolute()
    return archive.pack(source, output if output is not None else source.with_name(source.name + ".zip"))


def unpack_bundle(packed: str | Path, output: str | Path | None = None) -> Path:
    """Unpack a model, whole or not at all; by default into a folder beside the file, with its name."""
    source = Path(packed).expanduser().absolute()
    return archive.unpack(source, output if output is not None else source.with_suffix(""))


def _describe(path: Path, *, checked: bool) -> BundleInfo:
    if path.is_file():
        with archive.opened(path.expanduser().absolute()) as (_, manifest):
            return _info(path, manifest, (), checked)
    manifest = read_manifest(path)
    known = {MANIFEST, SEAL, *manifest.files}
    others = tuple(sorted(p.name for p in path.expanduser().iterdir() if p.name not in known))
    return _info(path, manifest, others, checked)


def _info(path: Path, manifest: Manifest, unlisted: tuple[str, ...], checked: bool) -> BundleInfo:
    shown = shown_of(manifest.quality, manifest.target)
    return BundleInfo(
        path=str(path),
        name=manifest.name,
        modality=str(manifest.modality),
        classes=manifest.classes,
        bases=tuple(entry.name for entry in manifest.encoders),
        created=manifest.created,
        headstart=manifest.headstart,
        accuracy=dict(manifest.quality.get("accuracy") or {}),
        files={name: entry.bytes for name, entry in manifest.files.items()},
        linked=tuple(entry.name for entry in manifest.encoders if entry.linked),
        unlisted=tuple(name for name in unlisted if not OURS.fullmatch(name) or name == "report.html"),
        checked=checked,
        target=manifest.target,
        learned="" if shown is None else shown.learned,
        worth="" if shown is None else shown.headline,
    )
