from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_texts import saved, sentencepiece_bytes

from headstart.bases.sentencepiece_file import read_sentencepieces
from headstart.errors import CorruptBaseError

PIECES = ["<unk>", "<s>", "</s>", "▁good", "日本"]
SCORES = [0.0, 0.0, 0.0, -3.25, -4.5]
DATA = sentencepiece_bytes(PIECES, SCORES, 0, b"rules" * 100)


def test_pieces_scores_and_rules_come_back(tmp_path: Path) -> None:
    read = read_sentencepieces(saved(tmp_path / "sp.model", DATA))
    assert list(read.pieces) == PIECES
    np.testing.assert_allclose(read.scores, SCORES)
    assert read.unknown == 0
    assert read.rules == b"rules" * 100


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it lacks the piece for what is unknown"),
        (DATA[:-1], "it is cut short"),
        (b"\x0f" + DATA, "it holds a field of type 7 at byte 1"),
        (b"\xff" * 20, "a number of more than 10 bytes"),
        (DATA.replace("日本".encode(), b"\xff" * 6), "decode"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(
        CorruptBaseError, match=r"sp.model is not a readable model of SentencePiece"
    ) as caught:
        read_sentencepieces(saved(tmp_path / "sp.model", data))
    assert said in caught.value.message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(DATA) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_read_or_refused(tmp_path: Path, place: int, byte: int) -> None:
    data = bytearray(DATA)
    data[place] = byte
    with suppress(CorruptBaseError):
        read_sentencepieces(saved(tmp_path / "sp.model", bytes(data)))
