"""Models for tests of export: real bases, every kind of block a head can see, and real inputs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from headstart import Model
from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.data.image import decode_image
from headstart.features import Block, Pipeline
from headstart.heads.counts import CountsMap
from headstart.heads.linear import DenseMap, LinearHead, SparseMap, round_to_grid
from headstart.heads.sparse import Sparse
from headstart.types import Modality
from tiny import tiny_quality

CLASSES = ("croissant", "scone", "bagel", "Brötchen 🥐")
REAL = 50
BLOCKS = {
    Modality.IMAGE: (
        ("efficientnet_lite0", "embedding"),
        ("efficientnet_lite0", "layer_late"),
        ("efficientnet_lite1", "layer_mid"),
        ("", "raw"),
    ),
    Modality.TEXT: (("minilm_l6", "embedding"), ("wordllama_256", "embedding"), ("", "raw")),
    Modality.AUDIO: (("whisper_tiny_en", "layer_2"), ("yamnet", "embedding"), ("", "raw")),
}
"""Several bases, earlier layers and simple features at once: more than any trained model uses."""
BASES = tuple({base for blocks in BLOCKS.values() for base, _ in blocks if base})


def real_inputs(modality: Modality, root: Path, count: int = REAL) -> list[Any]:
    """Return real inputs, spread over the data sets: pictures as PNG, so that all decode the same pixels."""
    if modality is Modality.TEXT:
        found = []
        for name in ("news_topic.csv", "package_section.csv"):
            with (root / "text" / name).open(encoding="utf-8", newline="") as file:
                found.append([next(iter(row.values())) for row in csv.DictReader(file)])
        return [text for texts in found for text in spread(texts, count // 2)]
    pattern = "stamp_photos/*/*" if modality is Modality.IMAGE else "*/*/*"
    files = spread(sorted((root / str(modality)).glob(pattern)), count)
    return [png_of(path) for path in files] if modality is Modality.IMAGE else files


def spread(items: Sequence[Any], count: int) -> list[Any]:
    return list(items)[:: max(1, len(items) // count)][:count]


def png_of(path: Path) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(decode_image(path)).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def blended_model(
    modality: Modality, sources: Sequence[Any], seed: int = 0, without: Sequence[str] = ()
) -> Model:
    """Return a model on real bases whose head has drawn weights of a size that makes answers differ."""
    catalogue, rng = load_catalogue(), np.random.default_rng(seed)
    chosen = [(base, output) for base, output in BLOCKS[modality] if base not in without]
    names = list(dict.fromkeys(base for base, _ in chosen if base))
    specs = tuple(spec for name in names if (spec := installed(catalogue.get(name))) is not None)
    assert len(specs) == len(names), f"Not prepared: {names}. Run: make bases"
    blocks = tuple(
        Block(f"{base}.{output}", "encoder", base, output) if base else Block("raw", "raw")
        for base, output in chosen
    )
    seen = Pipeline(modality, specs, blocks).run(list(sources)).blocks
    maps = {block.name: _map(seen[block.name], rng) for block in blocks}
    bias = rng.normal(size=len(CLASSES)).astype(np.float32)
    head = LinearHead(maps, bias, {"head": "ridge", "temperature": 1.5})
    return Model(
        modality=modality,
        classes=CLASSES,
        encoders=specs,
        blocks=blocks,
        head=head,
        quality=tiny_quality(CLASSES),
        name="pastries",
        created="2026-01-01T00:00:00+00:00",
    )


def _map(rows: Any, rng: np.random.Generator) -> DenseMap | SparseMap:
    if isinstance(rows, Sparse):
        counts = CountsMap.fit(rows, 1 << 16)  # folded, as many classes would have it
        made: Any = SparseMap(np.zeros((len(counts.buckets), len(CLASSES)), np.float32), counts)
    else:
        reach = float(np.abs(rows).max())
        made = DenseMap(np.zeros((rows.shape[1], len(CLASSES)), np.float32), reach, rows.mean(axis=0))
    weight = rng.normal(size=made.weight.shape)
    scores = type(made)(round_to_grid(weight), *_rest(made)).scores(rows)
    return type(made)(round_to_grid(weight * 1.5 / max(scores.std(), 1e-9)), *_rest(made))


def _rest(made: DenseMap | SparseMap) -> tuple[Any, ...]:
    return (made.counts,) if isinstance(made, SparseMap) else (made.reach, made.centre)
