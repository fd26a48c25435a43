"""The lines that the docs show run an exported file, as they stand, with nothing of headstart in reach."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from headstart.types import Modality
from headstart.workflows import export, train
from tiny import tiny_model, tiny_sources

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
BLOCKS = dict(
    zip(
        ["image", "audio", "text", "rows"],
        re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL),
        strict=True,
    )
)
FILES = {"image": "pastries.onnx", "audio": "commands.onnx", "text": "mood.onnx"}
TEXT = "The soup was cold and the waiter laughed at us"
FORBID = "import sys\nsys.modules['headstart'] = sys.modules['onnx'] = sys.modules['torch'] = None\n"


def given(modality: str, folder: Path) -> object:
    """Lay the input out that the docs speak of, and return what Python's own model is given."""
    source = tiny_sources(modality, 1)[0][0]
    if modality == "image":
        Image.fromarray(np.kron(source, np.ones((30, 40, 1), np.uint8))).save(folder / "photo.png")
        return folder / "photo.png"
    if modality == "audio":
        soundfile.write(folder / "clip.wav", source, 16000)
        return folder / "clip.wav"
    return TEXT


@pytest.mark.parametrize("modality", list(Modality))
def test_the_lines_of_the_docs_give_the_models_answer(modality: Modality, tmp_path: Path):
    model = tiny_model(tmp_path / "base", modality)
    export(model, "onnx", output=tmp_path / FILES[modality])
    source = given(modality, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FORBID + BLOCKS[modality]], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    label, probability = done.stdout.split()
    [want] = model.predict([source])
    assert label == want.label
    assert abs(float(probability) - want.probability) < 1e-4


def test_the_lines_for_rows_give_the_models_answer(tmp_cache: Path, tmp_path: Path):
    random = np.random.default_rng(0)
    price, maker = random.normal(9000, 2000, 80).round(), random.choice(["opel", "fiat"], 80)
    day = pd.date_range("2015-03-01", periods=80, freq="17D").strftime("%Y-%m-%d")
    frame = pd.DataFrame({"price": price, "maker": maker, "since": day})
    model = train(frame, list(np.where((price > 9000) ^ (maker == "opel"), "sold", "kept")), columns="auto")
    export(model, "onnx", output=tmp_path / "cars.onnx")
    done = subprocess.run(
        [sys.executable, "-c", FORBID + BLOCKS["rows"]], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    label, probability = done.stdout.split()
    [want] = model.predict({"price": 9500, "maker": "opel", "since": "2019-05-01"})
    assert label == want.label
    assert abs(float(probability) - want.probability) < 1e-4


def test_the_blocks_are_short():
    assert len(BLOCKS["image"].split("\n\n")[1].splitlines()) <= 10
