"""Silence warnings of decoders without tripping other threads."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0
_saved: warnings.catch_warnings | None = None


@contextmanager
def quietly() -> Iterator[None]:
    """Ignore warnings while any thread is inside.

    `warnings.catch_warnings` swaps one list for the whole process, so two threads that overlap can
    restore each other's state and leave warnings off (or on) for ever. Here the first one in saves the
    state and the last one out restores it. What a decoder has to say is told as a reason or a note.
    """
    global _inside, _saved
    with _lock:
        _inside += 1
        if _inside == 1:
            _saved = warnings.catch_warnings()
            _saved.__enter__()
            warnings.simplefilter("ignore")
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _saved is not None:
                _saved.__exit__(None, None, None)
                _saved = None
