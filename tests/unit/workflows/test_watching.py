"""Watching a folder: whole files, each once, whatever ends the run."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import headstart
from headstart.errors import DataError, ParameterError
from headstart.types import Prediction
from headstart.workflows import watching
from headstart.workflows.watched import Stamp, Watched
from headstart.workflows.watching import WatchReport, watch
from tiny import tiny_model


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("POLL", 0.01), ("SETTLED", 0.03), ("PATIENCE", 0.3)):
        monkeypatch.setattr(watching, name, seconds)


@pytest.fixture
def model(tmp_path: Path) -> headstart.Model:
    return tiny_model(tmp_path / "base", "image")


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    (tmp_path / "camera").mkdir()
    return tmp_path / "camera"


def picture(seed: int) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG")
    return stream.getvalue()


def after(steps: int, do: dict[int, Callable[[], object]] | None = None) -> Callable[[], bool]:
    """Stop after so many looks; do something before some of them."""
    looks = iter(range(steps))

    def stopped() -> bool:
        look = next(looks, None)
        if look is not None and do and look in do:
            do[look]()
        return look is None

    return stopped


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(table: Path) -> list[str]:
    return [Path(row["source"]).name for row in rows_of(table)]


def test_files_are_named_as_they_come_each_once(model: headstart.Model, camera: Path, tmp_path: Path) -> None:
    (camera / "a.jpg").write_bytes(picture(1))
    told: list[Sequence[Prediction]] = []

    def come() -> None:
        (camera / "day").mkdir()
        (camera / "day" / "b.jpg").write_bytes(picture(2))
        (camera / ".hidden.jpg").write_bytes(picture(3))
        (camera / "c.jpg.part").write_bytes(picture(3))

    report = watch(
        model,
        camera,
        tmp_path / "out.csv",
        told=lambda said, _: told.append(said),
        stopped=after(40, {12: come}),
    )
    again = watch(model, camera, tmp_path / "out.csv", stopped=after(12))

    assert (report.done, report.before, again.done, again.before) == (2, 0, 0, 2)
    assert names_of(tmp_path / "out.csv") == ["a.jpg", "b.jpg"]
    assert rows_of(tmp_path / "out.csv")[0]["label"] == told[0][0].label
    expected = model.predict([camera / "a.jpg"])[0]
    assert rows_of(tmp_path / "out.csv")[0]["probability"] == f"{expected.probability:.6f}"


def test_half_a_file_is_waited_for(
    model: headstart.Model, camera: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 60)
    whole = picture(1)
    (camera / "slow.jpg").write_bytes(whole[: len(whole) // 2])
    (camera / "empty.jpg").touch()
    said: list[str | None] = []

    watch(
        model,
        camera,
        tmp_path / "out.jsonl",
        told=lambda predictions, _: said.extend(one.error for one in predictions),
        stopped=after(20, {10: lambda: (camera / "slow.jpg").write_bytes(whole)}),
    )

    [row] = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert Path(row["source"]).name == "slow.jpg"
    assert said == [None]


def test_what_cannot_be_read_gets_a_row_in_the_end(
    model: headstart.Model, camera: Path, tmp_path: Path
) -> None:
    (camera / "broken.jpg").write_bytes(picture(1)[:300])
    (camera / "empty.jpg").touch()

    report = watch(model, camera, tmp_path / "out.csv", stopped=after(60))

    assert (report.done, report.unreadable) == (2, 2)
    assert all(row["error"] for row in rows_of(tmp_path / "out.csv"))


def test_a_file_written_anew_under_an_old_name_is_another_one(
    model: headstart.Model, camera: Path, tmp_path: Path
) -> None:
    (camera / "a.jpg").write_bytes(picture(1))

    report = watch(
        model,
        camera,
        tmp_path / "out.csv",
        stopped=after(40, {15: lambda: (camera / "a.jpg").write_bytes(picture(2))}),
    )

    assert report.done == 2
    assert names_of(tmp_path / "out.csv") == ["a.jpg", "a.jpg"]


@pytest.mark.parametrize("lost", [0, 3, 1_000])
def test_rows_that_were_begun_are_finished(
    lost: int, model: headstart.Model, camera: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    for i in range(3):
        (camera / f"{i}.jpg").write_bytes(picture(i))
        os.utime(camera / f"{i}.jpg", ns=(i, i))
    watch(model, camera, out, stopped=after(12))
    whole = out.read_bytes()
    last = len(whole) - whole.rstrip(b"\r\n").rfind(b"\n") - 1
    out.write_bytes(whole[: len(whole) - min(lost, last)])
    with (tmp_path / ".out.csv.headstart-watch").open("ab") as file:
        file.write(b'{"name": "cut o')  # killed while it was written

    watch(model, camera, out, stopped=after(3))

    assert out.read_bytes() == whole


def test_what_a_person_has_appended_stays(tmp_path: Path) -> None:
    with Watched(tmp_path / "out.csv", b"a,b\r\n") as done:
        done.add(Stamp("x", 1, 1), b"1,2\r\n")
    with (tmp_path / "out.csv").open("ab") as file:
        file.write(b"mine\r\n")
    with Watched(tmp_path / "out.csv", b"a,b\r\n") as done:
        done.add(Stamp("y", 1, 1), b"3,4\r\n")

    assert (tmp_path / "out.csv").read_bytes() == b"a,b\r\n1,2\r\nmine\r\n3,4\r\n"


def test_ending_in_the_middle_leaves_whole_rows(model: headstart.Model, camera: Path, tmp_path: Path) -> None:
    for i in range(3):
        (camera / f"{i}.jpg").write_bytes(picture(i))

    def stop(said: Sequence[Prediction], report: WatchReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(model, camera, tmp_path / "out.csv", told=stop, stopped=after(12))
    watch(model, camera, tmp_path / "out.csv", stopped=after(12))

    assert sorted(names_of(tmp_path / "out.csv")) == ["0.jpg", "1.jpg", "2.jpg"]


def test_what_cannot_be_watched_is_refused(model: headstart.Model, camera: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected a folder to watch, found nothing"):
        watch(model, tmp_path / "none", tmp_path / "out.csv")
    with pytest.raises(ParameterError, match=r"appended to a \.csv or \.jsonl file .* got out\.parquet"):
        watch(model, camera, tmp_path / "out.parquet")
    (tmp_path / "mine.csv").write_text("source,label\n")
    with pytest.raises(ParameterError, match="is there already, and not from watching a folder"):
        watch(model, camera, tmp_path / "mine.csv")
    watch(model, camera, tmp_path / "out.csv", stopped=after(1))
    with pytest.raises(ParameterError, match="has other columns than the answers of this model"):
        Watched(tmp_path / "out.csv", b"source,score\r\n")
    with (
        Watched(tmp_path / "two.csv", b""),
        pytest.raises(ParameterError, match=r"Another run is writing two\.csv"),
    ):
        Watched(tmp_path / "two.csv", b"")


def test_the_folder_may_hold_the_table(model: headstart.Model, camera: Path) -> None:
    (camera / "a.jpg").write_bytes(picture(1))

    report = watch(model, camera, camera / "out.csv", stopped=after(40))

    assert report.done == 1
