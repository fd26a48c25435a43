"""A full or read-only disk is said in one message; what was there stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from headstart import Model
from headstart.errors import ParameterError, StorageError
from tiny import tiny_model

TESTS = Path(__file__).resolve().parents[1]

FULL = """
import resource, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from tiny import tiny_model
from headstart.errors import StorageError
model = tiny_model(Path({base!r}), "text", classes=["x", "y"])
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    model.save({target!r})
except StorageError as error:
    print(error.message)
    print(error.hint)
"""

READ_ONLY = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from headstart.errors import StorageError
from headstart import Model
model = Model.load({source!r})
model.save({elsewhere!r})  # so that all is imported: another user may not be able to read this Python
if os.getuid() == 0:  # nothing is forbidden to root
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    model.save({source!r})
except StorageError as error:
    print(error.message)
    print(error.hint)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
@pytest.mark.parametrize("limit", [100, 700])  # the encoder does not fit; the manifest does not fit
def test_no_room(tmp_path: Path, limit: int):
    target = tmp_path / "out" / "mood"
    tiny_model(tmp_path / "old", "text").save(target)
    said = run(FULL.format(tests=str(TESTS), base=str(tmp_path / "base"), target=str(target), limit=limit))
    assert f"could not be saved to {target}: there is no room left" in said
    assert "another disk" in said
    assert Model.load(target).classes == ("high", "low")
    assert [path.name for path in target.parent.iterdir()] == ["mood"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions differ there")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path):
    source = tiny_model(tmp_path / "old", "text").save(tmp_path / "locked" / "mood")
    elsewhere = tmp_path / "elsewhere"
    opened = [
        folder for folder in [tmp_path, *tmp_path.parents] if not folder.stat().st_mode & 0o005 == 0o005
    ]
    for folder in opened:  # pytest's folders are for their owner alone
        folder.chmod(folder.stat().st_mode | 0o005)
    (tmp_path / "locked").chmod(0o555)
    try:
        said = run(READ_ONLY.format(tests=str(TESTS), source=str(source), elsewhere=str(elsewhere)))
    finally:
        (tmp_path / "locked").chmod(0o755)
        for folder in opened:
            folder.chmod(folder.stat().st_mode & ~0o005)
    assert f"could not be saved to {source}: {source.parent} is not a folder that may be written to" in said
    assert "may write to" in said
    assert Model.load(source).classes == ("high", "low")


def test_a_folder_below_a_file(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="could not be saved"):
        tiny_model(tmp_path / "base", "text").save(tmp_path / "file" / "mood")


def test_a_name_that_is_too_long(tmp_path: Path):
    with pytest.raises(StorageError, match="File name too long"):
        tiny_model(tmp_path / "base", "text").save(tmp_path / ("x" * 300))


def test_a_folder_of_photos_is_never_replaced(tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"precious")
    with pytest.raises(ParameterError, match=r"holds other things than a saved model \(cat\.jpg\)"):
        tiny_model(tmp_path / "base", "text").save(photos)
    assert (photos / "cat.jpg").read_bytes() == b"precious"


def test_a_folder_with_some_other_manifest_is_never_replaced(tmp_path: Path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "a web app"}')
    with pytest.raises(ParameterError, match="left alone"):
        tiny_model(tmp_path / "base", "text").save(tmp_path / "app")


def test_a_file_is_never_replaced(tmp_path: Path):
    (tmp_path / "thesis.doc").write_text("x")
    with pytest.raises(ParameterError, match="is a file; a model is saved as a folder"):
        tiny_model(tmp_path / "base", "text").save(tmp_path / "thesis.doc")


def test_an_empty_folder_and_a_damaged_model_are_replaced(tmp_path: Path):
    target = tmp_path / "mood"
    target.mkdir()
    model = tiny_model(tmp_path / "base", "text")
    model.save(target)
    (target / "manifest.json").write_bytes(b"\0damaged")
    model.save(target)
    assert Model.load(target).classes == model.classes


def test_a_link_to_a_model_stays_a_link(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    real = model.save(tmp_path / "real")
    link = tmp_path / "link"
    link.symlink_to(real)
    model.save(link)
    assert link.is_symlink()
    assert os.path.realpath(link) == str(real)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
