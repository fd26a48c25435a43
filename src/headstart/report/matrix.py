"""The confusion matrix as the page shows it: counts, shades, and the examples behind each cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.report.media import Shelf, Shown
from headstart.report.wording import clean
from headstart.wording import ENGLISH, Words

MAX_CLASSES = 14
EXAMPLES_WRONG = 12
EXAMPLES_RIGHT = 6
_LEVELS = (0.05, 0.15, 0.35, 0.7)


@dataclass(frozen=True, slots=True)
class Cell:
    """How often a class was called so, and some of the examples.

    Attributes
    ----------
    level
        0 (empty) to 5, the share of its row, for the shade.
    """

    id: str
    label: str
    said: str
    count: int
    right: bool
    level: int
    title: str
    shown: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows are what examples are, columns what they were called.

    Attributes
    ----------
    worst
        The commonest confusions in words, the commonest first.
    hidden
        Classes that are not shown because the table would be too large to read.
    """

    classes: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    worst: Sequence[Cell]
    hidden: int
    right: int
    wrong: int

    @property
    def opens(self) -> bool:
        """Whether any cell has examples to open."""
        return any(cell.shown for row in self.rows for cell in row)

    @property
    def cells(self) -> list[Cell]:
        """The cells that have examples to open."""
        return [cell for row in self.rows for cell in row if cell.shown]


def build_matrix(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    cells: Sequence[Mapping[str, Any]],
    shelf: Shelf,
    modality: str,
    words: Words = ENGLISH,
) -> Matrix | None:
    """Lay out the matrix; None where nothing was held out.

    Parameters
    ----------
    counts
        ``counts[i][j]``: examples of class i that were called class j.
    cells
        Those with names of examples; they must belong to `counts`.
    """
    if len(counts) != len(classes) or not any(map(any, counts)):
        return None
    kept = _kept(counts)
    named = {(str(c["label"]), str(c["said"])): c.get("examples") or () for c in cells}
    where = [(i, j) for i in kept for j in kept]
    # Mistakes first: where room for pictures is short, they are what a person wants to see.
    made: dict[tuple[int, int], Cell] = {}
    for i, j in sorted(where, key=lambda at: (at[0] == at[1], -counts[at[0]][at[1]])):
        names = named.get((classes[i], classes[j]), ())
        made[i, j] = _cell(counts, classes, (i, j), names, shelf, modality, words)
    wrong = sorted((c for c in made.values() if not c.right and c.count), key=lambda c: -c.count)
    right = sum(counts[i][i] for i in range(len(classes)))
    return Matrix(
        classes=[clean(classes[i], 40) for i in kept],
        rows=[[made[i, j] for j in kept] for i in kept],
        worst=wrong[:5],
        hidden=len(classes) - len(kept),
        right=right,
        wrong=sum(map(sum, counts)) - right,
    )


def cells_match(
    counts: Sequence[Sequence[int]], classes: Sequence[str], cells: Sequence[Mapping[str, Any]]
) -> bool:
    """Say whether cells with examples come from this very matrix, so that both may be shown as one."""
    told = Counter({(str(c["label"]), str(c["said"])): int(c["count"]) for c in cells})
    ours = {(classes[i], classes[j]): n for i, row in enumerate(counts) for j, n in enumerate(row) if n}
    return {key: n for key, n in told.items() if n} == ours


def _kept(counts: Sequence[Sequence[int]]) -> list[int]:
    """Return the classes to show: all, or those that are confused most."""
    n = len(counts)
    if n <= MAX_CLASSES:
        return list(range(n))
    wrong = [sum(counts[i]) + sum(row[i] for row in counts) - 2 * counts[i][i] for i in range(n)]
    return sorted(sorted(range(n), key=lambda i: -wrong[i])[:MAX_CLASSES])


def _cell(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    at: tuple[int, int],
    names: Sequence[str],
    shelf: Shelf,
    modality: str,
    words: Words,
) -> Cell:
    i, j = at
    count, right = counts[i][j], i == j
    label, said = clean(classes[i], 40), clean(classes[j], 40)
    share = count / (sum(counts[i]) or 1)
    level = 0 if not count else 1 + sum(share > edge for edge in _LEVELS)
    key = "report.matrix-right" if right else "report.matrix-wrong"
    limit = EXAMPLES_RIGHT if right else EXAMPLES_WRONG
    return Cell(
        id=f"cell-{i}-{j}",
        label=label,
        said=said,
        count=count,
        right=right,
        level=level,
        title=words.say(key, count=words.things(modality, count), label=label, said=said),
        shown=[shelf.show(name) for name in list(names)[:limit]],
    )
