"""Texts."""

from types import MappingProxyType

from headstart.kinds.record import Files, Kind, Part, Words

TEXT = Kind(
    name="text",
    words=Words(
        one="text",
        many="texts",
        inputs="texts",
        new='"a new text"',
        example="a text",
        field="texts='a new text'",
        explained="Each word was left out in turn. The stronger a word is marked, the more the answer "
        "changed without it.",
        probe="100 plain sentences on ten subjects",
    ),
    files=Files(
        formats=MappingProxyType(
            {
                "text": "plain text",
                "html": "a web page (HTML)",
                "svg": "an SVG drawing",
                "json": "JSON text",
            }
        ),
        endings=frozenset(".txt .text .md .rst .htm .html .rtf .doc .docx .odt .pdf .eml".split()),
        wanted="plain text",
        may_be="Texts may be .txt files or a table.",
        one="a text",
        many="texts",
        code="not_text",
        accept=".txt,.md,.csv,.tsv,.jsonl,.parquet,.xlsx,.xls,.ods",
    ),
    task="text-classification",
    encoder=Part("headstart.encoders.text:TextEncoder"),
    simple_features=Part("headstart.encoders.simple_text:RawText"),
    needs=Part("headstart.bases.needs:of_texts"),
    resemble=Part("headstart.advice.resembling:texts"),
    explain=Part("headstart.workflows.explaining:weigh_words"),
    probe=Part("headstart.finetune.probe:sentences"),
    front=Part("headstart.export.fronts:Texts"),
    host=Part("headstart.export.parity:TextHost"),
    made_inputs=Part("headstart.export.parity:made_texts"),
    sample=Part("headstart.kinds.samples:text"),
    trial=Part("headstart.kinds.samples:tokens_for"),
    file_suffix="",
    most_bytes=4_000_000,
    usual_seconds=0.035,
    inline=True,
    drawn="text",
    examine=Part("headstart.app.examine:text"),
    counted=True,
    finetuning=MappingProxyType({"depth": "half", "epochs": 6, "rate": 0.001, "variations": 1}),
)
