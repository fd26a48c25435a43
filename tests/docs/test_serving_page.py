"""The page about serving: its examples run as written, and it names every address, code and option."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import headstart
from serving import DATA, REPO, Server

PAGE = (REPO / "docs" / "serving.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def reader(trained: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the files that the page speaks of, and a server of the models that it speaks of."""
    here = tmp_path_factory.mktemp("reader")
    photo = sorted((DATA / "image" / "stamp_photos" / "bird").iterdir())[-1]
    shutil.copy2(photo, here / "photo.jpg")
    (here / "broken.jpg").write_bytes(photo.read_bytes()[:500])
    server = Server([f"pastries={trained['photos']}", f"mood={trained['news']}"])
    yield here, server.url
    assert server.stop() == 0


@pytest.mark.bases
@pytest.mark.realdata
def test_every_example_runs(reader: tuple[Path, str]) -> None:
    here, url = reader
    told = []
    for command in blocks("bash"):
        done = subprocess.run(
            ["bash", "-c", command.replace(ADDRESS, url)],
            cwd=here,
            capture_output=True,
            text=True,
            timeout=60,
        )
        told.append(json.loads(done.stdout)["predictions"])
    assert [sorted(answer) for answer in told[0]] == [
        sorted(answer) for answer in json.loads(blocks("json")[0])["predictions"]
    ]
    assert [len(answer["top"]) for answer in told[1]] == [2, 2]
    [python] = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", python.replace(ADDRESS, url)],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split()[0] == told[0][0]["label"], done.stderr


@pytest.mark.bases
@pytest.mark.realdata
def test_every_address_is_named(server: Server) -> None:
    with server.client() as client:
        for path in client.get("/openapi.json").json()["paths"]:
            assert path in PAGE, path


def test_every_code_of_a_refusal_is_named() -> None:
    source = Path(headstart.__file__).parent
    text = "".join(
        path.read_text(encoding="utf-8") for room in ("web", "serve") for path in (source / room).glob("*.py")
    )
    codes = set(re.findall(r'Refused\(\s*\d+,\s*"(\w+)"', text)) | set(
        re.findall(r'_reply\(\s*\d+,\s*"(\w+)"', text)
    )
    assert len(codes) > 12
    for code in codes | {"decode_timeout", "decoder_died", "too_long", "not_base64"}:
        assert f"`{code}`" in PAGE, code


def test_every_option_that_it_names_exists() -> None:
    commands = (REPO / "docs" / "commands.md").read_text(encoding="utf-8")
    part = commands.partition("## headstart serve")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert len(named) > 15
    for option in named:
        assert f"`{option}`" in part, option
