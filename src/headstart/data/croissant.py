"""Describe a data set as Croissant 1.0 JSON-LD, so that catalogues of data sets and other tools can read it.

Format: "Croissant Format Specification 1.0", MLCommons, 2024 (docs.mlcommons.org/croissant). A folder becomes
a list of files with their hashes and a table that names the class of each; a table becomes its two columns.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.data.columns import Columns
from headstart.files import sha256_of
from headstart.types import Dataset

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
RECORDS = "examples"
_JSON = {"@type": "@json"}
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs column extract field fileProperty fileObject fileSet format includes isLiveDataset "
            "jsonPath key md5 parentField path recordSet references regex repeated replace separator source "
            "subField transform"
        ).split()
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", **_JSON},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", **_JSON},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
_TABLES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/x-parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the person knows; Croissant wants all of it, and none of it is made up.

    Attributes
    ----------
    published
        A day, as ``2026-11-25``.
    """

    name: str
    description: str = ""
    licence: str = ""
    creator: str = ""
    url: str = ""
    published: str = ""

    @property
    def missing(self) -> list[str]:
        """Names of the facts that a complete description still needs, as options of the command line."""
        wanted = {
            "license": self.licence,
            "creator": self.creator,
            "url": self.url,
            "published": self.published,
        }
        return [name for name, value in wanted.items() if not value]


def describe(dataset: Dataset, origin: Path, facts: Facts, columns: Columns | None = None) -> dict[str, Any]:
    """Return the description.

    Parameters
    ----------
    origin
        The folder or table that the data set was read from.
    columns
        For a table: which of its columns hold input and class.
    """
    files, records = _table(origin, columns) if columns is not None else _folder(dataset, origin)
    counts = ", ".join(f"{name}: {count}" for name, count in dataset.counts.items())
    counted = f"{len(dataset)} labelled examples ({dataset.modality}) of {len(dataset.classes)} classes"
    described: dict[str, Any] = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": facts.name,
        "description": facts.description or f"{counted} ({counts}).",
    }
    if facts.licence:
        described["license"] = facts.licence
    if facts.creator:
        described["creator"] = {"@type": "sc:Person", "name": facts.creator}
    if facts.url:
        described["url"] = facts.url
    if facts.published:
        described["datePublished"] = facts.published
    return described | {"distribution": files, "recordSet": [records]}


def _folder(dataset: Dataset, origin: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    files, rows = [], []
    for example in dataset.examples:
        path = Path(str(example.source))
        name = path.relative_to(origin).as_posix() if path.is_relative_to(origin) else path.name
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        files.append(_file(path, name, kind))
        rows.append({f"{RECORDS}/file": name, f"{RECORDS}/label": example.label})
    fields = [_field("file", "Path of the file, as in the distribution."), _field("label", "Its class.")]
    return files, _records(fields) | {"data": rows}


def _table(origin: Path, columns: Columns) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    kind = _TABLES.get(origin.suffix.lower(), "text/csv")
    fields = [_field("input", "What is told apart."), _field("label", "Its class.")]
    for field, column in zip(fields, (columns.input, columns.label), strict=True):
        extract = {"jsonPath": f"$.{column}"} if kind == _TABLES[".jsonl"] else {"column": column}
        field["source"] = {"fileObject": {"@id": origin.name}, "extract": extract}
    return [_file(origin, origin.name, kind)], _records(fields)


def _records(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"@type": "cr:RecordSet", "@id": RECORDS, "name": RECORDS, "field": fields}


def _field(name: str, description: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{RECORDS}/{name}",
        "name": f"{RECORDS}/{name}",
        "description": description,
        "dataType": "sc:Text",
    }


def _file(path: Path, name: str, kind: str) -> dict[str, Any]:
    digest = sha256_of(path)
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": kind,
        "sha256": digest,
    }
