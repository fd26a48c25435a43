"""Tiny exports with random weights, laid out as those of the Hub, through the whole path of a hub card."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from made_bases import bert_state, card_table, tokenizer_json
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from headstart.bases.card import Base
from headstart.bases.store import prepare
from headstart.errors import CorruptBaseError, ParameterError

SIZE, PATCH, WIDTH = 8, 4, 6
MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.3, 0.25]
KERNEL = np.random.default_rng(0).standard_normal((WIDTH, 3, PATCH, PATCH)).astype(np.float32)
CLASSIFIER = np.random.default_rng(1).standard_normal((WIDTH, 1000)).astype(np.float32)


def save_model(path: Path, nodes: list[onnx.NodeProto], weights: dict[str, NDArray[np.float32]],
               inputs: dict[str, int], outputs: dict[str, int], opset: int = 14) -> None:  # fmt: skip
    def info(name: str, kind: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, None)

    graph = helper.make_graph(
        nodes,
        "export",
        [info(*item) for item in inputs.items()],
        [info(*item) for item in outputs.items()],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(model, path)


def vision_export(path: Path, opset: int = 14) -> None:
    """Patches as places, their mean as the pooled output, a classifier on it."""
    node = helper.make_node
    nodes = [
        node(
            "Conv",
            ["pixel_values", "kernel"],
            ["patches"],
            kernel_shape=[PATCH, PATCH],
            strides=[PATCH, PATCH],
        ),
        node("Reshape", ["patches", "sizes"], ["columns"]),
        node("Transpose", ["columns"], ["last_hidden_state"], perm=[0, 2, 1]),
        node("GlobalAveragePool", ["patches"], ["mean"]),
        node("Flatten", ["mean"], ["pooler_output"]),
        node("MatMul", ["pooler_output", "classifier"], ["scores"]),
        node("Add", ["scores", "bias"], ["logits"]),
    ]
    weights = {"kernel": KERNEL, "classifier": CLASSIFIER, "bias": np.zeros(1000, np.float32)}
    weights["sizes"] = np.array([0, WIDTH, -1], np.int64)  # type: ignore[assignment]
    outputs = dict.fromkeys(("last_hidden_state", "pooler_output", "logits"), TensorProto.FLOAT)
    save_model(path, nodes, weights, {"pixel_values": TensorProto.FLOAT}, outputs, opset)


def text_export(
    path: Path, inputs: tuple[str, ...] = ("input_ids", "attention_mask", "token_type_ids")
) -> None:
    node = helper.make_node
    nodes = [node("Gather", ["words", "input_ids"], ["found"])]
    last = "found"
    if "token_type_ids" in inputs:
        nodes += [node("Gather", ["segments", "token_type_ids"], ["segment"])]
        nodes += [node("Add", ["found", "segment"], ["last_hidden_state"])]
        last = "last_hidden_state"
    else:
        nodes += [node("Identity", [last], ["last_hidden_state"])]
    weights = {"words": WORDS, "segments": SEGMENTS}
    kinds = dict.fromkeys(inputs, TensorProto.INT64)
    save_model(path, nodes, weights, kinds, {"last_hidden_state": TensorProto.FLOAT}, opset=11)


WORDS = np.random.default_rng(2).standard_normal((6, WIDTH)).astype(np.float32)
SEGMENTS = np.random.default_rng(3).standard_normal((2, WIDTH)).astype(np.float32)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in the Hub's local cache; the network stays forbidden."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    repo = tmp_path / "hub" / "models--someone--tiny"
    snapshot = repo / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    return snapshot


def hub_card(files: dict[str, str], **changes: object) -> Base:
    members = {role: {"path": path} for role, path in files.items()}
    source = {"kind": "hf", "repo": "someone/tiny", "members": members}
    return Base.from_table(card_table(source=[source], **changes))


def image_card(features: str, **changes: object) -> Base:
    options = {"features": features, "mean": MEAN, "std": STD}
    given = {
        "modality": "image",
        "builder": "adapt_image",
        "width": WIDTH,
        "outputs": {"embedding": WIDTH},
        "options": options,
        "recipe": {"size": SIZE, "crop": 1.0, "interpolation": "bicubic"},
    }
    return hub_card({"weights": "onnx/model.onnx"}, **(given | changes))


def run(base: Base, **feeds: NDArray[np.generic]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(prepare(base).files["encoder"]))
    return np.asarray(session.run(["embedding"], feeds)[0])


def patches(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The places of the tiny vision model, computed by hand: (N, places, WIDTH)."""
    x = (pixels / 255 - np.array(MEAN)) / np.array(STD)
    n, steps = len(x), SIZE // PATCH
    tiles = x.reshape(n, steps, PATCH, steps, PATCH, 3).transpose(0, 1, 3, 5, 2, 4).reshape(n, steps**2, -1)
    return tiles @ KERNEL.reshape(WIDTH, -1).T.astype(np.float64)


