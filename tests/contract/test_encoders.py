"""What every encoder promises, asked of tiny encoders of each modality, of simple features, and of bases."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.encoder import Encoder
from headstart.encoders.open import open_encoder
from headstart.encoders.raw import open_raw
from headstart.errors import Cancelled, ParameterError
from headstart.execution import Progress
from headstart.heads.sparse import Sparse
from headstart.types import Modality
from tiny import save_tiny_encoder

TOLERANCE = 1e-4
"""Largest distance between two vectors of one input, as a share of their length."""

COUNT = 21  # more than one chunk of any encoder but text, and no multiple of one


def png(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    height, width = rng.integers(20, 60, 2)
    pixels = np.cumsum(rng.integers(-9, 10, (height, width, 3)), axis=1) + 128
    buffer = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def wav(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    samples = np.sin(np.arange(rng.integers(500, 40_000)) * rng.uniform(0.02, 0.5)) * 0.3
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 16000, format="WAV")
    return buffer.getvalue()


def text(seed: int) -> str:
    words = ["good", "bad", "film", "food", "the", "a", "not", "very", "Brücke", "42"]
    rng = np.random.default_rng(seed)
    return " ".join(rng.choice(words, rng.integers(1, 40)))


MAKERS: dict[Modality, Callable[[int], Any]] = {
    Modality.IMAGE: png,
    Modality.TEXT: text,
    Modality.AUDIO: wav,
}
BROKEN: dict[Modality, list[Any]] = {
    Modality.IMAGE: [b"", b"<html>not found</html>", png(1)[:60]],
    Modality.TEXT: ["", " \n\t ", "\x00"],
    Modality.AUDIO: [b"", b"<html>not found</html>", wav(1)[:20]],
}
TINY = [f"tiny {modality}" for modality in Modality]
RAW = [f"raw {modality}" for modality in Modality]
BASES = [
    pytest.param(f"base {name}", marks=pytest.mark.bases)
    for name in (
        "efficientnet_lite0",
        "minilm_l6",
        "wordllama_256",
        "use_multilingual",
        "multilingual_e5_small",
        "whisper_tiny_en",
        "speech_embedding",
        "yamnet",
    )
]


@pytest.fixture(params=[*TINY, *RAW, *BASES])
def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> Encoder:
    kind, name = request.param.split()
    if kind == "raw":
        return open_raw(name, threads=2)
    if kind == "tiny":
        return open_encoder(save_tiny_encoder(tmp_path / "tiny", name), threads=2)
    request.getfixturevalue("bases_cache")
    from headstart.bases.catalogue import load_catalogue
    from headstart.bases.store import installed

    spec = installed(load_catalogue().get(name))
    assert spec is not None, f"{name} is not prepared. Run: make bases"
    return open_encoder(spec, threads=2)


def sources_of(encoder: Encoder, count: int = COUNT, start: int = 0) -> list[Any]:
    return [MAKERS[encoder.modality](seed) for seed in range(start, start + count)]


def dense(vectors: Any) -> np.ndarray:
    return vectors.toarray() if isinstance(vectors, Sparse) else vectors


def assert_same(one: Any, other: Any) -> None:
    one, other = dense(one), dense(other)
    assert one.shape == other.shape
    distance = np.linalg.norm(one - other, axis=1)
    assert (distance <= TOLERANCE * np.linalg.norm(one, axis=1)).all(), distance.max()


def test_shapes_are_as_the_spec_says(encoder: Encoder) -> None:
    outputs = list(encoder.spec.outputs)
    assert outputs[0] == "embedding"
    made = encoder.encode(sources_of(encoder), extras=outputs[1:])
    assert made.vectors.shape == (COUNT, encoder.width)
    assert dense(made.vectors).dtype == np.float32
    assert np.isfinite(dense(made.vectors)).all()
    assert {k: v.shape for k, v in made.extras.items()} == {
        name: (COUNT, encoder.spec.outputs[name]) for name in outputs[1:]
    }
    np.testing.assert_array_equal(made.rows, np.arange(COUNT))
    assert len(made.signatures) == made.computed == COUNT
    assert made.from_cache == 0
    assert len({signature.content for signature in made.signatures}) == COUNT


def test_no_inputs_give_no_rows(encoder: Encoder) -> None:
    made = encoder.encode([])
    assert made.vectors.shape == (0, encoder.width)
    assert len(made.rows) == len(made.signatures) == len(made.failures) == 0


def test_a_vector_does_not_depend_on_batch_or_neighbours(encoder: Encoder) -> None:
    sources = sources_of(encoder)
    together = encoder.encode(sources).vectors
    alone = np.concatenate([dense(encoder.encode([source]).vectors) for source in sources])
    assert_same(together, alone)
    backwards = dense(encoder.encode(sources[::-1]).vectors)[::-1]
    assert_same(together, backwards)
    beside_others = dense(encoder.encode([*sources_of(encoder, 5, 100), *sources]).vectors)[5:]
    assert_same(together, beside_others)


def test_the_same_call_gives_the_same_bits(encoder: Encoder) -> None:
    sources = sources_of(encoder)
    one, other = encoder.encode(sources), encoder.encode(sources)
    np.testing.assert_array_equal(dense(one.vectors), dense(other.vectors))
    assert list(one.signatures) == list(other.signatures)


def test_what_cannot_be_decoded_is_told_and_the_others_go_on(encoder: Encoder, tmp_path: Path) -> None:
    broken = [*BROKEN[encoder.modality], tmp_path / "not-there.xyz"]
    good = sources_of(encoder, 4)
    mixed = [broken[0], good[0], broken[1], good[1], good[2], broken[2], good[3], broken[3]]
    made = encoder.encode(mixed, cache=EmbeddingCache(tmp_path / "c.sqlite"))
    np.testing.assert_array_equal(made.rows, [1, 3, 4, 6])
    assert [position for position, _, _ in made.failures] == [0, 2, 5, 7]
    for _, reason, code in made.failures:
        assert reason[0].isupper()
        assert reason.endswith((".", ")"))
        assert code.replace("_", "").isalpha()
    assert made.failures[3][2] == "missing"
    assert_same(made.vectors, encoder.encode(good).vectors)
    nothing = encoder.encode(broken)
    assert nothing.vectors.shape == (0, encoder.width)
    assert len(nothing.failures) == 4


def test_it_can_be_pickled(encoder: Encoder) -> None:
    sources = sources_of(encoder, 3)
    before = encoder.encode(sources).vectors  # the session is open now and must stay behind
    size = len(pickle.dumps(encoder))
    copy = pickle.loads(pickle.dumps(encoder))
    assert size < 100_000
    np.testing.assert_array_equal(dense(copy.encode(sources).vectors), dense(before))
    assert copy.fingerprint == encoder.fingerprint


def test_progress_reaches_the_end(encoder: Encoder) -> None:
    seen: list[Progress] = []
    encoder.encode(sources_of(encoder), progress=seen.append)
    assert {step.stage for step in seen} == {encoder.stage}
    assert {step.total for step in seen} == {COUNT}
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert seen[-1].done == COUNT


def test_a_second_run_computes_nothing_and_gives_the_same_bits(encoder: Encoder, tmp_path: Path) -> None:
    sources = sources_of(encoder)
    with EmbeddingCache(tmp_path / "c.sqlite") as cache:
        first = encoder.encode(sources, cache=cache, extras=list(encoder.spec.outputs)[1:])
        again = encoder.encode(sources[::-1], cache=cache, extras=list(encoder.spec.outputs)[1:])
    np.testing.assert_array_equal(dense(again.vectors)[::-1], dense(first.vectors))
    for name, values in first.extras.items():
        np.testing.assert_array_equal(again.extras[name][::-1], values)
    assert list(again.signatures)[::-1] == list(first.signatures)
    if encoder.modality != Modality.TEXT or encoder.name != "raw":
        assert (again.from_cache, again.computed) == (COUNT, 0)


def test_cancelling_keeps_what_was_finished(encoder: Encoder, tmp_path: Path) -> None:
    if encoder.name == "raw" and encoder.modality == Modality.TEXT:
        pytest.skip("word counts are not kept")
    sources = sources_of(encoder, 300 if encoder.modality == Modality.TEXT else 60)
    done = 0

    def cancel(step: Progress) -> None:
        nonlocal done
        done = step.done
        if step.done > 0:
            raise Cancelled("Stopped.")

    with EmbeddingCache(tmp_path / "c.sqlite") as cache:
        with pytest.raises(Cancelled):
            encoder.encode(sources, cache=cache, progress=cancel)
        kept = cache.info()["embeddings"]
        assert len(sources) > kept >= len(set(map(str, sources[:done])))
        rest = encoder.encode(sources, cache=cache)
    assert len(rest.rows) == len(sources)
    assert rest.from_cache >= kept > 0


def test_an_output_that_is_not_there_is_refused(encoder: Encoder) -> None:
    if encoder.name == "raw":
        pytest.skip("has one output only")
    with pytest.raises(ParameterError, match=r"has no output 'nonsense'.\nIt has: embedding"):
        encoder.encode(sources_of(encoder, 1), extras=["nonsense"])
