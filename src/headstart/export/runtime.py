"""ONNX Runtime for browsers, fetched once by npm, checked, and kept in the user's cache."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from headstart import settings
from headstart.errors import ExportError
from headstart.execution import Progress, ProgressCallback, silent
from headstart.export.places import filling
from headstart.files import sha256_of

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
FILES: Mapping[str, str] = {
    "ort.wasm.min.mjs": "219e6a1fc8a9938268d18efca3c91d310bd2f4a59bbd13744df5b2b7fc6cee3b",
    "ort-wasm-simd-threaded.mjs": "e13f7f94fc51b4ca72b12faeb1ee95f4ace6dfbc8939bc718aabdc0a27c4299b",
    "ort-wasm-simd-threaded.wasm": "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
"""What of the package a page needs, with the SHA-256 that each file of this version has."""

_SECONDS = 300
_BY_HAND = (
    f"On a machine with npm run: npm install --ignore-scripts {PACKAGE}@{VERSION}, "
    f"then give its folder: --runtime node_modules/{PACKAGE}"
)


def runtime_files(folder: str | Path | None = None, progress: ProgressCallback = silent) -> dict[str, Path]:
    """Return the runtime's files by name, each checked against its hash.

    Parameters
    ----------
    folder
        An unpacked package of the right version; where None the cache is used, which npm fills.

    Raises
    ------
    ExportError
        When they are not to be had, or are not the files of this version.
    """
    if folder is not None:
        return _checked(Path(folder).expanduser())
    kept = settings.current().cache / "runtime" / f"{PACKAGE}-{VERSION}"
    if not kept.is_dir():
        _fetch(kept, progress)
    return _checked(kept)


def _checked(folder: Path) -> dict[str, Path]:
    found = {}
    for name, expected in FILES.items():
        path = next((p for p in (folder / name, folder / "dist" / name) if p.is_file()), None)
        if path is None:
            raise ExportError(f"{folder} holds no {name} of {PACKAGE} {VERSION}.", _BY_HAND)
        actual = sha256_of(path)
        if actual != expected:
            raise ExportError(
                f"{path} is not the file of {PACKAGE} {VERSION}: its SHA-256 is {actual[:12]}…, "
                f"it should be {expected[:12]}….",
                _BY_HAND,
            )
        found[name] = path
    return found


def _fetch(kept: Path, progress: ProgressCallback) -> None:
    if settings.current().offline:
        raise ExportError(
            f"A web page needs {PACKAGE} {VERSION}; it is not on this machine, and HEADSTART_OFFLINE is set.",
            f"Unset it once, or: {_BY_HAND[0].lower()}{_BY_HAND[1:]}",
        )
    npm = shutil.which("npm")
    if npm is None:
        raise ExportError(
            f"A web page needs {PACKAGE} {VERSION}, which npm fetches, and there is no npm on this machine.",
            _BY_HAND,
        )
    progress(Progress(f"fetching {PACKAGE}", 0))
    with tempfile.TemporaryDirectory(prefix="headstart-") as spare:
        _install(npm, Path(spare))
        files = _checked(Path(spare) / "node_modules" / PACKAGE)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with filling(kept) as folder:
            for name, path in files.items():
                shutil.copyfile(path, folder / name)


def _install(npm: str, folder: Path) -> None:
    """Let npm fetch and unpack the package; none of its scripts are run."""
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
    try:
        done = subprocess.run(
            [*command, "--prefix", str(folder), f"{PACKAGE}@{VERSION}"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExportError(f"npm could not fetch {PACKAGE} {VERSION}: {error}.", _BY_HAND) from error
    if done.returncode:
        reason = next(
            (line for line in done.stderr.splitlines() if "error" in line.lower()), "no reason given"
        )
        raise ExportError(f"npm could not fetch {PACKAGE} {VERSION}: {reason}.", _BY_HAND)
