"""Describes a tuned encoder that was written to disk, as a base that anything can run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from headstart.bases.store import fingerprint
from headstart.types import EncoderSpec

FILES = {"encoder": "encoder.onnx", "tokenizer": "tokenizer.json"}
SUFFIX = "-tuned"


def tuned_spec(spec: EncoderSpec, folder: Path, outputs: Mapping[str, int]) -> EncoderSpec:
    """Describe what stands in `folder`, made from the base `spec`.

    Parameters
    ----------
    outputs
        What the written graph gives out; a base that no longer gives logits has no class names either.
    """
    files = {role: folder / name for role, name in FILES.items() if (folder / name).is_file()}
    hashes = {role: hashlib.sha256(path.read_bytes()).hexdigest() for role, path in files.items()}
    return replace(
        spec,
        name=spec.name.removesuffix(SUFFIX) + SUFFIX,
        fingerprint=fingerprint(hashes, spec.recipe, outputs),
        outputs=dict(outputs),
        files=files,
        class_names=spec.class_names if "logits" in outputs else (),
    )
