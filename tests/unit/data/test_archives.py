"""An archive is read in place: as the folder or the table that is in it, under its own name."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import headstart as hs
from headstart.data import archive_cache, archives, unpacking
from headstart.data.archives import is_archive, unpack
from headstart.data.gather import gather
from headstart.data.read import load
from headstart.data.stream import Stream
from headstart.errors import DataError, HeadstartError, ParameterError, StorageError
from headstart.execution import Progress
from headstart.settings import current
from headstart.types import Modality
from headstart.workflows import cache_info, clear_cache, describe_data, predict, predict_many
from tiny import tiny_model

PHOTOS = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(3)]


def png(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 10, 10)).save(stream, "PNG")
    return stream.getvalue()


def zipped(path: Path, names: list[str] = PHOTOS, before: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for number, name in enumerate(names):
            made.writestr(before + name, png(10 * number))
    return path


def tarred(path: Path, mode: str) -> Path:
    with tarfile.open(path, mode) as made:
        for number, name in enumerate(PHOTOS):
            entry = tarfile.TarInfo(name)
            content = png(10 * number)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return path


def named(path: Path) -> list[str]:
    return [example.name for example in load(path).examples]


def test_class_folders_in_a_zip_are_read_as_a_folder_is(tmp_path: Path):
    path = zipped(tmp_path / "photos.zip")
    found = hs.load(path)
    assert found.classes == ("cat", "dog")
    assert [example.name for example in found.examples] == PHOTOS
    assert found.origin == str(path)
    assert found.problems == ()


def test_a_folder_around_the_class_folders_means_nothing(tmp_path: Path):
    found = load(zipped(tmp_path / "photos.zip", before="my photos/"))
    assert found.classes == ("cat", "dog")
    assert "The classes are the folders inside my photos." in found.notes


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("p.tar", "w"),
        ("p.tar.gz", "w:gz"),
        ("p.tgz", "w:gz"),
        ("p.tar.bz2", "w:bz2"),
        ("p.tar.xz", "w:xz"),
        ("P.TAR.GZ", "w:gz"),
        ("p", "w"),
    ],
)
def test_tar_archives_of_every_usual_compression(tmp_path: Path, name: str, mode: str):
    assert named(tarred(tmp_path / name, mode)) == PHOTOS


@pytest.mark.parametrize("command", [["zip", "-qr"], ["tar", "-czf"]])
def test_archives_that_the_systems_own_programs_made(tmp_path: Path, command: list[str]):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    for number, name in enumerate(PHOTOS):
        place = tmp_path / "photos" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(png(number))
    path = tmp_path / ("photos.zip" if command[0] == "zip" else "photos.tgz")
    subprocess.run([*command, path.name, "photos"], cwd=tmp_path, check=True)
    assert load(path).classes == ("cat", "dog")
    assert len(load(path)) == 6


def test_what_a_mac_adds_is_passed_over_and_counted(tmp_path: Path):
    names = [*PHOTOS, "__MACOSX/cat/._1.png", "cat/.DS_Store", "cat/._2.png"]
    found = load(zipped(tmp_path / "photos.zip", names))
    assert len(found) == 6
    assert found.problems == ()
    assert found.ignored == {"__MACOSX": 1, ".DS_Store": 1, "hidden": 1}


def test_one_table_in_a_zip_is_that_table(tmp_path: Path):
    rows = "text,label\nvery good,yes\nvery bad,no\nquite good,yes\nquite bad,no\n"
    for inside in ("reviews.csv", "reviews/reviews.csv"):
        path = tmp_path / "reviews.csv.zip"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr(inside, rows)
        found = load(path)
        assert found.classes == ("no", "yes")
        assert found.examples[0].name == "reviews.csv:2"
        assert found.examples[0].source == "very good"


def test_a_compressed_table_is_that_table(tmp_path: Path):
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\nvery good,yes\nvery bad,no\n"))
    assert load(path).examples[0].name == "reviews.csv:2"


def test_split_tables_and_paths_in_a_table_are_found_inside(tmp_path: Path):
    path = zipped(tmp_path / "photos.zip")
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("metadata.csv", "file_name,label\ncat/0.png,tabby\ndog/0.png,poodle\n")
    assert {"tabby", "poodle"} <= set(load(path).classes)


def test_names_that_windows_writes_with_back_slashes(tmp_path: Path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number, name in enumerate(PHOTOS):
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.create_system = name.replace("/", "\\"), 0
            made.writestr(entry, png(number))
    assert named(path) == PHOTOS


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("utf-8", ["Brötchen", "Küche"]),
        ("cp850", ["Brötchen", "Küche"]),
        ("cp1252", ["café", "thé"]),
        ("cp932", ["ケーキ", "写真"]),
        ("gbk", ["次品", "良品"]),
        ("big5", ["照片", "貓"]),
        ("cp949", ["강아지", "고양이"]),
        ("cp866", ["кошка", "собака"]),
        ("cp1251", ["кошка", "собака"]),
    ],
)
def test_names_in_the_code_page_of_the_computer_that_packed_them(
    tmp_path: Path, code: str, classes: list[str]
):
    path = tmp_path / "photos.zip"
    raw = [f"{label}/{number}.png".encode(code) for number, label in enumerate(classes)]
    marks = [letter * len(name) for letter, name in zip("yz", raw, strict=True)]
    zipped(path, marks)
    content = path.read_bytes()
    for mark, name in zip(marks, raw, strict=True):
        content = content.replace(mark.encode(), name)
    path.write_bytes(content)
    found = load(path)
    assert list(found.classes) == classes
    told = [note for note in found.notes if "in which letters its names are" in note]
    assert told == [] if code == "utf-8" else f"they were read as {code}" in told[0]


def test_inputs_to_predict_are_named_below_the_archive(tmp_path: Path):
    path = zipped(tmp_path / "new.zip", ["1.png", "sub/2.png"])
    examples, problems, _ = gather([path], "image")
    assert [example.name for example in examples] == [f"{path}/1.png", f"{path}/sub/2.png"]
    assert problems == []
    stream = Stream([str(path)], Modality.IMAGE)
    assert stream.count() == 2
    assert [given.name for given in stream] == [example.name for example in examples]
    assert not stream.has_tables


def test_a_table_to_predict_may_be_packed(tmp_path: Path):
    path = tmp_path / "new.csv.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("new.csv", "id,text\n7,good\n8,bad\n")
    examples, _, _ = gather([path], "text", input_column="text")
    assert [example.source for example in examples] == ["good", "bad"]
    stream = Stream([path], Modality.TEXT, input_column="text")
    assert [(given.source, given.own_id) for given in stream] == [("good", "7"), ("bad", "8")]
    assert stream.has_tables


def test_an_archive_that_cannot_be_read_is_one_problem_among_the_inputs(tmp_path: Path):
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK\x03\x04 and no more")
    good = tmp_path / "good.png"
    good.write_bytes(png(3))
    examples, problems, _ = gather([bad, good], "image")
    assert len(examples) == 1
    assert "bad.zip is no archive that can be read to its end" in problems[0].reason
    assert "Copy or download it again" in problems[0].reason
    given = list(Stream([bad, good], Modality.IMAGE))
    assert [one.source is None for one in given] == [True, False]
    assert given[0].reason == problems[0].reason


def test_no_message_names_the_folder_in_the_cache(tmp_path: Path):
    for names in (["1.png", "2.png"], []):
        path = zipped(tmp_path / "photos.zip", names)
        with pytest.raises(HeadstartError) as caught:
            load(path, labelled=True)
        assert "unpacked/" not in str(caught.value)
        assert "photos.zip" in str(caught.value)
    path = zipped(tmp_path / "photos.zip", [*PHOTOS, "loose/inner.zip"])
    found = load(path)
    assert "unpacked/" not in str(found.problems)


def test_an_archive_inside_is_not_read_but_named(tmp_path: Path):
    path = zipped(tmp_path / "photos.zip")
    inner = zipped(tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("cat/more.zip", inner)
    (problem,) = load(path).problems
    assert problem.source == "cat/more.zip"
    assert "unpack it" in problem.reason
    alone = tmp_path / "outer.zip"
    with zipfile.ZipFile(alone, "w") as made:
        made.writestr("photos.zip", inner)
    with pytest.raises(DataError, match=r"holds no examples, but another archive: photos\.zip") as caught:
        load(alone)
    assert caught.value.hint == "Unpack it and name the archive that is in it."


def test_a_zip_in_a_class_folder_stays_a_problem(tmp_path: Path):
    for number, name in enumerate(PHOTOS):
        place = tmp_path / "data" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(png(number))
    zipped(tmp_path / "data" / "cat" / "more.zip")
    (problem,) = load(tmp_path / "data").problems
    assert problem.source == "cat/more.zip"
    assert "ZIP archive" in problem.reason


def test_an_archive_is_unpacked_once_whatever_it_is_called(tmp_path: Path):
    first = unpack(zipped(tmp_path / "photos.zip"))
    again = tmp_path / "photos (1).zip"
    shutil.copy(tmp_path / "photos.zip", again)
    second = unpack(again)
    assert first.root == second.root
    assert second.name == str(again)
    zipped(tmp_path / "photos.zip", PHOTOS[:4])  # other content under the same name
    assert unpack(tmp_path / "photos.zip").root != first.root
    assert len(load(tmp_path / "photos.zip")) == 4


def test_an_archive_that_has_not_changed_is_not_read_through_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archive_cache, "_SETTLED_NS", -(10**12))  # else the file would be too young
    path = zipped(tmp_path / "a.zip")
    first = unpack(path).root
    hashed = archives._key
    monkeypatch.setattr(archives, "_key", lambda *_: pytest.fail("it was read through"))
    assert unpack(path).root == first
    monkeypatch.setattr(archives, "_key", hashed)
    times = path.stat()
    zipped(path, [*PHOTOS[:-1], "dog/9.png"])  # as long as before
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert (unpack(path).root / "dog/9.png").is_file()
    clear_cache()
    assert unpack(path).root.is_dir()


def test_an_archive_that_changed_just_now_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive_cache, "_SETTLED_NS", 10**15)
    path = zipped(tmp_path / "a.zip")
    unpack(path)
    monkeypatch.setattr(archives, "_key", lambda *_: pytest.fail("it was read through"))
    with pytest.raises(pytest.fail.Exception, match="it was read through"):
        unpack(path)


def test_a_file_that_went_missing_in_the_cache_is_unpacked_again(tmp_path: Path):
    path = zipped(tmp_path / "photos.zip")
    (unpack(path).root / "cat" / "1.png").unlink()
    assert named(path) == PHOTOS
    (unpack(path).root / "cat" / "1.png").write_bytes(b"other")
    assert named(path) == PHOTOS
    assert (unpack(path).root / "cat" / "1.png").read_bytes() == png(10)


def test_the_cache_counts_and_clears_unpacked_archives(tmp_path: Path):
    unpack(zipped(tmp_path / "photos.zip"))
    info = cache_info()
    assert info["archives"] == 1
    assert info["archive_bytes"] > 6 * len(png(0))
    assert clear_cache() >= info["archive_bytes"]
    assert cache_info()["archives"] == 0
    assert list(current().unpacked.iterdir()) == []


def test_old_archives_and_what_killed_runs_left_are_removed(tmp_path: Path):
    old = unpack(zipped(tmp_path / "old.zip", PHOTOS[:2])).root.parent
    fresh = unpack(zipped(tmp_path / "fresh.zip", PHOTOS[:3])).root.parent
    left = current().unpacked / f"{archive_cache.NEW}1-x"
    working = current().unpacked / f"{archive_cache.NEW}2-x"
    for place in (left, working):
        (place / "files").mkdir(parents=True)
    os.utime(old / archive_cache.ABOUT, (1, 1))
    os.utime(left / "files", (1, 1))
    os.utime(left, (1, 1))
    unpack(zipped(tmp_path / "new.zip", PHOTOS[:4]))
    assert [place.exists() for place in (old, fresh, left, working)] == [False, True, False, True]


def test_too_much_in_the_cache_takes_the_longest_unread_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = unpack(zipped(tmp_path / "first.zip", PHOTOS[:2])).root.parent
    second = unpack(zipped(tmp_path / "second.zip", PHOTOS[:3])).root.parent
    import time

    os.utime(first / archive_cache.ABOUT, (time.time() - 200_000,) * 2)
    monkeypatch.setattr(archive_cache, "KEPT_BYTES", 500)
    unpack(zipped(tmp_path / "third.zip", PHOTOS[:4]))
    assert (first.exists(), second.exists()) == (False, True)  # the second was read today


def test_without_a_cache_a_passing_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("HEADSTART_CACHE", str(blocked / "cache"))
    monkeypatch.setattr(archive_cache, "_passing_folder", [])
    found = load(zipped(tmp_path / "photos.zip"))
    assert len(found) == 6
    (passing,) = archive_cache._passing_folder
    assert Path(str(found.examples[0].source)).is_relative_to(passing)
    shutil.rmtree(passing)


def test_stopping_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = zipped(tmp_path / "photos.zip")
    monkeypatch.setattr(unpacking.Unpacking, "_tell", stop)
    with pytest.raises(KeyboardInterrupt):
        load(path)
    assert list(current().unpacked.iterdir()) == []
    monkeypatch.undo()


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_progress_is_told_where_it_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = zipped(tmp_path / "photos.zip")
    told: list[Progress] = []
    load(path, progress=told.append)
    assert told == []
    clear_cache()
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(unpacking.time, "monotonic", lambda: next(clock))
    load(path, progress=told.append)
    assert f"unpacking {path}" in {step.stage for step in told}
    assert [step.done for step in told if step.stage.startswith("unpacking")] == [1, 2, 3, 4, 5, 6]


def test_a_disk_that_is_too_small_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(unpacking, "ROOM_KEPT", 1 << 60)
    with pytest.raises(StorageError, match="MB are free") as caught:
        load(zipped(tmp_path / "photos.zip"))
    assert "HEADSTART_CACHE" in str(caught.value)
    assert list(current().unpacked.iterdir()) == []


@pytest.mark.parametrize("name", ["photos.rar", "photos.7z", "photos.tar.zst"])
def test_archives_of_other_kinds_are_named_with_the_way_out(tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(600))
    with pytest.raises(DataError, match="of a kind that is not read here") as caught:
        load(path)
    assert caught.value.hint == "Unpack it and name the folder."


def test_what_is_only_called_a_zip_is_refused(tmp_path: Path):
    path = tmp_path / "photos.zip"
    path.write_text("<html>please log in</html>")
    with pytest.raises(DataError, match="named as an archive, but its content is not that of one"):
        load(path)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        load(path)


def test_what_is_an_archive(tmp_path: Path):
    (tmp_path / "folder.zip").mkdir()
    assert not is_archive(tmp_path / "folder.zip")
    assert not is_archive(tmp_path / "missing.zip")
    assert not is_archive("a text\0 with a NUL.zip")
    office = tmp_path / "letter.docx"
    shutil.copy(zipped(tmp_path / "photos.zip"), office)
    assert not is_archive(office)
    bare = tmp_path / "download"
    shutil.copy(tmp_path / "photos.zip", bare)
    assert is_archive(bare)
    assert archives.unpack(bare).problems == ()


def test_files_of_an_archive_are_named_and_sorted_but_not_linked(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "image")
    path = zipped(tmp_path / "new.zip", ["1.png", "sub/2.png"])
    assert [one.source for one in predict(model, [path])] == [f"{path}/1.png", f"{path}/sub/2.png"]
    report = predict_many(model, [path], out=tmp_path / "r.csv", sort_into=tmp_path / "sorted")
    assert (report.done, report.placed, report.unreadable) == (2, 2, 0)
    assert f"{path}/sub/2.png" in (tmp_path / "r.csv").read_text()
    with pytest.raises(ParameterError, match="is an archive: its files can be copied, not linked"):
        predict_many(model, [path], sort_into=tmp_path / "linked", link=True)


def test_an_archive_is_not_described_for_catalogues(tmp_path: Path):
    with pytest.raises(DataError, match=r"found the archive photos\.zip") as caught:
        describe_data(zipped(tmp_path / "photos.zip"))
    assert caught.value.hint == "Unpack it and name the folder."
