"""Rows of a table with several columns to learn from."""

from headstart.kinds.record import Kind, Part, Words

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
    task="tabular-classification",
    encoder=Part("headstart.encoders.columns.column:ColumnEncoder"),
    simple_features=Part("headstart.encoders.columns.column:refuse_simple_features"),
    explain=Part("headstart.workflows.rows.refusing:explain"),
    probe=Part("headstart.workflows.rows.refusing:explain"),
    made_inputs=Part("headstart.workflows.rows.refusing:made_inputs"),
    sample=Part("headstart.kinds.samples:row"),
    trial=Part("headstart.workflows.rows.refusing:explain"),
    file_suffix=".csv",
    most_bytes=4_000_000,
    usual_seconds=0.05,
)
