"""`headstart check` as a person or a program meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from program import run

import headstart as hs
from headstart.errors import ParameterError

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def photos(photos: Path) -> Path:
    """Sixty real photos in three classes, one of them in the wrong folder."""
    shutil.move(sorted((photos / "coin").iterdir())[0], photos / "bird" / "wrong.jpg")
    return photos


def test_check_json_answers_the_three_questions(photos: Path, bases_cache: Path):
    first, second = sorted((photos / "coin").iterdir())[:2]
    shutil.copy2(first, photos / "coin" / "again.jpg")
    shutil.copy2(second, photos / "flower" / "both.jpg")
    (photos / "bird" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    found = json.loads(
        run("check", photos, "--json", "--target", "0.97", "--base", "efficientnet_lite0").stdout
    )

    data = found["data"]
    assert data["modality"] == "image"
    assert data["counts"] == {"bird": 21, "coin": 18, "flower": 20}
    assert [Path(p["source"]).name for p in data["duplicates"]] == ["again.jpg"]
    assert {Path(p["source"]).name for p in data["conflicts"]} == {second.name, "both.jpg"}
    assert "broken.jpg" in {Path(p["source"]).name for p in data["problems"]}
    assert set(data["groups"]) >= {"count", "given", "leakage_gap", "leaks", "near_duplicates"}

    offered = {offer["name"]: offer for offer in found["availability"]}
    assert offered["efficientnet_lite0"]["installed"]
    assert {"trained_on", "size", "licence", "cost_ms", "hub"} <= set(offered["dinov2_small"])
    installed = [offer["installed"] for offer in found["availability"]]
    assert installed == sorted(installed, reverse=True)

    (ranked,) = found["ranking"]
    assert ranked["base"] == "efficientnet_lite0"
    assert ranked["chosen"] is ranked["tied"] is True
    assert ranked["accuracy"]["low"] <= ranked["accuracy"]["estimate"] <= ranked["accuracy"]["high"]
    assert set(ranked["second_opinions"]) == {"knn", "logme", "hscore"}
    assert ranked["cost_ms"] > 0
    assert ranked["log_loss"] > 0

    (alike,) = found["similarity"]
    assert alike["verdict"] == "familiar"
    assert set(alike["looks_like"]) == {"bird", "coin", "flower"}
    assert all(0 < share <= 1 for names in alike["looks_like"].values() for _, share in names)
    assert alike["measures"]["mean_entropy"] > 0

    amount = found["amount"]
    assert len(amount["curve"]) >= 3
    assert set(amount["curve"][0]) == {"n_per_class", "accuracy", "low", "high"}
    assert set(amount["forecast"][0]) == {"n_per_class", "low", "high"}
    assert amount["for_target"]["target"] == 0.97

    assert "wrong.jpg" in {Path(s["source"]).name for s in found["labels_to_check"]}
    suspect = next(s for s in found["labels_to_check"] if s["source"].endswith("wrong.jpg"))
    assert (suspect["label"], suspect["suggested"]) == ("bird", "coin")
    assert found["verdict"].startswith("Yes, this can be learned.")
    assert any("headstart train" in step for step in found["next_steps"])
    assert found["floor"]["estimate"] < ranked["accuracy"]["estimate"]
    assert found["worth"]["low"] <= found["worth"]["estimate"] <= found["worth"]["high"]
    assert sum(cell["count"] for cell in found["confusion"]) == 59


def test_the_page_puts_the_verdict_first_in_plain_words(photos: Path, tmp_path: Path, bases_cache: Path):
    page = run("check", photos, "--base", "efficientnet_lite0", "--html", tmp_path / "r.html").stdout
    lines = [line for line in page.splitlines() if line.strip()]
    assert lines[0].startswith("Yes, this can be learned.")
    headings = [
        "Is there a base model for this kind of data?",
        "How similar is my task to what it learned?",
        "How many examples do I have, and would more help?",
        "Is anything wrong in the data?",
        "What to do next",
    ]
    assert [line for line in lines if line in headings] == headings
    assert "wrong.jpg: labelled bird, looks like coin" in " ".join(page.split())
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "wrong.jpg" in html
    before = {p: p.read_bytes() for p in photos.rglob("*.jpg")}
    assert len(before) == 60


def test_mistakes_of_the_person_are_said_before_any_work(photos: Path, tmp_path: Path, bases_cache: Path):
    assert "target must lie between 0 and 1, got 95" in run("check", photos, "--target", "95", code=2).stderr
    nowhere = tmp_path / "no" / "r.html"
    assert "no such folder" in run("check", photos, "--html", nowhere, code=2).stderr
    with pytest.raises(ParameterError, match="between 0 and 1"):
        hs.check(photos, target=1.0)


def test_check_changes_nothing_and_answers_the_same_twice(photos: Path, bases_cache: Path):
    before = {path: path.stat().st_mtime_ns for path in photos.rglob("*")}
    first = hs.check(photos, base="efficientnet_lite0")
    second = hs.check(photos, base="efficientnet_lite0")
    assert {path: path.stat().st_mtime_ns for path in photos.rglob("*")} == before
    assert second.embedded == 0
    times = ("seconds", "embedded", "from_cache")
    one, other = ({k: v for k, v in advice.to_dict().items() if k not in times} for advice in (first, second))
    assert one == other
    assert json.loads(json.dumps(first.to_dict(), allow_nan=False)) == first.to_dict()
    assert all(name in first.sources for name in [m.source for m in first.mistakes])


def test_random_labels_on_real_texts_teach_nothing(data_root: Path, bases_cache: Path):
    whole = hs.load(data_root / "text" / "news_topic.csv")
    texts, labels = whole.sources[:120], np.array(whole.labels[:120])
    real = hs.check(texts, labels.tolist(), base="wordllama_256")
    assert real.learnable == "yes"
    said = []
    for seed in range(20):
        mixed = np.random.default_rng(seed).permutation(labels).tolist()
        advice = hs.check(texts, mixed, base="wordllama_256")
        said.append("Nothing can be learned" in advice.verdict)
        assert advice.labels_to_check == [] or not said[-1]
    assert sum(said) >= 19, said


def test_one_example_of_each_class_says_that_nothing_is_known(bases_cache: Path):
    advice = hs.check(["a good film", "a bad meal"], ["film", "food"], base="wordllama_256")
    assert advice.learnable == "unknown"
    assert "cannot be said yet" in advice.verdict
    assert advice.amount.curve == ()


def test_few_examples_are_not_said_to_be_unlearnable(bases_cache: Path):
    texts = ["good film tonight", "bad film", "great movie", "tasty soup", "bad meal", "lovely bread"]
    advice = hs.check(texts, ["film"] * 3 + ["food"] * 3, base="wordllama_256", target=0.9)
    assert advice.learnable == "unknown"
    assert "6 texts are too few to tell it from luck" in advice.verdict
    assert advice.amount.for_target is not None
    assert advice.amount.for_target.reachable == "uncertain"
    assert "<table>" in advice._repr_html_()


def test_spoken_words_are_known_to_be_speech(data_root: Path, bases_cache: Path):
    whole = hs.load(data_root / "audio" / "spoken_language")
    rows = range(0, len(whole), 12)
    advice = hs.check(
        [whole.sources[i] for i in rows], [str(whole.labels[i]) for i in rows], base="whisper_tiny_en,yamnet"
    )
    alike = {one.base: one for one in advice.similarity}
    assert alike["whisper_tiny_en"].verdict == "familiar"
    assert alike["yamnet"].verdict == "partly"
    assert {names[0][0] for names in alike["yamnet"].looks_like.values()} == {"Speech"}
    offered = {one.name: one.suits for one in advice.availability}
    assert offered["whisper_tiny_en"] is True
    assert offered["yamnet"] is False
