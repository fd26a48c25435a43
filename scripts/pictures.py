"""What taking pictures for docs/ shares: where they go, the browser, and how they are kept."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

REPO = Path(__file__).resolve().parents[1]
SHOTS = REPO / "docs" / "screenshots"
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def launch(playwright: Playwright) -> Browser:
    """Open the system's Chromium."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_ARGUMENTS)


def keep(png: bytes, path: Path, *, most: int, quality: int) -> None:
    """Write a picture as WebP; end the program where it takes more than so many bytes."""
    Image.open(io.BytesIO(png)).convert("RGB").save(path, "WEBP", quality=quality, method=6)
    size = path.stat().st_size
    if size > most:
        sys.exit(f"{path} takes {size:,} bytes, more than {most:,}.")
    print(f"{path.name}: {size:,} bytes", file=sys.stderr)
