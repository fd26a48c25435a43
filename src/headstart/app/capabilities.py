"""What this installation can do beyond the ordinary: found out by looking, never promised."""

from __future__ import annotations

import importlib.util
from typing import Any

METHODS = ("frozen", "gentle", "auto")
_GENTLE = ("torch", "accelerate")


def capabilities() -> dict[str, Any]:
    """Return ``{gentle, gentle_hint, web_page, web_page_hint, share}``; imports nothing heavy."""
    gentle = all(map(_installed, _GENTLE))
    page = can_make_page()
    return {
        "gentle": gentle,
        "gentle_hint": None if gentle else "Install it with: pip install 'headstart[finetune]'",
        "web_page": page,
        "web_page_hint": None if page else "It needs npm once, to fetch the runtime for browsers.",
        "share": can_serve(),
    }


def can_serve() -> bool:
    """Return whether ``headstart serve`` is there to share a model with."""
    return _installed("headstart.cli.serve") and _installed("prometheus_client")


def can_make_page() -> bool:
    """Return whether a model can become a web page: the runtime for browsers is here or can be fetched."""
    import shutil

    from headstart.settings import current

    settings = current()
    here = None if settings.cache_folder is None else settings.cache_folder / "runtime"
    kept = (
        here is not None
        and here.is_dir()
        and any(path.name.startswith("onnxruntime-web-") for path in here.iterdir())
    )
    return kept or (not settings.offline and shutil.which("npm") is not None)


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
