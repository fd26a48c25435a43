"""The one door to ONNX Runtime, which reports to its maker unless it is told not to before it starts.

Its official builds carry a telemetry client that is on by default (on Linux and macOS since 1.29): it keeps a
device id in the user's cache folder and sends what models are opened, how they are made and how long they
run. People who train on their own photos were promised that nothing leaves their computer. The variable is
the only full switch, and it is read once, when the library starts:
https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import cast

SWITCHES = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")  # the name changed between versions


def onnxruntime() -> ModuleType:
    """Import ONNX Runtime with its telemetry off, unless the person has set a switch themselves."""
    chosen = any(name in os.environ for name in SWITCHES)
    if not chosen:
        for name in SWITCHES:
            os.environ[name] = "1"
    import onnxruntime as module

    if not chosen:
        module.disable_telemetry_events()  # where somebody else started it before us: at least from here on
    return cast(ModuleType, module)
