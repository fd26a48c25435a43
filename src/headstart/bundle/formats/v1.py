"""Format 1, written by headstart 0.1: the manifest as a table, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from headstart.bundle.manifest import EncoderEntry, FileEntry, Manifest
from headstart.errors import CorruptBundleError
from headstart.features import Block
from headstart.kinds import any_of, is_kind
from headstart.targets import CLASSES, targets
from headstart.types import Modality

T = TypeVar("T")

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def write(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as plain data."""
    return {
        "format_version": 1,
        "name": manifest.name,
        "created": manifest.created,
        "headstart": manifest.headstart,
        "modality": str(manifest.modality),
        **({} if manifest.target == CLASSES.name else {"target": manifest.target}),
        "classes": list(manifest.classes),
        "encoders": [_write_encoder(entry) for entry in manifest.encoders],
        "blocks": [block.to_dict() for block in manifest.blocks],
        "head": dict(manifest.head),
        "quality": dict(manifest.quality),
        "data": {"fingerprint": manifest.data_fingerprint},
        "libraries": dict(manifest.libraries),
        "files": {name: _write_file(entry) for name, entry in manifest.files.items()},
    }


def read(table: Mapping[str, Any], where: str) -> Manifest:
    """Check a parsed manifest field by field.

    Raises
    ------
    CorruptBundleError
        Naming the first field that is not what the format says.
    """
    fields = _Fields(table, where)
    manifest = Manifest(
        name=fields.text("name"),
        created=fields.text("created"),
        headstart=fields.text("headstart"),
        modality=fields.modality("modality"),
        target=fields.target("target"),
        classes=fields.texts("classes"),
        encoders=tuple(_read_encoder(inner) for inner in fields.tables("encoders")),
        blocks=tuple(_read_block(inner) for inner in fields.tables("blocks")),
        head=fields.mapping("head"),
        quality=fields.mapping("quality"),
        data_fingerprint=fields.table("data").text("fingerprint"),
        libraries=fields.mapping_of("libraries", str, "a version"),
        files=_read_files(fields),
    )
    _check_together(manifest, fields)
    return manifest


def _write_file(entry: FileEntry) -> dict[str, Any]:
    return {"sha256": entry.sha256, "bytes": entry.bytes}


def _write_encoder(entry: EncoderEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "fingerprint": entry.fingerprint,
        "width": entry.width,
        "outputs": [[name, width] for name, width in entry.outputs.items()],
        "recipe": dict(entry.recipe),
        "class_names": list(entry.class_names),
        "files": dict(entry.files),
        "linked": {role: _write_file(file) for role, file in entry.linked.items()},
        "card": dict(entry.card),
    }


def _read_encoder(fields: _Fields) -> EncoderEntry:
    files = fields.mapping_of("files", str, "a file name")
    linked = {inner.key: _read_file(inner) for inner in fields.table("linked").inner()}
    needs_files = "base" in fields.mapping("recipe") or "column" not in fields.mapping("recipe")
    if needs_files and (bool(files) == bool(linked) or "encoder" not in (files or linked)):
        raise fields.wrong("files", "the file of the role 'encoder', here or in 'linked'", files)
    return EncoderEntry(
        name=fields.text("name"),
        fingerprint=fields.text("fingerprint"),
        width=fields.count("width", least=1),
        outputs=_read_outputs(fields),
        recipe=fields.mapping("recipe"),
        class_names=fields.texts("class_names"),
        files=files,
        linked=linked,
        card=fields.mapping("card"),
    )


def _read_outputs(fields: _Fields) -> dict[str, int]:
    outputs: dict[str, int] = {}
    for pair in fields.sequence("outputs"):
        if not (
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and _is_count(pair[1])
        ):
            raise fields.wrong("outputs", "a list of [name, width]", pair)
        outputs[pair[0]] = pair[1]
    return outputs


def _read_block(fields: _Fields) -> Block:
    return Block(
        name=fields.text("name"),
        kind=fields.text("kind"),
        encoder=fields.text("encoder"),
        output=fields.text("output"),
    )


def _read_files(fields: _Fields) -> dict[str, FileEntry]:
    files = {}
    for inner in fields.table("files").inner():
        if not _FILE_NAME.fullmatch(inner.key):  # a name like ../x would reach outside the bundle
            raise fields.wrong("files", "plain file names without folders", inner.key)
        files[inner.key] = _read_file(inner)
    return files


