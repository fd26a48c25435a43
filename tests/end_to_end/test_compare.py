"""`headstart compare` as a person or a program meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from program import run

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.workflows import compare

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


def test_ways_without_networks_need_no_torch_and_take_seconds(
    photos: Path, bases_cache: Path, tmp_path: Path
):
    out = tmp_path / "compared"
    said = run(
        *("compare", photos, "-o", out, "--ways", "floor,frozen", "--base", "efficientnet_lite0"),
    ).stdout
    assert "The base model" in said
    assert "frozen against floor" in said
    assert "compare.html" in said
    saved = json.loads((out / "compare.json").read_text())
    assert [way["name"] for way in saved["ways"]] == ["floor", "frozen"]
    assert (saved["used"], saved["folds"], saved["base"]) == (60, 5, "efficientnet_lite0")
    floor, frozen = saved["ways"]
    assert frozen["accuracy"] > floor["accuracy"]
    assert frozen["low"] <= frozen["accuracy"] <= frozen["high"]
    assert frozen["seconds"] > 0
    (pair,) = saved["pairs"]
    assert pair["difference"] == pytest.approx(frozen["accuracy"] - floor["accuracy"])
    assert "<svg" in (out / "compare.html").read_text(encoding="utf-8")


def test_what_cannot_be_compared_is_said(photos: Path, bases_cache: Path, tmp_path: Path):
    with pytest.raises(ParameterError, match="some of floor, scratch, frozen, gentle; found 'magic'"):
        compare(photos, ways=["magic"])
    with pytest.raises(ParameterError, match="folds must be from 2 to 20, got 1"):
        compare(photos, folds=1)
    for kind in ("bird", "coin"):
        for photo in sorted((photos / kind).iterdir())[1:]:
            photo.unlink()
    shutil.rmtree(photos / "flower")
    with pytest.raises(NotEnoughDataError):
        compare(photos, ways=["floor", "frozen"], base="efficientnet_lite0")
    (tmp_path / "file").write_text("")
    refused = run("compare", photos, "-o", tmp_path / "file", code=2)
    assert "is a file; the results need a folder" in refused.stderr


@pytest.mark.slow
def test_all_four_ways_on_real_sounds(data_root: Path, bases_cache: Path, tmp_path: Path):
    pytest.importorskip("torch")
    for kind in ("go", "no"):
        (tmp_path / "words" / kind).mkdir(parents=True)
        for clip in sorted((data_root / "audio" / "spoken_commands" / kind).iterdir())[:12]:
            shutil.copy2(clip, tmp_path / "words" / kind)
    command = ("compare", tmp_path / "words", "--base", "yamnet", "--folds", "2", "--epochs", "1", "--json")
    found = json.loads(run(*command).stdout)
    assert [way["name"] for way in found["ways"]] == ["floor", "scratch", "frozen", "gentle"]
    assert found["auto"] in ("frozen", "gentle")
    pairs = [(pair["first"], pair["second"]) for pair in found["pairs"]]
    assert ("gentle", "frozen") in pairs
    assert ("scratch", "frozen") in pairs
    cost = {way["name"]: way["cpu_seconds"] for way in found["ways"]}
    assert min(cost["scratch"], cost["gentle"]) > 0
