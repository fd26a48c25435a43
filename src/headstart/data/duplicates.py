"""Find inputs that are there twice, exactly or nearly, before they are counted or split."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.disjoint import Groups
from headstart.data.neighbours import centred, hash_distance, look_alikes, near_vectors, unpack
from headstart.types import Dataset, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array, IntArray

# What joins two pictures: at least so many bits set in either hash (few in a digit on a plain ground, where
# different pictures can share most of a hash), at most this distance of the hashes, at least this cosine of
# the embeddings, and a distance that stands out at least so much.
_RULES = (
    (40, 0.06, 0.40, 0.40),
    (40, 0.10, 0.75, 0.40),
    (96, 0.20, 0.40, 0.40),
    (136, 0.30, 0.85, 0.50),
    (160, 0.45, 0.93, 0.70),
)
_MANY_BITS = 96
_CERTAIN_HASH, _CERTAIN_COSINE = 0.03, 0.97
_CERTAIN_VECTORS = 0.9999
_LEADERS_COSINE = 0.90
_LARGE_CLASS = 8


def exact_duplicates(
    dataset: Dataset, contents: Sequence[bytes]
) -> tuple[list[int], list[Problem], list[Problem]]:
    """Keep each content once.

    Parameters
    ----------
    contents
        A hash of the content of each example, from `content_hash` or `Signature.content`.

    Returns
    -------
    kept
        Positions of the examples to use, increasing.
    dropped
        A problem (``duplicate``) for each example whose content was there already in the same class.
    conflicts
        A problem (``conflict``) for each example whose content also stands in another class. None of
        these is kept, since nobody can tell which label is right.
    """
    places: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, content in enumerate(contents):
        places[content].append(place)
    kept: list[int] = []
    dropped: list[tuple[int, Problem]] = []
    conflicts: list[tuple[int, Problem]] = []
    for same in places.values():
        if len({dataset.examples[place].label for place in same} - {None}) > 1:
            conflicts += [(place, _conflict(dataset, place, same)) for place in same]
            continue
        kept.append(same[0])
        dropped += [(place, _duplicate(dataset, place, same[0])) for place in same[1:]]
    return sorted(kept), _in_order(dropped), _in_order(conflicts)


def near_groups(
    vectors: NDArray[Any],
    perceptual: Sequence[bytes],
    groups: Sequence[str | None],
    labels: Sequence[Hashable] | None = None,
) -> IntArray:
    """Give near-duplicates one group number, together with the groups that the person gave.

    Parameters
    ----------
    vectors
        ``(n, d)`` embeddings.
    perceptual
        Hash of how each input looks, from `perceptual_hash`; all empty where there is none.
    groups
        The person's own group of each, or None. Two of them are joined only where they share an input that
        is the same beyond doubt.
    labels
        Class of each. A large class is never swallowed by one group on the word of the embedding alone.

    Returns
    -------
    ndarray of int64, shape (n,)
        Group numbers from 0 up; an input like no other has a number of its own.

    Notes
    -----
    Only positive evidence joins: picture hashes that agree in enough places, the more so with embeddings
    that agree too, or embeddings that agree almost wholly. See `headstart.data.neighbours` for what
    "standing out" asks of a pair beyond its threshold.
    """
    joined = Groups(groups)
    if len(vectors) < 2:
        return joined.ids()
    unit = centred(np.asarray(vectors))
    if any(perceptual) and len(set(map(len, perceptual))) == 1:
        _join_look_alikes(joined, unpack(perceptual), unit)
    _join_near_vectors(joined, unit, groups, labels)
    return joined.ids()


def _join_look_alikes(joined: Groups, bits: Float32Array, unit: Float32Array) -> None:
    left, right, standing = look_alikes(bits)
    both = np.einsum("ij,ij->i", bits[left], bits[right])
    distance, either = hash_distance(both, bits[left].sum(axis=1), bits[right].sum(axis=1))
    cosine = np.einsum("ij,ij->i", unit[left], unit[right])
    alike = np.zeros(len(left), dtype=np.bool_)
    for bit_count, most, least, remarkable in _RULES:
        alike |= (either >= bit_count) & (distance <= most) & (cosine >= least) & (standing <= remarkable)
    certain = (either >= _MANY_BITS) & (distance <= _CERTAIN_HASH) & (cosine >= _CERTAIN_COSINE)
    for place in np.argsort(distance, kind="stable"):
        if alike[place]:
            joined.join(int(left[place]), int(right[place]), certain=bool(certain[place]))


def _join_near_vectors(
    joined: Groups, unit: Float32Array, groups: Sequence[str | None], labels: Sequence[Hashable] | None
) -> None:
    left, right, _ = near_vectors(unit)
    cosine = np.einsum("ij,ij->i", unit[left], unit[right])
    swallowed = _swallowed(left, right, len(unit), labels)

    def leaders_agree(first: int, other: int) -> bool:
        return bool(unit[first] @ unit[other] >= _LEADERS_COSINE)

    for place in np.argsort(-cosine, kind="stable"):
        first, other = int(left[place]), int(right[place])
        if first in swallowed or other in swallowed:
            continue
        certain = bool(cosine[place] >= _CERTAIN_VECTORS)
        # The leader of a person's own group stands for things that need not look alike.
        own = groups[first] is not None or groups[other] is not None
        joined.join(first, other, certain=certain, leaders_agree=None if own else leaders_agree)


def _swallowed(left: IntArray, right: IntArray, count: int, labels: Sequence[Hashable] | None) -> set[int]:
    """Return the members of embedding-only groups that would hold more than half of a large class."""
    if labels is None or len(left) == 0:
        return set()
    alone = Groups([None] * count)
    for first, other in zip(left.tolist(), right.tolist(), strict=True):
        alone.join(first, other)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for element in {*left.tolist(), *right.tolist()}:
        members[alone.leader(element)].append(element)
    sizes = Counter(labels)
    swallowed: set[int] = set()
    for group in members.values():
        (label, held), *_ = Counter(labels[element] for element in group).most_common(1)
        if sizes[label] >= _LARGE_CLASS and 2 * held > sizes[label]:
            swallowed.update(group)
    return swallowed


def _duplicate(dataset: Dataset, place: int, first: int) -> Problem:
    reason = f"The same content as {dataset.examples[first].name}; used once. Nothing needs to be done."
    return Problem(dataset.examples[place].name, reason, "duplicate")


def _conflict(dataset: Dataset, place: int, same: Sequence[int]) -> Problem:
    mine = dataset.examples[place]
    others = [dataset.examples[other] for other in same if dataset.examples[other].label != mine.label]
    shown = ", ".join(f"{other.name} ({other.label})" for other in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    reason = (
        f"Labelled {mine.label!r}, but the same content is also {shown}{more}; keep it in one class only."
    )
    return Problem(mine.name, reason, "conflict")


def _in_order(problems: Sequence[tuple[int, Problem]]) -> list[Problem]:
    return [problem for _, problem in sorted(problems, key=lambda pair: pair[0])]
