"""Spreadsheets of Excel and LibreOffice are read like any table; broken, locked and huge ones are refused."""

from __future__ import annotations

import datetime
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas
import pytest

from headstart.data import spreadsheet
from headstart.data.gather import gather
from headstart.data.read import from_arrays, from_objects, load
from headstart.data.row_stream import stream_table
from headstart.data.rows import read_rows
from headstart.errors import DataError, LayoutError

pytest.importorskip("python_calamine")

TEXTS = [f"Größe {number}, passt gut; привет" for number in range(8)]
LABELS = ["good" if number % 3 else "bad" for number in range(8)]
FRAME = pandas.DataFrame({"text": TEXTS, "label": LABELS})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One table saved by LibreOffice in each of its formats, by a single start of the program."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("needs LibreOffice")
    folder = tmp_path_factory.mktemp("office")
    with pandas.ExcelWriter(folder / "made.xlsx") as book:
        FRAME.to_excel(book, index=False, sheet_name="Data")
        FRAME.head(1).to_excel(book, sheet_name="More")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    source = str(folder / "made.xlsx")
    for kind in ("ods", "xls", "csv:Text - txt - csv (StarCalc):59,34,76"):  # semicolons, quotes, UTF-8
        subprocess.run(
            [program, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), source],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return folder


@pytest.mark.parametrize("kind", ["ods", "xls", "csv"])
def test_tables_of_libreoffice(office: Path, kind: str) -> None:
    data = load(office / f"made.{kind}")
    assert data.sources == TEXTS
    assert data.labels == LABELS
    assert data.problems == ()


def test_tables_of_pandas(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    FRAME.to_excel(path)  # with its index
    data = load(path)
    assert data.sources == TEXTS
    assert data.labels == LABELS
    assert [example.name for example in data.examples][:2] == ["t.xlsx:2", "t.xlsx:3"]
    assert [item.source for item, _ in stream_table(path, modality=data.modality)] == TEXTS  # type: ignore[union-attr]
    examples, problems, _ = gather([path], "text")
    assert [example.source for example in examples] == TEXTS
    assert problems == []


def sheet(path: Path, *rows: tuple[object, ...], title: str = "Sheet") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_cells_of_every_kind(tmp_path: Path) -> None:
    when = datetime.datetime(2024, 5, 6, 7, 8)
    path = sheet(
        tmp_path / "t.xlsx",
        ("a", "b", "c", "d", "e"),
        (1, 2.5, True, when, None),
        (10**9, 1e-3, False, when, "x"),
    )
    assert [list(row.values()) for row in read_rows(path).rows] == [
        ["1", "2.5", "true", "2024-05-06 07:08:00", ""],
        ["1000000000", "0.001", "false", "2024-05-06 07:08:00", "x"],
    ]


def test_titles_blank_rows_and_other_sheets(tmp_path: Path) -> None:
    rows = [(None, text, label) for text, label in zip(TEXTS, LABELS, strict=True)]
    path = sheet(
        tmp_path / "t.xlsx",
        (),
        (None, "Survey of May"),
        (),
        (None, "text", "label"),
        *rows[:4],
        (),
        *rows[4:],
    )
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes", 0)["A1"] = "made by hand"
    book.save(path)
    data = load(path)
    assert data.sources == TEXTS
    assert data.examples[0].name == "t.xlsx:5"
    assert data.examples[4].name == "t.xlsx:10"
    assert data.notes == (
        "t.xlsx: the sheet 'Sheet' is read; left out: 'Notes'.",
        "t.xlsx: 1 line above the names of the columns passed over.",
    )


def test_a_sheet_that_names_pictures(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "photos").mkdir()
    for number in range(6):
        Image.new("RGB", (8, 8)).save(tmp_path / f"photos/{number:04}.jpg")
    path = sheet(tmp_path / "t.xlsx", ("id", "kind"), *((number, "ab"[number % 2]) for number in range(6)))
    assert load(path).sources[5] == tmp_path / "photos/0005.jpg"


def test_a_sheet_without_names_of_columns(tmp_path: Path) -> None:
    path = sheet(tmp_path / "t.xlsx", *zip(TEXTS, LABELS, strict=True))
    with pytest.raises(LayoutError, match=r"first line of t\.xlsx looks like data"):
        load(path)


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    whole = sheet(tmp_path / "t.xlsx", ("text", "label"), *zip(TEXTS, LABELS, strict=True)).read_bytes()
    for cut in (10, 1000, len(whole) - 40):
        (tmp_path / "cut.xlsx").write_bytes(whole[:cut])
        with pytest.raises(DataError, match=r"cut\.xlsx is a damaged spreadsheet") as caught:
            load(tmp_path / "cut.xlsx")
        assert "save it again" in (caught.value.hint or "")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    with pytest.raises(DataError, match="damaged spreadsheet"):
        load(tmp_path / "old.xls")
    with pytest.raises(DataError, match="holds no sheet with a table"):
        load(sheet(tmp_path / "empty.xlsx", ("text", "label")))
    (tmp_path / "page.xls").write_bytes(b"<html><table><tr><td>text</td></tr></table></html>")
    with pytest.raises(DataError, match="a web page"):
        load(tmp_path / "page.xls")


def test_a_text_table_called_xls(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_text(
        "text\tlabel\n" + "".join(f"{t}\t{v}\n" for t, v in zip(TEXTS, LABELS, strict=True))
    )
    assert load(tmp_path / "t.xls").sources == TEXTS


def test_hostile_sheets_are_refused_before_they_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED_BYTES", 20 << 20)
    path = sheet(tmp_path / "t.xlsx", ("text", "label"), ("a", "b"))
    book = openpyxl.load_workbook(path)
    book.active["XFD1048576"] = "far away"
    book.save(path)
    with pytest.raises(DataError, match="larger than is read"):
        load(path)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(21):
                member.write(bytes(1 << 20))
    with pytest.raises(DataError, match="larger than is read"):
        load(tmp_path / "bomb.xlsx")


def test_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "t.xlsx", ("text", "label"), ("a", "b"))
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(ImportError, match=r"pip install 'headstart\[tables\]'"):
        load(path)


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
        "</manifest:file-entry></manifest:manifest>"
    )
    with zipfile.ZipFile(tmp_path / "locked.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x8f\x01\x02")
        archive.writestr("META-INF/manifest.xml", manifest)
    with pytest.raises(DataError, match="needs a password"):
        load(tmp_path / "locked.ods")


