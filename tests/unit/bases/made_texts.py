"""Files of text encoders in the layouts that packages ship, made by hand from small random networks."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from made_bases import bert_state
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁good", "▁bad", "s", "▁film", "▁fil", "m", "～", "é",
          *"query:", "▁query:"]  # fmt: skip
SCORES = [0.0, 0.0, 0.0, 0.0, -4.0, -5.0, -5.5, -3.0, -6.0, -7.0, -4.0, -8.0, -8.0] + [-9.0] * 6 + [-5.0]
REPLACED = {"\x01": "", "\t": " ", "\u200b": " ", "ﬁ": "fi", "\u3000": " "}
WIDTH, HEADS, LAYERS = 32, 4, 2
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def quantised(values: Floats) -> tuple[bytes, Floats]:
    """Pack numbers as Q4_0, block by block; return the bytes, and the numbers that they stand for."""
    data, exact = b"", []
    for block in values.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 7)
        whole = np.clip(np.rint(block / np.float32(scale)), -8, 7).astype(int)
        low, high = whole[:16] + 8, whole[16:] + 8
        data += scale.tobytes() + bytes(a | b << 4 for a, b in zip(low.tolist(), high.tolist(), strict=True))
        exact.append(whole * np.float32(scale))
    return data, np.concatenate(exact).astype(np.float32).reshape(values.shape)


def nano_e5_state(words: int = len(PIECES)) -> dict[str, Floats]:
    """A small BERT by its usual names, rounded to what 4 bits can say."""
    state = bert_state(width=WIDTH, layers=LAYERS, words=words)
    return {name: quantised(value)[1] if _is_matrix(name) else value for name, value in state.items()}


def _is_matrix(name: str) -> bool:
    return (
        name.endswith("weight") and "LayerNorm" not in name and "position" not in name and "type" not in name
    )


def nano_e5_bytes(
    state: Mapping[str, Floats],
    *,
    pieces: Sequence[str] = PIECES,
    scores: Sequence[float] = SCORES,
    replaced: Mapping[str, str] = REPLACED,
) -> bytes:
    """Write the file as its makers describe it."""
    tables = {"word": "word", "pos": "position", "type": "token_type"}
    names = {f"emb.{short}": f"embeddings.{name}_embeddings.weight" for short, name in tables.items()}
    names |= {f"emb.ln.{k[0]}": f"embeddings.LayerNorm.{k}" for k in ("weight", "bias")}
    for layer in range(LAYERS):
        for short, name in _PARTS.items():
            for kind in ("weight", "bias"):
                names[f"l{layer}.{short}.{kind[0]}"] = f"encoder.layer.{layer}.{name}.{kind}"
    words = len(state[names["emb.word"]])
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, LAYERS, HEADS, 64, words, 16, 2, 1e-12, 32)
    coded = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, coded)]).astype("<u4")
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, int(offsets[-1]))
    head += offsets.tobytes() + np.array(scores, "<f4").tobytes() + b"".join(coded)
    table = b"".join(
        struct.pack(f"<IB{len(instead)}I", ord(one), len(instead), *map(ord, instead))
        for one, instead in replaced.items()
    )
    head += struct.pack("<iI", len(replaced), len(table)) + table + struct.pack("<i", len(names))
    entries = [(short, *_packed(name, state[name])) for short, name in names.items()]
    place = len(head) + sum(2 + len(short) + 21 for short, *_ in entries)
    for short, kind, count, data in entries:
        head += struct.pack("<H", len(short)) + short.encode()
        head += struct.pack("<BIQQ", kind, count, place, len(data))
        place += len(data)
    return head + b"".join(data for *_, data in entries)


def _packed(name: str, value: Floats) -> tuple[int, int, bytes]:
    if _is_matrix(name):
        return 1, value.size, quantised(value)[0]
    return 0, value.size, value.astype("<f4").tobytes()


def viterbi(text: str, pieces: Sequence[str] = PIECES, scores: Sequence[float] = SCORES) -> list[int]:
    """Cut a text into its likeliest pieces, by trying every one at every place."""
    number = {piece: place for place, piece in enumerate(pieces)}
    unknown = min(scores) - 10
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, len(text) + 1):
        ways = []
        for begin in range(end):
            score, ids = best[begin]
            part = text[begin:end]
            if part in number:
                ways.append((score + scores[number[part]], [*ids, number[part]]))
            elif len(part) == 1:
                ways.append((score + unknown, [*ids, 3]))
        best.append(max(ways, default=(-1e9, [])))
    return best[-1][1]


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def sentencepiece_bytes(pieces: Sequence[str], scores: Sequence[float], unknown: int, rules: bytes) -> bytes:
    """Write a vocabulary as SentencePiece does."""
    data = b""
    for place, (piece, score) in enumerate(zip(pieces, scores, strict=True)):
        kind = 2 if place == unknown else 1
        body = (
            _field(1, piece.encode()) + bytes([2 << 3 | 5]) + struct.pack("<f", score) + bytes([3 << 3, kind])
        )
        data += _field(1, body)
    return data + _field(2, b"\x08\x01") + _field(3, _field(1, b"nmt_nfkc") + _field(2, rules))


def use_weights(rows: int = 2, seed: int = 0) -> dict[str, NDArray[np.generic]]:
    """Small random weights by the names of the multilingual Universal Sentence Encoder."""
    rng = np.random.default_rng(seed)
    wide, narrow, out = 8, 4, 6

    def dense(*shape: int) -> Floats:
        return (rng.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)

    weights: dict[str, NDArray[np.generic]] = {
        f"q{part + 1}": rng.integers(0, 64, (rows, wide), dtype=np.uint8) for part in range(17)
    }
    weights |= {
        "scale": rng.uniform(0.05, 0.1, 17).astype(np.float32),
        "lo": dense(17) - 2,
        "eps": np.array(1e-6),
    }
    for order in (2, 3, 5):
        weights |= {f"proj{order}": dense(wide, narrow), f"proj_b{order}": dense(narrow)}
        weights |= {f"ln_g{order}": dense(narrow) + 1, f"ln_b{order}": dense(narrow)}
        for step in "12":
            weights |= {f"w{step}_{order}": dense(order * narrow, narrow), f"b{step}_{order}": dense(narrow)}
    both = wide + 3 * narrow
    weights |= {"ln_g": dense(both) + 1, "ln_b": dense(both), "cnn_W": dense(both, out), "cnn_b": dense(out)}
    weights |= {"d0": dense(out, 5), "d1": dense(5, 5), "p1": dense(out, 5)}
    return weights | {"d2": dense(5, out), "p3": dense(5, out), "d3": dense(out, out)}


def use_embedding(weights: Mapping[str, NDArray[np.generic]], ids: Sequence[int]) -> Floats:
    """Run the network on one text, place by place, in 64 bits."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def norm(
        x: NDArray[np.float64], scale: NDArray[np.float64], shift: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        spread = np.sqrt(x.var(axis=-1, keepdims=True) + w["eps"])
        return (x - x.mean(axis=-1, keepdims=True)) / spread * scale + shift

    def neighbours(x: NDArray[np.float64], step: int, order: int, before: int) -> NDArray[np.float64]:
        rows = []
        for place in range(len(x)):
            near = range(place - before, place - before + order)
            window = [x[at] if 0 <= at < len(x) else np.zeros(x.shape[1]) for at in near]
            rows.append(np.concatenate(window) @ w[f"w{step}_{order}"] + w[f"b{step}_{order}"])
        return np.maximum(np.array(rows), 0)

    tokens = np.array([w[f"q{i % 17 + 1}"][i // 17] * w["scale"][i % 17] + w["lo"][i % 17] for i in ids])
    orders = {2: 0, 3: 1, 5: 2}
    narrow = np.concatenate([tokens @ w[f"proj{n}"] + w[f"proj_b{n}"] for n in orders], axis=1)
    narrow = norm(narrow, *(np.concatenate([w[f"ln_{k}{n}"] for n in orders]) for k in "gb"))
    seen = [tokens]
    for (order, before), own in zip(orders.items(), np.split(narrow, 3, axis=1), strict=True):
        near = neighbours(own, 1, order, before) + own
        seen.append(neighbours(near, 2, order, before) + near)
    features = norm(np.concatenate(seen, axis=1), w["ln_g"], w["ln_b"]) @ w["cnn_W"] + w["cnn_b"]
    mean = features.sum(axis=0) / np.sqrt(len(ids))
    first = np.maximum(mean @ w["d0"], 0)
    second = np.maximum(mean @ w["p1"] + first @ w["d1"], 0)
    last = np.tanh(second @ w["p3"] + np.maximum(second @ w["d2"], 0) @ w["d3"])
    return (last / np.linalg.norm(last)).astype(np.float32)


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
