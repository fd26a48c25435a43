"""What a person found out about parts joins a model at once, exactly as if it had been trained on it."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from program import run

import headstart
from headstart.cli.review import spread
from headstart.errors import DataError, ParameterError
from parts import part_photo, scratched, shot, spotted, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


def files_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def assert_same_detector(ours: Any, theirs: Any) -> None:
    for name, array in theirs.detector.arrays().items():
        np.testing.assert_allclose(ours.detector.arrays()[name], array, rtol=0, atol=1e-6, err_msg=name)


@pytest.fixture
def parts(tmp_path: Path, data_root: Path) -> Path:
    return write_parts(tmp_path / "parts", data_root, good=20, scratches=6)


def test_the_walk_of_a_review(parts: Path, tmp_path: Path, data_root: Path, bases_cache: Path) -> None:
    part, gate, new = part_photo(data_root), tmp_path / "gate", tmp_path / "new"
    headstart.train(parts, target="defects", save_to=gate)
    before = files_of(gate)
    new.mkdir()
    for i in range(3):
        shot(part, 2000 + i).save(new / f"9{i}0.jpg", quality=93)
    for i in range(5):
        shot(spotted(part, i), 3000 + i).save(new / f"spot{i}.jpg", quality=93)

    good = [new / "900.jpg", new / "910.jpg"]
    said = " ".join(
        run(
            "review", gate, "--good", *good, "--defect", f"spot={new / 'spot0.jpg'}", new / "spot1.jpg"
        ).stdout.split()
    )
    assert "Joined: 2 good parts, 2 known defects. Defects: spot (2)." in said
    assert "by 22 good parts." in said
    told = json.loads(
        run(
            "review",
            gate,
            "--good",
            new / "920.jpg",
            *good,
            "--defect",
            *[f"spot={new / f'spot{i}.jpg'}" for i in (2, 3, 4)],
            "--json",
        ).stdout
    )
    assert (told["good"], told["defects"], told["known"], told["learned"]) == (1, {"spot": 3}, 2, 23)

    # as if trained on all of them
    for photo in (*good, new / "920.jpg"):
        shutil.copy(photo, parts / "good")
    (parts / "spot").mkdir()
    for i in range(5):
        shutil.copy(new / f"spot{i}.jpg", parts / "spot")
    again = headstart.train(parts, target="defects").model
    joined = headstart.load_model(gate)
    assert_same_detector(joined.head, again.head)
    assert joined.head.kinds.names == again.head.kinds.names == ("scratch", "spot")
    for figure in ("threshold", "false_alarms", "known_defects", "used", "classes", "good"):
        assert joined.quality[figure] == again.quality[figure], figure
    assert (joined.classes, joined.data_fingerprint) == (again.classes, again.data_fingerprint)
    photo = shot(spotted(part, 9), 4000)
    assert joined.predict([photo])[0].to_dict() == again.predict([photo])[0].to_dict()

    run("review", gate, "--undo")
    assert "The last review was undone: 4 photos were taken out." in run("review", gate, "--undo").stdout
    assert files_of(gate) == before
    refused = run("review", gate, "--undo", code=2).stderr
    assert "Nothing was reviewed since training, so there is nothing to undo." in " ".join(refused.split())


def test_the_latest_word_on_a_photo_counts(
    parts: Path, tmp_path: Path, data_root: Path, bases_cache: Path
) -> None:
    hidden = parts / "good" / "hidden.jpg"
    shot(scratched(part_photo(data_root), 3), 777).save(hidden, quality=93)
    model = headstart.train(parts, target="defects", save_to=tmp_path / "gate").model

    report = headstart.review(model, defects={"scratch": [hidden]})

    assert (report.learned, report.defects) == (20, {"scratch": 1})
    hidden.rename(parts / "scratch" / "hidden.jpg")
    assert_same_detector(report.model.head, headstart.train(parts, target="defects").model.head)
    data = parts / "scratch"
    with pytest.raises(DataError, match=r"20 of the 28 photos .* are not there any more, or have changed: "):
        headstart.review(report.model, good=[shot(part_photo(data_root), 5)], data=data)
    again = headstart.review(report.model, good=[parts / "scratch" / "hidden.jpg"], data=parts)
    assert again.learned == 21
    assert headstart.review(again.model, good=[parts / "good"], data=parts).known == 20
    shutil.rmtree(bases_cache / "taught")
    with pytest.raises(DataError, match="does not know where the photos lie"):
        headstart.review(model, good=[shot(part_photo(data_root), 5)])


def test_what_cannot_be_reviewed_is_refused(parts: Path, tmp_path: Path, bases_cache: Path) -> None:
    gate, photo, broken = tmp_path / "gate", parts / "good" / "001.jpg", tmp_path / "broken.jpg"
    headstart.train(parts, target="defects", save_to=gate)
    before = files_of(gate)
    broken.write_bytes(b"\xff\xd8\xff\xe0 cut")

    with pytest.raises(ParameterError, match=r"is called 'good' and .* 'dent', but both are the same photo"):
        headstart.review(gate, [photo], {"dent": [photo]})
    with pytest.raises(
        ParameterError, match="'ok' says that a part is good; a defect needs a name of its own"
    ):
        headstart.review(gate, [], {"ok": [photo]})
    with pytest.raises(ParameterError, match="Nothing says which parts are good"):
        headstart.review(gate)
    with pytest.raises(ParameterError, match="cannot join at the same time"):
        headstart.review(gate, [photo], undo=True)
    with pytest.raises(DataError, match=r"None of the photos can be read; .*broken.jpg"):
        headstart.review(gate, [broken])
    with pytest.raises(
        ParameterError, match="A review is for models that find defects; this one learned classes"
    ):
        headstart.review(replace(headstart.load_model(gate), target="classes"), [photo])
    told = run("review", gate, "--defect", photo, code=2).stderr
    assert "A defect needs its kind and a photo, got" in " ".join(told.split())
    assert headstart.review(gate, [photo, broken]).problems[0].source.endswith("broken.jpg")
    assert files_of(gate) == before


def test_an_option_is_said_again_before_each_value() -> None:
    assert spread(["gate", "--good", "a", "b", "--defect", "cut=c", "d", "--json"]) == [
        "gate", "--good", "a", "--good", "b", "--defect", "cut=c", "--defect", "cut=d", "--json",
    ]  # fmt: skip
    assert spread(["gate", "--undo", "--", "--good", "a", "b"]) == [
        "gate",
        "--undo",
        "--",
        "--good",
        "a",
        "b",
    ]
