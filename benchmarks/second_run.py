"""A second run on the same data beside the first: embedding alone, with the cache in one SQLite file.

Usage: python benchmarks/second_run.py
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from harness import Row, seconds_of, show
from photos import SIZES, make_photos
from weights import CACHE, DATA, prepared

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.open import open_encoder
from headstart.types import Signature

if TYPE_CHECKING:
    from headstart.types import Source

ROUNDS = 3
MANY = 10_000


def runs(base: str, sources: Sequence[Source]) -> tuple[float, float]:
    """Return the seconds of a first run and of the best later one; a new process each would open the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "embeddings.sqlite"
        encoder = open_encoder(prepared(base))
        encoder.encode(sources[:1])  # opening the session is not what is measured here
        with EmbeddingCache(path) as cache:
            first = seconds_of(lambda: encoder.encode(sources, cache=cache))
        later = []
        for _ in range(ROUNDS):
            with EmbeddingCache(path) as cache:
                later.append(seconds_of(lambda cache=cache: encoder.encode(sources, cache=cache)))
        return first, min(later)


def look_up_many() -> tuple[float, float]:
    """Return the seconds of storing and of looking up ten thousand rows of the default image base."""
    rng = np.random.default_rng(0)
    contents = [rng.bytes(16) for _ in range(MANY)]
    rows = rng.normal(size=(MANY, 1280 + 1672)).astype(np.float32)
    signatures = [Signature(b"c" * 16, b"p" * 64)] * MANY
    with tempfile.TemporaryDirectory() as folder, EmbeddingCache(Path(folder) / "c.sqlite") as cache:
        stored = seconds_of(
            lambda: cache.store("encoder", contents, rows[:, :1280], rows[:, 1280:], signatures)
        )
        found = min(seconds_of(lambda: cache.find("encoder", contents, (1280, 1672))) for _ in range(ROUNDS))
        return stored, found


def main() -> None:
    os.environ.setdefault("HEADSTART_CACHE", str(CACHE / "headstart"))
    photos = sorted(p for p in (DATA / "image" / "stamp_photos").rglob("*") if p.is_file())
    clips = sorted(p for p in (DATA / "audio" / "spoken_commands").rglob("*") if p.is_file())
    with (DATA / "text" / "package_section.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    large = make_photos(photos, CACHE / "benchmark-photos", SIZES["12 MP"], 24)
    rows = []
    for title, base, sources in (
        ("213 small photos", "efficientnet_lite0", photos),
        ("24 photos of 12 MP", "efficientnet_lite0", large),
        ("1,040 short texts", "minilm_l6", texts),
        ("1,040 short texts", "wordllama_256", texts),
        ("440 spoken commands", "whisper_tiny_en", clips),
    ):
        first, later = runs(base, sources)
        rows.append(Row(f"{title}, {base}, second run", later, "first run", first))
    stored, found = look_up_many()
    rows.append(Row("10,000 rows of 1,280, look up", found, "store (with 1,672 further numbers)", stored))
    show("second_run", rows, ours_is="faster")


if __name__ == "__main__":
    main()
