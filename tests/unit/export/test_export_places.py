"""Exports replace exports alone; the browser's runtime is checked; what cannot be told is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart import Model
from headstart.errors import ExportError, ParameterError, StorageError
from headstart.export import places, runtime, web
from headstart.workflows import export
from tiny import tiny_model


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ParameterError, match="other things than an export"):
        places.check_folder(tmp_path / "mine")
    with pytest.raises(ParameterError, match="is a folder; this export is one file"):
        places.check_file(tmp_path / "mine", ".onnx")
    with pytest.raises(ParameterError, match="is a file; this export is a folder"):
        places.check_folder(tmp_path / "mine" / "thesis.txt")


def test_an_older_export_is_replaced_whole(tmp_path: Path):
    with places.filling(tmp_path / "out") as folder:
        (folder / places.MARK).write_text("{}")
        (folder / "old.txt").write_text("old")
    target = places.check_folder(tmp_path / "out")
    with places.filling(target) as folder:
        (folder / places.MARK).write_text("{}")
    assert sorted(p.name for p in target.iterdir()) == [places.MARK]


def test_a_failure_leaves_the_old_export(tmp_path: Path):
    with places.filling(tmp_path / "out") as folder:
        (folder / places.MARK).write_text("old")
    with pytest.raises(StorageError, match="No space"):
        _fill_until_the_disk_is_full(tmp_path / "out")
    assert (tmp_path / "out" / places.MARK).read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def _fill_until_the_disk_is_full(target: Path) -> None:
    with places.filling(target) as folder:
        (folder / places.MARK).write_text("new")
        raise OSError(28, "No space left on device")


def test_no_network_and_no_runtime_says_how_to_get_it():
    with pytest.raises(ExportError, match=r"HEADSTART_OFFLINE is set.*\n.*--runtime"):
        runtime.runtime_files()


def test_no_npm_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HEADSTART_OFFLINE", "0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ExportError, match=r"there is no npm on this machine.*\n.*--runtime"):
        runtime.runtime_files()


def test_a_changed_runtime_is_refused_by_name(tmp_path: Path):
    (tmp_path / "dist").mkdir()
    for name in runtime.FILES:
        (tmp_path / "dist" / name).write_bytes(b"something else")
    with pytest.raises(ExportError, match=r"ort\.wasm\.min\.mjs is not the file of onnxruntime-web"):
        runtime.runtime_files(tmp_path)
    with pytest.raises(ExportError, match="holds no ort"):
        runtime.runtime_files(tmp_path / "nowhere")


def test_a_failing_npm_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code E404' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("HEADSTART_OFFLINE", "0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(ExportError, match="npm error code E404"):
        runtime.runtime_files()


def test_a_tokenizer_that_the_page_does_not_speak_is_refused(tmp_path: Path):
    model: Model = tiny_model(tmp_path / "base", "text")
    with pytest.raises(ExportError, match=r"tiny_text needs it \(its tokenizer is WordLevel"):
        export(model, "web", output=tmp_path / "page")
    assert not (tmp_path / "page").exists()


def test_what_a_page_knows_of_its_model(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "audio", classes=("a <b>", "c"))
    empty = {name: tmp_path / "empty" for name in runtime.FILES}
    (tmp_path / "empty").write_bytes(b"")
    web.write(tmp_path / "page", model, b"graph", ["waveform"], empty)
    facts = json.loads((tmp_path / "page" / "model.json").read_text())
    assert facts["classes"] == ["a <b>", "c"]
    assert facts["sounds"] == [{"name": "waveform", "rate": 16000, "seconds": 600.0}]
    policy = (tmp_path / "page" / "index.html").read_text()
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    texts = [p.read_text() for p in (tmp_path / "page").iterdir() if p.suffix in (".html", ".js", ".css")]
    assert not any("https:" in text.replace("https pages", "") for text in texts)
