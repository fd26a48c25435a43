"""Photos of one part, taken again and again: good ones, and ones with a painted defect.

The part is a real photo (a picture of a thing, cut out); each shot moves it a little, changes the light and
adds noise. Deterministic, and made in a moment.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 256


def part_photo(data_root: Path) -> Image.Image:
    """Return the real photo that the parts are made of."""
    path = sorted((data_root / "image" / "stamp_photos").rglob("*.*"))[0]
    picture = Image.open(path).convert("RGBA")
    ground = Image.new("RGBA", picture.size, (120, 124, 128, 255))
    return (
        Image.alpha_composite(ground, picture).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    )


def shot(part: Image.Image, seed: int) -> Image.Image:
    """Take one photo of a part."""
    rng = np.random.default_rng(seed)
    shift = tuple(float(x) for x in rng.uniform(-3, 3, 2))
    moved = part.transform(
        part.size, Image.Transform.AFFINE, (1, 0, shift[0], 0, 1, shift[1]), Image.Resampling.BICUBIC,
        fillcolor=(120, 124, 128),
    )  # fmt: skip
    pixels = np.asarray(moved, dtype=float) * rng.uniform(0.94, 1.06) + rng.normal(0, 3, (SIDE, SIDE, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def scratched(part: Image.Image, seed: int) -> Image.Image:
    """Return the part with a scratch across its middle."""
    rng = np.random.default_rng(seed)
    hurt = part.copy()
    x, y = rng.uniform(0.35, 0.55, 2) * SIDE
    ends = [(x, y), (x + 40, y + rng.uniform(-20, 20))]
    ImageDraw.Draw(hurt).line(ends, fill=(20, 20, 20), width=7)
    return hurt


def spotted(part: Image.Image, seed: int) -> Image.Image:
    """Return the part with a pale spot near its middle."""
    rng = np.random.default_rng(seed)
    hurt = part.copy()
    x, y = rng.uniform(0.35, 0.6, 2) * SIDE
    ImageDraw.Draw(hurt).ellipse([x, y, x + 26, y + 26], fill=(240, 235, 120))
    return hurt


def write_parts(folder: Path, data_root: Path, *, good: int = 30, scratches: int = 0, first: int = 0) -> Path:
    """Write ``good/`` and ``scratch/`` into a folder, and return it."""
    part = part_photo(data_root)
    for name, count in (("good", good), ("scratch", scratches)):
        if count:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(first, first + count):
            whole = part if name == "good" else scratched(part, i)
            shot(whole, 1000 * len(name) + i).save(folder / name / f"{i:03d}.jpg", quality=93)
    return folder
