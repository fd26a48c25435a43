"""Photos of realistic sizes, made from real photos so that no network and no large files are needed.

Each photo is a real one enlarged, over a second one as a background, with sensor-like noise, so that its
JPEG file has the bytes per pixel of a camera's (3 to 4 MB for 12 megapixels at quality 90).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = {"12 MP": (4000, 3000), "640x480": (640, 480)}


def make_photos(sources: Sequence[Path], folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """Write `count` JPEG photos of `size` and return their paths; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    grain = rng.normal(0.0, 8.0, (size[1] // 4, size[0] // 4, 3)).astype(np.float32)
    made = []
    for i in range(count):
        path = folder / f"photo_{size[0]}x{size[1]}_{i:03d}.jpg"
        made.append(path)
        if not path.exists():
            picked = rng.choice(len(sources), 2)
            _compose(sources[picked[0]], sources[picked[1]], size, np.roll(grain, i * 7, axis=1), path)
    return made


def _compose(front: Path, back: Path, size: tuple[int, int], grain: np.ndarray, path: Path) -> None:
    width, height = size
    canvas = Image.open(back).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    subject = Image.open(front).convert("RGB")
    scale = 0.8 * min(width / subject.width, height / subject.height)
    subject = subject.resize(
        (int(subject.width * scale), int(subject.height * scale)), Image.Resampling.BICUBIC
    )
    canvas.paste(subject, ((width - subject.width) // 2, (height - subject.height) // 2))
    noise = np.tile(grain, (5, 5, 1))[:height, :width]
    pixels = np.clip(np.asarray(canvas, dtype=np.float32) + noise, 0, 255).astype(np.uint8)
    partial = path.with_suffix(".part")
    Image.fromarray(pixels).save(partial, "JPEG", quality=90)
    partial.replace(path)
