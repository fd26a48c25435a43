"""One word for a whole set of examples: the same words mean the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def dataset_fingerprint(contents: Sequence[bytes], labels: Sequence[str | None]) -> str:
    """Hash the contents and labels of a data set, whatever order and names its files have.

    Parameters
    ----------
    contents
        A hash for each example, from `content_hash`.
    labels
        The class names, or None where not known; as many as `contents`.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    state = hashlib.blake2b(digest_size=16, person=b"dataset")
    pairs = sorted(
        (content, b"" if label is None else b"=" + label.encode("utf-8", errors="surrogatepass"))
        for content, label in zip(contents, labels, strict=True)
    )
    for content, label in pairs:
        for part in (content, label):
            state.update(len(part).to_bytes(8, "little"))
            state.update(part)
    return state.hexdigest()
