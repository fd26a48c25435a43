"""Documents need the extra of their name."""

from __future__ import annotations

import pytest

for name in ("lxml", "pypdfium2", "docx"):
    pytest.importorskip(name, reason="the extra documents is not installed")
