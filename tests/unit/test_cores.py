"""Cores are counted as the control group of a container gives them, not as the machine has them."""

import os
from pathlib import Path

import pytest

from headstart.cores import available_cores


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def groups(tmp_path: Path, own: str, files: dict[str, str]) -> tuple[Path, Path]:
    (tmp_path / "self").write_text(own)
    for name, content in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "cgroup", tmp_path / "self"


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),  # a part of a core counts as one
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "6400000 100000\n"}, 8),  # more than there are
        ("0::/pod/box\n", {"pod/cpu.max": "200000 100000\n", "pod/box/cpu.max": "max 100000\n"}, 2),
        ("0::/pod/box\n", {"pod/cpu.max": "400000 100000\n", "pod/box/cpu.max": "300000 100000"}, 3),
        ("0::/../../host/path\n", {"cpu.max": "300000 100000\n"}, 3),  # the host's path, seen from inside
        ("4:cpu,cpuacct:/docker/1\n", {"cpu,cpuacct/docker/1/cpu.cfs_quota_us": "200000\n",
                                       "cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000\n"}, 2),
        ("4:cpu,cpuacct:/docker/1\n", {"cpu/cpu.cfs_quota_us": "100000\n",
                                       "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ("1:memory:/a\n", {"memory/a/cpu.max": "100000 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "nonsense"}, 8),
        ("0::/\n", {"cpu.max": "0 100000"}, 8),
        ("", {}, 8),
    ],
)  # fmt: skip
def test_quota_of_the_control_group(tmp_path, own, files, cores):
    assert available_cores(*groups(tmp_path, own, files)) == cores


def test_without_control_groups(tmp_path):
    assert available_cores(tmp_path / "none", tmp_path / "nothing") == 8


def test_without_affinity(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores(tmp_path / "none", tmp_path / "nothing") == 1
