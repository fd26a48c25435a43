from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.bases.ctranslate2 import read_variables
from headstart.errors import CorruptBaseError, StorageError


def text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return struct.pack("<H", len(data)) + data


def variable(name: str, array: np.ndarray, kind: int = 4, *, size: int | None = None) -> bytes:
    shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return (
        text(name)
        + shape
        + struct.pack("<BI", kind, array.nbytes if size is None else size)
        + array.tobytes()
    )


def model(*variables: bytes, version: int = 6, spec: str = "WhisperSpec", count: int | None = None) -> bytes:
    head = struct.pack("<I", version) + text(spec) + struct.pack("<I", 3)
    return head + struct.pack("<I", len(variables) if count is None else count) + b"".join(variables)


HALF = np.arange(6, dtype=np.float16).reshape(2, 3)
GOOD = model(
    variable("decoder/w", np.ones((4, 4), np.float16)),
    variable("encoder/w", HALF),
    variable("encoder/heads", np.array(6, np.int8), kind=1),
    variable("encoder/b", np.array([0.5], np.float32), kind=0),
)


def test_reads_what_was_asked_for_as_float32(tmp_path: Path) -> None:
    found = read_variables(GOOD, "encoder/")
    assert list(found) == ["w", "heads", "b"]
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}
    assert found["w"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (float(found["heads"]), found["b"].tolist()) == (6, [0.5])
    path = tmp_path / "model.bin"
    path.write_bytes(GOOD + b"aliases that nobody reads")
    assert read_variables(path, "encoder/")["w"].tolist() == found["w"].tolist()


def test_what_was_not_asked_for_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(
        model(variable("decoder/w", np.ones(2_000_000, np.float32), 0), variable("encoder/w", HALF))
    )
    tracemalloc.start()
    read_variables(path, "encoder/")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is cut: 4 bytes expected at byte 0, 0 are left"),
        (model(version=5), "says version 5"),
        (model(spec="TransformerSpec"), "holds 'TransformerSpec' where 'WhisperSpec' was expected"),
        (model(count=4_000_000_000), "announces 4000000000 variables"),
        (model(count=0), "announces 0 variables"),
        (model(variable("encoder/w", HALF), count=2), "is cut"),
        (model(variable("decoder/w", HALF)), "no variable whose name starts with 'encoder/'"),
        (model(variable("encoder/w", HALF), variable("encoder/w", HALF)), "the variable 'w' twice"),
        (model(variable("encoder/w", HALF, kind=9)), "a number type that is not known (9)"),
        (model(variable("encoder/w", HALF, size=2**32 - 1)), "the shape (2, 3) but 4294967295 bytes"),
        (model(variable("decoder/w", HALF, size=2**32 - 1)), "is cut"),
        (model(variable("encoder/w", np.zeros((1,) * 9, np.float16))), "9 dimensions"),
        (model(struct.pack("<H", 60_000)), "announces a name of 60000 bytes"),
        (model(struct.pack("<H", 0)), "announces a name of 0 bytes"),
        (model(struct.pack("<H", 3) + b"abc"), "malformed name"),
        (model(struct.pack("<H", 4) + b"a\0c\0"), "malformed name"),
        (model(struct.pack("<H", 3) + b"\xff\xfe\0"), "malformed name"),
        (model(variable("encoder/w", np.array([1, np.nan], np.float16))), "not finite"),
    ],
)
def test_hostile_files_are_refused(data: bytes, told: str) -> None:
    with pytest.raises(CorruptBaseError) as caught:
        read_variables(data, "encoder/")
    assert told in caught.value.message
    assert caught.value.hint


def test_a_shape_larger_than_the_file_allocates_nothing() -> None:
    shape = struct.pack("<B4I", 4, *([2**32 - 1] * 4))
    data = model(text("encoder/w") + shape + struct.pack("<BI", 4, 2**32 - 1))
    tracemalloc.start()
    with pytest.raises(CorruptBaseError):
        read_variables(data, "encoder/")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_every_cut_before_the_end_is_told(end: int) -> None:
    with pytest.raises(CorruptBaseError):
        read_variables(GOOD[:end], "encoder/")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused_and_nothing_else(place: int, value: int) -> None:
    data = GOOD[:place] + bytes([value]) + GOOD[place + 1 :]
    try:
        found = read_variables(data, "encoder/")
    except CorruptBaseError:
        return
    assert sum(array.nbytes for array in found.values()) < 10 * len(GOOD)


def test_a_file_that_cannot_be_read_is_a_matter_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        read_variables(tmp_path / "nothing", "encoder/")
