"""How many processor cores this process may really use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_GROUPS = Path("/proc/self/cgroup")


def available_cores(cgroups: Path = _CGROUPS, own_groups: Path = _OWN_GROUPS) -> int:
    """Return the cores that this process may run on and is given time for, at least 1.

    The least of what the operating system lets it run on and the processor quota of its control group, as
    containers have one (``docker run --cpus 1.5``, Kubernetes' limits); a part of a core counts as one.
    Without this, a container given one core of 64 would start 64 threads that wait for each other.

    Parameters
    ----------
    cgroups, own_groups
        Where Linux shows control groups, and which of them this process is in (cgroups(7)).
    """
    quota = _quota(cgroups, own_groups)
    cores = _runnable_cores()
    return max(1, cores if quota is None else min(cores, math.ceil(quota)))


def _runnable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quota(cgroups: Path, own_groups: Path) -> float | None:
    """Return the least quota of the group and those above it, in cores; None where there is none."""
    quotas = [
        quota
        for folder in _folders(cgroups, own_groups)
        if (quota := _unified_quota(folder) or _legacy_quota(folder)) is not None
    ]
    return min(quotas, default=None)


def _folders(cgroups: Path, own_groups: Path) -> list[Path]:
    """Return the folders of this process's groups for processor time, and of those above them."""
    folders = []
    for line in _read(own_groups).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        roots = _roots(cgroups, controllers.split(","))
        # Inside a container the path may be the host's, which is not mounted: its root is then the group.
        names = [name for name in path.split("/") if name and name != ".."]
        folders += [root.joinpath(*names[:depth]) for root in roots for depth in range(len(names), -1, -1)]
    return folders


def _roots(cgroups: Path, controllers: list[str]) -> list[Path]:
    if controllers == [""]:
        return [cgroups, cgroups / "unified"]
    return [cgroups / ",".join(controllers), cgroups / "cpu"] if "cpu" in controllers else []


def _unified_quota(folder: Path) -> float | None:
    """Read ``cpu.max`` of version 2: "QUOTA PERIOD", or "max PERIOD" where there is no limit."""
    quota, _, period = _read(folder / "cpu.max").partition(" ")
    return _ratio(quota, period)


def _legacy_quota(folder: Path) -> float | None:
    """Read the two files of version 1; a quota of -1 is no limit."""
    return _ratio(_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us"))


def _ratio(quota: str, period: str) -> float | None:
    quota, period = quota.strip(), period.strip()
    if not (quota.isdigit() and period.isdigit() and int(quota) and int(period)):
        return None
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:  # another system, or not to be seen from inside this container
        return ""
