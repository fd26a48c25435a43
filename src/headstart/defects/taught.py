"""Which pictures a detector was taught with, so that more can join and be taken out again.

There is a row for each time that a picture was given, and the last word on it counts: a part that was taken
for good and turns out defective has two rows. Of pictures of training nothing is kept but what tells them
apart; of those that came later what was seen, for a camera does not keep its pictures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import CorruptBundleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FACTS, _CONTENTS, _SEEN = "taught", "taught_contents", "taught_seen"


@dataclass(frozen=True, eq=False)
class Taught:
    """Pictures, in the order in which they came.

    Attributes
    ----------
    names, labels, groups
        Of each; an empty group is one of its own.
    steps
        0 for those of training, then the number of the review that they came with.
    contents
        ``(n, bytes)`` hash of the pixels of each.
    seen
        ``(reviewed, places, channels)`` float16: what was seen in those of reviews, in their order.
    origin
        Fingerprint of the examples of training.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str, ...]
    steps: tuple[int, ...]
    contents: NDArray[np.uint8]
    seen: NDArray[np.float16]
    origin: str

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        labels: Sequence[str],
        groups: Sequence[str],
        contents: Sequence[bytes],
        seen: NDArray[np.float16],
        origin: str,
    ) -> Taught:
        """Return the pictures of training; of `seen` the shape of a picture alone is kept."""
        return cls(
            tuple(names),
            tuple(labels),
            tuple(groups),
            (0,) * len(names),
            _as_rows(contents),
            seen[:0],
            origin,
        )

    @property
    def last(self) -> int:
        """The number of the last review; 0 where there was none."""
        return max(self.steps, default=0)

    @property
    def trained(self) -> int:
        """How many rows are of training."""
        return self.steps.count(0)

    def content(self, row: int) -> bytes:
        """Return the hash of the pixels of a row."""
        return bytes(self.contents[row])

    def valid(self) -> list[int]:
        """Return the rows that count: the last of each picture, in order."""
        last = {self.content(row): row for row in range(len(self.names))}
        return sorted(last.values())

    def label_of(self) -> dict[bytes, str]:
        """Return the label of each picture by the hash of its pixels."""
        return {self.content(row): self.labels[row] for row in self.valid()}

    def joined(
        self,
        names: Sequence[str],
        labels: Sequence[str],
        group: str,
        contents: Sequence[bytes],
        seen: NDArray[np.float16],
    ) -> Taught:
        """Return it with the pictures of one more review."""
        return replace(
            self,
            names=(*self.names, *names),
            labels=(*self.labels, *labels),
            groups=(*self.groups, *[group] * len(names)),
            steps=(*self.steps, *[self.last + 1] * len(names)),
            contents=np.concatenate([self.contents, _as_rows(contents)]),
            seen=np.concatenate([self.seen, seen]),
        )

    def undone(self) -> Taught:
        """Return it without the pictures of the last review."""
        keep = len(self.names) - self.steps.count(self.last)
        return replace(
            self,
            names=self.names[:keep],
            labels=self.labels[:keep],
            groups=self.groups[:keep],
            steps=self.steps[:keep],
            contents=self.contents[:keep],
            seen=self.seen[: keep - self.trained],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays; `from_arrays` gets it back."""
        facts = {
            "names": self.names, "labels": self.labels, "groups": self.groups, "steps": self.steps,
            "origin": self.origin,
        }  # fmt: skip
        plain = json.dumps(facts, ensure_ascii=True).encode()
        found: dict[str, NDArray[Any]] = {
            _FACTS: np.frombuffer(plain, dtype=np.uint8),
            _CONTENTS: self.contents,
        }
        return found | ({_SEEN: self.seen} if len(self.seen) else {})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], places: int, channels: int) -> Taught | None:
        """Build it from what `arrays` returned; None in models that were saved without.

        Raises
        ------
        CorruptBundleError
            When the arrays do not fit each other.
        """
        if _FACTS not in arrays:
            return None
        try:
            facts = json.loads(arrays[_FACTS].tobytes())
            contents = arrays[_CONTENTS].astype(np.uint8)
            seen = arrays.get(_SEEN, np.zeros((0, places, channels), np.float16)).astype(np.float16)
            names, labels, groups = (tuple(map(str, facts[key])) for key in ("names", "labels", "groups"))
            made = cls(
                names, labels, groups, tuple(map(int, facts["steps"])), contents, seen, str(facts["origin"])
            )
        except (KeyError, ValueError, TypeError) as error:
            raise _unfit() from error
        sizes = {len(made.names), len(made.labels), len(made.groups), len(made.steps), len(contents)}
        if len(sizes) > 1 or seen.shape != (len(made.names) - made.trained, places, channels):
            raise _unfit()
        return made


def _as_rows(contents: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(contents), dtype=np.uint8).reshape(len(contents), -1)


def _unfit() -> CorruptBundleError:
    return CorruptBundleError(
        "What the detector was taught with does not fit together.", "Train the model again."
    )
