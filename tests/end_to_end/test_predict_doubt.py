"""Ask a model for a confidence, as a person does: train, read what it is worth, predict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import run

REPO = Path(__file__).parents[2]
pytestmark = [pytest.mark.bases, pytest.mark.realdata]


def test_train_says_what_doubt_is_worth_and_predict_doubts(
    photos: Path, tmp_path: Path, bases_cache: Path, data_root: Path
):
    told = run("train", photos, "-o", tmp_path / "m", "--base", "efficientnet_lite0", "--details").stdout
    for words in ("With --confidence 0.9 it gives", "noticed as", "AUROC"):
        assert words in " ".join(told.split())
        assert words in " ".join((tmp_path / "m" / "README.md").read_text().split())
        assert words in (tmp_path / "m" / "report.html").read_text()
    doubt = json.loads((tmp_path / "m" / "manifest.json").read_text())["quality"]["doubt"]
    assert [one["confidence"] for one in doubt["promises"]] == [0.8, 0.9, 0.95]
    assert set(doubt["novelty"]["per_class"]) == {"bird", "coin", "flower"}
    assert doubt["novelty"]["auroc"] > 0.8

    strange = sorted((data_root / "image" / "handwritten_digits" / "0").iterdir())[:5]
    known = sorted((data_root / "image" / "stamp_photos" / "coin").iterdir())[20:25]
    found = json.loads(run("predict", tmp_path / "m", *strange, *known, "--confidence", 0.9, "--json").stdout)
    assert all({"set", "unsure", "novelty", "known"} < set(one) for one in found)
    assert sum(one["known"] for one in found[:5]) <= 1
    assert sum(one["known"] for one in found[5:]) >= 4
    assert "none of these" in run("predict", tmp_path / "m", strange[0], "--confidence", 0.9).stdout

    refused = run("predict", tmp_path / "m", strange[0], "--confidence", 0.99, code=2).stderr
    assert "takes 99 independent held-out examples; this model has" in refused
    assert "Ask for at most 0.98" in refused


def test_a_model_from_before_says_what_to_do():
    old = REPO / "tests" / "golden" / "v1-text" / "bundle"
    assert "good" in run("predict", old, "good film").stdout
    refused = run("predict", old, "good film", "--confidence", 0.9, code=2).stderr
    assert "an earlier version of headstart saved it" in refused
    assert "Train it again" in refused