@pytest.mark.parametrize("repeated", ["rows", "columns"])
def test_cells_that_repeat_for_ever_are_refused(tmp_path: Path, repeated: str) -> None:
    spaces = ("office", "table", "text")
    names = "".join(f' xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in spaces)
    times = {"rows": "", "columns": ""} | {repeated: f' table:number-{repeated}-repeated="2000000000"'}
    opening = f'<table:table-cell office:value-type="string"{times["columns"]}>'
    cell = f"{opening}<text:p>a</text:p></table:table-cell>"
    rows = f"<table:table><table:table-row{times['rows']}>{cell}</table:table-row></table:table>"
    body = f"<office:body><office:spreadsheet>{rows}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content{names}>{body}</office:document-content>")
    with pytest.raises(DataError, match="larger than is read"):
        load(tmp_path / "t.ods")


def books(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


HEADER = ("text", "label")
MANY = [(f"a note of some length, number {i}", ("good", "bad")[i % 2]) for i in range(40)]


def test_cells_merged_over_rows_name_the_class_of_each(tmp_path: Path) -> None:
    path = books(tmp_path / "t.xlsx", Data=[HEADER, *((text, None) for text, _ in MANY)])
    book = openpyxl.load_workbook(path)
    for first, name in ((2, "good"), (22, "bad")):
        book.active.cell(first, 2, name)
        book.active.merge_cells(start_row=first, end_row=first + 19, start_column=2, end_column=2)
    book.save(path)
    assert load(path).labels == ["good"] * 20 + ["bad"] * 20


def test_labels_at_the_beginning_of_blocks_are_refused(tmp_path: Path) -> None:
    labels = [("good", "bad", "so so")[i // 14] if i % 14 == 0 else None for i in range(40)]
    rows = [(label, text) for label, (text, _) in zip(labels, MANY, strict=True)]
    path = books(tmp_path / "t.xlsx", Data=[("label", "text"), *rows])
    match = r"one at the beginning of each block alone: 3 of 40 are filled in, as merged cells leave them"
    with pytest.raises(LayoutError, match=rf"in the column 'label' of t\.xlsx, found {match}") as caught:
        load(path)
    assert "ffill()" in str(caught.value.hint)
    with pytest.raises(LayoutError, match=match):
        from_objects(pandas.read_excel(path, engine="calamine"))
    with pytest.raises(LayoutError, match=match):
        from_arrays([text for text, _ in MANY], labels, modality="text")
    assert len(load(path, target="classes")) == 3


def test_some_labels_in_any_order_are_not_blocks(tmp_path: Path) -> None:
    rows = [(text, label if i % 7 in (0, 3, 4) else None) for i, (text, label) in enumerate(MANY)]
    assert len(load(books(tmp_path / "t.xlsx", Data=[HEADER, *rows]))) == 18


@pytest.mark.parametrize(
    "cover",
    [
        [("Customer survey", None), ("Author", "Ann"), ("Date", "2024-01-01"), ("Version", "3")],
        [("field", "meaning"), ("text", "the text of the note"), ("label", "its class")],
        [("text", "what the customer wrote"), ("label", "what we think of it")],
    ],
)
def test_a_cover_is_passed_over(tmp_path: Path, cover: Sequence[Sequence[object]]) -> None:
    data = load(books(tmp_path / "t.xlsx", Cover=cover, Data=[HEADER, *MANY]))
    assert data.labels == [label for _, label in MANY]
    assert data.notes == ("t.xlsx: the sheet 'Data' is read; left out: 'Cover'.",)


@pytest.mark.parametrize("header", [HEADER, ("text",), ("text", "id")])
def test_sheets_with_the_same_columns_are_refused(tmp_path: Path, header: Sequence[str]) -> None:
    rows = [row[: len(header)] for row in MANY]
    path = books(tmp_path / "t.xlsx", good=[header, *rows[:20]], bad=[header, *rows[20:]])
    with pytest.raises(DataError, match=r"t\.xlsx has 2 sheets with the same columns \('good', 'bad'\)") as e:
        load(path)
    assert "If each sheet is a class, add a column label" in str(e.value.hint)


def test_sheets_called_for_splits_are_splits(tmp_path: Path) -> None:
    path = books(tmp_path / "t.xlsx", test=[HEADER, *MANY[:10]], Train=[HEADER, *MANY[10:]])
    assert load(path).sources == [text for text, _ in MANY[10:]]
    assert load(path, split="test").sources == [text for text, _ in MANY[:10]]


def test_units_and_totals_are_no_examples(tmp_path: Path) -> None:
    rows = [HEADER, ("(free text)", "(good/bad)"), *MANY, ("Total", 40)]
    data = load(books(tmp_path / "t.xlsx", Data=rows))
    assert data.classes == ("bad", "good")
    assert [(one.source, one.code) for one in data.problems] == [
        ("t.xlsx:2", "odd_row"),
        ("t.xlsx:43", "odd_row"),
    ]
