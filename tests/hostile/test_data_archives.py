"""An archive of examples may come from anybody: nothing is written outside, nothing fills the disk."""

from __future__ import annotations

import io
import os
import random
import stat
import struct
import subprocess
import sys
import tarfile
import threading
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from headstart.data import unpacking
from headstart.data.archives import unpack
from headstart.data.read import load
from headstart.errors import DataError, HeadstartError
from headstart.settings import current
from headstart.types import Dataset

TEXTS = {"good/1.txt": b"very good", "good/2.txt": b"quite good", "bad/1.txt": b"bad", "bad/2.txt": b"poor"}


def entry(name: str, mode: int = stat.S_IFREG | 0o644, system: int = 3) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo("x")
    made.filename, made.create_system, made.external_attr = name, system, mode << 16
    return made


def zipped(path: Path, *more: tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in TEXTS.items():
            made.writestr(name, content)
        for one, content in more:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of names that stand twice
                made.writestr(one, content)
    return path


def tarred(path: Path, *more: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as made:
        for name, content in TEXTS.items():
            one = tarfile.TarInfo(name)
            one.size = len(content)
            made.addfile(one, io.BytesIO(content))
        for one, content in more:
            one.size = len(content)
            made.addfile(one, io.BytesIO(content))
    return path


def only_problem(found: Dataset) -> tuple[str, str]:
    assert len(found) == 4
    (problem,) = found.problems
    return problem.code, problem.reason


OUTSIDE = [
    "../evil.txt",
    "good/../../evil.txt",
    "/tmp/evil.txt",
    "C:\\evil.txt",
    "c:evil.txt",
    "..\\evil.txt",
]


@pytest.mark.parametrize("name", [*OUTSIDE, "\\\\server\\share\\evil.txt"])
def test_a_name_that_leads_outside_is_never_written_in_a_zip(tmp_path: Path, name: str):
    code, reason = only_problem(load(zipped(tmp_path / "a.zip", (entry(name), b"evil"))))
    assert code == "unsafe_name"
    assert "It is not unpacked: its name" in reason
    assert reason.endswith("; unpack the archive by hand.")
    assert [path for path in tmp_path.rglob("*evil*") if path.is_file()] == []


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_outside_is_never_written_in_a_tar(tmp_path: Path, name: str):
    code, _ = only_problem(load(tarred(tmp_path / "a.tgz", (tarfile.TarInfo(name), b"evil"))))
    assert code == "unsafe_name"
    assert [path for path in tmp_path.rglob("*evil*") if path.is_file()] == []


@pytest.mark.parametrize("system", [3, 19])
def test_links_in_a_zip_are_not_followed(tmp_path: Path, system: int):
    link = entry("good/3.txt", stat.S_IFLNK | 0o777, system), b"/etc/passwd"
    code, reason = only_problem(load(zipped(tmp_path / "a.zip", link)))
    assert code == "link"
    assert "It is a link" in reason


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_in_a_tar_are_not_followed(tmp_path: Path, kind: bytes):
    link = tarfile.TarInfo("good/3.txt")
    link.type, link.linkname = kind, "/etc/passwd"
    through = tarfile.TarInfo("good/3.txt/4.txt")  # written through the link, were there one
    found = load(tarred(tmp_path / "a.tgz", (link, b""), (through, b"fair")))
    assert [problem.code for problem in found.problems] == ["link"]
    assert len(found) == 5
    assert not any(path.is_symlink() for path in current().unpacked.rglob("*"))


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_and_pipes_are_not_made(tmp_path: Path, kind: bytes):
    device = tarfile.TarInfo("good/3.txt")
    device.type = kind
    code, _ = only_problem(load(tarred(tmp_path / "a.tar", (device, b""), mode="w")))
    assert code == "not_a_file"


def test_a_name_that_stands_twice_is_read_once_and_said(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", (entry("good/1.txt"), b"another"))
    code, reason = only_problem(load(path))
    assert code == "duplicate_name"
    assert "several files of this name" in reason
    path = zipped(tmp_path / "b.zip", (entry("good/1.txt/2.txt"), b"below a file"))
    assert only_problem(load(path))[0] == "duplicate_name"


def test_names_that_are_too_long_or_too_deep(tmp_path: Path):
    for name in ("good/" + "x" * 300 + ".txt", "x/" * 40 + "1.txt", "good/a\x00b.txt"):
        path = zipped(tmp_path / "a.zip", (entry(name.replace("\x00", "\x01")), b"text"))
        path.write_bytes(path.read_bytes().replace(b"a\x01b", b"a\x00b"))
        assert only_problem(load(path))[0] == "unsafe_name"


def test_a_password_is_named(tmp_path: Path):
    path = zipped(tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="is protected by a password") as caught:
        load(path)
    assert caught.value.hint == "Unpack it with the password and name the folder."


def test_one_file_under_a_password_is_a_problem(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", (entry("good/3.txt"), b"secret"))
    content = bytearray(path.read_bytes())
    for mark, offset, at in ((b"PK\x03\x04", 6, 0), (b"PK\x01\x02", 8, 0)):
        content[content.rfind(mark, at) + offset] |= 1
    path.write_bytes(content)
    assert only_problem(load(path))[0] == "encrypted"


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "SMALL_BYTES", 1 << 20)
    monkeypatch.setattr(unpacking, "MAX_RATIO", 50)
    bomb = bytes(30 << 20)
    large = entry("good/3.txt")
    large.compress_type = zipfile.ZIP_DEFLATED
    for path in (
        zipped(tmp_path / "a.zip", (large, bomb)),
        tarred(tmp_path / "a.tgz", (tarfile.TarInfo("good/3.txt"), bomb)),
    ):
        with pytest.raises(DataError, match="more than 50 times as many") as caught:
            load(path)
        assert caught.value.hint == "If you trust it: unpack it and name the folder."
    assert list(current().unpacked.iterdir()) == []


def test_a_bomb_in_the_table_of_contents_of_which_all_share_the_same_bytes(tmp_path: Path):
    """As in Fifield's "A better zip bomb": many names for one stream of bytes."""
    content = zlib.compress(bytes(1 << 16), 9)[2:-4]
    crc = zlib.crc32(bytes(1 << 16))
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, crc, len(content), 1 << 16, 5, 0)
    body = head + b"0.txt" + content
    table = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, crc, len(content), 1 << 16,
            5, 0, 0, 0, 0, 0, 0,
        )
        + f"{number}.txt".encode()
        for number in range(10)
    )  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 10, 10, len(table), len(body), 0)
    path = tmp_path / "a.zip"
    path.write_bytes(body + table + end)
    with pytest.raises(DataError, match="overlaps the file before it"):
        load(path)


