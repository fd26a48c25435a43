"""Embedding photos: ours beside a plain torch and Pillow loop, and beside the least that it could cost.

Usage: python benchmarks/embed_images.py
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from harness import Row, seconds_of, show
from photos import SIZES, make_photos
from PIL import Image
from torch_reference import EfficientNetLite0, load_lite0
from weights import CACHE, DATA, original, prepared

from headstart.encoders.encoder import Encoder
from headstart.encoders.open import open_encoder

COUNTS = {"12 MP": 24, "640x480": 160}
ROUNDS = 3
TORCH_BATCH = 16
CORES = len(os.sched_getaffinity(0))


def usual_pixels(path: Path) -> np.ndarray:
    """Decode in full, resize the shorter side to 256, cut 224 x 224 out of the centre."""
    image = Image.open(path).convert("RGB")
    scale = 256 / min(image.size)
    size = [256 if side == min(image.size) else int(side * scale) for side in image.size]
    image = image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
    left, top = round((image.width - 224) / 2), round((image.height - 224) / 2)
    return np.asarray(image.crop((left, top, left + 224, top + 224)))


def torch_loop(model: EfficientNetLite0, paths: Sequence[Path]) -> np.ndarray:
    """Do what a tutorial does."""
    found = []
    with torch.inference_mode():
        for first in range(0, len(paths), TORCH_BATCH):
            pixels = np.stack([usual_pixels(path) for path in paths[first : first + TORCH_BATCH]])
            batch = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5
            found.append(model.features(batch.contiguous()).numpy())
    return np.concatenate(found)


def entropy_decoding(paths: Sequence[Path]) -> None:
    """Decode to an eighth of the size: little but reading the compressed stream is left."""
    for path in paths:
        with Image.open(path) as image:
            image.draft("RGB", (1, 1))
            image.load()


def bare_graph(session: onnxruntime.InferenceSession, count: int) -> Callable[[], None]:
    """Run the graph on ready pixels, four at a time, on one core."""
    batch = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 3), dtype=np.uint8)

    def work() -> None:
        for _ in range(0, count, len(batch)):
            session.run(["embedding"], {"pixels": batch})

    return work


def single_core_session(encoder: Encoder) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(encoder.spec.files["encoder"]), options)


def cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return (one * other).sum(axis=1) / lengths


def measure(
    name: str, encoder: Encoder, model: EfficientNetLite0, sources: Sequence[Path]
) -> tuple[list[Row], dict[str, object]]:
    count = COUNTS[name]
    paths = make_photos(sources, CACHE / "benchmark-photos", SIZES[name], count)
    graph = bare_graph(single_core_session(encoder), count)
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: encoder.encode(paths),
        "torch": lambda: torch_loop(model, paths),
        "entropy": lambda: entropy_decoding(paths),
        "graph": graph,
    }
    for work in (works["ours"], graph):
        work()
    torch_loop(model, paths[:TORCH_BATCH])
    # All of them take turns, so that a neighbour on the machine disturbs all alike; the best round counts.
    rounds = [{key: seconds_of(work) / count for key, work in works.items()} for _ in range(ROUNDS)]
    best = {key: min(each[key] for each in rounds) for key in works}
    floor = (best["entropy"] + best["graph"]) / CORES
    alike = cosine(encoder.encode(paths).vectors, torch_loop(model, paths))
    real = cosine(encoder.encode(sources).vectors, torch_loop(model, sources))
    rows = [
        Row(f"{name} JPEG, a photo", best["ours"], "torch eager + Pillow", best["torch"]),
        Row(f"{name} JPEG, beside the floor", best["ours"], "(entropy decoding + graph) / cores", floor),
    ]
    facts = {
        "cosine": {"mean": float(alike.mean()), "least": float(alike.min())},
        "cosine on small real photos": {"mean": float(real.mean()), "least": float(real.min())},
        "parts": best,
        "megabytes a photo": float(np.mean([path.stat().st_size for path in paths]) / 1e6),
    }
    return rows, facts


def main() -> None:
    torch.set_num_threads(CORES)
    spec = prepared("efficientnet_lite0")
    with original("efficientnet_lite0") as files:
        model = load_lite0(files["weights"])
    encoder = open_encoder(spec, threads=CORES)
    sources = sorted((DATA / "image" / "stamp_photos").rglob("*.*"))
    sources += sorted((DATA / "image" / "surface_marks" / "ok").rglob("*.*"))
    rows, facts = [], {}
    for name in SIZES:
        more, facts[name] = measure(name, encoder, model, sources)
        rows += more
        print(name, facts[name])
    show("embed_images", rows, ours_is="faster", extra=facts)


if __name__ == "__main__":
    main()
