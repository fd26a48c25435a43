"""The process that decodes: it meets hostile bytes, so it may do little and die at any moment.

It is started by `headstart.web.sandbox` as ``python -m headstart.web.decoder``, reads requests from standard
input and writes what it decoded to standard output. It keeps no state between two inputs, opens no
connection and writes no file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from headstart.confined.child import Answer, serve
from headstart.errors import SourceError
from headstart.web import wire


def main() -> None:
    """Serve requests until standard input ends."""
    how = wire.wire_of(sys.argv[1])

    def prepare() -> bool:
        how.prepare()
        return how.needs_threads()

    serve(prepare, _answer, int(sys.argv[2]))


def _answer(request: dict[str, Any], content: bytes) -> Answer:
    try:
        source = Path(os.fsdecode(bytes.fromhex(request["path"]))) if "path" in request else content
        about, parts = [], []
        for key in request["keys"]:
            decoded = wire.decode(key, source, pixels=request["pixels"], seconds=request["seconds"])
            described, pieces = wire.packed(key, decoded)
            about.append(described)
            parts.extend(pieces)
    except SourceError as error:
        return {"reason": error.message, "kind": error.kind}, []
    except MemoryError:
        reason = "It needs more memory than one input may take; save it smaller."
        return {"reason": reason, "kind": "too_large"}, []
    except Exception as error:  # a decoder's bug: the next input is served by the same process
        reason = f"It could not be read ({type(error).__name__}); save it again."
        return {"reason": reason, "kind": "unreadable"}, []
    else:
        return {"parts": about}, parts


if __name__ == "__main__":
    main()
