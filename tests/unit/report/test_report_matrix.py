from __future__ import annotations

from headstart.report.matrix import MAX_CLASSES, build_matrix, cells_match
from headstart.report.media import Shelf
from report_samples import CLASSES, CONFUSION, advice

CELLS = [cell.to_dict() for cell in advice().confusion]


def test_cells_hold_what_was_counted_and_open_their_own_examples():
    matrix = build_matrix(CONFUSION, CLASSES, CELLS, Shelf("picture", {}), "image")
    assert [[cell.count for cell in row] for row in matrix.rows] == [list(row) for row in CONFUSION]
    wrong = matrix.rows[2][0]
    assert wrong.title == "5 photos of scone, called croissant"
    assert [shown.name for shown in wrong.shown] == next(
        c["examples"] for c in CELLS if (c["label"], c["said"]) == ("scone", "croissant")
    )
    assert (matrix.right, matrix.wrong) == (112, 8)
    assert matrix.worst[0] is wrong


def test_cells_of_another_matrix_are_not_mixed_in():
    assert cells_match(CONFUSION, CLASSES, CELLS)
    assert not cells_match(((40, 0, 0), (0, 40, 0), (0, 0, 40)), CLASSES, CELLS)


def test_a_large_matrix_shows_the_classes_that_are_confused():
    n = 40
    counts = [[10 if i == j else 0 for j in range(n)] for i in range(n)]
    counts[33][7] = 4
    matrix = build_matrix(counts, [f"c{i}" for i in range(n)], [], Shelf("picture", {}), "image")
    assert len(matrix.classes) == MAX_CLASSES
    assert {"c7", "c33"} <= set(matrix.classes)
    assert matrix.hidden == n - MAX_CLASSES
    assert matrix.right == 400


def test_nothing_held_out_gives_no_matrix():
    assert build_matrix([], CLASSES, [], Shelf("picture", {}), "image") is None
    assert build_matrix([[0] * 3] * 3, CLASSES, [], Shelf("picture", {}), "image") is None
