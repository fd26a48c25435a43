"""Groups that file names, folders, headers and columns give away."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.data import exif
from headstart.data.grouping import (
    by_folder,
    by_prefix,
    by_start,
    by_suffix,
    candidates,
    is_plausible,
    regroup,
)
from headstart.data.headers import by_camera, by_exif, by_sound
from headstart.data.read import from_arrays, load
from headstart.data.runs import find_runs, residuals, sequences
from headstart.errors import DataError, ParameterError
from headstart.types import Dataset, Example, Modality
from headstart.workflows import load as load_anything


def examples(names: Sequence[str]) -> list[Example]:
    return [Example(b"", name.split("/")[0], None, name) for name in names]


def dataset(names: Sequence[str]) -> Dataset:
    made = tuple(examples(names))
    return Dataset(Modality.AUDIO, made, tuple(sorted({str(one.label) for one in made})))


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["snare/kit3_snare_012.wav", "kick/kit3_kick_1.wav"], ["kit3", "kit3"]),
        (
            ["yes/anna-12.wav", "no/anna-13.wav", "yes/ben-1.wav", "no/ben-2.wav"],
            ["anna", "anna", "ben", "ben"],
        ),
        (["ill/07_003.png", "ill/08_004.png", "well/07_005.png", "well/08_1.png"], ["07", "08", "07", "08"]),
        (["ok/brick_0000.jpg", "spot/grass 17.jpg"], ["brick", "grass"]),
        (["yes/en_us_f2_0001.wav"], ["en_us_f2"]),
        (["yes/anna (2).wav"], ["anna"]),
        (["road sign/road_sign_shop2_4.jpg"], ["shop2"]),
        (["bird/bird_001.jpg", "bird/0001.jpg", "bird/bird12.jpg"], [None, None, None]),
    ],
)
def test_how_names_begin(names: list[str], groups: list[str | None]) -> None:
    assert list(by_prefix(examples(names))) == groups


def test_a_counter_may_be_glued_to_the_last_word() -> None:
    names = [f"{label}/patient{p:02}_slice{s + 3 * shift}.png" for p in range(4) for s in range(3)
             for shift, label in enumerate(("ill", "well"))]  # fmt: skip
    assert set(by_prefix(examples(names))) == {f"patient{p:02}_slice" for p in range(4)}
    names = [f"{label}/{label}_kit{kit}.wav" for kit in range(5) for label in ("kick", "snare")]
    assert set(by_prefix(examples(names))) == {f"kit{kit}" for kit in range(5)}, "no counter here"


def test_first_and_last_words() -> None:
    made = examples(["yes/anna_take1_03.wav", "no/0001_ben.wav", "no/0002.wav"])
    assert by_start(made) == ("anna", "0001", None)
    assert by_suffix(made) == (None, "ben", None)


def test_folders_above_and_below_the_class() -> None:
    made = [Example(b"", label, None, name) for label, name in (
        ("cat", "train/cat/anna/1.jpg"), ("dog", "train/dog/ben/1.jpg"), ("cat", "validation/cat/2.jpg"),
    )]  # fmt: skip
    assert by_folder(made) == ("anna", "ben", None)
    above = [Example(b"", label, None, name) for label, name in (
        ("cat", "shop1/cat/1.jpg"), ("dog", "shop2/dog/1.jpg"),
    )]  # fmt: skip
    assert by_folder(above) == ("shop1", "shop2")


def test_rows_of_a_table_are_known_by_their_file() -> None:
    made = [
        Example(Path("/x/anna_1.wav"), "yes", None, "t.csv:2 (in/anna_1.wav)"),
        Example("a text", "yes", None, "t.csv:3"),
    ]
    assert by_prefix(made) == ("anna", None)


@pytest.mark.parametrize(
    "names",
    [
        [f"{label}/digit_{i:04}.png" for label in "ab" for i in range(20)],  # one beginning
        [f"{label}/{i:04}.png" for label in "ab" for i in range(20)],  # numbers alone
        [f"{label}/IMG_{i:04}.jpg" for label in "ab" for i in range(20)],
        [
            f"{label}/{hash((label, i)) & 0xFFFFFF:06x}q{i}x.png" for label in "ab" for i in range(20)
        ],  # all unlike
        [f"{label}/of_{label}_{i}.png" for label in "ab" for i in range(20)],  # the class
        [f"{label}/{'cdefg'[i % 5] + label}_{i}.png" for label in "a" for i in range(20)]
        + [f"b/other_{i}.png" for i in range(20)],  # one class alone could be measured
    ],
)
def test_names_without_groups_suggest_none(names: list[str]) -> None:
    assert candidates(dataset(names)) == []


def test_the_same_groups_are_listed_once() -> None:
    names = [
        f"{label}/{who}_{i}.wav" for label in ("yes", "no") for who in ("anna", "ben", "cy") for i in range(4)
    ]
    assert [one.source for one in candidates(dataset(names))] == ["name-prefix"]


def test_groups_that_hold_whole_classes_cannot_be_measured() -> None:
    assert not is_plausible(["x", "x", "y", "y"], ["a", "a", "b", "b"])
    assert is_plausible(["x", "x", "y", "y"], ["a", "b", "a", "b"])


def photo(path: Path, taken: datetime | None = None, serial: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (8, 8), (sum(map(ord, path.name)) % 256, 0, 0))
    known = Image.Exif()
    if taken is not None:
        known[0x010F], known[0x0110] = "Maker", "Maker 5"
        details = known.get_ifd(0x8769)
        details[0x9003], details[0xA431] = f"{taken:%Y:%m:%d %H:%M:%S}", serial
        known[0x8769] = details
    picture.save(path, exif=known)
    return path


def test_when_and_with_what_a_photo_was_taken(tmp_path: Path) -> None:
    start = datetime(2024, 5, 1, 10)
    minutes = (0, 10, 39, 80, 85, 5)
    serials = ("A1", "A1", "A1", "A1", "A1", "B2")
    paths = [
        photo(tmp_path / f"{n}.jpg", start + timedelta(minutes=m), serial)
        for n, (m, serial) in enumerate(zip(minutes, serials, strict=True))
    ]
    made = [Example(path, "a", None, path.name) for path in [*paths, photo(tmp_path / "bare.jpg")]]
    first, second = "Maker Maker 5 A1 2024-05-01 10:00", "Maker Maker 5 A1 2024-05-01 11:20"
    assert by_exif(made) == (first, first, first, second, second, "Maker Maker 5 B2 2024-05-01 10:05", None)
    assert by_camera(made) == (*["Maker Maker 5 A1"] * 5, "Maker Maker 5 B2", None)


def test_damaged_exif_says_nothing() -> None:
    whole = Image.Exif()
    whole[0x0132] = "2024:05:01 10:00:00"
    block = whole.tobytes()
    assert exif.capture(block) == exif.Capture("", datetime(2024, 5, 1, 10))
    for end in range(len(block)):
        found = exif.capture(block[:end])
        assert found is None or found.taken is None or end > len(block) - 3
    assert exif.capture(b"") is None
    assert exif.capture("no bytes") is None


def test_headers_of_sounds(tmp_path: Path) -> None:
    silence = np.zeros(800)
    for name, rate in (("a.wav", 16000), ("b.wav", 44100), ("c.wav", 44100)):
        soundfile.write(tmp_path / name, silence, rate)
    with soundfile.SoundFile(tmp_path / "d.flac", "w", 16000, 1) as sound:
        sound.artist = "Anna"
        sound.write(silence)
    (tmp_path / "e.wav").write_bytes(b"RIFF")
    made = [Example(path, "a", None, path.name) for path in sorted(tmp_path.iterdir())]
    found = by_sound(made)
    assert found[1] == found[2] == "44100 Hz, 1 channels, WAV PCM_16"
    assert found[0] not in (found[1], None)
    assert found[3:] == ("Anna", None)


def folder_of(tmp_path: Path) -> Path:
    for label in ("no", "yes"):
        for who in ("anna", "ben"):
            for number in range(2):
                photo(tmp_path / "data" / label / f"{who}_{number}.png")
    return tmp_path / "data"


def test_a_way_groups_a_folder_and_none_only_says_so(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    found = load(folder, groups="name-prefix")
    assert [example.group for example in found.examples] == ["anna", "anna", "ben", "ben"] * 2
    assert found.grouping == "name-prefix"
    silent = load(folder, groups="none")
    assert {example.group for example in silent.examples} == {None}
    assert silent.grouping == "none"
    paths = sorted(folder.rglob("*.png"))
    listed = load_anything(paths, [path.parent.name for path in paths], groups="name-prefix")
    assert [example.group for example in listed.examples] == ["anna", "anna", "ben", "ben"] * 2


def test_a_file_of_that_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("none").write_text("file,group\nyes/anna_0.png,mine\n")
    found = load(folder, groups="none")
    assert {example.group for example in found.examples} == {"mine", None}


def test_a_folder_of_that_name_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("name-prefix").mkdir()
    assert load(folder, groups="name-prefix").examples[0].group == "anna"


def test_what_is_no_way_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    with pytest.raises(
        ParameterError, match=r"one of name-prefix.*got 'nameprefix', and there is no such"
    ) as error:
        load(folder, groups="nameprefix")
    assert error.value.hint == "Did you mean 'name-prefix'?"
    with pytest.raises(DataError, match=r"list of groups .*gone\.csv cannot be read"):
        load(folder, groups=tmp_path / "gone.csv")
    with pytest.raises(
        DataError, match=r"groups='folder' expected groups in the folders .* found nothing .*no/anna_0"
    ):
        load(folder, groups="folder")
    with pytest.raises(ParameterError, match="one group for each element, not a file"):
        load_anything(["a", "b"], ["x", "y"], groups="gone.csv")


def test_groups_that_are_given_stay() -> None:
    made = from_arrays(["a b", "c d"], ["x", "y"], modality="text", groups=["g", "h"])
    assert regroup(made, "none").examples == made.examples


def test_columns_that_look_like_ids(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [
        f"text {i} is here,{'ab'[i % 2]},{'xyz'[i % 3]},https://www.site{i % 4}.org/page/{i},{i % 5 + 1},u{i}"
        for i in range(24)
    ]
    table.write_text("\n".join(["text,label,speakerId,link,stars,user", *rows]))
    found = load(table)
    assert found.examples[5].ids == (("speakerId", "z"), ("link", "site1.org"))
    assert [one.source for one in candidates(found)] == ["column speakerId", "column link"]
    named = load(table, group_column="link")
    assert [example.group for example in named.examples[:2]] == ["site0.org", "site1.org"]
    assert named.examples[0].ids == ()


def test_columns_of_a_list_beside_files(tmp_path: Path) -> None:
    lines = ["file_name,label,patient"]
    for number in range(8):
        photo(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{'ab'[number % 2]},p{number // 2}")
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    found = load(tmp_path)
    assert [dict(example.ids)["patient"] for example in found.examples[:3]] == ["p0", "p0", "p1"]


def test_numbers_are_series_by_class_or_over_all() -> None:
    apart = dataset([f"{label}/word_{i:03}.wav" for label in ("a", "b") for i in range(12)])
    assert [len(series) for series in sequences(apart)] == [12, 12]
    names = [f"{'ab'[i % 2]}/IMG_{i:04}.jpg" for i in range(24)]
    over_all = dataset(sorted(names))
    (series,) = sequences(over_all)
    assert [over_all.examples[place].name[2:] for place in series] == sorted(name[2:] for name in names)


def test_a_run_ends_where_the_contents_change_for_good() -> None:
    names = [f"{label}/word_{i:03}.wav" for label in ("a", "b") for i in range(40)]
    made = dataset(names)
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 40)
    vectors = rng.standard_normal((80, 32)) + 4.0 * y[:, None]
    late = np.tile(np.arange(40) >= 25, 2)
    assert find_runs(residuals(vectors, y), sequences(made)) is None
    runs = find_runs(residuals(vectors + 2.0 * late[:, None], y), sequences(made))
    assert runs is not None
    assert runs.tolist() == [0] * 25 + [1] * 15 + [2] * 25 + [3] * 15


def test_a_wave_file_of_the_standard_library_is_read(tmp_path: Path) -> None:
    for name, channels in (("a.wav", 1), ("b.wav", 2)):
        with wave.open(str(tmp_path / name), "wb") as sound:
            sound.setnchannels(channels)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"\0" * 320)
    made = [Example(tmp_path / name, "x", None, name) for name in ("a.wav", "b.wav")]
    assert by_sound(made) == ("8000 Hz, 1 channels, WAV PCM_16", "8000 Hz, 2 channels, WAV PCM_16")
