"""When and with what a model was made, as it writes it down."""

from __future__ import annotations

from datetime import UTC, datetime

_LIBRARIES = ("numpy", "onnxruntime", "pillow", "safetensors", "soundfile", "soxr", "tokenizers")


def timestamp() -> str:
    """Return this moment, as models write down when they were made."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that decide the numbers."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that predicting never pays

    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
