"""A head from outside the package goes the whole way: trained, saved, loaded, served, reported, exported."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest

from headstart import TransferClassifier
from headstart.errors import BundleError, CorruptBundleError, ParameterError
from headstart.export.parity import host_of, open_onnx
from headstart.heads import register, table
from headstart.model import Model
from headstart.report.pages import render_training
from headstart.sklearn import FEATURES
from headstart.workflows import evaluate, export, train
from headstart.workflows.explaining import heat_map
from kernel_head import KERNEL
from serving import Server, environment
from tiny import SIZE, add_tiny_base

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def plugged(monkeypatch):
    monkeypatch.setattr(table, "_registered", {})
    register(KERNEL)


def brightness(count=60, seed=0):
    """Return pictures that are grey, or else dark or bright: no plane through their embeddings parts them."""
    rng = np.random.default_rng(seed)
    labels = [("grey", "stark")[i % 2] for i in range(count)]
    levels = [118 if label == "grey" else (30, 205)[i // 2 % 2] for i, label in enumerate(labels)]
    return [
        np.clip(rng.normal(level, 9, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8) for level in levels
    ], labels


@pytest.fixture
def base(monkeypatch, tmp_path, plugged):
    return add_tiny_base(monkeypatch, tmp_path / "bases", "image")


def test_trained_saved_loaded_evaluated_explained_reported_and_exported(base, tmp_path):
    pictures, labels = brightness()
    result = train(pictures, labels, base=base, blend=False, use_cache=False, save_to=tmp_path / "m")
    model = result.model
    assert model.head.meta["head"] == model.head.meta["form"] == "kernel"
    assert {c.head for c in result.report.candidates} >= {"ridge", "logistic", "kernel"}
    assert result.report.evaluation.accuracy.estimate > 0.9
    shown = [c for c in result.report.to_dict()["candidates"] if c["head"] == "kernel"]
    assert [c["chosen"] for c in shown] == [True]
    assert "kernel" in render_training(result.report)

    assert sorted(path.suffix for path in (tmp_path / "m").iterdir()).count(".safetensors") == 3
    loaded = Model.load(tmp_path / "m")
    fresh, truth = brightness(30, seed=1)
    want = model.predict_proba(fresh)
    np.testing.assert_array_equal(loaded.predict_proba(fresh), want)
    assert [p.label for p in loaded.predict(fresh)] == truth
    assert evaluate(loaded, fresh, truth).evaluation.accuracy.estimate == 1.0
    assert heat_map(loaded, fresh[1]).label == "stark"

    report = export(loaded, "onnx", output=tmp_path / "m.onnx")
    assert report.parity.largest_difference <= 1e-4
    run, names = open_onnx((tmp_path / "m.onnx").read_bytes())
    host = host_of(loaded, names)
    found = np.concatenate([run(host.feeds(picture)) for picture in fresh])
    np.testing.assert_allclose(found, want, atol=1e-5)


def test_it_stands_beside_the_others_in_python(base, tmp_path):
    pictures, labels = brightness()
    fitted = TransferClassifier(base, head="kernel", blend=False, use_cache=False).fit(pictures, labels)
    assert fitted.report_.candidates[-1].chosen or fitted.report_.candidates[-1].base == "none"
    assert fitted.model_.head.meta["head"] == "kernel"
    table_of_numbers = np.stack([np.ravel(picture) for picture in pictures]) / 255
    on_numbers = TransferClassifier(head="kernel").fit(table_of_numbers, labels)
    assert list(on_numbers.head_.blocks) == [FEATURES]
    assert on_numbers.score(table_of_numbers, labels) == 1.0


def test_a_model_whose_head_is_not_there_says_which_and_what_to_do(base, tmp_path, monkeypatch):
    pictures, labels = brightness()
    train(pictures, labels, base=base, head="kernel", use_cache=False, save_to=tmp_path / "m")
    monkeypatch.setattr(table, "_registered", {})
    with pytest.raises(BundleError, match="head is of the kind 'kernel', which is not there") as caught:
        Model.load(tmp_path / "m")
    assert "ridge, logistic, lda, prototypes" in caught.value.message
    assert "Install the package that brings it" in caught.value.hint


def test_arrays_that_do_not_fit_are_refused_as_those_of_any_model(base, tmp_path, monkeypatch):
    pictures, labels = brightness()
    train(pictures, labels, base=base, head="kernel", use_cache=False, save_to=tmp_path / "m")
    from_file = table.heads()["kernel"].read

    def halved(arrays, meta):
        return from_file({**arrays, "votes": arrays["votes"][:10]}, meta)

    monkeypatch.setattr(table, "_registered", {"kernel": type(KERNEL)("kernel", KERNEL.fit, read=halved)})
    with pytest.raises(CorruptBundleError, match="each example takes one row of votes"):
        Model.load(tmp_path / "m")


@pytest.fixture
def package(tmp_path):
    """Install a package whose entry point is the kernel head, as pip would lay it out."""
    site = tmp_path / "site"
    made = site / "kernel_head-1.0.dist-info"
    made.mkdir(parents=True)
    shutil.copy2(TESTS / "kernel_head.py", site)
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: kernel-head\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("[headstart.heads]\nkernel = kernel_head:KERNEL\n")
    return site


def with_package(site):
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    return environment() | {"PYTHONPATH": path}


def headstart(*words, cwd, env, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "headstart", *map(str, words)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.mark.bases
@pytest.mark.realdata
def test_an_installed_package_brings_it_to_the_command_line_and_the_server(package, data_root, tmp_path):
    for name in ("bird", "coin"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for file in sorted((data_root / "image" / "stamp_photos" / name).iterdir())[:12]:
            shutil.copy2(file, tmp_path / "photos" / name)
    photo = next((tmp_path / "photos" / "coin").iterdir())
    env, place = with_package(package), {"cwd": tmp_path}
    options = ("--base", "efficientnet_lite0", "--head", "kernel", "--json")
    told = json.loads(headstart("train", "photos", "-o", "m", *options, **place, env=env).stdout)
    assert "kernel" in {c["head"] for c in told["candidates"] if c["chosen"]}
    said = json.loads(headstart("predict", "m", photo, "--json", **place, env=env).stdout)
    assert said[0]["label"] == "coin"
    server = Server([tmp_path / "m"], env=with_package(package))
    try:
        answer = httpx.post(
            f"{server.url}/v1/models/m:predict", files={"files": photo.read_bytes()}, timeout=60
        ).json()
    finally:
        server.stop()
    assert answer["predictions"][0]["label"] == "coin"
    headstart("export", "m", "--to", "onnx", "-o", "m.onnx", **place, env=env)
    refused = headstart("predict", "m", photo, **place, env=environment(), code=2)
    assert "head is of the kind 'kernel', which is not there" in refused.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("kernel = kernel_head:MISSING", "'kernel' of kernel-head (kernel_head:MISSING) could not be loaded"),
        ("ridge = kernel_head:RIDGE", "another head called 'ridge' than the one of kernel-head"),
        ("kernel = kernel_head:fit", "A head must be a HeadKind whose name is one word"),
    ],
)
def test_a_package_whose_head_is_unusable_is_named(package, monkeypatch, line, message):
    (package / "kernel_head-1.0.dist-info" / "entry_points.txt").write_text(f"[headstart.heads]\n{line}\n")
    with (package / "kernel_head.py").open("a") as file:
        file.write("\nRIDGE = HeadKind('ridge', fit, read=read)\n")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.delitem(sys.modules, "kernel_head")
    table._installed.cache_clear()
    try:
        with pytest.raises(ParameterError) as caught:
            table.heads()
    finally:
        table._installed.cache_clear()
    assert message in caught.value.message
    assert "ninstall" in caught.value.hint or "docs/python.md" in caught.value.hint
