"""``kill -9`` in a long run, again and again: no row is lost or doubled, no file is half copied."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from headstart import Model
from headstart.types import Modality
from headstart.workflows import train
from tiny import add_tiny_base, tiny_model, tiny_sources

PROGRAM = str(Path(sys.executable).parent / "headstart")


def kill_until_done(*arguments: object, watch: Path, seed: int = 0, kills: int = 4) -> int:
    """Run a command; kill it at random moments after rows were written, a few times; return how often."""
    rng = random.Random(seed)
    killed = 0
    for _ in range(60):
        started = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        before = watch.stat().st_size if watch.exists() else 0
        while killed < kills and started.poll() is None:
            if watch.exists() and watch.stat().st_size > before:
                time.sleep(rng.random() * 0.02)
                started.kill()
                killed += started.wait() == -9
                break
            time.sleep(0.002)
        _, said = started.communicate()
        if started.returncode == 0:
            return killed
        assert started.returncode == -9, said
    raise AssertionError("it never ended")


@pytest.mark.parametrize(
    "kind",
    [pytest.param("csv", marks=pytest.mark.slow), pytest.param("jsonl", marks=pytest.mark.slow), "parquet"],
)
def test_rows(tmp_path: Path, kind: str):
    model = tiny_model(tmp_path / "base", Modality.TEXT).save(tmp_path / "model")
    texts, _ = tiny_sources(Modality.TEXT, 50)
    table = tmp_path / "in.csv"
    table.write_text("id,text\n" + "".join(f"row{n},{texts[n % 50]}\n" for n in range(6000)))
    done = subprocess.run(
        [PROGRAM, "predict", model, table, "--out", tmp_path / f"whole.{kind}"],
        capture_output=True,
        check=True,
    )
    assert b"6,000" in done.stdout
    out = tmp_path / f"out.{kind}"
    killed = kill_until_done(
        "predict", model, table, "--out", out, watch=tmp_path / f".out.{kind}.headstart-part"
    )
    assert killed >= 2
    assert out.read_bytes() == (tmp_path / f"whole.{kind}").read_bytes()
    assert not list(tmp_path.glob(".*headstart*"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Fifteen hundred pictures, the same fifty names in thirty folders."""
    sources, _ = tiny_sources(Modality.IMAGE, 1500, seed=3)
    for number, pixels in enumerate(sources):
        path = tmp_path / "photos" / f"{number // 50:02}" / f"img{number % 50:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return tmp_path / "photos"


@pytest.fixture
def model(monkeypatch, tmp_path: Path) -> Model:
    name = add_tiny_base(monkeypatch, tmp_path / "bases", Modality.IMAGE)
    return train(*tiny_sources(Modality.IMAGE, 80), base=name, use_cache=False).model


def test_sorted_files(tmp_path: Path, model: Model, photos: Path):
    saved, target = model.save(tmp_path / "model"), tmp_path / "sorted"
    killed = kill_until_done(
        "predict", saved, photos, "--sort-into", target, "--confidence", 0.9, "--out", tmp_path / "o.jsonl",
        watch=tmp_path / ".o.jsonl.headstart-part",
    )  # fmt: skip
    assert killed >= 2
    placed = [path for path in target.rglob("*") if path.is_file() and path.name != ".headstart-sorted"]
    assert len(placed) == 1500
    given = sorted(path.read_bytes() for path in photos.rglob("*.png"))
    assert sorted(path.read_bytes() for path in placed) == given
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [row["source"] for row in rows] == sorted(str(path) for path in photos.rglob("*.png"))
    folder = {path.read_bytes(): path.parent.name for path in placed}
    for row in rows:
        expected = "none of these" if not row["known"] else "unsure" if row["unsure"] else row["label"]
        assert folder[Path(row["source"]).read_bytes()] == expected


def test_ctrl_c_says_how_to_go_on(tmp_path: Path):
    model = tiny_model(tmp_path / "base", Modality.TEXT).save(tmp_path / "model")
    (tmp_path / "in.csv").write_text("text\n" + "good film\n" * 20_000)
    journal = tmp_path / ".out.csv.headstart-part"
    started = subprocess.Popen(
        [PROGRAM, "predict", model, tmp_path / "in.csv", "--out", tmp_path / "out.csv"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (journal.exists() and journal.stat().st_size > 10_000) and started.poll() is None:
        time.sleep(0.002)
    started.send_signal(2)
    _, said = started.communicate()
    assert started.returncode == 130, said
    assert "The same command goes on from there." in said
    assert "Traceback" not in said
    assert not (tmp_path / "out.csv").exists()
    assert journal.exists()