def test_too_many_files_and_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "MAX_FILES", 3)
    for path in (zipped(tmp_path / "a.zip"), tarred(tmp_path / "a.tgz")):
        with pytest.raises(DataError, match=r"holds \d or more files; at most 3") as caught:
            load(path)
        assert caught.value.hint == "Unpack it and name the folder."
    monkeypatch.undo()


def test_a_table_of_contents_that_no_memory_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "_MOST_CONTENTS", 100)
    with pytest.raises(DataError, match="holds more than 1,000,000 files, or is damaged"):
        unpack(zipped(tmp_path / "a.zip"))


def test_a_tar_header_that_no_memory_holds(tmp_path: Path):
    path = tmp_path / "a.tar"
    head = tarfile.TarInfo("PaxHeader")
    head.type, head.size = tarfile.XHDTYPE, 1 << 40
    path.write_bytes(head.tobuf(tarfile.USTAR_FORMAT if head.size < 1 << 33 else tarfile.GNU_FORMAT))
    with pytest.raises(DataError, match="no archive that can be read to its end"):
        load(path)


def test_a_damaged_file_is_a_problem_and_the_others_are_read(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", (entry("good/3.txt"), b"quite fair"))
    path.write_bytes(path.read_bytes().replace(b"quite fair", b"quite f@ir"))
    code, reason = only_problem(load(path))
    assert code == "damaged"
    assert "cannot be unpacked (Bad CRC-32" in reason


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
@pytest.mark.parametrize("mode", ["zip", "w", "w:gz", "w:bz2", "w:xz"])
def test_a_cut_off_archive_is_never_read_in_part(tmp_path: Path, share: float, mode: str):
    noise = random.Random(0).randbytes(40_000)
    if mode == "zip":
        path = zipped(tmp_path / "a.zip", (entry("good/3.txt"), noise))
    else:
        path = tarred(tmp_path / "a.tar", (tarfile.TarInfo("good/3.txt"), noise), mode=mode)
    if mode == "w" and share > 0.7:
        pytest.skip("an uncompressed tar archive ends in zeros that nobody needs")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match="cut off or damaged"):
        load(path)
    assert list(current().unpacked.iterdir()) == []


def test_bytes_turned_over_anywhere_never_escape_or_crash(tmp_path: Path):
    rng = random.Random(7)
    whole = zipped(tmp_path / "a.zip", method=zipfile.ZIP_DEFLATED).read_bytes()
    tarball = tarred(tmp_path / "a.tgz").read_bytes()
    for number in range(120):
        content = bytearray(whole if number % 2 else tarball)
        for _ in range(rng.randint(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path = tmp_path / f"b{number}{'.zip' if number % 2 else '.tgz'}"
        path.write_bytes(content)
        try:
            found = load(path)
        except HeadstartError:
            continue
        assert len(found) <= 4
    here = {path.name for path in tmp_path.iterdir()}
    assert {name for name in here if name[0] != "b"} == {"a.zip", "a.tgz", "headstart-cache"}


def test_several_at_once_unpack_it_whole(tmp_path: Path):
    path = zipped(tmp_path / "a.zip")
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(load(path)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [4] * 6
    assert len(list(current().unpacked.iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk to write to")
def test_a_process_that_is_killed_leaves_nothing_that_is_read(tmp_path: Path):
    path = zipped(tmp_path / "a.zip")
    code = (
        "import os, sys; from headstart.data import archives; from headstart.data.read import load\n"
        "archives._write_about = lambda *_: os._exit(9)\n"
        f"load({str(path)!r})"
    )
    killed = subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert killed.returncode == 9
    assert len(load(path)) == 4


def test_large_archives_in_the_later_format(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in TEXTS.items():
            with made.open(name, "w", force_zip64=True) as one:
                one.write(content)
    assert len(load(path)) == 4


def test_a_compression_that_cannot_be_read_is_a_problem(tmp_path: Path):
    path = zipped(tmp_path / "a.zip", (entry("good/3.txt"), b"deflate64"))
    content = bytearray(path.read_bytes())
    content[content.rfind(b"PK\x03\x04") + 8] = 9
    content[content.rfind(b"PK\x01\x02") + 10] = 9
    path.write_bytes(content)
    code, reason = only_problem(load(path))
    assert code == "compression"
    assert "It is compressed with Deflate64, which is not read here" in reason


def test_an_archive_of_which_nothing_can_be_used_says_why(tmp_path: Path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(entry("../1.txt"), b"evil")
        made.writestr(entry("../2.txt"), b"evil")
    with pytest.raises(DataError, match="all 2 files in it could not be unpacked") as caught:
        load(path)
    assert "its name leads out of the archive" in str(caught.value)
    assert list(current().unpacked.iterdir()) == []
