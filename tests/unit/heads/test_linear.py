"""What is saved predicts the same to the last bit, alone or in a batch, saved or not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import CorruptBundleError, ParameterError
from headstart.heads.counts import CountsMap
from headstart.heads.linear import DenseMap, LinearHead, SparseMap, round_to_grid
from headstart.heads.sparse import Sparse


def sparse(dense):
    rows, columns = np.nonzero(dense)
    indptr = np.searchsorted(rows, np.arange(len(dense) + 1)).astype(np.int64)
    return Sparse(dense[rows, columns].astype(np.float32), columns.astype(np.int32), indptr, dense.shape)


def head(rng, width=1280, classes=7, centre=False):
    rows = rng.normal(size=(64, width)).astype(np.float32) * np.exp(rng.normal(size=width)).astype(np.float32)
    counts = sparse(rng.poisson(0.05, size=(64, 500)))
    mapping = CountsMap.fit(counts)
    middle = rows.mean(axis=0) if centre else None
    blocks = {
        "embedding": DenseMap(
            round_to_grid(rng.normal(size=(width, classes))), float(np.abs(rows).max()), middle
        ),
        "text": SparseMap(round_to_grid(rng.normal(size=(len(mapping.buckets), classes)) * 9), mapping),
    }
    bias = rng.normal(size=classes).astype(np.float32)
    return LinearHead(blocks, bias, {"head": "ridge"}), {"embedding": rows, "text": counts}


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 1000),
    width=st.sampled_from([1, 3, 96, 384, 1280, 4096]),
    classes=st.integers(2, 40),
    centre=st.booleans(),
)
def test_a_row_gets_the_same_bits_in_any_batch(seed, width, classes, centre):
    rng = np.random.default_rng(seed)
    model, blocks = head(rng, width, classes, centre)
    whole = model.predict_proba(blocks)
    assert whole.dtype == np.float32
    for size in (1, 3, 17):
        for start in range(0, 64, size):
            rows = np.arange(start, min(64, start + size))
            part = {"embedding": blocks["embedding"][rows], "text": blocks["text"].take(rows)}
            assert np.array_equal(model.predict_proba(part), whole[rows])
    backwards = {"embedding": blocks["embedding"][::-1], "text": blocks["text"].take(np.arange(64)[::-1])}
    assert np.array_equal(model.predict_proba(backwards), whole[::-1])
    fortran = {"embedding": np.asfortranarray(blocks["embedding"]), "text": blocks["text"]}
    assert np.array_equal(model.predict_proba(fortran), whole)


def test_order_of_features_does_not_change_a_bit():
    """The sums are exact, so a BLAS that adds in another order gives the same."""
    rng = np.random.default_rng(0)
    model, blocks = head(rng)
    order = rng.permutation(1280)
    dense = model.blocks["embedding"]
    other = DenseMap(dense.weight[order], dense.reach)
    assert np.array_equal(other.scores(blocks["embedding"][:, order]), dense.scores(blocks["embedding"]))


def test_scores_are_the_plain_product():
    rng = np.random.default_rng(1)
    model, blocks = head(rng)
    dense, text = model.blocks["embedding"], model.blocks["text"]
    expected = blocks["embedding"].astype(float) @ dense.weight.astype(float)
    expected += text.counts.transform(blocks["text"]).toarray().astype(float) @ text.weight.astype(float)
    np.testing.assert_allclose(model.logits(blocks), expected + model.bias, rtol=0, atol=1e-7)
    far = {**blocks, "embedding": blocks["embedding"] * 1e6}
    np.testing.assert_allclose(
        dense.scores(far["embedding"]), far["embedding"].astype(float) @ dense.weight.astype(float), rtol=1e-6
    )


def test_rounding_loses_a_millionth():
    weights = np.random.default_rng(0).normal(size=(50, 3))
    rounded = round_to_grid(weights)
    assert np.abs(rounded - weights).max() <= np.abs(weights).max() * 2.0**-20
    assert np.array_equal(round_to_grid(rounded), rounded)
    assert not round_to_grid(np.zeros((2, 2))).any()


@pytest.mark.parametrize("centre", [False, True])
def test_saved_and_loaded_predicts_the_same_bits(tmp_path, centre):
    from safetensors.numpy import load_file, save_file

    model, blocks = head(np.random.default_rng(2), centre=centre)
    save_file(model.arrays(), tmp_path / "head.safetensors")
    loaded = LinearHead.from_arrays(load_file(tmp_path / "head.safetensors"), model.meta)
    assert np.array_equal(loaded.predict_proba(blocks), model.predict_proba(blocks))
    assert loaded.meta == model.meta
    assert loaded.n_classes == 7


def test_no_rows_give_no_probabilities():
    model, blocks = head(np.random.default_rng(3))
    none = {"embedding": blocks["embedding"][:0], "text": blocks["text"].take([])}
    assert model.predict_proba(none).shape == (0, 7)


def test_wrong_features_are_named():
    model, blocks = head(np.random.default_rng(4))
    with pytest.raises(ParameterError, match="'text' is missing"):
        model.logits({"embedding": blocks["embedding"]})
    with pytest.raises(ParameterError, match=r"'embedding' must be dense of width 1280, got dense of shape"):
        model.logits({**blocks, "embedding": blocks["embedding"][:, :5]})
    with pytest.raises(ParameterError, match=r"'text' must be counts of width 500, got dense"):
        model.logits({**blocks, "text": blocks["embedding"]})


@pytest.mark.parametrize("name", ["bias", "embedding/reach", "text/idf", "text/width"])
def test_a_missing_array_is_a_corrupt_bundle(name):
    model, _ = head(np.random.default_rng(5))
    arrays = model.arrays()
    del arrays[name]
    with pytest.raises(CorruptBundleError, match="incomplete"):
        LinearHead.from_arrays(arrays, {})


def test_arrays_that_do_not_fit_are_a_corrupt_bundle():
    model, _ = head(np.random.default_rng(6))
    with pytest.raises(CorruptBundleError, match="do not fit"):
        LinearHead.from_arrays({**model.arrays(), "bias": np.zeros(3, np.float32)}, {})
    with pytest.raises(CorruptBundleError, match="incomplete"):
        LinearHead.from_arrays({**model.arrays(), "text/idf": np.zeros(3, np.float32)}, {})
