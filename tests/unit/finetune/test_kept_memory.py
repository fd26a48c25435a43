"""Freed memory stays with the process while tuning, and goes back afterwards."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys

import pytest

from headstart.finetune import memory
from headstart.finetune.memory import keeping_freed_memory

MANY = 2**26  # bytes: more than any limit of the allocator's own
glibc = pytest.mark.skipif(memory._allocator() is None, reason="a setting of glibc")

# In a process of its own: what others have freed would be taken first.
WATCHED = f"""
import json, resource
import torch
from headstart.finetune.memory import keeping_freed_memory, used_bytes

def faults():
    "Take and free memory again and again; return how many pages the system had to hand out."
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(8):
        torch.zeros({MANY}, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

told = {{"usual": faults()}}
try:
    with keeping_freed_memory():
        faults()  # until a place is found that fits
        told["inside"] = faults()
        told["held"] = used_bytes()
        raise KeyboardInterrupt
except KeyboardInterrupt:
    told["left"] = used_bytes()
told["after"] = faults()
print(json.dumps(told))
"""


@glibc
def test_pages_are_handed_out_once_and_given_back_whatever_happens():
    done = subprocess.run([sys.executable, "-c", WATCHED], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["inside"] < told["usual"] / 4
    assert told["left"] < told["held"] - MANY // 2
    assert told["after"] > told["usual"] / 8  # huge pages count once


@pytest.mark.parametrize(
    ("platform", "error"), [("win32", None), ("linux", AttributeError), ("linux", OSError)]
)
def test_elsewhere_nothing_is_changed(monkeypatch, platform, error):
    def library(_: object) -> object:
        if error is None:
            raise AssertionError("asked for although it is not there")
        raise error

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", library)
    with keeping_freed_memory():
        pass
