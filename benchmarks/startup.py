"""Start-up: what importing, asking for help and one cold prediction cost beside the least that could be run.

Usage: python benchmarks/startup.py MODEL PHOTO      (a saved image model with its base inside)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from harness import Row, seconds_of, show

BARE_PREDICT = """
import json, sys
import numpy as np, onnxruntime as ort
from PIL import Image
model, photo = sys.argv[1:]
pixels = np.asarray(Image.open(photo).convert("RGB").resize((224, 224), Image.BICUBIC))[None]
session = ort.InferenceSession(f"{model}/encoder.onnx")
x = session.run(["embedding"], {"pixels": pixels})[0]
weights = np.random.default_rng(0).normal(size=(x.shape[1], 7)).astype("float32")
scores = x @ weights
print(json.dumps(float(scores.max())))
"""


def timed(command: list[str], repeats: int = 15) -> float:
    """Median seconds of a fresh process."""
    times = []
    for _ in range(repeats):
        times.append(seconds_of(lambda: subprocess.run(command, check=True, capture_output=True)))
    return median(times)


def main() -> None:
    model, photo = sys.argv[1:]
    python = sys.executable
    headstart = str(Path(python).parent / "headstart")
    os.environ["HEADSTART_CACHE"] = tempfile.mkdtemp()
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(BARE_PREDICT)
        script.flush()
        rows = [
            Row(
                "import headstart",
                timed([python, "-c", "import headstart"]),
                "python -c pass",
                timed([python, "-c", "pass"]),
            ),
            Row(
                "headstart --help",
                timed([headstart, "--help"]),
                "import typer",
                timed([python, "-c", "import typer"]),
            ),
            Row(
                "headstart predict, one photo, cold",
                timed([headstart, "predict", model, photo, "--json"]),
                "ten-line onnxruntime script",
                timed([python, script.name, model, photo]),
            ),
        ]
    show("startup", rows, ours_is="slower", unit="ms")


if __name__ == "__main__":
    main()
