"""Features know which example each row is, through every cut, alignment and join."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.features import RAW, Block, FeatureSet
from headstart.heads.sparse import Sparse
from headstart.types import Embeddings, Signature


def counts(*rows: list[float]) -> Sparse:
    dense = np.array(rows, dtype=np.float32)
    at, columns = np.nonzero(dense)
    starts = np.searchsorted(at, np.arange(len(dense) + 1)).astype(np.int64)
    return Sparse(dense[at, columns], columns.astype(np.int32), starts, dense.shape)


def numbered(rows: list[int], *names: str, failures: dict[int, tuple[str, str]] | None = None) -> FeatureSet:
    """Features whose every number is that of its example."""
    values = np.array(rows, dtype=np.float32)[:, None]
    contents = [f"content {row}".encode() for row in rows]
    return FeatureSet(dict.fromkeys(names, values), np.array(rows, dtype=np.int64), failures or {}, contents)


def test_rows_are_taken_from_dense_and_sparse_blocks_alike() -> None:
    features = FeatureSet(
        {"dense": np.array([[2.0], [5.0], [7.0]]), "counts": counts([0, 2], [5, 0], [0, 0])},
        np.array([2, 5, 7]),
        {3: ("Empty.", "empty")},
        [b"two", b"five", b"seven"],
    )
    some = features.take(np.array([0, 2]))
    assert len(some) == 2
    assert some.rows.tolist() == [2, 7]
    assert some.contents == [b"two", b"seven"]
    assert some.failures == features.failures
    np.testing.assert_array_equal(some.blocks["dense"], [[2.0], [7.0]])
    taken = some.blocks["counts"]
    assert isinstance(taken, Sparse)
    np.testing.assert_array_equal(taken.toarray(), [[0, 2], [0, 0]])


def test_aligned_rows_are_those_of_the_examples() -> None:
    features = numbered([1, 4, 6, 9], "a")
    aligned = features.align(np.array([4, 9]))
    assert aligned.rows.tolist() == [4, 9]
    assert aligned.contents == [b"content 4", b"content 9"]
    np.testing.assert_array_equal(aligned.blocks["a"], [[4.0], [9.0]])
    assert features.align(np.array([1, 4, 6, 9])) is features  # nothing is copied
    assert len(features.align(np.array([], dtype=np.int64))) == 0
    with pytest.raises(ParameterError, match="Example 5 has no features"):
        features.align(np.array([4, 5]))
    with pytest.raises(ParameterError, match="Example 12 has no features"):
        features.align(np.array([1, 4, 6, 12]))


def test_joined_features_are_of_the_examples_that_both_have() -> None:
    one = numbered([0, 2, 3], "a", failures={1: ("Cut short.", "truncated")})
    other = numbered([1, 2, 3, 5], "b", "c", failures={0: ("Empty.", "empty"), 1: ("?", "other")})
    both = one.join(other)
    assert both.rows.tolist() == [2, 3]
    assert list(both.blocks) == ["a", "b", "c"]
    for block in both.blocks.values():
        np.testing.assert_array_equal(block, [[2.0], [3.0]])
    assert both.contents == [b"content 2", b"content 3"]
    assert both.failures == {0: ("Empty.", "empty"), 1: ("Cut short.", "truncated")}
    with pytest.raises(ParameterError, match=r"Both have features of the name 'a'.\nGive one another name"):
        one.join(numbered([2], "a"))


def test_blocks_are_picked_by_name_and_may_be_renamed() -> None:
    features = numbered([3, 4], "embedding", "logits")
    picked = features.pick({"minilm.embedding": "embedding"})
    assert list(picked.blocks) == ["minilm.embedding"]
    assert picked.contents == features.contents
    assert list(features.pick({}).blocks) == []
    with pytest.raises(KeyError):
        features.pick({"a": "nothing"})


def test_what_an_encoder_gave_becomes_blocks() -> None:
    made = Embeddings(
        vectors=np.ones((2, 3), dtype=np.float32),
        rows=np.array([0, 2]),
        extras={"logits": np.zeros((2, 5), dtype=np.float32)},
        signatures=[Signature(b"x"), Signature(b"y")],
        failures=[(1, "Empty.", "empty")],
    )
    features = FeatureSet.of_embeddings(made)
    assert {name: block.shape for name, block in features.blocks.items()} == {
        "embedding": (2, 3),
        "logits": (2, 5),
    }
    assert features.failures == {1: ("Empty.", "empty")}
    assert features.contents == [b"x", b"y"]


def test_what_a_head_sees_is_made_of_outputs_and_simple_features() -> None:
    outputs = {
        "lite": {"embedding": np.eye(3), "layer": np.ones((3, 2))},
        "big": {"embedding": np.zeros((3, 1))},
    }
    blocks = {
        "layer": Block("layer", encoder="lite", output="layer"),
        "big.embedding": Block("big.embedding", encoder="big"),
        RAW: Block(RAW, kind=RAW),
    }
    raw = counts([1, 0], [0, 1], [1, 1])
    features = FeatureSet.of_blocks(blocks, outputs, raw)
    assert list(features.blocks) == list(blocks)
    assert features.rows.tolist() == [0, 1, 2]
    assert features.blocks["layer"] is outputs["lite"]["layer"]
    assert features.blocks[RAW] is raw


def test_blocks_that_do_not_fit_their_examples_are_refused() -> None:
    with pytest.raises(ParameterError, match="a row for each of 2 examples; 'a' has 3"):
        FeatureSet({"a": np.ones((3, 1))}, np.array([0, 1]))
    with pytest.raises(ParameterError, match="'contents' has 1"):
        FeatureSet({"a": np.ones((2, 1))}, np.array([0, 1]), {}, [b"x"])
    for rows in ([1, 0], [1, 1]):
        with pytest.raises(ParameterError, match="must increase, each once"):
            FeatureSet({"a": np.ones((2, 1))}, np.array(rows))
