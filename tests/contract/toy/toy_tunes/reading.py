"""Read lists of notes."""

from pathlib import Path

import numpy as np

from headstart.errors import SourceError

FIRST = b"notes 1"


def sniff(head: bytes) -> str | None:
    """Return the format of a file that begins like this, where it is ours."""
    return "notes" if head.startswith(FIRST) else None


def sample() -> bytes:
    """Return a small tune."""
    return b"notes 1\n60 1\n62 1\n64 2\n"


def read(source: object) -> np.ndarray:
    """Return ``(notes, 2)`` numbers: pitch and beats."""
    if isinstance(source, Path):
        try:
            content = source.read_bytes()
        except OSError as error:
            raise SourceError(
                "There is no such file; check the spelling of the name.", kind="missing"
            ) from error
    elif isinstance(source, bytes):
        content = source
    else:
        raise SourceError("It is no tune; give the name of a .notes file.", kind="not_a_tune")
    if not content.startswith(FIRST):
        raise SourceError("It is not a list of notes (.notes); save it as one.", kind="not_a_tune")
    try:
        notes = [[float(word) for word in line.split()] for line in content.decode("ascii").splitlines()[1:]]
        return np.array(notes, dtype=np.float32).reshape(-1, 2)
    except ValueError as error:
        raise SourceError("A line is not a pitch and a length; mend it.", kind="damaged") from error
