"""A packed model may come from anybody: hostile and damaged archives are refused with the reason, whole."""

from __future__ import annotations

import hashlib
import io
import json
import random
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from headstart import Model
from headstart.bundle import archive
from headstart.errors import (
    BundleError,
    BundleVersionError,
    CorruptBundleError,
    HeadstartError,
    ParameterError,
)
from headstart.workflows import bundle_info, pack_bundle, unpack_bundle, verify_bundle
from tiny import tiny_model, tiny_sources

Entries = list[tuple[zipfile.ZipInfo, bytes]]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "base", "text").save(tmp_path / "mood")


@pytest.fixture
def packed(bundle: Path) -> Path:
    return pack_bundle(bundle)


def entry(name: str, mode: int = stat.S_IFREG | 0o644, method: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system, made.external_attr, made.compress_type = 3, mode << 16, method
    return made


def rewrite(packed: Path, change: Callable[[Entries], object]) -> None:
    """Write the archive again with other entries."""
    with zipfile.ZipFile(packed) as source:
        entries = [(entry(info.filename), source.read(info)) for info in source.infolist()]
    change(entries)
    with zipfile.ZipFile(packed, "w") as target:
        for info, content in entries:
            target.writestr(info, content, compress_type=info.compress_type)


def resealed(entries: Entries, change: Callable[[dict], object]) -> None:
    """Change the manifest and seal it again, as somebody with bad intent would."""
    content = {info.filename: place for place, (info, _) in enumerate(entries)}
    table = json.loads(entries[content["manifest.json"]][1])
    change(table)
    made = json.dumps(table).encode()
    entries[content["manifest.json"]] = (entry("manifest.json"), made)
    seal = f"{hashlib.sha256(made).hexdigest()}  manifest.json\n".encode()
    entries[content["manifest.sha256"]] = (entry("manifest.sha256"), seal)


def without(name: str) -> Callable[[Entries], object]:
    def change(entries: Entries) -> None:
        entries[:] = [one for one in entries if one[0].filename != name]

    return change


def adding(name: str, content: bytes = b"x", **kind: int) -> Callable[[Entries], object]:
    return lambda entries: entries.append((entry(name, **kind), content))


def with_extra_file(name: str) -> Callable[[Entries], object]:
    """List a further file in the manifest, too."""

    def change(entries: Entries) -> None:
        listed = {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}
        resealed(entries, lambda table: table["files"].update({name: listed}))
        entries.append((entry(name), b"x"))

    return change


def of_the_future(entries: Entries) -> None:
    resealed(entries, lambda table: table.update(format_version=99, headstart="9.9.1"))


HOSTILE: dict[str, tuple[Callable[[Entries], object], str]] = {
    "slip": (adding("../evil.txt"), "is not a plain file name"),
    "absolute path": (adding("/etc/evil"), "is not a plain file name"),
    "Windows slip": (adding("..\\evil.txt"), "is not a plain file name"),
    "drive": (adding("C:evil.txt"), "is not a plain file name"),
    "slip that the manifest lists": (with_extra_file("../evil"), r"is not a plain file name"),
    "folder": (adding("folder/"), "is not a plain file name"),
    "file in a folder": (adding("folder/file"), "is not a plain file name"),
    "hidden file": (adding(".bashrc"), "is not a plain file name"),
    "name that reads backwards": (adding("gpj.\u202eexe"), "is not a plain file name"),
    "symbolic link": (adding("link", b"/etc/passwd", mode=stat.S_IFLNK | 0o777), "is a link"),
    "device": (adding("device", mode=stat.S_IFCHR | 0o666), "is not an ordinary file"),
    "bomb": (adding("bomb", bytes(50_000_000), method=zipfile.ZIP_DEFLATED), "would grow from"),
    "thousand files": (lambda e: e.extend((entry(f"f{i}"), b"") for i in range(1000)), "at most 64"),
    "differs in case": (adding("MANIFEST.json"), "differs from another name only in its case"),
    "unknown file": (adding("setup.py"), r"setup\.py is not a file of the model"),
    "missing file": (without("head.safetensors"), r"head\.safetensors is missing"),
    "missing manifest": (without("manifest.json"), "is not a packed model"),
    "missing seal": (without("manifest.sha256"), "is not a packed model"),
    "odd compression": (adding("odd", b"x" * 99, method=zipfile.ZIP_LZMA), "compressed in a way"),
    "manifest of nonsense": (
        lambda e: e.__setitem__(0, (entry("manifest.json"), b"{}")),
        "is not the manifest",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_is_written(name: str, packed: Path, tmp_path: Path):
    change, reason = HOSTILE[name]
    rewrite(packed, change)
    before = sorted(path.name for path in tmp_path.iterdir())
    for use in (unpack_to(tmp_path / "out"), verify_bundle, bundle_info):
        with pytest.raises(BundleError, match=reason):
            use(packed)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def unpack_to(target: Path) -> Callable[[Path], Path]:
    return lambda packed: unpack_bundle(packed, target)


def test_an_archive_from_the_future_says_which_version_to_get(packed: Path, tmp_path: Path):
    rewrite(packed, of_the_future)
    with pytest.raises(
        BundleVersionError, match=r"format 99.*9\.9\.1[\s\S]*pip install --upgrade 'headstart>=9\.9\.1'"
    ):
        unpack_bundle(packed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice(packed: Path, tmp_path: Path):
    """What one program checks, another would unpack."""
    with zipfile.ZipFile(packed, "a") as target:
        target.writestr(entry("README.md"), b"another")
    with pytest.raises(CorruptBundleError, match=r"readme\.md stands twice|README\.md stands twice"):
        unpack_bundle(packed, tmp_path / "out")


def test_polyglots_are_refused(packed: Path, tmp_path: Path):
    content = packed.read_bytes()
    packed.write_bytes(b"#!/bin/sh\necho evil\n" + content)
    with pytest.raises(CorruptBundleError, match="other data before its first file"):
        unpack_bundle(packed, tmp_path / "out")
    with zipfile.ZipFile(io.BytesIO(content), "a") as target:
        target.comment = b"<script>evil()</script>"
        packed.write_bytes(target.fp.getvalue())
    packed.write_bytes(content[:-2] + struct.pack("<H", 6) + b"<html>")
    with pytest.raises(CorruptBundleError, match="other data after its last file"):
        unpack_bundle(packed, tmp_path / "out")


def test_encrypted_entries_are_refused(packed: Path, tmp_path: Path):
    content = bytearray(packed.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    packed.write_bytes(content)
    with pytest.raises(CorruptBundleError, match="is encrypted"):
        unpack_bundle(packed, tmp_path / "out")


def test_overlapping_entries_are_refused(packed: Path, tmp_path: Path):
    """One block of compressed bytes that many entries share is how the best bombs are made."""
    content = bytearray(packed.read_bytes())
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 1)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    packed.write_bytes(content)
    with pytest.raises(CorruptBundleError, match="overlaps"):
        unpack_bundle(packed, tmp_path / "out")


def test_a_size_that_lies_is_refused(packed: Path, tmp_path: Path):
    """The table of contents may claim less than unpacking gives."""

    def change(entries: Entries) -> None:
        place = next(i for i, (info, _) in enumerate(entries) if info.filename == "README.md")
        entries[place] = (entry("README.md", method=zipfile.ZIP_DEFLATED), bytes(900_000))

    rewrite(packed, change)
    with pytest.raises(CorruptBundleError, match=r"README\.md must have [\d,]+ bytes, found 900,000"):
        unpack_bundle(packed, tmp_path / "out")
    content = bytearray(packed.read_bytes())
    listed = content.rindex(b"README.md") - 46
    with zipfile.ZipFile(packed) as source:
        claimed = json.loads(source.read("manifest.json"))["files"]["README.md"]["bytes"]
    content[listed + 24 : listed + 28] = struct.pack("<I", claimed)
    packed.write_bytes(content)
    with pytest.raises(CorruptBundleError, match=r"README\.md"):
        unpack_bundle(packed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"not a zip file at all", b"PK\x05\x06" + bytes(18), b"\x1f\x8b\x08" + bytes(99)]
)
def test_other_files_are_no_archives(content: bytes, tmp_path: Path):
    (tmp_path / "model.zip").write_bytes(content)
    with pytest.raises(BundleError):
        unpack_bundle(tmp_path / "model.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_flipped_byte_anywhere_never_changes_what_is_unpacked(packed: Path, bundle: Path, tmp_path: Path):
    """In names, sizes, checks and contents of every entry, and in the table of contents at the end."""
    whole = packed.read_bytes()
    want = {path.name: path.read_bytes() for path in bundle.iterdir() if path.name != "report.html"}
    rng = random.Random(0)
    with zipfile.ZipFile(packed) as source:
        starts = [info.header_offset for info in source.infolist()]
        table = source.start_dir
    regions = [*zip(starts, [*starts[1:], table], strict=True), (table, len(whole))]
    places = {first + i for first, _ in regions for i in range(30)} | set(range(table, len(whole), 3))
    places |= {rng.randrange(*region) for region in regions for _ in range(15)}
    refused = 0
    for place in sorted(places):
        content = bytearray(whole)
        content[place] ^= 1 << rng.randrange(8)
        packed.write_bytes(content)
        try:
            made = unpack_bundle(packed, tmp_path / "out")
        except HeadstartError:  # and no other kind of error
            refused += 1
        else:
            assert {path.name: path.read_bytes() for path in made.iterdir()} == want, f"byte {place}"
    assert refused > len(places) // 2  # the others are dates, permissions and the like


def test_a_flipped_byte_in_a_content_names_the_file(packed: Path, tmp_path: Path):
    whole = packed.read_bytes()
    with zipfile.ZipFile(packed) as source:
        middles = {
            info.filename: info.header_offset + 30 + len(info.filename) + info.compress_size // 2
            for info in source.infolist()
        }
    for name, place in middles.items():
        content = bytearray(whole)
        content[place] ^= 4
        packed.write_bytes(content)
        with pytest.raises(CorruptBundleError, match=name.replace(".", r"\.")):
            verify_bundle(packed)


def test_packing_and_unpacking_is_exact(bundle: Path, tmp_path: Path):
    packed = pack_bundle(bundle, tmp_path / "a.zip")
    assert pack_bundle(bundle, tmp_path / "b.zip").read_bytes() == packed.read_bytes()
    again = unpack_bundle(packed, tmp_path / "again")
    assert {p.name: p.read_bytes() for p in again.iterdir()} == {
        p.name: p.read_bytes() for p in bundle.iterdir()
    }
    texts = tiny_sources("text", 5)[0]
    assert (Model.load(again).predict_proba(texts) == Model.load(bundle).predict_proba(texts)).all()
    found = verify_bundle(packed)
    assert found.checked
    assert set(found.files) == {p.name for p in bundle.iterdir()} - {"manifest.json", "manifest.sha256"}


def test_a_damaged_model_is_not_packed(bundle: Path, tmp_path: Path):
    (bundle / "encoder.onnx").write_bytes(b"changed")
    with pytest.raises(CorruptBundleError, match=r"encoder\.onnx"):
        pack_bundle(bundle, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_other_folders_are_not_overwritten(packed: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ParameterError, match="left alone"):
        unpack_bundle(packed, tmp_path / "mine")
    with pytest.raises(ParameterError, match="is a folder"):
        archive.pack(tmp_path / "mood", tmp_path / "mine")


def test_verifying_tells_of_files_that_nothing_vouches_for(bundle: Path):
    (bundle / "report.html").write_text("<p>")
    (bundle / "notes.txt").write_text("mine")
    assert verify_bundle(bundle).unlisted == ("notes.txt", "report.html")
