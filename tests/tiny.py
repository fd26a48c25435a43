"""Tiny encoders of each modality: real ONNX graphs of a few kilobytes with fixed weights, for any test.

They follow the graph contract of real bases (names, types and shapes of inputs and outputs), so everything
that runs with them runs with a real base. ``save_tiny_encoder`` is deterministic: the same folder of files,
byte for byte, wherever it runs.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from headstart import Model
from headstart.bases import builders, store
from headstart.bases.card import Base
from headstart.bases.catalogue import add_card
from headstart.heads.linear import DenseMap, LinearHead, round_to_grid
from headstart.model import Block
from headstart.types import EncoderSpec, Modality

SIZE = 8  # pixels a side
WIDTH = 6
MID_WIDTH = 4
CLASSES = ("one", "two", "three")
RATE = 16000
WINDOW = 1600  # samples
WORDS = ("[PAD]", "[UNK]", "good", "bad", "film", "food", "the", "a", "not", "very")

_OPSET = 18
_OUTPUTS = {
    Modality.IMAGE: {"embedding": WIDTH, "logits": len(CLASSES), "layer_mid": MID_WIDTH},
    Modality.TEXT: {"embedding": WIDTH},
    Modality.AUDIO: {"embedding": WIDTH, "logits": len(CLASSES)},
}
_RECIPES: Mapping[Modality, Mapping[str, Any]] = {
    Modality.IMAGE: {"size": SIZE, "crop": 1.0, "interpolation": "bicubic"},
    Modality.TEXT: {"max_tokens": 16, "pad_id": 0},
    Modality.AUDIO: {
        "rate": RATE,
        "min_samples": WINDOW,
        "window_samples": WINDOW,
        "hop_samples": WINDOW,
        "multiple": 160,
    },
}


def save_tiny_encoder(
    folder: Path, modality: Modality | str, name: str | None = None, seed: int = 0
) -> EncoderSpec:
    """Write the files of a tiny encoder to `folder` and return its spec."""
    modality = Modality(modality)
    folder.mkdir(parents=True, exist_ok=True)
    graph = {Modality.IMAGE: _image, Modality.TEXT: _text, Modality.AUDIO: _audio}[modality](seed)
    content = graph.SerializeToString(deterministic=True)
    files = {"encoder": folder / "encoder.onnx"}
    files["encoder"].write_bytes(content)
    if modality is Modality.TEXT:
        files["tokenizer"] = folder / "tokenizer.json"
        files["tokenizer"].write_text(_tokenizer(), encoding="utf-8")
    outputs = _OUTPUTS[modality]
    return EncoderSpec(
        name=name or f"tiny_{modality}",
        modality=modality,
        fingerprint=hashlib.sha256(content).hexdigest(),
        width=WIDTH,
        outputs=outputs,
        recipe=_RECIPES[modality],
        files=files,
        class_names=CLASSES if "logits" in outputs else (),
    )


def add_tiny_base(
    monkeypatch: pytest.MonkeyPatch, folder: Path, modality: Modality | str, seed: int = 0
) -> str:
    """Add a card for a tiny base to the person's own cards and prepare it; return its name.

    Uses the settings in force: the cache of `tmp_cache`, which every test has unless it says otherwise.
    """
    monkeypatch.setitem(builders.BUILDERS, "tiny", (__name__, 1))  # type: ignore[arg-type]
    name = f"tiny_{modality}" + (f"_{seed}" if seed else "")
    spec = save_tiny_encoder(folder / name, modality, name, seed)
    lines = [
        *(f"{key} = {json.dumps(name)}" for key in ("name", "title", "trained_on", "domain")),
        f'modality = "{Modality(modality)}"',
        f"width = {spec.width}",
        f"name_count = {len(spec.class_names)}",
        'licence = "MIT"',
        'builder = "tiny"',
        "[recipe]",
        *(f"{key} = {json.dumps(value)}" for key, value in spec.recipe.items()),
        "[outputs]",
        *(f"{key} = {width}" for key, width in spec.outputs.items()),
        f'[[source]]\nkind = "file"\nfolder = {json.dumps(str(folder / name))}',
    ]
    for role, path in spec.files.items():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f'[source.members.{role}]\npath = "{path.name}"\nsha256 = "{digest}"')
    (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
    store.prepare(add_card(folder / f"{name}.toml"))
    return name


def build(members: Mapping[str, Path], base: Base, target: Path) -> Sequence[str] | None:
    """Be the builder of tiny bases."""
    names = {"encoder": "encoder.onnx", "tokenizer": "tokenizer.json"}
    for role, path in members.items():
        shutil.copyfile(path, target / names[role])
    return CLASSES if "logits" in base.outputs else None


def tiny_model(
    folder: Path, modality: Modality | str, classes: Sequence[str] = ("high", "low"), seed: int = 0
) -> Model:
    """Return a model on a tiny encoder, with weights drawn at random and a report of made-up figures."""
    spec = save_tiny_encoder(folder, modality)
    rng = np.random.default_rng(seed)
    weight = round_to_grid(rng.normal(size=(WIDTH, len(classes))))
    head = LinearHead(
        {"tiny": DenseMap(weight, reach=8.0)},
        rng.normal(size=len(classes)).astype(np.float32),
        {"head": "ridge", "features": ["tiny"], "temperature": 1.5},
    )
    return Model(
        modality=spec.modality,
        classes=tuple(classes),
        encoders=(spec,),
        blocks=(Block("tiny", "encoder", spec.name, "embedding"),),
        head=head,
        quality=tiny_quality(classes),
        data_fingerprint="0123456789abcdef",
        seen=np.array([3, 5, 8], dtype=np.uint64),
        cards={spec.name: {"title": "A tiny encoder", "licence": "Apache-2.0", "trained_on": "nothing"}},
        created="2026-01-01T00:00:00+00:00",
    )


def tiny_quality(classes: Sequence[str]) -> dict[str, Any]:
    """Return a training report as plain data."""
    return {
        "classes": {name: 10 for name in classes},
        "accuracy": {"estimate": 0.9, "low": 0.7, "high": 0.97, "level": 0.95, "how": "leave one out"},
        "balanced_accuracy": 0.88,
        "log_loss": 0.31,
        "ece": 0.04,
        "guessing": 1 / len(classes),
        "per_class": {name: {"recall": 0.9, "low": 0.6, "high": 0.98, "n": 10} for name in classes},
        "notes": ["made up"],
    }


def tiny_sources(modality: Modality | str, count: int, seed: int = 0) -> tuple[list[Any], list[str]]:
    """Return inputs of two classes that the tiny encoder tells apart, and their labels."""
    make = {Modality.IMAGE: _picture, Modality.TEXT: _sentence, Modality.AUDIO: _clip}[Modality(modality)]
    rng = np.random.default_rng(seed)
    labels = [("low", "high")[i % 2] for i in range(count)]
    return [make(rng, label == "high") for label in labels], labels


def _picture(rng: np.random.Generator, high: bool) -> np.ndarray:
    level = 170 if high else 60
    return np.clip(rng.normal(level, 25, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)


def _sentence(rng: np.random.Generator, high: bool) -> str:
    words = [str(rng.choice(["the", "a", "film", "food", "very"])) for _ in range(4)]
    return " ".join([*words, "good" if high else "bad"])


def _clip(rng: np.random.Generator, high: bool) -> np.ndarray:
    time = np.arange(WINDOW) / RATE
    tone = np.sin(2 * np.pi * (2000 if high else 200) * time)
    return (0.3 * tone + 0.02 * rng.normal(size=WINDOW)).astype(np.float32)


def _image(seed: int) -> onnx.ModelProto:
    rng = np.random.default_rng(seed)
    weights = {
        "scale": np.float32(1 / 255),
        "kernel": rng.normal(size=(MID_WIDTH, 3, 3, 3)).astype(np.float32),
        "up": rng.normal(size=(MID_WIDTH, WIDTH)).astype(np.float32),
        "out": rng.normal(size=(WIDTH, len(CLASSES))).astype(np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "scale"], ["unit"]),
        helper.make_node("Transpose", ["unit"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "kernel"], ["conv"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["layer_mid"]),
        helper.make_node("MatMul", ["layer_mid", "up"], ["embedding"]),
        helper.make_node("MatMul", ["embedding", "out"], ["logits"]),
    ]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", SIZE, SIZE, 3])
    return _model(nodes, [pixels], _OUTPUTS[Modality.IMAGE], weights)


def _text(seed: int) -> onnx.ModelProto:
    rng = np.random.default_rng(seed)
    weights = {
        "table": rng.normal(size=(len(WORDS), WIDTH)).astype(np.float32),
        "last": np.array([-1], dtype=np.int64),
        "along": np.array([1], dtype=np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["tokens"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["tokens", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "along"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "along"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["embedding"]),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["N", "L"])
        for name in ("input_ids", "attention_mask")
    ]
    return _model(nodes, inputs, _OUTPUTS[Modality.TEXT], weights)


def _audio(seed: int) -> onnx.ModelProto:
    rng = np.random.default_rng(seed)
    weights = {
        "along": np.array([1], dtype=np.int64),
        "kernel": rng.normal(size=(WIDTH, 1, 64)).astype(np.float32),
        "out": rng.normal(size=(WIDTH, len(CLASSES))).astype(np.float32),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["waveform", "along"], ["channel"]),
        helper.make_node("Conv", ["channel", "kernel"], ["bands"], strides=[32]),
        helper.make_node("Abs", ["bands"], ["power"]),
        helper.make_node("GlobalAveragePool", ["power"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["embedding"]),
        helper.make_node("MatMul", ["embedding", "out"], ["logits"]),
    ]
    waveform = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["N", "samples"])
    return _model(nodes, [waveform], _OUTPUTS[Modality.AUDIO], weights)


def _model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Mapping[str, int],
    weights: Mapping[str, Any],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs,
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
            for name, width in outputs.items()
        ],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _tokenizer() -> str:
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": None,
            "decoder": None,
            "model": {
                "type": "WordLevel",
                "vocab": {word: number for number, word in enumerate(WORDS)},
                "unk_token": "[UNK]",
            },
        }
    )
