"""What a program meets that calls the server: the same answers as everywhere, in every form it can ask."""

from __future__ import annotations

import base64
import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from headstart import Model
from serving import DATA, Server, environment

pytestmark = [pytest.mark.bases, pytest.mark.realdata]
FOLDERS = {"photos": DATA / "image" / "stamp_photos", "voice": DATA / "audio" / "spoken_commands"}


def inputs(name: str, count: int) -> list[bytes | str]:
    """Return real inputs, most of them of kinds that the model was not trained on."""
    if name == "news":
        with (DATA / "text" / "news_topic.csv").open(encoding="utf-8", newline="") as file:
            rows = [row["text"] for row in csv.DictReader(file)]
        return list(rows[-count:])
    files = sorted(path for path in FOLDERS[name].rglob("*.*") if path.is_file())
    return [path.read_bytes() for path in files[:: len(files) // count][:count]]


def same(answer: dict[str, Any], expected: Any) -> bool:
    likely, wanted = answer["top"], expected.top
    return [name for name, _ in likely] == [name for name, _ in wanted] and all(
        abs(here - there) < 1e-6 for (_, here), (_, there) in zip(likely, wanted, strict=True)
    )


@pytest.mark.parametrize("name", ["photos", "voice", "news"])
def test_fifty_real_inputs_get_the_answers_of_python(
    server: Server, trained: dict[str, Path], name: str
) -> None:
    sources = inputs(name, 50)
    expected = Model.load(trained[name]).predict(sources)
    with server.client() as client:
        body = [s if isinstance(s, str) else base64.b64encode(s).decode() for s in sources]
        by_json = client.post(f"/v1/models/{name}:predict", json={"inputs": body}).json()["predictions"]
    files = [s.encode() if isinstance(s, str) else s for s in sources]
    by_form = server.predict(name, files).json()["predictions"]
    with ThreadPoolExecutor(8) as pool:  # fifty requests at once: their inputs meet in batches
        alone = list(pool.map(lambda file: server.predict(name, [file]).json()["predictions"][0], files))
    assert len({answer["label"] for answer in by_json}) > 1
    for answers in (by_json, by_form, alone):
        assert all(same(answer, one) for answer, one in zip(answers, expected, strict=True))


def test_options_and_names(server: Server) -> None:
    photo = inputs("photos", 1)[0]
    with server.client() as client:
        answer = client.post(
            "/v1/models/photos:predict", files={"files": ("a/b/🥐.jpg", photo)}, data={"top": "2"}
        ).json()
        [one] = answer["predictions"]
        assert answer["model"] == "photos"
        assert one["source"].endswith("🥐.jpg")
        assert len(one["top"]) == 2
        assert one["probability"] == one["top"][0][1]
        data_url = "data:image/jpeg;base64," + base64.b64encode(photo).decode()
        again = client.post("/v1/models/photos:predict", json={"inputs": [data_url], "top": 1}).json()
        assert again["predictions"][0]["label"] == one["label"]
        texts = client.post("/v1/models/news:predict", files=[("texts", (None, "stocks fell"))])
        by_file = client.post("/v1/models/news:predict", files={"files": ("a.txt", b"stocks fell")})
        assert texts.json()["predictions"][0]["label"] == by_file.json()["predictions"][0]["label"]


def test_with_a_confidence_it_doubts_as_in_python(server: Server, trained: dict[str, Path]) -> None:
    sources = inputs("photos", 12)
    expected = Model.load(trained["photos"]).predict(sources, confidence=0.9)
    answers = server.predict("photos", sources, data={"confidence": "0.9"}).json()["predictions"]
    for answer, one in zip(answers, expected, strict=True):
        assert answer["set"] == list(one.set)
        assert (answer["unsure"], answer["known"]) == (one.unsure, one.known)
        assert one.novelty is None or abs(answer["novelty"] - one.novelty) < 1e-6
    plain = server.predict("photos", sources[:1]).json()["predictions"][0]
    assert set(plain) == {"source", "label", "probability", "top"}
    for wrong in ("0.9999", "1", "0", "x"):
        found = server.predict("photos", sources[:1], data={"confidence": wrong})
        assert found.status_code == 422, wrong
        assert set(found.json()) == {"code", "message", "hint"}


def test_one_bad_input_leaves_the_others_alone(server: Server) -> None:
    good = inputs("photos", 2)
    answers = server.predict("photos", [good[0], b"<html>", good[1], b""]).json()["predictions"]
    assert ["label" in answer for answer in answers] == [True, False, True, False]
    assert [answer.get("code") for answer in answers] == [None, "not_an_image", None, "empty"]
    none = server.predict("photos", [b"<html>", b""])
    assert none.status_code == 422
    assert none.json()["code"] == "not_an_image"
    assert len(none.json()["predictions"]) == 2


def test_the_models_and_what_they_are_worth(server: Server, trained: dict[str, Path]) -> None:
    manifest = json.loads((trained["photos"] / "manifest.json").read_text())
    with server.client() as client:
        listed = client.get("/v1/models").json()["models"]
        told = client.get("/v1/models/photos").json()
        assert client.get("/v1/models/nothing").json()["code"] == "no_model"
    assert [model["name"] for model in listed] == ["photos", "voice", "news"]
    assert told["classes"] == ["bird", "coin", "flower"]
    for key in ("estimate", "low", "high"):
        assert told["accuracy"][key] == listed[0]["accuracy"][key] == manifest["quality"]["accuracy"][key]
    assert told["bases"][0]["name"] == "efficientnet_lite0"
    assert set(told["per_class"]) == set(told["classes"])
    assert "photos: 3 classes of image" in server.said


def test_state_numbers_and_documents(server: Server) -> None:
    with server.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}
        server.predict("photos", inputs("photos", 1))
        numbers = client.get("/metrics").text
        assert 'headstart_inputs_total{model="photos",outcome="answered"}' in numbers
        assert 'headstart_waiting_inputs{model="photos"} 0.0' in numbers
        assert "process_resident_memory_bytes" in numbers
        page = client.get("/docs")
        assert "curl -F files=@photo.jpg" in page.text
        assert "src=" not in page.text
        assert "<script" not in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        for path in client.get("/openapi.json").json()["paths"]:
            assert path in page.text
        assert client.get("/").text == page.text


def test_the_log_has_ids_and_counts_and_no_contents(server: Server) -> None:
    with server.client() as client:
        found = client.post(
            "/v1/models/news:predict",
            json={"inputs": ["a very private sentence", ""]},
            headers={"X-Request-ID": "call-7"},
        )
        assert found.headers["x-request-id"] == "call-7"
        client.post("/v1/models/news:predict", files={"files": ("private-name.txt", b"private words")})
        client.get("/private-path?private=query")
    lines = [line for line in server.log() if line.get("request_id") == "call-7"]
    assert lines[0]["inputs"] == 2
    assert lines[0]["unusable"] == 1
    assert lines[0]["model"] == "news"
    assert lines[0]["status"] == 200
    assert "private" not in server.log_text()


def test_a_token_from_the_environment_guards_all_but_the_state(trained: dict[str, Path]) -> None:
    server = Server([f"n={trained['news']}"], env={"HEADSTART_TOKEN": "a-long-enough-token"})
    try:
        with server.client() as client:
            assert client.get("/healthz").status_code == client.get("/docs").status_code == 200
            assert "classes of texts" not in client.get("/docs").text
            for path in ("/v1/models", "/v1/models/n", "/metrics"):
                assert client.get(path).status_code == 401
            right = {"Authorization": "Bearer a-long-enough-token"}
            found = client.post("/v1/models/n:predict", json={"inputs": ["stocks fell"]}, headers=right)
            assert found.status_code == 200
    finally:
        assert server.stop() == 0
    assert "a-long-enough-token" not in server.log_text() + server.said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "There is no saved model at"),
        (("{news}", "{news}"), "Two models are named news"),
        (("a/b={news}",), "cannot be the name of a model"),
        (("{news}", "--host", "0.0.0.0"), "so a token is needed"),
        (("{news}", "--host", "0.0.0.0", "--token", "short"), "at least 16 characters"),
        (("{news}", "--token", "two words"), "without a space"),
        (
            ("{news}", "--host", "nowhere.invalid", "--token", "a-long-enough-token"),
            "Nothing can be served at",
        ),
        (("{news}", "--port", "99999"), "99999"),
        (("{news}", "--port", "{taken}"), "is in use by another program"),
    ],
)
def test_what_cannot_be_served_is_told_before_it_begins(
    server: Server, trained: dict[str, Path], arguments: tuple[str, ...], says: str
) -> None:
    import subprocess
    import sys

    known = {**{name: str(path) for name, path in trained.items()}, "taken": str(server.port)}
    done = subprocess.run(
        [sys.executable, "-m", "headstart", "serve", *(a.format(**known) for a in arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
