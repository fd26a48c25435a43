from __future__ import annotations

import base64
import io
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.report.media import CLIP_RATE, CLIP_SECONDS, THUMBNAIL, Shelf
from report_samples import photo, sound


def opened(uri: str) -> Image.Image:
    kind, data = uri.split(",", 1)
    assert kind == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_thumbnail_is_small_and_keeps_its_shape():
    shown = Shelf("picture", {"a": photo(size=(1200, 600))}).show("a")
    assert opened(shown.uri).size == (THUMBNAIL, THUMBNAIL // 2)
    assert len(shown.uri) < 12_000


def test_a_picture_taken_sideways_is_shown_upright(tmp_path: Path):
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    Image.new("RGB", (400, 200), "red").save(path, exif=exif)
    assert opened(Shelf("picture", {"a": path}).show("a").uri).size == (THUMBNAIL // 2, THUMBNAIL)


def test_a_sound_becomes_a_short_clip_that_is_kept_once():
    shelf = Shelf("sound", {"a": sound(seconds=20), "b": sound(seconds=0.5)})
    first, again = shelf.show("a"), shelf.show("a")
    with wave.open(io.BytesIO(base64.b64decode(first.uri.split(",", 1)[1]))) as clip:
        assert clip.getframerate() == CLIP_RATE
        assert clip.getnframes() == CLIP_SECONDS * CLIP_RATE
        heard = np.frombuffer(clip.readframes(clip.getnframes()), "<i2")
    assert 12_000 < np.abs(heard.astype(int)).max() < 14_000  # 0.4 of full, as it was
    assert again.again
    assert again.anchor == first.anchor
    assert shelf.show("b").anchor != first.anchor


def test_a_text_becomes_its_first_words():
    shown = Shelf("text", {"a": "word " * 10_000, "b": b"caf\xc3\xa9 \xff"}).show("a")
    assert shown.kind == "text"
    assert len(shown.text) <= 260
    assert shown.text.endswith("…")
    assert Shelf("text", {"b": b"caf\xc3\xa9"}).show("b").text == "café"


def test_a_path_is_never_read_as_a_text(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("hush")
    assert Shelf("text", {"a": secret}).show("a").text == ""


@pytest.mark.parametrize(
    "source", [b"not a picture", b"", Path("/no/such/file.jpg"), b"<svg onload=alert(1)>"]
)
def test_what_cannot_be_shown_is_named(source: object):
    shown = Shelf("picture", {"a": source}).show("a")
    assert (shown.kind, shown.name, shown.uri) == ("none", "a", "")


def test_a_name_without_a_source_is_named():
    assert Shelf("picture", {}).show("a.jpg").kind == "none"


def test_the_budget_holds_and_says_what_was_left_out():
    names = {str(i): photo(i) for i in range(10)}
    shelf = Shelf("picture", names, budget=5_000)
    shown = [shelf.show(name) for name in names]
    assert sum(len(one.uri) for one in shown) <= 5_000
    assert shelf.left_out == sum(one.kind == "none" for one in shown) > 0
