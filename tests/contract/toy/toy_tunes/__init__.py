"""A kind of data that headstart does not know: tunes, as lists of notes. Any package may bring such a record.

A file ends in ``.notes``. Its first line is ``notes 1``; each other line is a pitch from 0 to 127 and how
many beats it lasts: ``60 0.5``.
"""

from headstart.kinds import Files, Kind, Part, Words

TUNE = Kind(
    name="tune",
    words=Words(
        one="tune",
        many="tunes",
        inputs="tunes as lists of notes",
        new="NEW_TUNE.notes",
        example="tune.notes",
        field="files=@tune.notes",
        explained="Each note was left out in turn.",
        probe="no tunes",
    ),
    files=Files(
        formats={"notes": "a list of notes"},
        endings=frozenset({".notes"}),
        wanted="a list of notes (.notes)",
        may_be="Tunes may be .notes files.",
        one="a tune",
        many="tunes",
        code="not_a_tune",
        sniff=Part("toy_tunes.reading:sniff"),
    ),
    task="audio-classification",
    simple_features=Part("toy_tunes.features:Notes"),
    sample=Part("toy_tunes.reading:sample"),
    file_suffix=".notes",
    most_bytes=1 << 20,
    usual_seconds=0.001,
)
