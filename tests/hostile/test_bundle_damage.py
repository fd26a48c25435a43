"""A damaged or malicious bundle is refused, and the file is named."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import external_data_helper, numpy_helper

from headstart import Model
from headstart.bundle.load import read_manifest
from headstart.errors import (
    BaseUnavailableError,
    BundleError,
    BundleVersionError,
    CorruptBundleError,
)
from headstart.heads.conformal import Conformal
from headstart.heads.doubt import Doubt
from headstart.heads.novelty import Novelty
from headstart.workflows import verify_bundle
from tiny import tiny_model, tiny_sources


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    model = tiny_model(tmp_path / "base", "text")
    texts, labels = tiny_sources("text", 30)
    seen = model.features(texts)
    y, groups = np.array([model.classes.index(label) for label in labels]), np.arange(30)
    contents = np.arange(30, dtype=np.uint64)
    novelty = Novelty.fit(seen.blocks, y, groups, groups, contents)
    doubt = Doubt(Conformal.fit(model.head.predict_proba(seen.blocks), y, groups), novelty)
    return replace(model, doubt=doubt).save(tmp_path / "mood")


def rewrite(bundle: Path, change: Callable[[dict], object]) -> None:
    """Change the manifest and seal it again, as somebody with bad intent would."""
    table = json.loads((bundle / "manifest.json").read_bytes())
    change(table)
    content = json.dumps(table).encode()
    (bundle / "manifest.json").write_bytes(content)
    (bundle / "manifest.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  manifest.json\n")


def replace_file(bundle: Path, name: str, content: bytes) -> None:
    (bundle / name).write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    rewrite(bundle, lambda table: table["files"].update({name: entry}))


FILES = [
    "README.md",
    "doubt.safetensors",
    "encoder.onnx",
    "head.safetensors",
    "manifest.json",
    "manifest.sha256",
    "seen.safetensors",
    "tokenizer.json",
]


def test_these_are_all_the_files(bundle: Path):
    assert sorted(path.name for path in bundle.iterdir()) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_is_caught_and_the_file_named(bundle: Path, name: str):
    original = (bundle / name).read_bytes()
    rng = random.Random(0)
    positions = {0, len(original) - 1, *(rng.randrange(len(original)) for _ in range(60))}
    for position in sorted(positions):
        changed = bytearray(original)
        changed[position] ^= 1 << rng.randrange(8)
        (bundle / name).write_bytes(changed)
        with pytest.raises(CorruptBundleError, match=name.replace(".", r"\.")):
            Model.load(bundle)
    (bundle / name).write_bytes(original)
    Model.load(bundle)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["empty", "half", "longer", "missing"])
def test_a_cut_or_missing_file_is_named(bundle: Path, name: str, damage: str):
    path = bundle / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {"empty": b"", "half": content[: len(content) // 2], "longer": content + b"\n\n"}[damage]
        )
    with pytest.raises(BundleError, match=name.replace(".", r"\.")) as caught:
        Model.load(bundle)
    assert caught.value.hint


def test_files_that_are_not_listed_are_left_alone(bundle: Path):
    (bundle / "NOTES.md").write_text("mine")
    (bundle / "evil.pkl").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    (bundle / ".cache").mkdir()
    Model.load(bundle)


def test_a_folder_that_is_no_model_says_so(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(BundleError, match=r"photos is not a saved model: it holds no manifest\.json"):
        Model.load(tmp_path / "photos")
    with pytest.raises(BundleError, match=r"There is no saved model at .*nothing"):
        Model.load(tmp_path / "nothing")


def test_a_file_is_no_model(bundle: Path):
    with pytest.raises(BundleError, match="There is no saved model"):
        Model.load(bundle / "manifest.json")


def test_a_newer_format_names_the_version_even_when_sealed_in_another_way(bundle: Path):
    rewrite(bundle, lambda table: table.update(format_version=2, headstart="0.9.0"))
    (bundle / "manifest.sha256").unlink()
    with pytest.raises(BundleVersionError, match="format 2") as caught:
        Model.load(bundle)
    assert "'headstart>=0.9.0'" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ({"format_version": 7, "headstart": "3.1.0"}, "pip install --upgrade 'headstart>=3.1.0'"),
        ({"format_version": 7, "headstart": "3.1.0", "files": 5, "classes": {}}, "'headstart>=3.1.0'"),
        ({"format_version": 7}, "pip install --upgrade headstart"),
        ({"format_version": 7, "headstart": "1; rm -rf ~"}, "pip install --upgrade headstart"),
    ],
)
def test_of_the_future_nothing_is_needed_but_its_format_and_version(bundle: Path, table: dict, hint: str):
    """What else a later manifest holds, or no longer holds, nobody can know today."""

    def become(now: dict) -> None:
        now.clear()
        now.update(table)

    rewrite(bundle, become)
    for use in (Model.load, verify_bundle):
        with pytest.raises(BundleVersionError, match="format 7") as caught:
            use(bundle)
        assert str(caught.value.hint).endswith(hint)


def test_the_command_line_says_which_version_to_get(bundle: Path):
    rewrite(bundle, lambda table: table.update(format_version=2, headstart="0.9.0"))
    done = subprocess.run(
        [sys.executable, "-m", "headstart", "predict", str(bundle), "a text"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    said = " ".join(done.stderr.split())
    assert "format 2, written by headstart 0.9.0" in said
    assert "pip install --upgrade 'headstart>=0.9.0'" in said
    assert "Traceback" not in said


def test_a_path_out_of_the_bundle_is_refused(bundle: Path, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    entry = {"sha256": hashlib.sha256(b"secret").hexdigest(), "bytes": 6}

    def leave(table: dict) -> None:
        table["files"]["../secret"] = entry
        table["encoders"][0]["files"]["tokenizer"] = "../secret"

    rewrite(bundle, leave)
    with pytest.raises(CorruptBundleError, match="plain file names without folders"):
        Model.load(bundle)


def test_an_encoder_that_reads_other_files_is_refused(bundle: Path, tmp_path: Path):
    graph = onnx.load(bundle / "encoder.onnx")
    (tmp_path / "secret.bin").write_bytes(np.ones(60, np.float32).tobytes())
    tensor = graph.graph.initializer[0]
    external_data_helper.set_external_data(tensor, location="../secret.bin")
    tensor.ClearField("raw_data")
    replace_file(bundle, "encoder.onnx", graph.SerializeToString())
    with pytest.raises(CorruptBundleError, match=r"encoder\.onnx must hold all its numbers itself") as caught:
        Model.load(bundle)
    assert "Do not use this model" in str(caught.value.hint)


def test_saving_a_base_with_external_data_is_refused_too(tmp_path: Path):
    model = tiny_model(tmp_path / "base", "text")
    path = model.encoders[0].files["encoder"]
    graph = onnx.load(path)
    external_data_helper.set_external_data(graph.graph.initializer[0], location="w.bin")
    graph.graph.initializer.append(numpy_helper.from_array(np.ones(1, np.float32), "z"))
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(CorruptBundleError, match="points to another file"):
        model.save(tmp_path / "mood")
    assert not (tmp_path / "mood").exists()


def test_a_huge_size_is_refused_before_anything_is_read(bundle: Path):
    huge = 5 << 30
    os.truncate(bundle / "head.safetensors", huge)  # a sparse file: takes no room
    rewrite(bundle, lambda table: table["files"]["head.safetensors"].update(bytes=huge))
    with pytest.raises(CorruptBundleError, match=r"head\.safetensors may have at most"):
        Model.load(bundle)


def test_a_huge_manifest_is_refused_before_it_is_read(bundle: Path):
    os.truncate(bundle / "manifest.json", 5 << 30)
    with pytest.raises(CorruptBundleError, match=r"manifest\.json may have at most"):
        Model.load(bundle)


def test_a_head_whose_header_lies_is_refused(bundle: Path):
    header = json.dumps({"bias": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}).encode()
    replace_file(bundle, "head.safetensors", len(header).to_bytes(8, "little") + header)
    with pytest.raises(CorruptBundleError, match=r"head\.safetensors must hold the arrays"):
        Model.load(bundle)


@pytest.mark.parametrize("content", [b"", b"\x80\x04\x95pickle", b"\xff" * 8, b"PK\x03\x04" * 9])
def test_a_head_that_is_no_safetensors_file_is_refused(bundle: Path, content: bytes):
    replace_file(bundle, "head.safetensors", content)
    with pytest.raises(CorruptBundleError, match=r"head\.safetensors must hold the arrays"):
        Model.load(bundle)


def test_a_head_with_other_classes_than_the_manifest_is_refused(bundle: Path):
    rewrite(bundle, lambda table: table.update(classes=["a", "b", "c"]))
    with pytest.raises(CorruptBundleError, match="it scores 2 classes, there are 3"):
        Model.load(bundle)


def test_links_to_the_files_are_fine_as_hub_caches_make_them(bundle: Path, tmp_path: Path):
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for path in list(bundle.iterdir()):
        path.rename(blobs / path.name)
        path.symlink_to(blobs / path.name)
    Model.load(bundle)


def test_a_pipe_in_the_place_of_a_file_does_not_hang(bundle: Path):
    (bundle / "head.safetensors").unlink()
    os.mkfifo(bundle / "head.safetensors")
    with pytest.raises(CorruptBundleError, match=r"head\.safetensors is missing"):
        Model.load(bundle)


def test_random_damage_to_a_resealed_manifest_never_gets_past_our_errors(bundle: Path):
    original = (bundle / "manifest.json").read_bytes()
    rng = random.Random(1)
    for _ in range(300):
        changed = bytearray(original)
        for _ in range(rng.randrange(1, 4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        (bundle / "manifest.json").write_bytes(changed)
        seal = f"{hashlib.sha256(changed).hexdigest()}  manifest.json\n"
        (bundle / "manifest.sha256").write_text(seal)
        with suppress(BundleError, BaseUnavailableError):
            Model.load(bundle)


def test_the_manifest_alone_can_be_read(bundle: Path):
    (bundle / "encoder.onnx").unlink()
    assert read_manifest(bundle).classes == ("high", "low")
