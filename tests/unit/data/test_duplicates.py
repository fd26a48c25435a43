"""The same content counts once; the same content in two classes counts not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.data.content import content_hash
from headstart.data.disjoint import Groups
from headstart.data.duplicates import exact_duplicates
from headstart.data.fingerprint import dataset_fingerprint
from headstart.data.memory import from_arrays
from headstart.errors import SourceError


def test_content_hash_tells_contents_apart(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 1_000_000)
    (tmp_path / "b").write_bytes(b"abc" * 1_000_000)
    (tmp_path / "c").write_bytes(b"abc" * 999_999 + b"abd")
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b") == content_hash(b"abc" * 1_000_000)
    assert content_hash(tmp_path / "a") != content_hash(tmp_path / "c")
    assert content_hash("abc") != content_hash(b"abc")
    zeros = np.zeros((2, 3))
    hashes = {
        content_hash(array) for array in (zeros, zeros.T, zeros.ravel(), zeros.astype(np.float32), zeros + 1)
    }
    assert len(hashes) == 5
    assert content_hash(np.asfortranarray(zeros)) == content_hash(zeros)
    assert {len(content_hash(source)) for source in (tmp_path / "a", "abc", b"", zeros)} == {16}
    with pytest.raises(SourceError, match="no such file"):
        content_hash(tmp_path / "gone")


def test_duplicates_and_conflicts() -> None:
    texts = ["a a", "b b", "a a", "c c", "c c", "d d"]
    data = from_arrays(texts, ["x", "x", "x", "x", "y", "y"], modality="text")
    kept, dropped, conflicts = exact_duplicates(data, [content_hash(text) for text in texts])
    assert kept == [0, 1, 5]
    assert [(problem.source, problem.code) for problem in dropped] == [("input 2", "duplicate")]
    assert "input 0" in dropped[0].reason
    assert [(problem.source, problem.code) for problem in conflicts] == [
        ("input 3", "conflict"),
        ("input 4", "conflict"),
    ]
    assert "input 4 (y)" in conflicts[0].reason
    assert "input 3 (x)" in conflicts[1].reason


def test_fingerprint_sees_content_and_labels_but_not_order() -> None:
    one, two = content_hash("one"), content_hash("two")
    base = dataset_fingerprint([one, two], ["a", "b"])
    assert len(base) == 32
    assert dataset_fingerprint([two, one], ["b", "a"]) == base
    others = [
        dataset_fingerprint([one, two], ["b", "a"]),
        dataset_fingerprint([one, one], ["a", "b"]),
        dataset_fingerprint([one, two], ["a", None]),
        dataset_fingerprint([one, two], ["a", ""]),
        dataset_fingerprint([one], ["a"]),
    ]
    assert len({base, *others}) == 6


def test_groups_of_a_person_are_joined_on_certain_evidence_only() -> None:
    groups = Groups(["p", "p", "q", None, None])
    assert groups.ids().tolist() == [0, 0, 1, 2, 3]
    assert groups.join(3, 1)
    assert not groups.join(3, 2)
    assert groups.join(4, 2)
    assert not groups.join(3, 4)
    assert groups.ids().tolist() == [0, 0, 1, 0, 1]
    assert groups.join(3, 4, certain=True)
    assert groups.ids().tolist() == [0, 0, 0, 0, 0]


def test_leaders_can_stop_a_chain() -> None:
    groups = Groups([None] * 4)
    for right in (1, 2, 3):
        groups.join(right - 1, right, leaders_agree=lambda one, other: other - one < 2)
    assert groups.ids().tolist() == [0, 0, 1, 1]
