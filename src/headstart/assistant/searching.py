"""From a question to ranked passages."""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.assistant.answers import Signals
from headstart.assistant.followups import EARLIER, OWN
from headstart.assistant.index import Query, Ranked, unit
from headstart.assistant.postings import covered
from headstart.assistant.words import content_stems
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.assistant.passages import Passage
    from headstart.assistant.postings import Postings
    from headstart.encoders.encoder import Encoder
    from headstart.types import Float32Array

FIFTH, REST = 4, slice(1, 11)
_KEPT = 512


class Meanings:
    """Vectors of short texts, the latest of which are kept.

    Parameters
    ----------
    encoder
        A base model for texts.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._kept: OrderedDict[str, Float32Array] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, texts: Sequence[str]) -> Float32Array:
        """Return ``(n, width)`` vectors of unit length.

        Raises
        ------
        DataError
            When a text cannot be read.
        """
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._kept]
            made = dict(zip(new, self._encode(new), strict=True)) if new else {}
            found = [made[text] if text in made else self._kept[text] for text in texts]
            for text, vector in zip(texts, found, strict=True):
                self._kept[text] = vector
                self._kept.move_to_end(text)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return np.stack(found) if found else np.zeros((0, self.encoder.width), dtype=np.float32)

    def _encode(self, texts: Sequence[str]) -> Float32Array:
        encoded = self.encoder.encode(texts)
        if encoded.failures:
            raise DataError(f"The text could not be read: {encoded.failures[0][1]}")
        return unit(encoded.vectors)


def query_of(question: str, earlier: str, meanings: Meanings) -> Query:
    """Return a question as it is searched for, with the earlier one that it goes on from."""
    # Full-width letters and ligatures are read as what they stand for, as the words are.
    question, earlier = (unicodedata.normalize("NFKC", text) for text in (question, earlier))
    if not earlier:
        return Query(meanings.of([question])[0], tuple(content_stems(question)))
    own, before = meanings.of([question, earlier])
    return Query(unit(OWN * own + EARLIER * before), (*content_stems(question), *content_stems(earlier)))


def signals_of(ranked: Ranked, query: Query, passages: Sequence[Passage], postings: Postings) -> Signals:
    """Return what tells whether the first passage is the right one; there is at least one."""
    scores = ranked.scores
    fifth = float(scores[min(FIFTH, len(scores) - 1)])
    rest = float(scores[REST].mean()) if len(scores) > 1 else 0.0
    first = passages[int(ranked.rows[0])]
    return Signals(
        cosine=float(ranked.cosines[0]),
        margin_fifth=float(scores[0]) - (fifth if len(scores) > 1 else 0.0),
        coverage=covered(query.words, first.worded, postings),
        margin_rest=float(scores[0]) - rest,
    )
