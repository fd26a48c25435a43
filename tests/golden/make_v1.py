"""How the golden bundles of format 1 were made. They are kept; this is not run again for that format.

    python tests/golden/make_v1.py FOLDER

Each holds a model on a tiny encoder, inputs, and the probabilities that the version of that day gave.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from headstart import Model
from headstart.features import content_keys
from headstart.heads.linear import LinearHead
from headstart.heads.select import fit_head
from headstart.model import Block
from headstart.types import Modality
from tiny import RATE, save_tiny_encoder, tiny_quality, tiny_sources

HEADS = {Modality.IMAGE: "prototypes", Modality.TEXT: "ridge", Modality.AUDIO: "ridge"}


def blocks(modality: Modality, encoder: str) -> tuple[Block, ...]:
    embedding = Block("embedding", "encoder", encoder, "embedding")
    other = {
        Modality.IMAGE: (Block("layer_mid", "encoder", encoder, "layer_mid"),),
        Modality.TEXT: (Block("raw", "raw"),),
        Modality.AUDIO: (Block("raw", "raw"),),
    }
    return (embedding, *other[modality])


def examples(modality: Modality, count: int, seed: int = 0) -> tuple[list[Any], list[str]]:
    """Return inputs and labels; every other text speaks in words that only the raw features know."""
    sources, labels = tiny_sources(modality, count, seed)
    if modality == Modality.TEXT:
        other = {"good": "splendid", "bad": "dreary"}
        sources = [
            " ".join(other.get(word, word) for word in text.split()) + f" {number}"
            if number % 4 < 2
            else text
            for number, text in enumerate(sources)
        ]
    return sources, labels


def make(modality: Modality, base: Path) -> Model:
    spec = save_tiny_encoder(base, modality)
    classes = ("high", "low")
    empty = Model(
        modality,
        classes,
        (spec,),
        blocks(modality, spec.name),
        LinearHead({}, np.zeros(2, np.float32)),
        quality=tiny_quality(classes),
        data_fingerprint="0123456789abcdef",
        cards={spec.name: {"title": "A tiny encoder", "licence": "Apache-2.0"}},
    )
    sources, labels = examples(modality, 40)
    y = np.array([classes.index(label) for label in labels])
    fitted = fit_head(dict(empty.features(sources).blocks), y, head=HEADS[modality])
    return replace(empty, head=fitted.linear, seen=content_keys(empty.features(sources).contents))


def write_inputs(modality: Modality, folder: Path) -> list[str]:
    folder.mkdir(parents=True)
    sources, _ = examples(modality, 6, seed=99)
    if modality == Modality.TEXT:
        (folder / "texts.json").write_text(json.dumps(sources))
        return sources
    names = []
    for number, source in enumerate(sources):
        if modality == Modality.IMAGE:
            names.append(f"{number}.png")
            Image.fromarray(source).save(folder / names[-1])
        else:
            names.append(f"{number}.wav")
            soundfile.write(folder / names[-1], source, RATE, subtype="PCM_16")
    return names


def main(target: Path) -> None:
    for modality in Modality:
        place = target / f"v1-{modality}"
        names = write_inputs(modality, place / "inputs")
        with tempfile.TemporaryDirectory() as base:
            model = make(modality, Path(base))
            model.save(place / "bundle")
            sources = names if modality == Modality.TEXT else [place / "inputs" / name for name in names]
            proba = model.predict_proba(sources)
        expected = {"inputs": names, "classes": model.classes, "proba": proba.astype(float).tolist()}
        (place / "expected.json").write_text(json.dumps(expected, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
