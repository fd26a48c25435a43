"""Large photos with small defects: the size is chosen, the cost is told, and memory stays bounded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from program import run

import headstart
from headstart.errors import ParameterError
from parts import part_photo, write_parts

pytestmark = [pytest.mark.bases, pytest.mark.realdata]

_TRAIN = """
import re, sys, headstart
model = headstart.train(sys.argv[1], target="defects", smallest_defect=30, use_cache=False).model
said = model.predict([sys.argv[1] + "/0.jpg"] * 2)
assert said[0].heatmap.shape == (68, 68), said[0].heatmap.shape
# The peak of this program alone: that of getrusage begins with what the tests themselves had taken.
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


def test_the_smallest_defect_chooses_the_size_and_the_cost_is_told(
    tmp_path: Path, data_root: Path, bases_cache: Path
) -> None:
    parts = write_parts(tmp_path / "parts", data_root, good=6)  # 256 x 256

    told = " ".join(run("train", parts, "-o", tmp_path / "gate", "--smallest-defect", "5px").stdout.split())

    assert (
        "Photos are looked at with 416 x 416 pixels: about 52 ms a photo on one core, and a model of" in told
    )
    assert headstart.load_model(tmp_path / "gate").encoders[0].recipe["size"] == 416
    warned = headstart.train(parts, smallest_defect=5, input_size=224).report.notes
    assert any("has 4.4 of them when it is looked at" in note for note in warned)
    with pytest.raises(ParameterError, match="must be 1 pixel or more, got -1"):
        headstart.train(parts, smallest_defect=-1)


def test_large_photos_take_bounded_memory(tmp_path: Path, data_root: Path, bases_cache: Path) -> None:
    (tmp_path / "large").mkdir()
    large = part_photo(data_root).resize((4000, 3000), Image.Resampling.BICUBIC)
    rng = np.random.default_rng(0)
    for i in range(5):
        noise = rng.integers(-12, 12, (300, 400, 1), dtype=np.int16).repeat(10, 0).repeat(10, 1)
        pixels = np.asarray(large, dtype=np.int16) + noise
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(
            tmp_path / "large" / f"{i}.jpg", quality=80
        )

    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, tmp_path / "large"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1_200_000  # kilobytes
