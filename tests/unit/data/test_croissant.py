"""The description of a data set has what Croissant 1.0 requires, and says what is true of the files."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from headstart.data.croissant import CONFORMS_TO, Facts
from headstart.workflows import describe_data

FACTS = Facts(
    "Pastries",
    "Photos.",
    "https://creativecommons.org/licenses/by/4.0/",
    "A. Baker",
    "https://a.example",
    "2026-11-25",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(6):
        place = tmp_path / "photos" / ("scone", "bagel")[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20), (40 * number, 80, 120)).save(place)
    return tmp_path / "photos"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("review", "mood"), *((f"text number {i}", "ab"[i % 2]) for i in range(8))]
        )
    return path


def checked(made: dict) -> dict:
    """Hold a description against the specification's required fields (sections 3 to 6)."""
    assert made["conformsTo"] == CONFORMS_TO
    assert made["@type"] == "sc:Dataset"
    for key in ("name", "description", "license", "creator", "url", "datePublished"):
        assert made[key], key
    assert made["@context"]["@vocab"] == "https://schema.org/"
    assert made["@context"]["recordSet"] == "cr:recordSet"
    files = {file["@id"]: file for file in made["distribution"]}
    assert len(files) == len(made["distribution"])
    for file in files.values():
        assert file["@type"] == "cr:FileObject"
        assert all(file[key] for key in ("name", "contentUrl", "encodingFormat", "sha256"))
    [records] = made["recordSet"]
    assert records["@type"] == "cr:RecordSet"
    ids = [field["@id"] for field in records["field"]]
    for field in records["field"]:
        assert field["@type"] == "cr:Field"
        assert field["dataType"] == "sc:Text"
        if "source" in field:
            assert field["source"]["fileObject"]["@id"] in files
            assert field["source"]["extract"]
    for row in records.get("data", ()):
        assert sorted(row) == sorted(ids)
    assert all("source" in field for field in records["field"]) or records["data"]
    return made


def test_a_folder(folder: Path, tmp_path: Path):
    made = checked(describe_data(folder, tmp_path / "c.json", facts=FACTS))
    assert json.loads((tmp_path / "c.json").read_text()) == made
    for file in made["distribution"]:
        assert file["sha256"] == hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest()
        assert file["encodingFormat"] == "image/png"
    rows = made["recordSet"][0]["data"]
    assert {row["examples/file"]: row["examples/label"] for row in rows}["bagel/1.png"] == "bagel"


def test_a_table(table: Path):
    made = checked(describe_data(table, facts=FACTS, input_column="review", label_column="mood"))
    sources = [field["source"]["extract"]["column"] for field in made["recordSet"][0]["field"]]
    assert sources == ["review", "mood"]
    assert made["distribution"][0]["encodingFormat"] == "text/csv"
    assert "text number" not in json.dumps(made)  # the texts themselves stay where they are


def test_nothing_is_made_up(folder: Path):
    made = describe_data(folder)
    assert not {"license", "creator", "url", "datePublished"} & set(made)
    assert made["name"] == "photos"
    assert made["description"] == "6 labelled examples (image) of 2 classes (bagel: 3, scone: 3)."
    assert Facts("x").missing == ["license", "creator", "url", "published"]
