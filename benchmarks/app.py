"""Measure what the web app promises: the first screen, a large project, and training from the button.

    python benchmarks/app.py start|large|train|heat DATA [--repeats 5]

DATA is the folder that scripts/build_data.py made; bases come from the cache in force. ``start``: from the
command to the first screen. ``large``: pages of a project of 10,000 photos. ``train``: from the button to the
result, beside ``headstart train`` on the same folder, both without kept embeddings. ``heat``: saying where in
a picture an answer came from. The real program, spoken to over HTTP.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image

from headstart.settings import current

TOKEN = "benchmark"
PORT = 7499
HEADSTART = [sys.executable, "-m", "headstart"]


@contextmanager
def opened(workspace: Path, **environment: str) -> Iterator[tuple[httpx.Client, float]]:
    """Yield a signed-in client and the seconds from the command to the first screen."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [
            *HEADSTART,
            "app",
            "--workspace",
            str(workspace),
            "--port",
            str(PORT),
            "--token",
            TOKEN,
            "--no-browser",
        ],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    )
    client = httpx.Client(base_url=f"http://127.0.0.1:{PORT}", follow_redirects=True, timeout=600)
    try:
        while True:
            try:
                answer = client.get(f"/?token={TOKEN}")
                break
            except httpx.TransportError:
                time.sleep(0.005)
        assert answer.status_code == 200, answer.text
        yield client, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()
        client.close()


def told(what: str, seconds: list[float]) -> None:
    middle, worst = statistics.median(seconds), max(seconds)
    print(f"{what:55} median {middle:7.3f} s   worst {worst:7.3f} s   of {len(seconds)}")


def start(data: Path, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for _ in range(repeats + 1):
            with opened(Path(folder)) as (_, first):
                seconds.append(first)
        told("from the command to the first screen", seconds[1:])


def large(data: Path, repeats: int, count: int = 10_000) -> None:
    """Put photos into the folders by hand, as quick as a person's file manager would."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        with opened(Path(folder)) as (client, _):
            project = client.post("/api/projects", json={"name": "Large", "modality": "image"}).json()["id"]
            for number in range(count):
                place = Path(folder) / "Large" / "examples" / f"class {number % 10}"
                place.mkdir(parents=True, exist_ok=True)
                held = io.BytesIO()
                Image.fromarray(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(held, "JPEG")
                (place / f"IMG_{number:05}.jpg").write_bytes(held.getvalue())
            begun = time.perf_counter()
            assert client.post(f"/api/projects/{project}/rescan").json()["added"] == count
            told(f"taking over {count} photos put in by hand", [time.perf_counter() - begun])
            screen: list[float] = []
            part: list[float] = []
            thumbs: list[float] = []
            for number in range(repeats):
                begun = time.perf_counter()
                page = client.get(f"/projects/{project}/examples")
                items = client.get(f"/api/projects/{project}/examples?limit=200").json()["items"]
                for one in items[:40]:
                    client.get(one["thumb"]).raise_for_status()
                screen.append(time.perf_counter() - begun)
                assert page.status_code == 200
                begun = time.perf_counter()
                deep = client.get(f"/api/projects/{project}/examples?limit=200&offset={count - 300 - number}")
                part.append(time.perf_counter() - begun)
                begun = time.perf_counter()
                client.get(deep.json()["items"][0]["thumb"])
                thumbs.append(time.perf_counter() - begun)
            told(f"first screen of {count} photos, 40 pictures in it", screen)
            told("200 more, from near the end", part)
            told("one small picture", thumbs)


def train(data: Path, repeats: int) -> None:
    """Both ways in turn, on the same files; the app's worker is there before the button is pressed."""
    source = data / "image" / "stamp_photos"
    button, command = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cache = root / "cache"
        cache.mkdir()
        (cache / "bases").symlink_to(current().bases, target_is_directory=True)
        settings = {"HEADSTART_CACHE": str(cache), "HEADSTART_OFFLINE": "1"}
        with opened(root / "ws", **settings) as (client, _):
            project = client.post("/api/projects", json={"name": "Photos", "modality": "image"}).json()["id"]
            target = root / "ws" / "Photos" / "examples"
            target.rmdir()
            shutil.copytree(source, target)
            client.post(f"/api/projects/{project}/rescan")
            time.sleep(5)  # the worker imports what it needs while a person looks at the screen
            for _ in range(repeats):
                _forget(cache)
                button.append(_pressed(client, project))
                _forget(cache)
                begun = time.perf_counter()
                subprocess.run(
                    [*HEADSTART, "train", str(target), "-o", str(root / "model")],
                    env={**os.environ, **settings},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                command.append(time.perf_counter() - begun)
    told("training 213 photos, from the button", button)
    told("training 213 photos, on the command line", command)
    print(f"{'button over command line':55} {statistics.median(button) / statistics.median(command):.3f}")


def _pressed(client: httpx.Client, project: str) -> float:
    begun = time.perf_counter()
    job: dict[str, Any] = client.post(f"/api/projects/{project}/jobs", json={"kind": "train"}).json()
    while job["state"] in ("queued", "running"):
        time.sleep(0.05)
        job = client.get(f"/api/jobs/{job['id']}").json()
    assert job["state"] == "done", job
    client.get(f"/api/projects/{project}/model").raise_for_status()
    return time.perf_counter() - begun


def _forget(cache: Path) -> None:
    for path in cache.glob("embeddings.sqlite*"):
        path.unlink()


def heat(data: Path, repeats: int) -> None:
    from headstart import workflows

    source = data / "image" / "stamp_photos"
    model = workflows.train(source)
    photos = sorted(source.rglob("*.jpg"))[:: max(1, 213 // repeats)][:repeats]
    workflows.heat_map(model, photos[0])
    seconds = []
    for photo in photos:
        begun = time.perf_counter()
        workflows.heat_map(model, photo)
        seconds.append(time.perf_counter() - begun)
    told(f"where in a picture, with {' + '.join(spec.name for spec in model.encoders)}", seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("start", "large", "train", "heat"))
    parser.add_argument("data", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    {"start": start, "large": large, "train": train, "heat": heat}[chosen.what](chosen.data, chosen.repeats)


if __name__ == "__main__":
    main()
