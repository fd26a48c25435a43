"""Models on the Hub: one commit, the manifest's files alone, sizes checked before anything is fetched."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import numpy as np
import pytest

import headstart as hs
from headstart import Model
from headstart.bundle import hub
from headstart.errors import BundleError, CorruptBundleError, ParameterError
from tiny import tiny_model, tiny_sources

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Stands for the network: a folder of repositories, and what was asked for."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked, self.made, self.offered = root, [], {}, {}

    def repo_info(
        self, repo: str, *, revision: str | None = None, files_metadata: bool = False
    ) -> SimpleNamespace:
        assert files_metadata
        folder = self.root / repo
        if not folder.is_dir() or revision not in (None, "main", COMMIT):
            raise huggingface_hub.errors.HFValidationError(f"404: no {repo}")
        files = [
            SimpleNamespace(rfilename=path.name, size=self.offered.get(path.name, path.stat().st_size))
            for path in folder.iterdir()
        ]
        return SimpleNamespace(sha=COMMIT, siblings=files)

    def create_repo(self, repo: str, *, private: bool, exist_ok: bool) -> None:
        assert exist_ok
        self.made[repo] = private

    def upload_folder(
        self, *, repo_id: str, folder_path: Path, allow_patterns: list[str], **_: object
    ) -> SimpleNamespace:
        target = self.root / repo_id
        target.mkdir(parents=True)
        for name in allow_patterns:
            shutil.copy2(folder_path / name, target)
        return SimpleNamespace(oid=COMMIT)

    def download(self, repo: str, name: str, *, revision: str, local_files_only: bool) -> str:
        assert revision == COMMIT
        assert not local_files_only
        self.asked.append(name)
        target = self.root / "fetched" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy2(self.root / repo / name, target)
        return str(target)


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    made = Hub(tmp_path / "hub")
    monkeypatch.setenv("HEADSTART_OFFLINE", "0")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda **_: made)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", made.download)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return tiny_model(tmp_path / "base", "text")


def test_pushed_and_loaded_again(online: Hub, model: Model):
    pinned = model.push_to_hub("baker/pastries")
    assert pinned == f"baker/pastries@{COMMIT}"
    assert online.made == {"baker/pastries": True}
    (online.root / "baker/pastries" / "surprise.py").write_text("evil()")
    texts = tiny_sources("text", 6)[0]
    for name in ("baker/pastries", pinned):
        loaded = hs.load_model(name)
        assert (loaded.predict_proba(texts) == model.predict_proba(texts)).all()
    assert set(online.asked) == {
        "manifest.json", "manifest.sha256", "README.md", "encoder.onnx", "head.safetensors",
        "seen.safetensors",
        "tokenizer.json",
    }  # fmt: skip


def test_a_size_that_is_not_the_manifests_is_never_fetched(online: Hub, model: Model):
    model.push_to_hub("baker/pastries")
    online.offered["encoder.onnx"] = 5_000_000_000
    with pytest.raises(
        CorruptBundleError, match=r"encoder\.onnx must have [\d,]+ bytes, the Hub offers 5,000,000,000"
    ):
        hs.load_model("baker/pastries")
    assert "encoder.onnx" not in online.asked


def test_a_changed_file_is_named(online: Hub, model: Model):
    model.push_to_hub("baker/pastries")
    head = online.root / "baker/pastries" / "head.safetensors"
    content = bytearray(head.read_bytes())
    content[-1] ^= 1
    head.write_bytes(content)
    with pytest.raises(CorruptBundleError, match=r"head\.safetensors"):
        hs.load_model("baker/pastries")


def test_what_is_not_a_model_or_not_there_is_told(online: Hub):
    (online.root / "baker" / "other").mkdir(parents=True)
    with pytest.raises(CorruptBundleError, match=r"baker/other on the Hub holds no manifest\.json"):
        hs.load_model("baker/other")
    with pytest.raises(BundleError, match=r"baker/nothing at v2 could not be fetched from the Hub: 404"):
        hs.load_model("baker/nothing@v2")


def test_a_folder_of_that_name_goes_first(online: Hub, model: Model, tmp_path: Path):
    model.save(tmp_path / "baker" / "pastries")
    assert hs.load_model("baker/pastries").classes == model.classes
    assert online.asked == []


def test_offline_the_librarys_own_cache_is_read(
    monkeypatch: pytest.MonkeyPatch, model: Model, tmp_path: Path
):
    """The real library, no stand-in: a cache laid out as it lays it out."""
    repo = tmp_path / "cache" / "models--baker--pastries"
    model.save(repo / "snapshots" / COMMIT)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    texts = tiny_sources("text", 4)[0]
    for name in ("baker/pastries", f"baker/pastries@{COMMIT}"):
        assert np.array_equal(hs.load_model(name).predict_proba(texts), model.predict_proba(texts))
    with pytest.raises(BundleError, match=r"baker/scones is not on this machine, and HEADSTART_OFFLINE"):
        hs.load_model("baker/scones")
    with pytest.raises(BundleError, match="HEADSTART_OFFLINE forbids"):
        model.push_to_hub("baker/pastries")


def test_names():
    assert hub.parse_id("org/name@v1.0") == ("org/name", "v1.0")
    for other in ("name", "./name", "a/b/c", "../x", "~/x", "/org/name", "org/", "org/.hidden"):
        assert hub.parse_id(other) is None, other


def test_a_name_without_an_owner_is_refused(model: Model):
    with pytest.raises(ParameterError, match="org/name"):
        model.push_to_hub("pastries")


@pytest.mark.parametrize("modality", ["image", "text", "audio"])
def test_the_model_card_is_one_that_the_hub_reads(modality: str, tmp_path: Path):
    """The Hub's own library parses its front matter and finds the measured numbers."""
    saved = tiny_model(tmp_path / "base", modality).save(tmp_path / "pastries")
    card = huggingface_hub.ModelCard.load(saved / "README.md")
    assert card.data.pipeline_tag == f"{modality}-classification"
    assert card.data.license == "apache-2.0"
    assert card.data.library_name == "headstart"
    assert "onnx" in card.data.tags
    results = {one.metric_type: one for one in card.data.eval_results}
    assert results["accuracy"].metric_value == 0.9
    assert results["accuracy"].task_type == f"{modality}-classification"
    assert card.data.model_name == "pastries"