PIXELS = np.random.default_rng(4).integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.mark.parametrize("opset", [11, 14, 20])
@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("pooled", lambda places: places.mean(1)),
        ("mean", lambda places: places.mean(1)),
        ("first", lambda places: places[:, 0]),
        ("before_logits", lambda places: places.mean(1)),
    ],
)
def test_an_image_export_takes_bytes_and_gives_the_wanted_features(
    hub: Path, features: str, expected: Callable[[NDArray[np.float64]], NDArray[np.float64]], opset: int
) -> None:
    vision_export(hub / "onnx" / "model.onnx", opset)
    found = run(image_card(features), pixels=PIXELS)
    np.testing.assert_allclose(found, expected(patches(PIXELS)), atol=1e-4)


def test_a_classifier_keeps_its_logits_and_gets_names(hub: Path) -> None:
    vision_export(hub / "onnx" / "model.onnx")
    (hub / "s.json").write_text(json.dumps({str(i): f"thing {i}" for i in range(1000)}))
    (hub / "c.json").write_text(json.dumps([f"thing {i}" for i in range(1000)]))
    files = {"weights": "onnx/model.onnx", "classes": "s.json", "clear_classes": "c.json"}
    card = image_card("before_logits")
    base = hub_card(
        files,
        modality="image",
        builder="adapt_image",
        width=WIDTH,
        name_count=1000,
        outputs={"embedding": WIDTH, "logits": 1000},
        options=card.options,
        recipe=card.recipe,
    )
    spec = prepare(base)
    logits = onnxruntime.InferenceSession(str(spec.files["encoder"])).run(["logits"], {"pixels": PIXELS})[0]
    np.testing.assert_allclose(logits, patches(PIXELS).mean(1) @ CLASSIFIER, atol=1e-3)
    assert spec.class_names[999] == "thing 999"


@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("segments", [True, False])
@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_a_text_export_is_pooled_over_what_the_mask_shows(
    hub: Path, pooling: str, segments: bool, unit: bool
) -> None:
    inputs = ("input_ids", "attention_mask") + (("token_type_ids",) if segments else ())
    text_export(hub / "onnx" / "model.onnx", inputs)
    (hub / "tokenizer.json").write_bytes(tokenizer_json())
    base = hub_card(
        {"weights": "onnx/model.onnx", "tokenizer": "tokenizer.json"},
        builder="adapt_text",
        width=WIDTH,
        outputs={"embedding": WIDTH},
        options={"pooling": pooling, "unit_length": unit},
    )
    ids, mask = np.array([[1, 2, 3], [4, 0, 0]]), np.array([[1, 1, 1], [1, 0, 0]])
    states = WORDS[ids] + (SEGMENTS[0] if segments else 0)
    expected = np.stack([states[0].mean(0), states[1, 0]]) if pooling == "mean" else states[:, 0]
    if unit:
        expected = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(run(base, input_ids=ids, attention_mask=mask), expected, atol=1e-5)


def test_bert_weights_of_the_hub_become_a_graph(hub: Path) -> None:
    from safetensors.numpy import save_file

    save_file(bert_state(), hub / "model.safetensors")
    (hub / "config.json").write_text(json.dumps({"num_hidden_layers": 2, "num_attention_heads": 4}))
    (hub / "tokenizer.json").write_bytes(tokenizer_json())
    files = {"weights": "model.safetensors", "config": "config.json", "tokenizer": "tokenizer.json"}
    base = hub_card(files, builder="bert", width=32, outputs={"embedding": 32}, options={"pooling": "first"})
    ids = np.array([[1, 2, 3]])
    assert np.linalg.norm(run(base, input_ids=ids, attention_mask=ids * 0 + 1)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"<html>"), "it is not an ONNX file"),
        (lambda path: vision_export(path, opset=8), "its operator set must be 9 to 21, found 8"),
        (text_export, "it should take pixel_values, and takes input_ids"),
        (
            lambda path: save_model(
                path, [helper.make_node("Relu", ["pixel_values"], ["y"])], {}, {"pixel_values": 1}, {"y": 1}
            ),
            "it should give out pooler_output or image_embeds, and gives y",
        ),
    ],
    ids=["html", "old", "text", "outputs"],
)
def test_exports_that_do_not_fit_are_refused(hub: Path, make: Callable[[Path], None], said: str) -> None:
    (hub / "onnx").mkdir()
    make(hub / "onnx" / "model.onnx")
    with pytest.raises(CorruptBaseError) as caught:
        prepare(image_card("pooled"))
    assert said in caught.value.message


def test_weights_in_a_second_file_are_refused_before_they_are_looked_for(hub: Path) -> None:
    vision_export(hub / "onnx" / "model.onnx")
    model = onnx.load(hub / "onnx" / "model.onnx")
    onnx.external_data_helper.convert_model_to_external_data(
        model, location="../../../secret", size_threshold=0
    )
    for weight in model.graph.initializer:
        weight.ClearField("raw_data")
    (hub / "onnx" / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(CorruptBaseError, match="its weights are in a second file"):
        prepare(image_card("pooled"))


@pytest.mark.parametrize("options", [{"features": "best"}, {"mean": [1, 2]}, {"std": None}])
def test_options_are_checked(hub: Path, options: dict[str, object]) -> None:
    vision_export(hub / "onnx" / "model.onnx")
    given = {"features": "pooled", "mean": MEAN, "std": STD} | options
    given = {key: value for key, value in given.items() if value is not None}
    with pytest.raises(ParameterError, match=r"The card of tiny: options\."):
        prepare(image_card("pooled", options=given))
