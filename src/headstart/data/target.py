"""Refuse a target that is no set of classes: many-valued numbers, dates, several labels in a cell, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from headstart.data.dates import are_dates
from headstart.data.labels import LabelCells
from headstart.data.no_label import note_on_minus_one, require_no_markers
from headstart.data.quantities import is_quantity
from headstart.data.spellings import one_spelling
from headstart.data.tags import separator_of_tags
from headstart.errors import LayoutError
from headstart.targets import target_of

CLASSES = "classes"
_AS_TAGS = '--target tags (target="tags" in Python)'
_INSIST = '--target classes (target="classes" in Python)'
_FEWEST_ROWS = 20


def parse_target(target: str | None) -> str | None:
    """Return what a person says the labels are.

    Raises
    ------
    ParameterError
        When it is nothing that can be learned.
    """
    return None if target is None else target_of(target).name


def one_name_each(names: Sequence[str], cells: Sequence[LabelCells]) -> tuple[list[str], list[str]]:
    """Return labels with one name for each class, and notes on what was merged.

    Raises
    ------
    LayoutError
        When they are no classes.
    """
    gaps, booleans = (
        any(column_cells.missing for column_cells in cells),
        any(column_cells.booleans for column_cells in cells),
    )
    as_read, notes = one_spelling(Counter(names), gaps=gaps, booleans=booleans)
    spelled = [as_read.get(name, name) for name in names]
    require_classes(spelled, cells)
    return spelled, notes + note_on_minus_one(Counter(spelled), _place(cells))


def require_classes(names: Sequence[str], cells: Sequence[LabelCells]) -> None:
    """Refuse labels that no class can be learned from, saying what they look like.

    Parameters
    ----------
    names
        The label of each example, those without one left out.
    cells
        What was met while they were read.

    Raises
    ------
    LayoutError
        Where they are numbers with many values, dates, several labels in one cell, or ids.
    """
    if not names:
        return
    where = _place(cells)
    several = [cell.excerpt for column_cells in cells for cell in column_cells.several]
    objects = [cell.excerpt for column_cells in cells for cell in column_cells.objects]
    counts = Counter(names)
    if objects:
        raise LayoutError(
            f"Expected the name of a class in each cell of {where}, found objects such as {objects[0]}.",
            f"Export the class alone. If each of them is a class of its own, say so: {_INSIST}.",
        )
    if several:
        raise _of_tags(where, _holding(len(several)) + f" a list of several, such as {several[0]}")
    require_no_markers(counts, where)
    if are_dates(counts):
        raise _refusal(
            where, "dates or times", counts, "Name a column of classes, or sort the dates into a few periods."
        )
    if is_quantity(counts, cells[0].column if cells else ""):
        raise _refusal(
            where,
            "numbers with many values",
            counts,
            'To predict such a number, say so: --target number (target="number" in Python). Else name a '
            "column of classes.",
        )
    separator = separator_of_tags(counts)
    if separator is not None:
        together = [name for name in counts if separator in name]
        rows = sum(counts[name] for name in together)
        raise _of_tags(
            where,
            f"{rows:,} of {len(names):,} have {separator!r} between them, such as {_some(together)}",
        )
    if _nearly_unique(counts):
        raise _refusal(
            where,
            "names that hardly repeat",
            counts,
            "Nearly every class would have one example. Name the column that holds the classes: "
            "--label-column NAME (label_column= in Python).",
        )


def _place(cells: Sequence[LabelCells]) -> str:
    return cells[0].where if cells else "the labels"


def _refusal(where: str, what: str, counts: Mapping[str, int], mend: str) -> LayoutError:
    return LayoutError(
        f"Expected classes in {where}, found {what}: {len(counts):,} different values in "
        f"{sum(counts.values()):,} rows, such as {_some(list(counts))}.",
        f"{mend} If each value is a class of its own, say so: {_INSIST}.",
    )


def _holding(cells: int) -> str:
    return "1 cell holds" if cells == 1 else f"{cells:,} cells hold"


def _of_tags(where: str, seen: str) -> LayoutError:
    return LayoutError(
        f"Expected one class for each example in {where}, found several labels in one cell: {seen}.",
        f"To learn several labels for one example, say that they are tags: {_AS_TAGS}. If each combination "
        f"is a class of its own, say so: {_INSIST}.",
    )


def _some(names: Sequence[str]) -> str:
    shown = [name if len(name) <= 40 else f"{name[:39]}…" for name in names[:3]]
    return ", ".join(map(repr, shown))


def _nearly_unique(counts: Mapping[str, int]) -> bool:
    rows = sum(counts.values())
    single = sum(count == 1 for count in counts.values())
    return rows >= _FEWEST_ROWS and 2 * len(counts) >= rows and single >= 0.9 * len(counts)
