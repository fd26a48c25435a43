"""Drift of a line of parts: through the program, run after run, and in the numbers of the server."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageEnhance, ImageFilter
from program import run

import headstart
from headstart.data.own import own_file
from parts import part_photo, scratched, shot, write_parts
from serving import Server

pytestmark = [pytest.mark.bases, pytest.mark.realdata]


@pytest.fixture
def gate(tmp_path: Path, data_root: Path, bases_cache: Path) -> Path:
    headstart.train(write_parts(tmp_path / "parts", data_root, good=40), save_to=tmp_path / "gate")
    return tmp_path / "gate"


def shots(data_root: Path, n: int, first: int) -> Iterator[Image.Image]:
    """Photos as a camera writes them: what JPEG loses is part of how they look."""
    part = part_photo(data_root)
    for i in range(n):
        stream = io.BytesIO()
        shot(part, first + i).save(stream, "JPEG", quality=93)
        yield Image.open(stream)


def test_real_shifts_are_found_and_usual_parts_are_none(gate: Path, data_root: Path) -> None:
    model = headstart.load_model(gate)
    usual = headstart.DriftTest(model)
    usual.see(model.predict(list(shots(data_root, 60, 20_000))))
    assert not usual.report().found

    changes = {
        "gain": lambda photo: ImageEnhance.Brightness(photo).enhance(1.4),
        "blur": lambda photo: photo.filter(ImageFilter.GaussianBlur(2)),
        "moved by 8 pixels": lambda photo: ImageChops.offset(photo, 8, 0),
    }
    for name, change in changes.items():
        test = headstart.DriftTest(model)
        test.resume(usual.to_dict())
        report = test.see(model.predict([change(photo) for photo in shots(data_root, 20, 30_000)]))
        assert report.found, name
        assert report.since == pytest.approx(61, abs=4), name


def test_a_second_run_goes_on_and_tells_a_person(gate: Path, data_root: Path, tmp_path: Path) -> None:
    for name, n, moved in (("monday", 12, 0), ("tuesday", 14, 8)):
        (tmp_path / name).mkdir()
        for i, photo in enumerate(shots(data_root, n, 40_000 + 100 * moved)):
            ImageChops.offset(photo, moved, moved).save(tmp_path / name / f"{i:02d}.jpg", quality=93)
    out = tmp_path / "out"
    out.mkdir()

    first = json.loads(run("predict", gate, tmp_path / "monday", "--out", out / "a.csv", "--json").stdout)
    again = json.loads(run("predict", gate, tmp_path / "monday", "--out", out / "a.csv", "--json").stdout)
    then = " ".join(run("predict", gate, tmp_path / "tuesday", "--out", out / "b.csv").stdout.split())

    assert (first["drift"]["found"], first["drift"]["parts"]) == (False, 12)
    assert again["drift"] == first["drift"]
    assert "standard deviations odder than in training since about part 1" in then
    assert "Was the camera moved, or the light changed?" in then
    assert "the test begins anew" in then
    (out / "headstart-drift.json").write_text("{}")
    told = run("predict", gate, tmp_path / "monday", "--out", out / "c.csv", code=2).stderr
    assert "should hold the state of the test for drift; it cannot be read" in " ".join(told.split())


def test_the_server_counts_it(gate: Path, data_root: Path, tmp_path: Path) -> None:
    photos = []
    for i, photo in enumerate(shots(data_root, 12, 50_000)):
        ImageChops.offset(photo, 8, 8).save(tmp_path / f"{i}.jpg", quality=93)
        photos.append((tmp_path / f"{i}.jpg").read_bytes())
    server = Server([f"gate={gate}"])
    try:
        with server.client() as client:
            before = client.get("/metrics").text
            server.predict("gate", photos)
            after = client.get("/metrics").text
    finally:
        server.stop()

    assert 'headstart_drift_found{model="gate"} 0.0' in before
    assert 'headstart_drift_found{model="gate"} 1.0' in after
    assert 'headstart_drift_parts{model="gate"} 12.0' in after
    assert 'headstart_drift_since{model="gate"} 1.0' in after


def test_the_server_says_where(gate: Path, data_root: Path, tmp_path: Path) -> None:
    photo = tmp_path / "scratched.jpg"
    shot(scratched(part_photo(data_root), 3), 901).save(photo, quality=93)
    model = headstart.load_model(gate)
    said = model.predict([photo])[0]
    server = Server([f"gate={gate}"])
    try:
        content = photo.read_bytes()
        plain = server.predict("gate", [content]).json()["predictions"][0]
        grid = server.predict("gate", [content], data={"heatmap": "grid"}).json()["predictions"][0]
        drawn = server.predict("gate", [content], data={"heatmap": "png"}).json()["predictions"][0]
        wrong = server.predict("gate", [content], data={"heatmap": "jpg"})
    finally:
        server.stop()

    assert "heatmap" not in plain
    assert grid["answer"] == said.answer == "defect"
    np.testing.assert_allclose(grid["heatmap"], said.heatmap, atol=1e-3)
    assert list(said.box) == pytest.approx(grid["box"], abs=1e-3)
    assert all(len(box) == 4 for box in grid["boxes"])
    with Image.open(io.BytesIO(base64.b64decode(drawn["heatmap"]))) as picture:
        assert (picture.mode, picture.size) == ("RGBA", (512, 512))
        assert picture.getchannel("A").getextrema()[1] > 0
    assert wrong.status_code == 422


def test_its_state_is_no_example(tmp_path: Path) -> None:
    state = tmp_path / "headstart-drift.json"
    state.write_text('{"headstart_drift": 1, "model": ""}')

    assert own_file(state) == "what headstart keeps of its test for drift"
    state.write_text('{"mine": 1}')
    assert own_file(state) is None
