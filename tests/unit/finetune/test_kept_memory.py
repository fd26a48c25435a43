"""Freed memory stays with the process while tuning, and goes back afterwards."""

from __future__ import annotations

import ctypes
import resource
import sys

import pytest
import torch

from headstart.finetune import memory
from headstart.finetune.memory import keeping_freed_memory, used_bytes

MANY = 2**26  # bytes: more than any limit of the allocator's own
glibc = pytest.mark.skipif(memory._allocator() is None, reason="a setting of glibc")


def faults(times: int) -> int:
    """Take and free memory again and again; return how many pages the system had to hand out."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        torch.zeros(MANY, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@glibc
def test_pages_are_handed_out_once_and_given_back():
    usual = faults(8)
    with keeping_freed_memory():
        faults(8)  # until a place is found that fits
        assert faults(8) < usual / 4
        held = used_bytes()
    assert used_bytes() < held - MANY // 2


@glibc
def test_it_ends_when_tuning_fails():
    held = []

    def fail() -> None:
        with keeping_freed_memory():
            faults(1)
            held.append(used_bytes())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert used_bytes() < held[0] - MANY // 2


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
