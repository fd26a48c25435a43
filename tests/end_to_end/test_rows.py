"""A table with several columns, from the command line to the server."""

from __future__ import annotations

import base64
import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import run

from serving import Server, environment

pytestmark = pytest.mark.bases


@pytest.fixture
def table(bases_cache: Path, tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    path = tmp_path / "cars.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "description", "price", "maker", "since", "sold"])
        for place in range(80):
            good, price = random.random() < 0.5, random.normal(100, 20)
            words = ("a good car that runs", "a bad car with rust")[not good]
            writer.writerow(
                [
                    f"c{place}",
                    f"{words}, number {place}",
                    f"${price:.2f}",
                    random.choice(["opel", "fiat", "seat"]),
                    f"20{place % 20:02d}-03-{place % 28 + 1:02d}",
                    "yes" if good and price < 115 else "no",
                ]
            )
    return path


def fields(cells: dict[str, str]) -> dict[str, tuple[None, str]]:
    """Return plain fields of a multipart form."""
    return {name: (None, cell) for name, cell in cells.items()}


def test_the_columns_of_a_table_train_one_model(table: Path, tmp_path: Path) -> None:
    model = tmp_path / "m"
    said = run("train", table, "-o", model, "--label-column", "sold", "--base", "wordllama_256").stdout
    flat = " ".join(said.split())
    assert (
        "Learned from the columns description (text), price (number), maker (category), since (date)." in flat
    )
    assert "Left out: id (it looks like an id)." in flat
    assert "description text +" in flat
    assert "What each column adds" in (model / "report.html").read_text(encoding="utf-8")
    assert "tabular-classification" in (model / "README.md").read_text(encoding="utf-8")

    named = json.loads(run("predict", model, table, "--json").stdout)
    run("predict", model, table, "--out", tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["label"] for row in rows] == [one["label"] for one in named]
    assert rows[0]["id"] == "c0"
    other = run("predict", model, "a text", code=2).stdout
    assert "It is no row of a table" in " ".join(other.split())
    exported = " ".join(run("export", model, "-o", tmp_path / "m.onnx").stdout.split())
    assert "price: float64 [1]" in exported
    refused = run("export", model, "--to", "web", code=2).stderr
    assert "A model for rows cannot be exported to web" in " ".join(refused.split())


def test_rows_are_checked_and_compared(table: Path) -> None:
    options = ("--columns", "auto", "--label-column", "sold", "--base", "wordllama_256")
    said = " ".join(run("check", table, *options).stdout.split())
    assert "There is a base for it: wordllama_256 for the column description." in said
    assert "wordllama_256 for the column description: familiar." in said
    assert "column used as adds, in points 95% interval description text" in said
    assert "trees on the simple columns" in said
    compared = " ".join(run("compare", table, *options).stdout.split())
    assert "floor boosted trees" in compared
    assert "frozen all columns" in compared
    assert "Left out: gentle (no network takes rows whole)." in compared
    refused = " ".join(run("compare", table, *options, "--ways", "frozen,gentle", code=2).stderr.split())
    assert "Rows cannot be compared by gentle: no network takes them whole." in refused
    assert "Name floor and frozen with --ways." in refused


def test_rows_are_served_as_json(table: Path, tmp_path: Path) -> None:
    model = tmp_path / "cars"
    run("train", table, "-o", model, "--label-column", "sold", "--base", "wordllama_256", "--json")
    (first, second) = json.loads(run("predict", model, table, "--json").stdout)[:2]
    with table.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[:2]
    server = Server([model], env={"HEADSTART_CACHE": environment()["HEADSTART_CACHE"]})
    try:
        with server.client() as client:
            address = "/v1/models/cars:predict"
            answers = client.post(address, json={"inputs": rows}).json()["predictions"]
            assert [one["label"] for one in answers] == [first["label"], second["label"]]
            np.testing.assert_allclose(
                [one["probability"] for one in answers],
                [first["probability"], second["probability"]],
                atol=1e-6,
            )
            typed = {**rows[0], "price": float(rows[0]["price"].strip("$")), "maker": None}
            mixed = client.post(address, json={"inputs": [typed, "a text", {"price": 1}]}).json()[
                "predictions"
            ]
            assert mixed[0]["label"] in ("yes", "no")
            assert mixed[1]["code"] == "not_a_row"
            assert "is not there; the columns are: 'price'" in mixed[2]["error"]
            form = client.post(address, files=[("files", ("a.csv", b"price\n1\n"))])
            assert form.status_code == 422
            assert "no column of this model holds files" in form.json()["message"]
            assert "Send rows as JSON" in form.json()["hint"]
            (cells,) = client.post(address, files=fields(rows[0])).json()["predictions"]
            assert cells["label"] == first["label"]
    finally:
        assert server.stop() == 0


def test_rows_with_photos_are_served_as_forms_and_never_name_a_file(
    bases_cache: Path, tmp_path: Path
) -> None:
    lines = ["photo,price,sold"]
    for place in range(24):
        Image.new("RGB", (16, 16), (200 * (place % 2), 0, place)).save(tmp_path / f"{place}.png")
        lines.append(f"{place}.png,{place * 1.5},{('yes', 'no')[place % 2]}")
    (tmp_path / "cars.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    base = ["--base", "efficientnet_lite0", "--label-column", "sold"]
    run("train", tmp_path / "cars.csv", "-o", tmp_path / "cars", *base)
    named = json.loads(run("predict", tmp_path / "cars", tmp_path / "cars.csv", "--json").stdout)[:2]
    photos = [(tmp_path / f"{place}.png").read_bytes() for place in range(2)]
    server = Server([tmp_path / "cars"], env={"HEADSTART_CACHE": environment()["HEADSTART_CACHE"]})
    try:
        with server.client() as client:
            address = "/v1/models/cars:predict"

            def ask(photo: object, **cells: str) -> dict[str, object]:
                (answer,) = client.post(address, data=cells, files={"photo": photo}).json()["predictions"]
                return answer

            assert {"name": "photo", "role": "image"} in client.get("/v1/models/cars").json()["columns"]
            for place in range(2):
                file = (f"{place}.png", photos[place])
                answers = [
                    ask(file, price=str(place * 1.5), top="1"),
                    ask(file, row=json.dumps({"price": place * 1.5})),
                    *client.post(
                        address,
                        json={
                            "inputs": [
                                {"photo": base64.b64encode(photos[place]).decode(), "price": place * 1.5}
                            ]
                        },
                    ).json()["predictions"],
                ]
                assert [one["label"] for one in answers] == [named[place]["label"]] * 3
                np.testing.assert_allclose(
                    [one["probability"] for one in answers], named[place]["probability"], atol=1e-6
                )
                assert len(answers[0]["top"]) == 1
            assert ask(("", b""), price="3")["label"] in ("yes", "no")  # no photo was chosen
            broken = client.post(
                address, data={"price": "1"}, files={"photo": ("a.png", photos[0][:40])}
            ).json()
            assert broken["message"].startswith("None of the inputs can be used. input 1: photo: ")
            for sent in (
                {"files": fields({"photo": "0.png", "price": "1"})},
                {"json": {"inputs": [{"photo": "0.png", "price": 1}]}},
            ):
                refused = client.post(address, **sent)
                assert refused.status_code == 422
                assert refused.json()["code"] in ("not_a_file", "not_base64")
            wrong = client.post(address, data={"price": "1"}, files={"picture": ("a.png", photos[0])})
            assert "which is no column of photos or sounds" in wrong.json()["message"]
            assert wrong.json()["hint"] == "Those that are: 'photo'."
            twice = client.post(address, files=fields({"price": "1", "row": '{"price": 2}'}))
            assert "has the column 'price' twice" in twice.json()["message"]
            page = client.get("/docs").text
            assert 'type="file" name="photo"' in page
    finally:
        assert server.stop() == 0
