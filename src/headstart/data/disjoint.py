"""Groups that grow by joining, and never across the groups that a person gave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import IntArray


class Groups:
    """A union-find whose sets know the person's own group of their members.

    Parameters
    ----------
    given
        The person's group of each element, or None. Elements of one group start joined.
    """

    def __init__(self, given: Sequence[str | None]) -> None:
        self._parent = list(range(len(given)))
        self._given = list(given)
        first: dict[str, int] = {}
        for element, name in enumerate(given):
            if name is not None:
                self._parent[element] = first.setdefault(name, element)

    def leader(self, element: int) -> int:
        """Return the first element of the set that holds `element`."""
        root = element
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[element] != root:
            self._parent[element], element = root, self._parent[element]
        return root

    def join(
        self,
        left: int,
        right: int,
        *,
        certain: bool = False,
        leaders_agree: Callable[[int, int], bool] | None = None,
    ) -> bool:
        """Join two sets, unless that would join two groups of the person's on less than certain evidence.

        Parameters
        ----------
        certain
            The two elements are the same thing, so their groups belong together whatever they are called.
        leaders_agree
            Asked with the first elements of both sets: keeps chains of likeness from growing endlessly.

        Returns
        -------
        bool
            Whether the two are in one set now.
        """
        first, other = sorted((self.leader(left), self.leader(right)))
        if first == other:
            return True
        mine, yours = self._given[first], self._given[other]
        if not certain:
            if mine is not None and yours is not None:
                return False
            if leaders_agree is not None and not leaders_agree(first, other):
                return False
        self._parent[other] = first
        self._given[first] = mine if mine is not None else yours
        return True

    def ids(self) -> IntArray:
        """Return ``(n,)`` numbers from 0 up, equal within a set, in the order of first elements."""
        roots = np.array([self.leader(element) for element in range(len(self._parent))], dtype=np.int64)
        return np.unique(roots, return_inverse=True)[1].astype(np.int64).reshape(-1)
