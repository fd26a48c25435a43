"""How decoded inputs cross to the server: what is sent comes out as it was, and nothing else is believed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from headstart.encoders.encoder import Decoded
from headstart.errors import SourceError
from headstart.web.pictures import Pictures
from headstart.web.sounds import Sounds
from headstart.web.wire import Wire, decode, wire_of

KEY = ("tune",)


def sent(array, wire=None):
    about, contents = (wire or Wire("tune")).packed(KEY, Decoded(array))
    return json.loads(json.dumps(about)), memoryview(b"".join(contents))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.arange(12, dtype=">i2").reshape(2, 3, 2)[:, ::2],
        np.array([True, False]),
        np.zeros((0, 2), np.float64),
        np.array(3.5),
    ],
    ids=["floats", "big-endian, not contiguous", "flags", "empty", "one number"],
)
def test_an_array_comes_out_as_it_was(array):
    about, content = sent(array)
    out = Wire("tune").unpacked(KEY, about, content)
    np.testing.assert_array_equal(out, array)
    assert out.shape == array.shape
    assert len(content) <= Wire("tune").largest(KEY, pixels=1, seconds=1)


@pytest.mark.parametrize(
    "lie",
    [
        {"shape": [4, 4]},
        {"shape": [-1, -12]},
        {"shape": [1] * 9 + [12]},
        {"dtype": "|O"},
        {"dtype": "<U1"},
        {"dtype": "<f8"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_not_believed(lie):
    about, content = sent(np.arange(12, dtype=np.float32))
    with pytest.raises(ValueError, match="not an array"):
        Wire("tune").unpacked(KEY, about | lie, content)


def test_what_is_too_large_or_no_numbers_is_refused():
    wire = Wire("tune")
    wire.most_bytes = 100
    with pytest.raises(SourceError, match=r"decodes to 104 bytes of float64, at most 100 bytes of numbers"):
        sent(np.zeros(13), wire)
    with pytest.raises(SourceError, match=r"bytes of <U1"):
        sent(np.array(["a"]))


def test_each_kind_has_its_own_and_texts_have_none():
    assert isinstance(wire_of("image"), Pictures)
    assert isinstance(wire_of("audio"), Sounds)
    for kind in ("text", "smell"):
        with pytest.raises(SourceError, match=f"Inputs of the kind {kind} are not decoded here"):
            decode((kind,), b"", pixels=1, seconds=1)