def _read_file(fields: _Fields) -> FileEntry:
    digest = fields.text("sha256")
    if not _SHA256.fullmatch(digest):
        raise fields.wrong("sha256", "64 hexadecimal digits", digest)
    return FileEntry(sha256=digest, bytes=fields.count("bytes"))


def _check_together(manifest: Manifest, fields: _Fields) -> None:
    if len(set(manifest.classes)) != len(manifest.classes) or not manifest.classes:
        raise fields.wrong("classes", "at least one name, each once", list(manifest.classes)[:20])
    names = [entry.name for entry in manifest.encoders]
    if len(set(names)) != len(names):
        raise fields.wrong("encoders", "different names", names)
    for entry in manifest.encoders:
        for role, file in entry.files.items():
            if file not in manifest.files:
                raise fields.wrong("encoders", f"files listed in 'files' for {role}", file)
    if not manifest.blocks:
        raise fields.wrong("blocks", "at least one block of features", [])
    outputs = {entry.name: entry.outputs for entry in manifest.encoders}
    for block in manifest.blocks:
        if block.kind not in ("encoder", "raw"):
            raise fields.wrong("blocks", "the kinds encoder and raw", block.kind)
        if block.kind == "encoder" and block.output not in outputs.get(block.encoder, {}):
            raise fields.wrong("blocks", "outputs of the encoders above", f"{block.encoder}/{block.output}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


class _Fields:
    """Reads typed fields out of a JSON object; what is wrong is said with the path to it."""

    def __init__(self, table: Mapping[str, Any], where: str, key: str = "") -> None:
        self._table = table
        self._where = where
        self.key = key

    def wrong(self, name: str, expected: str, actual: Any) -> CorruptBundleError:
        shown = repr(actual)
        path = f"{self.key}.{name}" if self.key else name
        return CorruptBundleError(
            f"{self._where}: {path} must be {expected}, found {shown[:80]}{'…' * (len(shown) > 80)}.",
            "The manifest was changed or damaged; restore it from a copy, or train again.",
        )

    def _get(self, name: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        if name not in self._table:
            raise self.wrong(name, expected, "nothing")
        value = self._table[name]
        if not fits(value):
            raise self.wrong(name, expected, value)
        return value

    def text(self, name: str) -> str:
        value: str = self._get(name, "a text", lambda value: isinstance(value, str))
        return value

    def count(self, name: str, least: int = 0) -> int:
        value: int = self._get(
            name, f"a whole number from {least} up", lambda value: _is_count(value) and value >= least
        )
        return value

    def sequence(self, name: str) -> list[Any]:
        value: list[Any] = self._get(name, "a list", lambda value: isinstance(value, list))
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.sequence(name)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(name, "a list of texts", values)
        return tuple(values)

    def mapping(self, name: str) -> dict[str, Any]:
        value: dict[str, Any] = self._get(name, "an object", lambda value: isinstance(value, dict))
        return value

    def mapping_of(self, name: str, kind: type[T], what: str) -> dict[str, T]:
        value = self.mapping(name)
        if not all(isinstance(item, kind) for item in value.values()):
            raise self.wrong(name, f"an object whose values are each {what}", value)
        return value

    def modality(self, name: str) -> Modality:
        value = self.text(name)
        if not is_kind(value):
            error = self.wrong(name, any_of(), value)
            hint = f"{error.hint} Or install the package that brings this kind of data."
            raise CorruptBundleError(error.message, hint)
        return Modality(value)

    def target(self, name: str) -> str:
        if name not in self._table:
            return CLASSES.name
        value = self.text(name)
        if value not in targets():
            error = self.wrong(name, ", ".join(targets()), value)
            hint = f"{error.hint} Or install the package that brings this target."
            raise CorruptBundleError(error.message, hint)
        return value

    def table(self, name: str) -> _Fields:
        return _Fields(self.mapping(name), self._where, f"{self.key}.{name}" if self.key else name)

    def tables(self, name: str) -> list[_Fields]:
        values = self.sequence(name)
        if not all(isinstance(value, dict) for value in values):
            raise self.wrong(name, "a list of objects", values)
        return [_Fields(value, self._where, f"{name}[{i}]") for i, value in enumerate(values)]

    def inner(self) -> list[_Fields]:
        for name, value in self._table.items():
            if not isinstance(value, dict):
                raise self.wrong(name, "an object", value)
        return [_Fields(value, self._where, name) for name, value in self._table.items()]
