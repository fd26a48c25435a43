"""Rows of a table with several columns to learn from."""

from types import MappingProxyType

from headstart.kinds.record import Files, Kind, Learning, Part, Words

TABLE = Kind(
    name="table",
    words=Words(
        one="row",
        many="rows",
        inputs="rows of a table",
        new="NEW_ROWS.csv",
        example="rows.csv",
        field="",
        explained="",
        probe="",
    ),
    files=Files(
        formats={},
        endings=frozenset(),
        wanted="a row of a table",
        may_be="Rows stand in CSV, TSV, JSONL or Parquet files or in spreadsheets.",
        one="a row",
        many="rows",
        code="not_a_row",
    ),
    task="tabular-classification",
    encoder=Part("headstart.encoders.columns.column:ColumnEncoder"),
    simple_features=Part("headstart.encoders.columns.column:refuse_simple_features"),
    sample=Part("headstart.kinds.samples:row"),
    front=Part("headstart.export.row_fronts:Cells"),
    host=Part("headstart.export.row_host:RowHost"),
    file_suffix=".csv",
    most_bytes=4_000_000,
    usual_seconds=0.05,
    columns=True,
    learning=Learning(
        require=Part("headstart.workflows.rows:require_possible"),
        prepare=Part("headstart.workflows.rows:prepare"),
        choose=Part("headstart.workflows.rows:choose"),
        advise=Part("headstart.workflows.rows:advise"),
        ways=MappingProxyType({"floor": Part("headstart.workflows.rows:trees"), "frozen": None}),
        titles=MappingProxyType(
            {
                "floor": "boosted trees on the simple columns",
                "frozen": "all columns together, a new head",
            }
        ),
        report=Part("headstart.workflows.rows:with_columns"),
    ),
)
