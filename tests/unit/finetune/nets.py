"""Prepared bases with random weights and the architectures of the starter bases, small inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs import bert, efficientnet, whisper, yamnet
from headstart.encoders.graph import Graph
from headstart.types import EncoderSpec
from whisper_weights import made_weights

SIZE = 64
LITE0 = [(16, 3, 1), (24, 3, 2), (40, 5, 2), (80, 3, 3), (112, 5, 3), (192, 5, 4), (320, 3, 1)]


def lite0_state(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights in the layout that the graph's builder reads, with the sizes of EfficientNet-Lite0."""
    rng = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = {}

    def conv(name: str, out: int, inside: int, size: int, norm: str) -> None:
        scale = (2 / (inside * size * size)) ** 0.5
        state[name + "weight"] = (rng.standard_normal((out, inside, size, size)) * scale).astype(np.float32)
        state[norm + "weight"] = rng.uniform(0.5, 1.5, out).astype(np.float32)
        state[norm + "bias"] = (rng.standard_normal(out) * 0.5).astype(np.float32)
        state[norm + "running_mean"] = (rng.standard_normal(out) * 0.2).astype(np.float32)
        state[norm + "running_var"] = rng.uniform(0.5, 2, out).astype(np.float32)

    conv("_conv_stem.", 32, 3, 3, "_bn0.")
    channels, number = 32, 0
    for stage, (out, kernel, repeats) in enumerate(LITE0):
        for _ in range(repeats):
            prefix, wide = f"_blocks.{number}.", channels * (6 if stage else 1)
            if stage:
                conv(prefix + "_expand_conv.", wide, channels, 1, prefix + "_bn0.")
            conv(prefix + "_depthwise_conv.", wide, 1, kernel, prefix + "_bn1.")
            conv(prefix + "_project_conv.", out, wide, 1, prefix + "_bn2.")
            channels, number = out, number + 1
    conv("_conv_head.", 1280, channels, 1, "_bn1.")
    state["_fc.weight"] = (rng.standard_normal((1000, 1280)) * 0.03).astype(np.float32)
    state["_fc.bias"] = rng.standard_normal(1000).astype(np.float32)
    return state


def lite_base(folder: Path, seed: int = 0) -> tuple[EncoderSpec, Base]:
    """EfficientNet-Lite0 with random weights, for pictures of 64 pixels."""
    card = load_catalogue().get("efficientnet_lite0")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "encoder.onnx"
    writer = efficientnet.write_graph(lite0_state(seed), SIZE, tuple(card.outputs))
    writer.save(path, {"pixels": ("uint8", ["N", SIZE, SIZE, 3])}, card.outputs)
    return made_spec(card, {"encoder": path}, {**card.recipe, "size": SIZE}), card


def made_spec(card: Base, files: dict[str, Path], recipe: dict[str, Any] | None = None) -> EncoderSpec:
    return EncoderSpec(
        name=card.name,
        modality=card.modality,
        fingerprint="0" * 64,
        width=card.width,
        outputs=dict(card.outputs),
        recipe=dict(recipe or card.recipe),
        files=files,
        class_names=tuple(f"thing {i}" for i in range(card.name_count)),
    )


def graph_rows(spec: EncoderSpec, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the graph of a spec gives out, by name."""
    rows = Graph(spec.files["encoder"], spec.outputs).run(feeds)
    ends = np.cumsum(list(spec.outputs.values()))[:-1]
    return dict(zip(spec.outputs, np.split(rows, ends, axis=1), strict=True))


def pictures(count: int, size: int = SIZE, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return [np.kron(one, np.ones((size // 8, size // 8, 1), np.uint8)) for one in coarse]


def difference(found: dict[str, Any], expected: dict[str, np.ndarray]) -> float:
    """Largest difference over the outputs that both have, relative to the largest value where above 1."""
    gaps = []
    for name in found.keys() & expected.keys():
        ours = np.asarray(found[name].detach() if hasattr(found[name], "detach") else found[name])
        gaps.append(np.abs(ours - expected[name]).max() / max(1.0, np.abs(expected[name]).max()))
    return float(max(gaps))


def bert_base(folder: Path, *, int8: bool, pooling: str = "mean") -> tuple[EncoderSpec, Base]:
    """A BERT-like text base of two small layers with random weights, and a tokenizer of whole words."""
    rng = np.random.default_rng(0)
    width, wide, layers = 32, 64, 2
    state: dict[str, np.ndarray] = {}

    def add(name: str, *shape: int, scale: float = 0.2) -> None:
        state[name] = (rng.standard_normal(shape) * scale).astype(np.float32)

    for kind, rows in (("word", 50), ("position", 40), ("token_type", 2)):
        add(f"embeddings.{kind}_embeddings.weight", rows, width, scale=1)
    norms = ["embeddings"]
    for layer in range(layers):
        stem = f"encoder.layer.{layer}."
        sizes = {f"attention.self.{kind}": (width, width) for kind in ("query", "key", "value")}
        sizes |= {"attention.output.dense": (width, width)}
        sizes |= {"intermediate.dense": (wide, width), "output.dense": (width, wide)}
        for name, shape in sizes.items():
            add(f"{stem}{name}.weight", *shape)
            add(f"{stem}{name}.bias", shape[0])
        norms += [stem + "attention.output", stem + "output"]
    for name in norms:
        state[f"{name}.LayerNorm.weight"] = rng.uniform(0.5, 1.5, width).astype(np.float32)
        add(f"{name}.LayerNorm.bias", width)
    card = replace(load_catalogue().get("minilm_l6"), width=width, outputs={"embedding": width})
    folder.mkdir(parents=True, exist_ok=True)
    writer = bert.write_graph(state, bert.Shape(layers, 4, 1e-12), int8=int8, pooling=pooling)
    writer.save(folder / "encoder.onnx", bert.TOKENS, card.outputs)
    (folder / "tokenizer.json").write_text("{}")
    files = {"encoder": folder / "encoder.onnx", "tokenizer": folder / "tokenizer.json"}
    return made_spec(card, files), card


def static_base(folder: Path) -> tuple[EncoderSpec, Base]:
    """A table of 50 token vectors, kept in 16 bits."""
    from headstart.bases.graphs.pooling import masked_mean
    from headstart.bases.graphs.writer import FLOAT, GraphWriter

    card = replace(load_catalogue().get("wordllama_256"), width=16, outputs={"embedding": 16})
    folder.mkdir(parents=True, exist_ok=True)
    w = GraphWriter()
    table = np.random.default_rng(0).standard_normal((50, 16)).astype(np.float16)
    found = w.node("Cast", w.node("Gather", w.constant(table), "input_ids"), to=FLOAT)
    w.node("Identity", masked_mean(w, found, "attention_mask"), name="embedding")
    w.save(folder / "encoder.onnx", bert.TOKENS, card.outputs)
    (folder / "tokenizer.json").write_text("{}")
    files = {"encoder": folder / "encoder.onnx", "tokenizer": folder / "tokenizer.json"}
    return made_spec(card, files), card


def padded(rows: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Feeds of a text graph."""
    shape = len(rows), max(map(len, rows))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return {"input_ids": ids, "attention_mask": mask}


def sentences(count: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 50, rng.integers(2, 30)) for _ in range(count)]


