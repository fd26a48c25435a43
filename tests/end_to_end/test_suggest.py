"""``headstart suggest`` as a person meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from program import run

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def pile(data_root: Path, bases_cache: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "pile"
    folder.mkdir()
    for name in ("bird", "coin"):
        for path in sorted((data_root / "image" / "stamp_photos" / name).iterdir())[:8]:
            shutil.copy(path, folder)
    return folder


def test_a_list_is_written_and_the_next_steps_are_told(pile: Path, tmp_path: Path):
    listed = tmp_path / "labels.csv"
    told = run("suggest", pile, "--out", listed, "-n", 5).stdout
    assert "5 of 16 photos to label; 11 are left." in told
    assert "4 typical: they stand for many others" in told
    assert f"headstart train {listed} -o MODEL" in told.replace("\n", "")
    assert len(listed.read_text(encoding="utf-8").splitlines()) == 6

    told = run("--language", "de", "suggest", pile, "--out", listed, "-n", 5).stdout
    assert "5 von 16 Fotos zum Beschriften; 6 bleiben übrig." in told
    assert len(listed.read_text(encoding="utf-8").splitlines()) == 11

    plain = json.loads(run("suggest", pile, "--out", listed, "--json").stdout)
    assert (len(plain["suggested"]), plain["left"]) == (6, 0)
    assert "have been suggested or trained on already" in run("suggest", pile, "--out", listed, code=2).stderr


def test_mistakes_are_named(pile: Path, tmp_path: Path):
    told = run("suggest", pile, pile, "--out", tmp_path / "a.csv", code=2).stderr
    assert "model" in told
    assert "must end in .csv or .jsonl" in run("suggest", pile, "--out", "a.xlsx", code=2).stderr
    assert not (tmp_path / "a.csv").exists()
