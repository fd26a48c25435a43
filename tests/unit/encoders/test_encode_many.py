from __future__ import annotations

import io
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.encoder import Encoder
from headstart.encoders.graph import Graph
from headstart.encoders.many import _cut, encode_many
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import CorruptBaseError, ParameterError
from headstart.types import Modality
from tiny import save_tiny_encoder


def photo(path: Path, seed: int, kind: str = "PNG") -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, kind)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    (tmp_path / "photos").mkdir()
    return [photo(tmp_path / "photos" / f"{i}.png", i) for i in range(20)]


@pytest.fixture
def encoders(tmp_path: Path) -> list[Encoder]:
    return [
        open_encoder(save_tiny_encoder(tmp_path / name, Modality.IMAGE, name, seed))
        for seed, name in enumerate(("first", "second"))
    ]


@pytest.fixture
def cache(tmp_path: Path) -> EmbeddingCache:
    return EmbeddingCache(tmp_path / "cache.sqlite")


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded, one entry for each time."""
    from headstart.encoders import image

    seen: list[str] = []
    real, lock = image.decode_picture, threading.Lock()

    def counting(source: object, **how: Any) -> Image.Image:
        with lock:
            seen.append(getattr(source, "name", "?"))
        return real(source, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(image, "decode_picture", counting)
    return seen


def test_each_input_is_decoded_once_for_all_encoders(
    photos: list[Path], encoders: list[Encoder], decoded: list[str]
) -> None:
    made = encode_many([*encoders, open_raw("image")], photos, threads=3)
    assert sorted(decoded) == sorted(path.name for path in photos)
    assert set(made) == {"first", "second", "raw"}
    for encoder in encoders:
        alone = encoder.encode(photos, extras=list(made[encoder.name].extras))
        np.testing.assert_array_equal(made[encoder.name].vectors, alone.vectors)
        for name, values in alone.extras.items():
            np.testing.assert_array_equal(made[encoder.name].extras[name], values)
        assert made[encoder.name].seconds > 0


def test_a_second_run_neither_reads_nor_decodes(
    photos: list[Path],
    encoders: list[Encoder],
    cache: EmbeddingCache,
    decoded: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from headstart.encoders import many
    from headstart.encoders.stamps import FileStamp

    monkeypatch.setattr(FileStamp, "settled", True)  # the files were made a moment ago
    first = encode_many(encoders, photos, cache=cache)
    monkeypatch.setattr(many, "content_hash", lambda source: pytest.fail("read again"))
    again = encode_many(encoders, photos, cache=cache)
    assert len(decoded) == len(photos)
    for name, made in again.items():
        assert (made.from_cache, made.computed) == (len(photos), 0)
        np.testing.assert_array_equal(made.vectors, first[name].vectors)


def test_only_what_is_missing_is_computed(
    photos: list[Path], encoders: list[Encoder], cache: EmbeddingCache, decoded: list[str]
) -> None:
    encoders[0].encode(photos[:12], cache=cache)
    encoders[1].encode(photos[8:], cache=cache)
    decoded.clear()
    made = encode_many(encoders, photos, cache=cache)
    assert sorted(decoded) == sorted(path.name for path in [*photos[:8], *photos[12:]])
    assert (made["first"].from_cache, made["first"].computed) == (12, 8)
    assert (made["second"].from_cache, made["second"].computed) == (12, 8)


def test_a_moved_or_copied_file_is_known_by_its_content(
    photos: list[Path], encoders: list[Encoder], cache: EmbeddingCache, decoded: list[str], tmp_path: Path
) -> None:
    first = encoders[0].encode(photos, cache=cache)
    moved = [path.rename(tmp_path / f"moved-{path.name}") for path in photos]
    decoded.clear()
    again = encoders[0].encode([*moved, moved[3].read_bytes()], cache=cache)
    assert decoded == []
    np.testing.assert_array_equal(again.vectors, first.vectors[[*range(20), 3]])


def test_a_changed_file_is_computed_anew(
    photos: list[Path], encoders: list[Encoder], cache: EmbeddingCache
) -> None:
    first = encoders[0].encode(photos, cache=cache)
    photo(photos[5], 1000)
    again = encoders[0].encode(photos, cache=cache)
    assert (again.from_cache, again.computed) == (19, 1)
    differs = np.flatnonzero((again.vectors != first.vectors).any(axis=1))
    np.testing.assert_array_equal(differs, [5])


def test_equal_content_is_computed_once(
    photos: list[Path], encoders: list[Encoder], cache: EmbeddingCache, decoded: list[str], tmp_path: Path
) -> None:
    twin, broken, same_broken = (tmp_path / name for name in ("twin.png", "broken.png", "broken2.png"))
    twin.write_bytes(photos[0].read_bytes())
    broken.write_bytes(photos[1].read_bytes()[:70])
    same_broken.write_bytes(broken.read_bytes())
    made = encode_many(encoders, [twin, *photos, broken, same_broken], cache=cache, threads=4)["second"]
    assert len(decoded) == len(photos) + 1
    np.testing.assert_array_equal(made.vectors[0], made.vectors[1])
    assert made.signatures[0] == made.signatures[1]
    assert [position for position, _, _ in made.failures] == [21, 22]
    assert made.computed == 20
    assert made.from_cache + made.computed == len(made.rows) == 21


def test_equal_pixels_in_different_files_have_equal_signatures(encoders: list[Encoder]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    png, bmp = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    Image.fromarray(pixels).save(bmp, "BMP")
    made = encoders[0].encode([png.getvalue(), bmp.getvalue(), pixels, 255 - pixels])
    one, two, three, other = made.signatures
    assert one == two == three
    assert other.content != one.content
    assert len(one.perceptual) >= 32


def test_strings_are_paths_except_for_texts(
    photos: list[Path], encoders: list[Encoder], tmp_path: Path
) -> None:
    made = encoders[0].encode([str(photos[0]), photos[0]])
    np.testing.assert_array_equal(made.vectors[0], made.vectors[1])
    texts = open_encoder(save_tiny_encoder(tmp_path / "text", Modality.TEXT))
    assert texts.encode([str(photos[0])]).failures == []


def test_an_unexpected_error_of_a_decoder_is_a_failure_of_that_input_only(
    photos: list[Path], encoders: list[Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    from headstart.encoders import image

    real = image.decode_picture

    def buggy(source: Path, **how: Any) -> Image.Image:
        if source.name == "3.png":
            raise IndexError("a bug")
        return real(source, **how)

    monkeypatch.setattr(image, "decode_picture", buggy)
    made = encoders[0].encode(photos)
    assert made.failures == [
        (3, "It could not be read (IndexError: a bug); save it again.", "unreadable"),
    ]
    assert len(made.rows) == 19


def test_a_damaged_graph_is_one_error_that_names_the_file(
    photos: list[Path], encoders: list[Encoder], cache: EmbeddingCache
) -> None:
    file = encoders[0].spec.files["encoder"]
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CorruptBaseError, match=r"encoder\.onnx could not be opened: .*\nPrepare the base"):
        encoders[0].encode(photos, cache=cache)


def test_word_counts_come_along(tmp_path: Path, cache: EmbeddingCache) -> None:
    encoder = open_encoder(save_tiny_encoder(tmp_path / "text", Modality.TEXT))
    made = encode_many([encoder, open_raw("text")], ["good film", "", "bad food"], cache=cache)
    assert made["raw"].vectors.shape[0] == 2
    for each in made.values():
        np.testing.assert_array_equal(each.rows, [0, 2])
        assert [position for position, _, _ in each.failures] == [1]


def test_no_encoders_give_nothing(photos: list[Path]) -> None:
    assert encode_many([], photos) == {}


def test_what_was_decoded_elsewhere_is_taken_as_it_is(photos: list[Path], encoders: list[Encoder]) -> None:
    from headstart.encoders.encoder import Predecoded

    elsewhere = [Predecoded({e.decode_key: e.decode(photo) for e in encoders}) for photo in photos]
    there = encode_many(encoders, elsewhere)  # type: ignore[arg-type]
    here = encode_many(encoders, photos)
    for name, made in here.items():
        assert np.array_equal(made.vectors, there[name].vectors)
        assert made.signatures == there[name].signatures


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("chunk", [1, 4, 128])
@pytest.mark.parametrize("count", [0, 1, 5, 24, 1040])
def test_chunks_hold_every_input_once_and_get_no_larger(count: int, chunk: int, threads: int) -> None:
    chunks = list(_cut(range(3, 3 + count), chunk, threads))
    sizes = [len(part) for part in chunks]
    assert [position for part in chunks for position in part] == list(range(3, 3 + count))
    assert sizes == sorted(sizes, reverse=True)
    assert all(1 <= size <= chunk for size in sizes)
    assert len(chunks) >= min(threads, count)  # no thread is left without work


def test_outputs_that_nobody_wants_are_not_run_unless_they_are_kept(
    encoders: list[Encoder], photos: list[Path], cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    real = Graph.run

    def watched(self: Graph, feeds: Any) -> Any:
        asked.append(list(self.outputs))
        return real(self, feeds)

    monkeypatch.setattr(Graph, "run", watched)
    encoder = encoders[0]
    everything = list(encoder.spec.outputs)
    assert len(everything) > 2
    full = encode_many([encoder], photos, extras=None)[encoder.name]
    assert asked[0] == everything
    asked.clear()
    lean = encoder.encode(photos)
    assert {tuple(names) for names in asked} == {("embedding",)}
    np.testing.assert_array_equal(lean.vectors, full.vectors)
    one = encoder.encode(photos, extras=["logits"])
    assert list(one.extras) == ["logits"]
    np.testing.assert_array_equal(one.extras["logits"], full.extras["logits"])
    asked.clear()
    encoder.encode(photos, cache=cache)
    assert {tuple(names) for names in asked} == {tuple(everything)}


def test_a_lean_encoder_shares_the_session_and_can_be_pickled(
    encoders: list[Encoder], photos: list[Path]
) -> None:
    lean = encoders[0].only(["logits"])
    assert list(lean.spec.outputs) == ["embedding", "logits"]
    assert lean._graph is not None
    assert lean._graph.open() is encoders[0]._graph.open()
    again = pickle.loads(pickle.dumps(lean))
    np.testing.assert_array_equal(again.encode(photos).vectors, encoders[0].encode(photos).vectors)
    with pytest.raises(ParameterError, match="It has: embedding, logits, layer_mid"):
        encoders[0].encode(photos, extras=["nose"])
