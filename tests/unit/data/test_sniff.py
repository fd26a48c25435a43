"""Files are what their first bytes say."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headstart.data.formats import PHONE_AUDIO_KINDS, PHONE_IMAGE_KINDS
from headstart.data.sniff import AUDIO_KINDS, IMAGE_KINDS, describe, modality_of, rejection, sniff
from headstart.types import Modality


# The other kinds are made by other programs: test_sniff_binary.py, test_phone.py.
@pytest.mark.parametrize("kind", sorted(IMAGE_KINDS - {"pnm", "psd"} - PHONE_IMAGE_KINDS))
def test_pictures_as_pillow_writes_them(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, kind)
    assert sniff(buffer.getvalue()[:512]) == kind
    assert modality_of(kind) is Modality.IMAGE


@pytest.mark.parametrize("kind", sorted(AUDIO_KINDS - PHONE_AUDIO_KINDS))
def test_sounds_as_libsndfile_writes_them(kind: str) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(2000), 16000, format=kind.upper())
    assert sniff(buffer.getvalue()[:512]) == kind
    assert modality_of(kind) is Modality.AUDIO


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04\x00", "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"\xff\xfb\xf0\x00" + bytes(60), "unknown"),  # a bit rate that does not exist
        ("naïve".encode("utf-16"), "text"),
        ("words".encode("utf-16-le"), "text"),
        ("ünï".encode("latin-1"), "text"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video"),
        (b"\x00\x00\x00\x18ftypisom", "video"),
        (b"  \n<HTML>", "html"),
        (b'<?xml version="1.0"?>\n<!-- by hand -->\n<svg>', "svg"),
        (b"<?xml version='1.0'?><note/>", "text"),
        (b'{"text": 1}', "json"),
        (b"BMW is a car, not a bitmap", "text"),
        (b"", "empty"),
        (bytes(512), "unknown"),
    ],
)
def test_others(head: bytes, kind: str) -> None:
    assert sniff(head) == kind


@given(st.binary(max_size=64), st.sampled_from(list(Modality)))
def test_any_bytes_have_a_kind_that_can_be_spoken_of(head: bytes, modality: Modality) -> None:
    kind = sniff(head)
    assert describe(kind)
    error = rejection(kind, modality)
    assert error.message.endswith(".")
    assert ";" in error.message
    assert error.kind != "unreadable"
