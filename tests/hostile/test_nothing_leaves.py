"""Nothing leaves the computer: what we build on may not report home either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PREDICT = """
import numpy, headstart
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.open import open_encoder
spec = store.installed(load_catalogue().get("wordllama_256"))
print(open_encoder(spec).encode(["a text"]).vectors.shape)
"""


@pytest.mark.bases
@pytest.mark.skipif(sys.platform == "win32", reason="keeps its id elsewhere there")
def test_running_a_base_leaves_no_device_id_of_the_runtime(tmp_path: Path, bases_cache: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "XDG_")) and k != "CI"}
    done = subprocess.run(
        [sys.executable, "-c", PREDICT],
        env={**clean, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "(1, 256)", done.stderr
    assert done.stderr == ""
    assert list(home.rglob("*")) == []


def test_nothing_imports_the_runtime_but_its_one_door() -> None:
    import headstart

    source = Path(headstart.__file__).parent
    importers = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "import onnxruntime\n" in path.read_text(encoding="utf-8").replace(" as module", "")
        and "from headstart._onnxruntime" not in path.read_text(encoding="utf-8")
    ]
    assert importers == ["_onnxruntime.py"]
