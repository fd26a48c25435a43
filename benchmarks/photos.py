"""Photos of realistic sizes, made from real photos so that no network and no large files are needed.

Each shows several real things on a ground tiled with others (so that there is detail at every scale), with
sensor-like noise, so that its JPEG file has the bytes per pixel of a camera's (3 to 4 MB for 12 megapixels
at quality 90).
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
            _compose([sources[k] for k in rng.choice(len(sources), 8)], size, np.roll(grain, i * 7, 1), path)
    return made


def _compose(picked: Sequence[Path], size: tuple[int, int], grain: np.ndarray, path: Path) -> None:
    rng = np.random.default_rng(len(path.name) + int(path.stem[-3:]))
    width, height = size
    canvas = _ground(picked[0], size)
    for i, source in enumerate(picked[1:]):
        subject = Image.open(source).convert("RGB")
        share = 0.75 if i == 0 else rng.uniform(0.15, 0.4)
        scale = share * min(width / subject.width, height / subject.height)
        shape = max(1, int(subject.width * scale)), max(1, int(subject.height * scale))
        place = int(rng.integers(0, width - shape[0])), int(rng.integers(0, height - shape[1]))
        canvas.paste(subject.resize(shape, Image.Resampling.BICUBIC), place)
    noise = np.tile(grain, (5, 5, 1))[:height, :width]
    pixels = np.clip(np.asarray(canvas, dtype=np.float32) + noise, 0, 255).astype(np.uint8)
    partial = path.with_suffix(".part")
    Image.fromarray(pixels).save(partial, "JPEG", quality=90)
    partial.replace(path)


def _ground(source: Path, size: tuple[int, int]) -> Image.Image:
    """Tile a picture, mirrored so that no edges show, a third of the height each."""
    tile = Image.open(source).convert("RGB").resize((size[1] // 3,) * 2, Image.Resampling.BICUBIC)
    ground = Image.new("RGB", size)
    for row in range(3):
        for column in range(size[0] // tile.width + 1):
            turned = tile.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if column % 2 else tile
            turned = turned.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if row % 2 else turned
            ground.paste(turned, (column * tile.width, row * tile.height))
    return ground
