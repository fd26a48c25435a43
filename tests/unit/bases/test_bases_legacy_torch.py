from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_bases import legacy_file

from headstart.bases.legacy_torch import read_state_dict
from headstart.errors import CorruptBaseError

STATE = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b.bias": np.array([1.5, -2.5], np.float32),
    "scalar": np.array(7, np.float32),
}
HEAD = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))


def read(data: bytes, folder: Path) -> dict[str, np.ndarray]:
    path = folder / "weights.pth"
    path.write_bytes(data)
    return read_state_dict(path)


def test_tensors_come_back_by_name_and_in_order(tmp_path: Path) -> None:
    found = read(legacy_file(STATE), tmp_path)
    assert list(found) == list(STATE)
    for name, array in STATE.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].shape == array.shape


def test_what_torch_writes_is_read_bit_for_bit(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {
        "half": torch.randn(3, 4).half(),
        "turned": torch.randn(3, 4).t(),
        "shared": torch.arange(10)[2:8:2],
        "double": torch.randn(2, 1, dtype=torch.float64),
        "flags": torch.tensor([True, False]),
        "none": torch.zeros(0, 3),
    }
    path = tmp_path / "weights.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    found = read_state_dict(path)
    for name, tensor in state.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())


class Runs:
    def __init__(self, function: object, *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.function, self.arguments


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize(
    "function", [os.system, eval, getattr, __import__, open, np.zeros, pickle.loads], ids=lambda f: f.__name__
)
def test_a_pickle_that_runs_something_is_refused(tmp_path: Path, function: object, place: int) -> None:
    marker = tmp_path / "run"
    parts: list[object] = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {}]
    parts[place] = Runs(function, f"touch {marker}")
    with pytest.raises(CorruptBaseError, match="is not a plain file of torch tensors"):
        read(b"".join(pickle.dumps(part, 2) for part in parts), tmp_path)
    assert not marker.exists()


def test_the_refusal_names_what_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CorruptBaseError, match=r"it asks for (posix|nt)\.system"):
        read(HEAD + pickle.dumps(Runs(os.system, "true"), 2), tmp_path)
    with pytest.raises(CorruptBaseError, match="newer zip layout"):
        read(b"PK\x03\x04rest", tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        legacy_file(STATE, claim={"a.weight": 2**39}),  # far more numbers than bytes
        legacy_file(STATE, claim={"a.weight": 3}),  # the shape reaches beyond the storage
        legacy_file(STATE, claim={"a.weight": -1}),
        HEAD + b"\x80\x02}r\xff\xff\xff\xff.",  # a memo index that would need gigabytes
        HEAD + b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\x00\x00.",  # a byte array of 2**48
        HEAD + b"\x80\x02X\xff\xff\xff\x7fabc.",  # a text longer than the file
        HEAD + b"\x80\x02" + b"(" * 10_000 + b"t" * 10_000 + b".",
        HEAD + pickle.dumps([1, 2], 2) + pickle.dumps([], 2),  # not a state dict
        HEAD + pickle.dumps({"a": 1}, 2) + pickle.dumps([], 2),  # not a tensor
        HEAD + pickle.dumps({}, 2) + pickle.dumps(["x"], 2),  # storages nobody asked for
        b"",
        b"<html>",
    ],
    ids=[
        "huge",
        "short",
        "negative",
        "memo",
        "bytes",
        "text",
        "deep",
        "list",
        "number",
        "keys",
        "empty",
        "html",
    ],
)
def test_absurd_files_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CorruptBaseError):
        read(data, tmp_path)


@settings(max_examples=200, deadline=None)
@given(cut=st.floats(0, 0.9999))
def test_a_file_cut_short_is_always_refused(tmp_path_factory: pytest.TempPathFactory, cut: float) -> None:
    data = legacy_file(STATE)
    with pytest.raises(CorruptBaseError):
        read(data[: int(len(data) * cut)], tmp_path_factory.getbasetemp())


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, len(legacy_file(STATE)) - 1), value=st.integers(0, 255))
def test_a_changed_byte_gives_tensors_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    data = bytearray(legacy_file(STATE))
    data[place] = value
    try:
        found = read(bytes(data), tmp_path_factory.getbasetemp())
    except CorruptBaseError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())
