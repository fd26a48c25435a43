"""``predict --watch`` as a person runs it: it names what comes, and Ctrl-C ends it cleanly."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

from PIL import Image
from program import PROGRAM, run

from tiny import tiny_model


def test_it_names_what_comes_until_it_is_stopped(tmp_path: Path) -> None:
    model, camera, out = tmp_path / "model", tmp_path / "camera", tmp_path / "out.csv"
    tiny_model(tmp_path / "base", "image").save(model)
    camera.mkdir()
    Image.new("RGB", (40, 40), (200, 10, 10)).save(camera / "a.png")

    running = subprocess.Popen(
        [PROGRAM, "predict", model, "--watch", camera, "--out", out],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (out.exists() and out.read_text().count("\n") == 2):
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    said, errors = running.communicate(timeout=60)

    assert (running.returncode, errors) == (0, "")
    assert "Ctrl-C ends it." in " ".join(said.split())
    assert "a.png" in said
    assert "Stopped. 1 files were named (0 could not be read)" in " ".join(said.split())
    assert out.read_text().count("\n") == 2


def test_what_does_not_go_with_it_is_refused(tmp_path: Path) -> None:
    tiny_model(tmp_path / "base", "image").save(tmp_path / "model")
    camera = tmp_path / "base"
    for options, told in (
        ((camera, "--watch", camera, "--out", "o.csv"), "--watch names the folder to look at"),
        (("--watch", camera), "Nothing says where the answers for"),
        (("--watch", camera, "--out", "o.csv", "--csv", "x.csv"), "--csv does not go together with --watch"),
        ((), "Nothing says what to name."),
    ):
        said = run("predict", tmp_path / "model", *options, code=2).stderr
        assert told in " ".join(said.split())
