"""Small bases made on the spot: wheels, cards, weights in the layouts that builders read."""

from __future__ import annotations

import hashlib
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from headstart.bases.card import Base

WORDS = ["<unk>", "a", "good", "bad", "film", "day"]


def tokenizer_json() -> bytes:
    table = {
        "version": "1.0",
        "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(WORDS)}, "unk_token": "<unk>"},
    }
    return json.dumps(table).encode()


def table_weights(width: int = 4, seed: int = 0) -> bytes:
    table = np.random.default_rng(seed).standard_normal((len(WORDS), width)).astype(np.float16)
    return save({"embedding.weight": table})


def make_wheel(
    folder: Path, members: dict[str, bytes], name: str = "tiny_base", version: str = "1.0"
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return path


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def card_table(members: dict[str, bytes] | None = None, **changes: object) -> dict[str, object]:
    """A valid card of a static text base of width 4; `changes` replace top-level keys (None removes)."""
    members = tiny_members() if members is None else members
    roles = {"weights": "tiny/w.safetensors", "tokenizer": "tiny/t.json"}
    table: dict[str, object] = {
        "name": "tiny",
        "modality": "text",
        "title": "Tiny",
        "trained_on": "nothing",
        "domain": "tests",
        "width": 4,
        "licence": "MIT",
        "builder": "wordllama",
        "download_bytes": 1000,
        "recipe": {"max_tokens": 8, "pad_id": 0},
        "outputs": {"embedding": 4},
        "source": [
            {
                "kind": "pypi",
                "package": "tiny-base",
                "version": "1.0",
                "members": {
                    role: {"path": path, "sha256": sha256(members[path]), "bytes": len(members[path])}
                    for role, path in roles.items()
                },
            }
        ],
    }
    table.update(changes)
    return {key: value for key, value in table.items() if value is not None}


def tiny_members(seed: int = 0) -> dict[str, bytes]:
    return {"tiny/w.safetensors": table_weights(seed=seed), "tiny/t.json": tokenizer_json()}


def tiny_base(folder: Path, **changes: object) -> tuple[Base, Path]:
    """A card and the folder of wheels that it is made from."""
    members = tiny_members()
    make_wheel(folder / "wheels", members)
    return Base.from_table(card_table(members, **changes)), folder / "wheels"


def to_toml(table: dict[str, object], prefix: str = "") -> str:
    """Write plain tables as TOML: enough for cards."""
    plain = {k: v for k, v in table.items() if not isinstance(v, dict) and not _is_tables(v)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"[{prefix}{key}]", to_toml(value, f"{prefix}{key}.")]
        elif _is_tables(value):
            for item in value:  # type: ignore[attr-defined]
                lines += [f"[[{prefix}{key}]]", to_toml(item, f"{prefix}{key}.")]
    return "\n".join(lines)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def legacy_file(state: dict[str, np.ndarray], *, claim: dict[str, int] | None = None) -> bytes:
    """Write torch's legacy layout by hand; `claim` overrides how many numbers a storage says it has."""
    claim = claim or {}
    out = [b"\x80\x02cc".replace(b"cc", b"ccollections\nOrderedDict\n)R(")]
    for name, array in state.items():
        count = claim.get(name, array.size)
        strides = [s // array.itemsize for s in np.ascontiguousarray(array).strides] if array.ndim else []
        out += [
            _text(name),
            b"ctorch._utils\n_rebuild_tensor_v2\n(",
            b"("
            + _text("storage")
            + b"ctorch\nFloatStorage\n"
            + _text(name)
            + _text("cpu")
            + _int(count)
            + b"NtQ",
            _int(0),
            b"(" + b"".join(map(_int, array.shape)) + b"t",
            b"(" + b"".join(map(_int, strides)) + b"t",
            b"\x89ccollections\nOrderedDict\n)R",
            b"tR",
        ]
    out.append(b"u.")
    head = [pickle.dumps(x, 2) for x in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})]
    keys = pickle.dumps(list(state), 2)
    data = b"".join(
        struct.pack("<q", claim.get(name, a.size)) + np.ascontiguousarray(a, np.float32).tobytes()
        for name, a in state.items()
    )
    return b"".join(head) + b"".join(out) + keys + data


def _text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _int(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    return pickle.dumps(value, 2)[2:-1]


def lite_state(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights of a network with EfficientNet-Lite's plan and very few channels."""
    rng = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = {}

    def conv(name: str, out: int, inside: int, size: int, norm: str) -> None:
        state[name + "weight"] = (rng.standard_normal((out, inside, size, size)) * 0.5).astype(np.float32)
        state[norm + "weight"] = rng.uniform(0.5, 1.5, out).astype(np.float32)
        state[norm + "bias"] = rng.standard_normal(out).astype(np.float32)
        state[norm + "running_mean"] = rng.standard_normal(out).astype(np.float32)
        state[norm + "running_var"] = rng.uniform(0.5, 2, out).astype(np.float32)

    conv("_conv_stem.", 4, 3, 3, "_bn0.")
    channels, number = 4, 0
    plan = [(3, 3, 1), (5, 3, 2), (6, 5, 2), (7, 3, 2), (8, 5, 2), (9, 5, 2), (10, 3, 1)]
    for stage, (out, kernel, repeats) in enumerate(plan):
        for _ in range(repeats):
            prefix, wide = f"_blocks.{number}.", channels * (2 if stage else 1)
            if stage:
                conv(prefix + "_expand_conv.", wide, channels, 1, prefix + "_bn0.")
            conv(prefix + "_depthwise_conv.", wide, 1, kernel, prefix + "_bn1.")
            conv(prefix + "_project_conv.", out, wide, 1, prefix + "_bn2.")
            channels, number = out, number + 1
    conv("_conv_head.", 12, channels, 1, "_bn1.")
    state["_fc.weight"] = rng.standard_normal((1000, 12)).astype(np.float32)
    state["_fc.bias"] = rng.standard_normal(1000).astype(np.float32)
    return state


def bert_state(
    width: int = 32, wide: int = 64, layers: int = 2, words: int = 50, seed: int = 0
) -> dict[str, np.ndarray]:
    """Random weights of a small BERT, with the sizes that trained ones have."""
    rng = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = {}

    def linear(name: str, out: int, inside: int) -> None:
        state[name + ".weight"] = (rng.standard_normal((out, inside)) * 0.2).astype(np.float32)
        state[name + ".bias"] = (rng.standard_normal(out) * 0.2).astype(np.float32)

    def norm(name: str) -> None:
        state[name + ".LayerNorm.weight"] = rng.uniform(0.5, 1.5, width).astype(np.float32)
        state[name + ".LayerNorm.bias"] = (rng.standard_normal(width) * 0.2).astype(np.float32)

    for kind, rows in (("word", words), ("position", 16), ("token_type", 2)):
        state[f"embeddings.{kind}_embeddings.weight"] = rng.standard_normal((rows, width)).astype(np.float32)
    norm("embeddings")
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        for kind in ("query", "key", "value"):
            linear(f"{prefix}attention.self.{kind}", width, width)
        linear(prefix + "attention.output.dense", width, width)
        norm(prefix + "attention.output")
        linear(prefix + "intermediate.dense", wide, width)
        linear(prefix + "output.dense", width, wide)
        norm(prefix + "output")
    return state
