"""Binary files are named and never read as texts; texts of every encoding stay texts."""

from __future__ import annotations

import contextlib
import io
import pickle
import shutil
import sqlite3
import struct
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.data.audio import decode_audio
from headstart.data.image import decode_image
from headstart.data.read import load
from headstart.data.sniff import (
    TEXT_KINDS,
    describe,
    modality_of,
    rejection,
    sniff,
    sniff_content,
    sniff_path,
)
from headstart.errors import NotEnoughDataError, SourceError
from headstart.types import Modality

rng = np.random.default_rng(0)
# Grey pixels as cameras make them, none below 32: the hardest bytes to tell from letters.
GREY = np.clip(np.cumsum(rng.integers(-3, 4, (112, 92)), 1) + 120, 32, 255).astype(np.uint8)

CONVERT = next((name for name in ("/usr/bin/convert-im6.q16", "/usr/bin/magick") if Path(name).exists()), "")
FFMPEG = shutil.which("ffmpeg")


def saved(value: object, **named: object) -> bytes:
    held = io.BytesIO()
    if named:
        np.savez(held, **named)
    else:
        np.save(held, value)
    return held.getvalue()


def zipped(*members: tuple[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return held.getvalue()


def database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE photos (name TEXT)")
    content = connection.serialize()
    connection.close()
    return content


def tiff(**fields: int) -> bytes:
    held = io.BytesIO()
    tags = {254: fields.get("reduced", 0)}
    if "dng" in fields:
        tags[50706] = bytes([1, 4, 0, 0])
    Image.fromarray(GREY).save(held, "TIFF", tiffinfo=tags)
    return held.getvalue()


FITS = ("SIMPLE  =                    T".ljust(80) + "END".ljust(80)).ljust(2880).encode() + GREY.tobytes()
RANDOM = rng.integers(0, 256, 30_000).astype(np.uint8).tobytes()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (FITS, "fits"),
        (saved(GREY), "npy"),
        (saved(np.frombuffer(b"hello world " * 900, np.uint8)), "npy"),
        (saved(None, a=GREY), "npz"),
        *(
            (pickle.dumps({"a": ["x" * 50], "b": np.arange(5)}, protocol), "pickle")
            for protocol in (0, 2, 4, 5)
        ),
        (database(), "sqlite"),
        (b"\x89HDF\r\n\x1a\n" + RANDOM, "hdf5"),
        (b"\x7fELF\x02\x01\x01" + RANDOM, "program"),
        (b"\xcf\xfa\xed\xfe" + RANDOM, "program"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + RANDOM, "program"),
        (b"MZ".ljust(60, b"\x00") + b"\x80\x00\x00\x00".ljust(68, b"\x00") + b"PE\x00\x00", "program"),
        (b"wOF2\x00\x01\x00\x00" + RANDOM, "font"),
        (bytes(128) + b"DICM" + RANDOM, "dicom"),
        (struct.pack("<i", 348).ljust(344, b"\x00") + b"n+1\x00", "nifti"),
        (b"\x08\x07\x12\x07pytorch\x1a\x05" + RANDOM, "model"),
        (struct.pack("<Q", 40) + b'{"w":{"dtype":"F32"}}'.ljust(40) + bytes(4), "model"),
        (b"GGUF\x03\x00\x00\x00" + RANDOM, "model"),
        (b"\x1c\x00\x00\x00TFL3" + RANDOM, "model"),
        (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128), "matlab"),
        (b"{\\rtf1\\ansi hello}", "rtf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ole2"),
        (b"%!PS-Adobe-3.0\n%%Pages: 1\n", "postscript"),
        (b"MThd\x00\x00\x00\x06\x00\x01", "midi"),
        (b"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nENDHDR\n" + bytes(4), "pam"),
        (b"gimp xcf v011\x00", "xcf"),
        (b"\x76\x2f\x31\x01\x02\x00\x00\x00", "exr"),
        (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n", "hdr"),
        (b"#define dot_width 8\n#define dot_height 8\nstatic char dot_bits[] = {};\n", "x bitmap"),
        (zipped(("[Content_Types].xml", ""), ("_rels/.rels", ""), ("word/document.xml", "")), "docx"),
        (zipped(("_rels/.rels", "a" * 20_000), ("xl/workbook.xml", ""), ("[Content_Types].xml", "")), "xlsx"),
        (zipped(("[Content_Types].xml", ""), ("ppt/presentation.xml", "")), "pptx"),
        (zipped(("mimetype", "application/vnd.oasis.opendocument.text")), "odt"),
        (zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")), "ods"),
        (zipped(("mimetype", "application/epub+zip")), "epub"),
        (zipped(("archive/data.pkl", "x")), "torch"),
        (zipped(("cat/1.jpg", "x")), "zip"),
        (tiff(dng=1), "raw photo"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00" + RANDOM, "raw photo"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01" + RANDOM, "raw photo"),
        (tiff(), "tiff"),
        (tiff(reduced=1), "tiff"),
        (GREY.tobytes(), "unknown"),
        (RANDOM, "unknown"),
        (b"a header made of words\n" * 500 + RANDOM, "unknown"),
        (b"#!/bin/sh\necho unpacking\n" * 400 + RANDOM + b"\nthe end\n" * 400, "unknown"),
    ],
)
def test_binary_is_named(tmp_path: Path, content: bytes, kind: str) -> None:
    (tmp_path / "a.dat").write_bytes(content)
    assert sniff_path(tmp_path / "a.dat") == sniff_content(content) == kind
    assert modality_of(kind) is not Modality.TEXT
    assert describe(kind) != "plain text"


RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 40
JAPANESE = "日本語の文章です。これはテストです。東京都に住んでいます。" * 60
CHINESE = "这是一个中文测试文本，我们来看看它能不能被识别出来。" * 400


@pytest.mark.parametrize(
    "content",
    [
        *(RUSSIAN.encode(name) for name in ("cp1251", "koi8-r", "cp866", "utf-8", "utf-16")),
        *(JAPANESE.encode(name) for name in ("cp932", "euc_jp", "iso2022_jp", "utf-16")),
        *(CHINESE.encode(name) for name in ("gbk", "gb18030", "utf-8")),
        "안녕하세요. 한국어 문장입니다. ".encode("euc_kr") * 60,
        "สวัสดีครับ นี่คือข้อความภาษาไทย ".encode("tis_620") * 60,
        "Το γρήγορο καφέ αλεπού. ".encode("cp1253") * 60,
        "هذا نص عربي للاختبار. ".encode("cp1256") * 60,
        "Привет".encode("cp1251"),
        ("🎉" * 3000).encode(),
        "words\n".encode("utf-16-le") * 900,
        b"page one\x0cpage two\n" * 100,
        b"\x1b[31mred\x1b[0m\n" * 100,
        b"a line of a log\n" * 2000 + bytes(4096) + b"after the lights came back\n" * 2000,
        b"text,label\n" + b"good,yes\n" * 20_000,
        b"P5 is the name of 92 things, 112 of them new",
        b"P1 10 20 is my seat",
        b"MZ are my initials",
        b"ID3 is an algorithm",
        b"%!TEX root = thesis.tex\n",
        b"GGUF is a format",
        b"MMORPG reviews",
        b"RIFFs are played on a guitar",
        b"BMW is a car",
    ],
)
def test_texts_stay_texts(content: bytes) -> None:
    assert sniff_content(content) in TEXT_KINDS
    assert sniff(content[:8192]) in TEXT_KINDS


def test_office_files_say_what_to_do() -> None:
    assert "save it as CSV" in rejection("xlsx", Modality.TEXT).message
    assert "a Word document (.docx)" in rejection("docx", Modality.TEXT).message
    assert "export it as JPEG" in rejection("raw photo", Modality.IMAGE).message


def folders_of(root: Path, suffix: str, contents: list[bytes]) -> Path:
    for number, content in enumerate(contents):
        place = root / ("a", "b")[number % 2] / f"{number}{suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return root


def test_a_folder_of_pictures_is_never_a_data_set_of_texts(tmp_path: Path) -> None:
    pgm = b"P5\n# CREATOR: a scanner\n92 112\n255\n" + GREY.tobytes()
    data = load(folders_of(tmp_path / "pgm", ".pgm", [pgm] * 4))
    assert (data.modality, data.counts) == (Modality.IMAGE, {"a": 2, "b": 2})
    with pytest.raises(
        NotEnoughDataError, match=r"a FITS picture, as telescopes make them.*export it as PNG"
    ):
        load(folders_of(tmp_path / "fits", ".fits", [FITS] * 4))


PICTURE = np.zeros((48, 64, 3), np.uint8)
PICTURE[:24, :32], PICTURE[:24, 32:], PICTURE[24:, :32], PICTURE[24:, 32:] = (
    (255, 0, 0),
    (0, 255, 0),
    (0, 0, 255),
    255,
)


def made_by(command: list[str], folder: Path, name: str) -> bytes:
    Image.fromarray(PICTURE).save(folder / "in.png")
    subprocess.run([*command, name], cwd=folder, check=True, capture_output=True)
    return (folder / name).read_bytes()


@pytest.mark.skipif(not CONVERT, reason="ImageMagick is not installed")
@pytest.mark.parametrize("name", ["a.ppm", "a.jp2", "a.j2k", "a.psd", "a.ico", "plain.ppm"])
def test_pictures_of_imagemagick_are_read(tmp_path: Path, name: str) -> None:
    how = ["-compress", "none"] if name == "plain.ppm" else []
    out = decode_image(made_by([CONVERT, "in.png", *how], tmp_path, name))
    np.testing.assert_array_equal(out, PICTURE)


@pytest.mark.skipif(not CONVERT, reason="ImageMagick is not installed")
@pytest.mark.parametrize(
    ("name", "how"), [("a.pgm", []), ("b.pgm", ["-depth", "16"]), ("c.pgm", ["-compress", "none"])]
)
def test_grey_pictures_of_imagemagick_are_read(tmp_path: Path, name: str, how: list[str]) -> None:
    out = decode_image(made_by([CONVERT, "in.png", *how], tmp_path, name))
    assert out.shape == (48, 64, 3)
    assert out[40, 60, 0] == 255
    assert out[40, 3, 0] < out[3, 3, 0] < out[3, 60, 0]


@pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("packed", ["0", "1"])
def test_tga_of_ffmpeg_is_read(tmp_path: Path, packed: str) -> None:
    content = made_by(["ffmpeg", "-i", "in.png", "-rle", packed], tmp_path, "a.tga")
    assert sniff_content(content) == "tga"
    np.testing.assert_array_equal(decode_image(content), PICTURE)


@pytest.mark.parametrize("kind", ["PPM", "TGA", "JPEG2000", "AVIF", "ICO"])
def test_other_formats_when_cut_or_changed_raise_nothing_else(kind: str) -> None:
    held = io.BytesIO()
    Image.fromarray(PICTURE).save(held, kind)
    good = held.getvalue()
    chance = np.random.default_rng(1)
    for _ in range(60):
        bad = bytearray(good)
        for place in chance.integers(0, min(len(bad), 300), 4):
            bad[place] = chance.integers(0, 256)
        with contextlib.suppress(SourceError):  # anything else fails the test
            assert decode_image(bytes(bad[: chance.integers(20, len(bad))])).ndim == 3


@pytest.mark.parametrize(
    "content",
    [
        b"P5\n60000 60000\n255\n" + bytes(100),
        b"P6 60000 60000 255\n" + bytes(100),
        struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 60000, 60000, 24, 0).ljust(200_000, b"\x80"),
        b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 60000, 60000, 8, 3) + bytes(14) + bytes(99),
    ],
)
def test_bombs_of_other_formats_are_refused_before_memory_is_taken(content: bytes) -> None:
    with pytest.raises(SourceError, match="60000 x 60000 pixels") as caught:
        decode_image(content)
    assert caught.value.kind == "too_large"


def test_an_icon_that_claims_a_huge_bitmap_is_refused() -> None:
    held = io.BytesIO()
    Image.fromarray(PICTURE).save(held, "ICO", bitmap_format="bmp", sizes=[(64, 48)])
    bad = bytearray(held.getvalue())
    start = struct.unpack_from("<I", bad, 18)[0]
    struct.pack_into("<ii", bad, start + 4, 50_000, 100_000)
    with pytest.raises(SourceError, match="more pixels than an icon has"):
        decode_image(bytes(bad))


@pytest.mark.parametrize("kind", ["AU", "CAF", "W64", "NIST"])
def test_other_sounds_that_libsndfile_reads(kind: str) -> None:
    held = io.BytesIO()
    soundfile.write(held, np.full(1600, 0.25), 16000, "PCM_16", format=kind)
    samples, note = decode_audio(held.getvalue(), rate=16000)
    np.testing.assert_allclose(samples, 0.25, atol=1e-4)
    assert note == ""