def whisper_base(folder: Path) -> tuple[EncoderSpec, Base]:
    """A speech base of two small layers with random weights, whose clips are cut into windows of 0.5 s."""
    width = 24
    outputs = {"embedding": 2 * width, "layer_1": width}
    card = replace(load_catalogue().get("whisper_tiny_en"), width=2 * width, outputs=outputs)
    folder.mkdir(parents=True, exist_ok=True)
    whisper.write_whisper(made_weights(width), folder / "encoder.onnx", tuple(outputs))
    recipe = {**card.recipe, "window_samples": 8000, "hop_samples": 8000}
    return made_spec(card, {"encoder": folder / "encoder.onnx"}, recipe), card


def yamnet_base(folder: Path) -> tuple[EncoderSpec, Base]:
    """YAMNet with three convolutions and random weights, whose clips are cut into windows of 1.5 s."""
    rng = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}
    nodes, value = [], "patches"
    for number, (out, inside, size, group, stride) in enumerate(
        ((8, 1, 3, 1, 2), (8, 1, 3, 8, 1), (1024, 8, 1, 1, 1))
    ):
        arrays[f"k{number}"] = (rng.standard_normal((out, inside, size, size)) * 0.4).astype(np.float32)
        arrays[f"b{number}"] = (rng.standard_normal(out) * 0.4).astype(np.float32)
        pads = [0, 0, 0, 0] if size == 1 else ([0, 0, 1, 1] if stride == 2 else [1, 1, 1, 1])
        inputs = [value, f"k{number}", f"b{number}"]
        nodes.append(
            helper.make_node("Conv", inputs, [f"c{number}"], group=group, pads=pads, strides=[stride] * 2)
        )
        nodes.append(helper.make_node("Relu", [f"c{number}"], [f"r{number}"]))
        value = f"r{number}"
    nodes.append(helper.make_node("GlobalAveragePool", [value], ["pooled"]))
    arrays["shape"] = np.array([1, 1024], np.int64)
    nodes.append(helper.make_node("Reshape", ["pooled", "shape"], ["flat"]))
    arrays["head"] = (rng.standard_normal((521, 1024)) * 0.05).astype(np.float32)
    arrays["head_bias"] = rng.standard_normal(521).astype(np.float32)
    nodes.append(helper.make_node("Gemm", ["flat", "head", "head_bias"], ["scores"], transB=1))
    infos = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("patches", [1, 1, 96, 64]), ("scores", [1, 521]))
    ]
    weights = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    model = helper.make_model(helper.make_graph(nodes, "yamnet", infos[:1], infos[1:], weights))
    card = load_catalogue().get("yamnet")
    folder.mkdir(parents=True, exist_ok=True)
    yamnet.write_yamnet(model, b"", folder / "encoder.onnx")
    recipe = {**card.recipe, "window_samples": 23040, "hop_samples": 23040}
    return made_spec(card, {"encoder": folder / "encoder.onnx"}, recipe), card


def sounds(count: int, seed: int = 0, longest: int = 40000) -> list[np.ndarray]:
    """Tones in noise, no two of one length."""
    rng = np.random.default_rng(seed)
    clips = []
    for number in range(count):
        samples = longest // (number + 1) + 17 * number
        time = np.arange(samples) / 16000
        tone = np.sin(2 * np.pi * (200 + 150 * number + 300 * time) * time) * 0.2
        clips.append((tone + rng.normal(0, 0.01, samples)).astype(np.float32))
    return clips
