"""From photos of good parts to a model that finds defects, as a person goes about it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import run

import headstart
from headstart.defects.answers import DefectPrediction
from headstart.errors import LayoutError, NotEnoughDataError, ParameterError
from headstart.workflows import bundle_info, predict
from headstart.workflows.learning.defects import _at_most
from parts import part_photo, scratched, shot, spotted, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def parts(tmp_path: Path, data_root: Path) -> Path:
    return write_parts(tmp_path / "parts", data_root)


@pytest.fixture
def gate(parts: Path, tmp_path: Path, bases_cache: Path) -> headstart.Model:
    return headstart.train(parts, save_to=tmp_path / "gate").model


@pytest.fixture
def new(tmp_path: Path, data_root: Path) -> Path:
    return write_parts(tmp_path / "new", data_root, good=8, scratches=6, first=500)


def test_the_walk_through_the_program(parts: Path, new: Path, tmp_path: Path, bases_cache: Path) -> None:
    told = " ".join(run("train", parts, "-o", tmp_path / "gate").stdout.split())
    assert "tells defective photos from good ones (30 examples, base efficientnet_lite0)" in told
    assert "Of 100 good parts about 3 will be called defective (0 to 10)." in told
    assert "How many defects it catches cannot be said without defective examples." in told

    photos = [*sorted((new / "good").iterdir())[:2], *sorted((new / "scratch").iterdir())[:2]]
    maps, table = tmp_path / "maps", tmp_path / "out.csv"
    said = run("predict", tmp_path / "gate", *photos, "--heatmaps", maps, "--csv", table, "--json")

    answers = json.loads(said.stdout)
    assert [one["answer"] for one in answers] == ["ok", "ok", "defect", "defect"]
    assert set(answers[0]) == {"source", "answer", "defect", "score", "threshold", "p_value", "kind", "box"}
    assert answers[0]["box"] is None
    left, top, right, bottom = answers[2]["box"]
    assert 0.2 < left < right < 0.9
    assert 0.2 < top < bottom < 0.9
    with table.open(encoding="utf-8", newline="") as file:
        assert [row["answer"] for row in csv.DictReader(file)] == ["ok", "ok", "defect", "defect"]
    names = {path.name for path in maps.iterdir()}
    assert names >= {"500.png", "500_mask.png", "500 (2).png", "501.png", "annotations.json"}
    found = json.loads((maps / "annotations.json").read_text())
    assert [image["width"] for image in found["images"]] == [256] * 4
    assert {one["image_id"] for one in found["annotations"]} == {3, 4}
    with Image.open(maps / "500.png") as shown:
        assert shown.size == (256, 256)

    shown = tmp_path / "shown"
    command = ("evaluate", tmp_path / "gate", new, "--target", "defects", "--heatmaps", shown)
    measured = " ".join(run(*command).stdout.split())
    boxes = json.loads((shown / "annotations.json").read_text())
    assert len(boxes["images"]) == 14
    assert len(list(shown.glob("*_mask.png"))) == 14
    assert "of 8 good photos were called defective" in measured
    assert "of 6 known defects are caught" in measured

    written = tmp_path / "many.csv"
    run("predict", tmp_path / "gate", new, "--out", written)
    with written.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["answer"] for row in rows} <= {"ok", "defect"}
    assert len(rows) == 14


def test_the_model_is_small_and_gives_the_same_answers_when_loaded(
    gate: headstart.Model, new: Path, tmp_path: Path
) -> None:
    photos = sorted(path for path in new.rglob("*.jpg"))

    loaded = headstart.load_model(tmp_path / "gate")

    size = sum(path.stat().st_size for path in (tmp_path / "gate").iterdir() if path.name != "report.html")
    assert size < 8_000_000
    ours, theirs = gate.predict(photos), loaded.predict(photos)
    assert [one.to_dict() for one in ours] == [one.to_dict() for one in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert isinstance(one, DefectPrediction)
        assert isinstance(other, DefectPrediction)
        np.testing.assert_array_equal(one.heatmap, other.heatmap)
    assert bundle_info(tmp_path / "gate").target == "defects"
    card = (tmp_path / "gate" / "README.md").read_text()
    assert "A model that tells defective photos from good ones." in card


def test_what_a_prediction_holds(gate: headstart.Model, data_root: Path) -> None:
    part = part_photo(data_root)
    other = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).resize(
        (256, 256)
    )

    good, bad, strange, dark = gate.predict(
        [shot(part, 902), shot(scratched(part, 5), 901), other, Image.new("RGB", (300, 200))]
    )

    assert (good.answer, good.defect) == ("ok", False)
    assert (bad.answer, bad.defect) == ("defect", True)
    assert bad.score > bad.threshold > good.score
    assert bad.p_value == pytest.approx(1 / 31, abs=1e-6)
    assert bad.heatmap.shape == (20, 20)
    assert bad.detail.startswith("score ")
    assert [one.answer for one in (strange, dark)] == ["out-of-distribution"] * 2
    assert strange.defect
    assert strange.box is None


def test_known_defects_are_reported_and_never_trained_on(
    parts: Path, tmp_path: Path, data_root: Path, bases_cache: Path
) -> None:
    alone = headstart.train(parts, target="defects").model
    write_parts(parts, data_root, good=0, scratches=8)

    both = headstart.train(parts, target="defects")

    caught = both.report.evaluation.caught
    assert (caught.found, caught.n) == (8, 8)
    assert caught.low == pytest.approx(0.676, abs=0.001)
    assert both.report.evaluation.known["scratch"] == caught
    np.testing.assert_array_equal(alone.head.detector.left_out, both.model.head.detector.left_out)


def test_kinds_of_defect_are_named(parts: Path, tmp_path: Path, data_root: Path, bases_cache: Path) -> None:
    part = part_photo(data_root)
    write_parts(parts, data_root, good=0, scratches=6)
    (parts / "spot").mkdir()
    for i in range(6):
        shot(spotted(part, i), 5000 + i).save(parts / "spot" / f"{i}.jpg")

    result = headstart.train(parts, target="defects", save_to=tmp_path / "gate")

    assert result.report.evaluation.named.found >= 10
    new = [shot(scratched(part, 50), 950), shot(spotted(part, 51), 951), shot(part, 952)]
    said = headstart.load_model(tmp_path / "gate").predict(new)
    assert [one.kind for one in said] == ["scratch", "spot", None]
    assert said[0].detail.endswith("like 'scratch'")


def test_the_rate_of_false_alarms_is_the_persons(parts: Path, bases_cache: Path) -> None:
    usual, rare = (headstart.train(parts, false_alarms=rate).report.evaluation for rate in (0.2, 1 / 30))

    assert usual.threshold < rare.threshold
    assert usual.false_alarms["expected"] == pytest.approx(6 / 31)
    with pytest.raises(ParameterError, match="30 good photos cannot promise a false-alarm rate of 1%"):
        headstart.train(parts, false_alarms=0.01)
    told = run("train", parts, "-o", parts.parent / "m", "--false-alarms", "half", code=2).stderr
    assert "must be a share such as 5% or 0.05, got 'half'" in " ".join(told.split())


def test_the_size_of_the_input_is_the_persons(parts: Path, new: Path, bases_cache: Path) -> None:
    small = headstart.train(parts, input_size=224).model

    photos = sorted((new / "scratch").iterdir())[:3]
    assert [one.heatmap.shape for one in small.predict(photos)] == [(14, 14)] * 3
    assert small.encoders[0].recipe["size"] == 224


def test_a_rate_of_false_alarms_is_for_defects(photos: Path, bases_cache: Path) -> None:
    with pytest.raises(ParameterError, match="false_alarms is for defects; what is learned here are classes"):
        headstart.train(photos, false_alarms=0.05)


def test_few_good_photos_promise_nothing_and_too_few_are_refused(
    tmp_path: Path, data_root: Path, bases_cache: Path
) -> None:
    few = write_parts(tmp_path / "few", data_root, good=8)

    found = headstart.train(few).report

    assert found.evaluation.false_alarms["expected"] is None
    shutil.rmtree(few)
    write_parts(few, data_root, good=3)
    with pytest.raises(NotEnoughDataError, match="Expected at least 5 different good photos, found 3"):
        headstart.train(few)


def test_photos_that_are_copies_count_once(parts: Path, bases_cache: Path) -> None:
    shutil.copy(parts / "good" / "000.jpg", parts / "good" / "copy.jpg")

    report = headstart.train(parts).report

    assert (report.used, report.duplicates) == (30, 1)


def test_defects_among_the_good_photos_are_listed(parts: Path, data_root: Path, bases_cache: Path) -> None:
    for i in (1, 2):
        shot(scratched(part_photo(data_root), i), 700 + i).save(parts / "good" / f"hidden{i}.jpg")

    suspects = headstart.train(parts).report.evaluation.suspects

    assert {Path(name).stem for name, _ in suspects[:2]} == {"hidden1", "hidden2"}


def test_mixed_sizes_grey_and_unreadable_photos_do_not_stop_it(
    parts: Path, data_root: Path, bases_cache: Path
) -> None:
    part = part_photo(data_root)
    for i in range(6):
        shot(part, 800 + i).resize((300 + 20 * i, 240)).save(parts / "good" / f"size{i}.png")
        shot(part, 810 + i).convert("L").save(parts / "good" / f"grey{i}.png")
    (parts / "good" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")

    report = headstart.train(parts).report

    assert report.used == 42
    assert [Path(problem.source).name for problem in report.problems] == ["broken.jpg"]


def test_photos_without_a_label_are_good_where_defects_are_asked_for(parts: Path, bases_cache: Path) -> None:
    photos = sorted((parts / "good").iterdir())

    for data in (parts / "good", photos):
        report = headstart.train(data, target="defects").report
        assert report.used == 30
        assert "None of the 30 photos has a label, so all are taken for good parts." in report.notes


def test_no_more_good_photos_are_learned_from_than_fit_into_memory(parts: Path) -> None:
    data = headstart.load(parts)

    fewer = _at_most(data, 0, 12)

    assert len(fewer) == 12
    assert fewer.notes[-1] == "12 of the 30 good photos were drawn to learn from; more would change little."
    assert _at_most(data, 0) is data


def test_groups_leave_together(parts: Path, tmp_path: Path, bases_cache: Path) -> None:
    lots = tmp_path / "lots.csv"
    lines = [f"good/{path.name},lot{i // 5}" for i, path in enumerate(sorted((parts / "good").iterdir()))]
    lots.write_text("\n".join(["file,group", *lines]) + "\n")

    report = headstart.train(headstart.load(parts, groups=lots)).report

    assert report.groups == 6
    assert report.evaluation.false_alarms["independent"] <= 30


def test_what_is_no_set_of_parts_is_refused(photos: Path, parts: Path, bases_cache: Path) -> None:
    with pytest.raises(LayoutError, match="nothing says which of them are good"):
        headstart.train(photos, target="defects")
    with pytest.raises(ParameterError, match="holds but the lower half of its base"):
        headstart.train(parts, link_base=True, save_to=parts.parent / "m")
    with pytest.raises(ParameterError, match="for classes"):
        headstart.train(parts, head="ridge")


def test_heat_maps_are_of_models_that_find_defects(photos: Path, tmp_path: Path, bases_cache: Path) -> None:
    model = headstart.train(photos, base="efficientnet_lite0").model

    with pytest.raises(ParameterError, match="heatmaps is for defects; this model learned classes"):
        predict(model, [next(photos.rglob("*.jpg"))], heatmaps=tmp_path / "maps")
