"""Run a coroutine to its end, whatever else the test session keeps running.

The browser's driver keeps an event loop running in the main thread for as long as a browser is
open, and `asyncio.run` refuses to start a second one in the same thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def complete(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` in an event loop and a thread of its own, and return its result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
