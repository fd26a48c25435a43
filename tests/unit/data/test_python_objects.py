"""What Python programs hold is read as what it is: tables as tables, pictures and sounds as their files."""

from __future__ import annotations

import io
import os
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import soundfile
import torch
from PIL import Image, ImageOps

from headstart import Model, workflows
from headstart.data.content import content_hash
from headstart.data.image import decode_image
from headstart.errors import (
    DataError,
    LayoutError,
    MissingExtraError,
    NotEnoughDataError,
    ParameterError,
    SourceError,
)
from headstart.types import Modality
from headstart.workflows import load
from tiny import tiny_model

TEXTS = [f"the {word} note number {i}" for i, word in enumerate(["good", "bad"] * 6)]
LABELS = ["pos", "neg"] * 6


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    folder = tmp_path_factory.mktemp("models")
    return {kind: tiny_model(folder / kind, kind) for kind in ("image", "text", "audio")}


Opener: TypeAlias = Callable[[Any], Image.Image]


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open images that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda file: stack.enter_context(Image.open(file))


def picture(seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (24, 36, 3), dtype=np.uint8))


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


# Tables


class LikeAFrame:
    """A table of no library known here: it iterates over the names of its columns."""

    columns = ("text", "label")

    def __getitem__(self, name: str) -> list[str]:
        return {"text": TEXTS, "label": LABELS}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(TEXTS)


class OnlyNames(LikeAFrame):
    """The same, without saying that it has columns."""

    columns = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[str]:
        return iter(("text", "label"))


class LikeADict(OnlyNames):
    def keys(self) -> list[str]:
        return ["text", "label"]


def hugging_face(labels: Any = LABELS, **columns: Any) -> datasets.Dataset:
    return datasets.Dataset.from_dict({"text": TEXTS, "label": labels, **columns})


TABLES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({"text": TEXTS, "label": pd.Categorical(LABELS)}),
    "polars": lambda: pl.DataFrame({"text": TEXTS, "label": LABELS}),
    "polars lazy": lambda: pl.LazyFrame({"text": TEXTS, "label": LABELS}),
    "hugging face": hugging_face,
    "pyarrow": lambda: pa.table({"text": TEXTS, "label": LABELS}),
    "pyarrow batch": lambda: pa.RecordBatch.from_pydict({"text": TEXTS, "label": LABELS}),
    "pyarrow reader": lambda: pa.table({"text": TEXTS, "label": LABELS}).to_reader(),
    "dict": lambda: {"text": TEXTS, "label": np.array(LABELS)},
    "rows": lambda: [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)],
    "generator of rows": lambda: ({"text": t, "label": y} for t, y in zip(TEXTS, LABELS, strict=True)),
    "named tuples": lambda: list(pd.DataFrame({"text": TEXTS, "label": LABELS}).itertuples()),
    "structured array": lambda: np.array(
        list(zip(TEXTS, LABELS, strict=True)), dtype=[("text", "U40"), ("label", "U3")]
    ),
    "columns": LikeAFrame,
    "iterates names": OnlyNames,
    "keys": LikeADict,
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_is_read_by_its_columns(kind: str, models: dict[str, Model]) -> None:
    data = load(TABLES[kind]())
    assert data.modality is Modality.TEXT
    assert data.sources == TEXTS
    assert data.labels == LABELS
    assert [example.name for example in data.examples[:2]] == ["row 0", "row 1"]
    said = models["text"].predict(TABLES[kind]())
    assert [(p.source, p.label) for p in said] == [
        (f"row {i}", p.label) for i, p in enumerate(models["text"].predict(TEXTS))
    ]


def test_rows_are_called_by_their_index(models: dict[str, Model]) -> None:
    frame = pd.DataFrame({"text": TEXTS, "label": LABELS}, index=[f"r{i}" for i in range(12)])
    assert load(frame[3:]).examples[0].name == "row r3"
    assert models["text"].predict(frame[3:])[0].source == "row r3"
    assert load(pd.concat([frame, frame])).examples[12].name == "row 12"  # an index that is not unique


def test_columns_are_chosen_as_for_files(models: dict[str, Model]) -> None:
    frame = pd.DataFrame({"q": TEXTS, "w": TEXTS[::-1], "label": LABELS, "who": ["x", "y", "z"] * 4})
    data = load(frame, input_column="w", label_column="label", group_column="who")
    assert (data.sources, data.examples[1].group) == (TEXTS[::-1], "y")
    with pytest.raises(LayoutError, match=r"Cannot tell which column of the given DataFrame holds the input"):
        load(frame, label_column="label", group_column="who")
    with pytest.raises(DataError, match=r"^The given DataFrame has no column 'lable'"):
        load(frame, label_column="lable")
    with pytest.raises(LayoutError, match="holds the class") as caught:
        load({"pos": TEXTS, "neg": TEXTS})
    assert caught.value.hint == "Name it: label_column=, or give labels= as a sequence."
    named = models["text"].predict(frame, input_column="q")
    assert [p.label for p in named] == [p.label for p in models["text"].predict(TEXTS)]
    assert models["text"].predict_proba(frame, input_column="q").shape == (12, 2)
    assert [p.source for p in models["text"].predict_iter(frame, input_column="q")][-1] == "row 11"
    with pytest.raises(ParameterError, match="input_column is for tables"):
        models["text"].predict(TEXTS, input_column="q")


def test_labels_and_groups_may_stand_beside_a_table() -> None:
    frame = pd.DataFrame({"text": TEXTS, "label": LABELS, "who": range(12)})
    beside = load(frame[["text"]], labels=frame["label"], groups=frame["who"])
    assert beside.labels == LABELS
    assert beside.examples[3].group == "3"
    assert load(frame, labels="label", groups="who").examples == beside.examples
    with pytest.raises(ParameterError, match=r"Expected 12 labels, one for each input, got 3"):
        load(frame[["text"]], labels=["a", "b", "a"])


def test_missing_inputs_of_a_table_are_listed_and_answered_in_place(models: dict[str, Model]) -> None:
    cells = [None, np.nan, pd.NA, pd.NaT, "  ", *TEXTS[5:]]
    data = load(pd.DataFrame({"text": pd.Series(cells, dtype=object), "label": LABELS}))
    assert data.labels == LABELS[5:]
    assert [(one.source, one.code) for one in data.problems] == [(f"row {i}", "empty_text") for i in range(5)]
    said = models["text"].predict(pl.DataFrame({"text": [None, "", *TEXTS[2:]]}))
    assert len(said) == 12
    assert said[0].error == "The cell in 'text' is empty; fill it in or remove the row."
    assert [p.error is None for p in said] == [False, False, *[True] * 10]


def test_splits(models: dict[str, Model]) -> None:
    rows = hugging_face()
    parts = datasets.DatasetDict(train=rows, validation=rows, test=rows, unsupervised=rows)
    data = load(parts)
    assert len(data) == 24
    assert data.examples[12].name == "validation row 0"
    assert data.notes[0].startswith("Left out, for they are no split to learn from: 'unsupervised'")
    assert data.notes[1].startswith("12 examples of the test split were left out")
    assert len(load(parts, split="test")) == 12
    frame = rows.to_pandas()
    assert len(load({"train": frame, "test": frame})) == 12
    with pytest.raises(
        ParameterError, match=r"dict of the tables 'x', 'z', none of which is named for a split"
    ):
        load({"x": frame, "z": frame})
    with pytest.raises(ParameterError, match=r"Expected one table, got a DatasetDict of 'train', 'test'"):
        models["text"].predict(datasets.DatasetDict(train=rows, test=rows))
    assert len(models["text"].predict(datasets.DatasetDict(test=rows))) == 12


def test_class_names_of_hugging_face() -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )
    rows = datasets.Dataset.from_dict({"text": TEXTS, "label": [1, 0] * 5 + [-1, 0]}, features=features)
    for data in (load(rows), load(rows.data.table), load(rows["text"], labels=rows["label"])):
        assert data.classes == ("neg", "pos")
        assert data.labels == [*LABELS[:10], "neg"]
        assert [one.code for one in data.problems] == ["no_label"]
    assert load(rows.select([5, 4])).sources == [TEXTS[5], TEXTS[4]]


def test_a_stream_without_an_end_is_refused(models: dict[str, Model]) -> None:
    stream = hugging_face().to_iterable_dataset()
    for use in (load, models["text"].predict):
        with pytest.raises(ParameterError, match="IterableDataset is a stream that may have no end"):
            use(stream)


@pytest.mark.parametrize("form", ["hugging face", "dicts", "pandas", "polars bytes", "pandas paths"])
def test_pictures_in_a_table(form: str, tmp_path: Path, models: dict[str, Model]) -> None:
    images = [picture(i) for i in range(4)]
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for image, path in zip(images, paths, strict=True):
        image.save(path)
    labels = ["a", "b"] * 2
    with_feature = datasets.Dataset.from_dict({"image": images, "label": labels})
    records = [{"bytes": png(image), "path": None} for image in images]
    table = {
        "hugging face": with_feature.cast_column("image", datasets.Image()),
        "dicts": {"image": records, "label": labels},
        "pandas": pd.DataFrame({"pixels": images, "label": labels}),
        "polars bytes": pl.DataFrame({"image": [png(image) for image in images], "label": labels}),
        "pandas paths": pd.DataFrame({"file": [str(path) for path in paths], "label": labels}),
    }[form]
    data = load(table)
    assert (data.modality, data.classes, len(data)) == (Modality.IMAGE, ("a", "b"), 4)
    want = models["image"].predict(paths)
    assert [p.probability for p in models["image"].predict(table)] == [p.probability for p in want]
    assert [p.probability for p in models["image"].predict(data)] == [p.probability for p in want]


def test_sounds_in_a_table(tmp_path: Path, models: dict[str, Model]) -> None:
    paths = [str(sound(tmp_path / f"{i}.wav", 200 * (i + 1))) for i in range(4)]
    rows = datasets.Dataset.from_dict({"audio": paths, "label": ["a", "b"] * 2})
    rows = rows.cast_column("audio", datasets.Audio())
    assert load(rows).modality is Modality.AUDIO
    want = [p.probability for p in models["audio"].predict(paths)]
    assert [p.probability for p in models["audio"].predict(rows)] == want


def test_texts_beside_pictures_must_be_told() -> None:
    table = {"image": [picture(i) for i in range(12)], "text": TEXTS, "label": LABELS}
    with pytest.raises(LayoutError, match=r"Both 'image' \(objects\) and 'text' \(texts\)"):
        load(table)
    assert load(table, modality="image").modality is Modality.IMAGE
    assert load(table, modality="text").sources == TEXTS
    assert load(table, input_column="text").sources == TEXTS


class Exchanged:
    """A table of a library that only hands its data over in Arrow's form."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table({"text": TEXTS, "label": LABELS}).__arrow_c_stream__(requested_schema)


def test_any_table_that_speaks_arrow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(Exchanged()).labels == LABELS
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="read tables of the type Exchanged"):
        load(Exchanged())
    for kind in ("polars", "polars lazy", "dict", "rows", "structured array", "columns"):
        assert load(TABLES[kind]()).labels == LABELS  # these need no pyarrow


def test_names_of_files_that_are_not_there() -> None:
    frame = pd.DataFrame({"file": [f"{i}.png" for i in range(4)], "label": ["a", "b"] * 2})
    with pytest.raises(DataError, match=r"cells of 'file' in the given DataFrame look like names of files"):
        load(frame)


def test_tables_that_cannot_be_used() -> None:
    with pytest.raises(ParameterError, match=r"columns of equal length in the given dict, found: 'a' has 12"):
        load({"a": TEXTS, "b": TEXTS[1:]})
    with pytest.raises(ParameterError, match=r"The given DataFrame has two columns 'text'"):
        load(pd.DataFrame([["a b", "x"]], columns=["text", "text"]))
    with pytest.raises(NotEnoughDataError, match=r"Expected rows in the given DataFrame, found none"):
        load(pd.DataFrame({"text": [], "label": []}))
    with pytest.raises(ParameterError, match="got a dict of single values"):
        load({"text": "a b", "label": "c"})
    with pytest.raises(ParameterError, match="got a table of numbers, 8 x 5"):
        load(np.zeros((8, 5)), labels=LABELS[:8])


# Pictures


def with_alpha() -> Image.Image:
    image = picture()
    image.putalpha(Image.fromarray(np.random.default_rng(1).integers(0, 255, (24, 36), dtype=np.uint8)))
    return image


def with_transparent_colour() -> Image.Image:
    image = picture().convert("P")
    image.info["transparency"] = 3
    return image


MODES: dict[str, Callable[[], Image.Image]] = {
    "RGB": picture,
    "RGBA": with_alpha,
    "LA": lambda: with_alpha().convert("LA"),
    "L": lambda: picture().convert("L"),
    "1": lambda: picture().convert("1"),
    "P": lambda: picture().convert("P"),
    "P transparent": with_transparent_colour,
    "I;16": lambda: Image.fromarray(np.arange(864, dtype=np.uint16).reshape(24, 36) * 70),
}


@pytest.mark.parametrize("mode", MODES)
def test_an_image_is_named_as_its_file(
    mode: str, opened: Opener, tmp_path: Path, models: dict[str, Model]
) -> None:
    image, path = MODES[mode](), tmp_path / "a.png"
    image.save(path)
    np.testing.assert_array_equal(decode_image(image), decode_image(path))
    (want,) = models["image"].predict([path])
    loaded = opened(path)
    loaded.load()
    for given in (image, loaded, opened(path), opened(io.BytesIO(path.read_bytes()))):
        (found,) = models["image"].predict([given])
        assert (found.probability, found.error) == (want.probability, None)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_an_image_is_turned_as_its_file_is(
    name: str, opened: Opener, tmp_path: Path, models: dict[str, Model]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture().save(tmp_path / name, exif=exif)
    (want,) = models["image"].predict([tmp_path / name])
    loaded = opened(tmp_path / name)
    loaded.load()
    converted = opened(tmp_path / name).convert("RGB")
    turned = ImageOps.exif_transpose(opened(tmp_path / name))
    for found in models["image"].predict([loaded, converted, turned, opened(tmp_path / name)]):
        assert found.probability == want.probability


def test_cmyk(opened: Opener, tmp_path: Path, models: dict[str, Model]) -> None:
    picture().convert("CMYK").save(tmp_path / "a.jpg")
    loaded = opened(tmp_path / "a.jpg")
    loaded.load()
    found, want = models["image"].predict([loaded, tmp_path / "a.jpg"])
    assert found.probability == want.probability


def test_images_are_kept_as_they_are(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture().save(path)
    images = [picture(i) for i in range(4)]
    assert all(a is b for a, b in zip(load(images, labels=["a", "b"] * 2).sources, images, strict=True))
    unloaded = opened(path)
    assert load([unloaded, path], labels=["a", "b"]).sources == [path, path]
    assert unloaded.tile  # and the person's own image was not filled


def test_an_image_that_was_closed(tmp_path: Path, models: dict[str, Model]) -> None:
    picture().save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as closed:
        pass
    assert models["image"].predict([closed])[0].label
    with Image.open(io.BytesIO(png(picture()))) as closed:
        pass
    (found,) = models["image"].predict([closed])
    assert found.error == "The image was closed before it was loaded; call load() first."


def test_pillow_may_be_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for half_imported in (types.ModuleType("PIL.Image"), None):
        monkeypatch.setitem(sys.modules, "PIL.Image", half_imported)
        assert load(TEXTS, labels=LABELS, modality="text").sources == TEXTS


def test_content_of_images() -> None:
    assert content_hash(picture()) == content_hash(picture())
    others = [picture(1), picture().convert("L"), picture().convert("P"), picture().rotate(90, expand=True)]
    turned = picture()
    turned.info["exif"] = b"Exif\x00\x00II*\x00"
    assert len({content_hash(image) for image in [picture(), turned, *others]}) == 6


def test_the_same_image_twice_is_a_duplicate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tiny import add_tiny_base, tiny_sources

    base = add_tiny_base(monkeypatch, tmp_path, "image")
    arrays, labels = tiny_sources("image", 16)
    images = [Image.fromarray(array) for array in arrays]
    model = workflows.train([*images, images[0].copy()], [*labels, labels[0]], base=base)
    assert model.report.used == 16
    assert workflows.evaluate(model, [*images[:4], *[picture(i) for i in range(4)]], judged(labels)).used == 4


def judged(labels: list[str]) -> list[str]:
    return [*labels[:4], "low", "high", "low", "high"]


# Arrays and tensors


def test_the_axis_of_colours_is_found(models: dict[str, Model]) -> None:
    rows = np.asarray(picture())
    grey = np.asarray(picture().convert("L"))
    planes = torch.from_numpy(rows.copy()).permute(2, 0, 1)
    (want,), (want_grey,) = models["image"].predict([rows]), models["image"].predict([grey])
    for given in (
        rows,
        rows.transpose(2, 0, 1),
        planes,
        planes[None],
        planes.permute(1, 2, 0),
        planes / 255,
        (planes / 255).requires_grad_(),
        (planes / 255).bfloat16(),
    ):
        (found,) = models["image"].predict([given])
        assert (found.probability, found.error) == (want.probability, None)
    for given in (grey, grey[None], grey[..., None], torch.from_numpy(grey.copy())):
        assert models["image"].predict([given])[0].probability == want_grey.probability
    batch = torch.stack([planes, planes, planes])
    assert [p.probability for p in models["image"].predict(batch)] == [want.probability] * 3


def test_shapes_that_cannot_be_told(models: dict[str, Model]) -> None:
    either, neither = models["image"].predict(
        [np.zeros((4, 20, 4), np.uint8), np.zeros((2, 20, 30), np.uint8)]
    )
    assert either.error == (
        "The shape (4, 20, 4) has two meanings: its colours may come first or last; give an array of the "
        "shape (H, W, 3)."
    )
    assert neither.error == (
        "A picture must have the shape (H, W), (H, W, 3), (H, W, 4) or (3, H, W), this array has "
        "(2, 20, 30); reorder its axes."
    )
    with pytest.raises(ParameterError, match=r"got ndarray of shape \(2, 20, 30, 3\)") as caught:
        models["image"].predict([np.zeros((2, 20, 30, 3), np.uint8)])
    assert "batch of pictures" in str(caught.value.hint)


# Sounds


def sound(path: Path, pitch: float = 300, rate: int = 44100, subtype: str = "FLOAT") -> Path:
    time = np.arange(rate // 2) / rate
    left = 0.3 * np.sin(2 * np.pi * pitch * time)
    soundfile.write(path, np.stack([left, left / 2], axis=1), rate, subtype=subtype)
    return path


class Decoded:
    """What torchcodec's decoder returns."""

    def __init__(self, path: Path) -> None:
        samples, self.sample_rate = soundfile.read(path, dtype="float32")
        self.data = torch.from_numpy(samples.T.copy())


class Decoder:
    """A decoder of torchcodec, as Hugging Face hands out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_all_samples(self) -> Decoded:
        return Decoded(self.path)


def test_sounds_with_their_rate_are_named_as_their_file(tmp_path: Path, models: dict[str, Model]) -> None:
    path = sound(tmp_path / "a.wav")
    samples, rate = soundfile.read(path, dtype="float32")
    (want,) = models["audio"].predict([path])
    for given in (
        (samples, rate),
        (samples.T, float(rate)),
        (torch.from_numpy(samples.T.copy()), np.int64(rate)),
        (rate, samples),
        {"array": samples, "sampling_rate": rate, "path": "a.wav"},
        {"bytes": path.read_bytes(), "path": None},
        {"bytes": None, "path": str(path)},
        Decoder(path),
        Decoded(path),
        io.BytesIO(path.read_bytes()),
    ):
        (found,) = models["audio"].predict(given)
        assert (found.probability, found.error) == (want.probability, None)
        assert models["audio"].predict([given]) == [found]
    whole = sound(tmp_path / "b.wav", subtype="PCM_16")
    found, want = models["audio"].predict([soundfile.read(whole, dtype="int16"), whole])
    assert found.probability == want.probability


def test_sounds_at_the_rate_of_the_base(tmp_path: Path, models: dict[str, Model]) -> None:
    path = sound(tmp_path / "a.wav", rate=16000)
    samples = soundfile.read(path, dtype="float32")[0].mean(axis=1)
    (want,) = models["audio"].predict([path])
    for given in (samples, torch.from_numpy(samples), [torch.from_numpy(samples)[None]], samples[None]):
        (found,) = models["audio"].predict(given)
        assert found.probability == pytest.approx(want.probability, abs=1e-6)
    assert load([torch.from_numpy(samples)[None]] * 2, labels=["a", "b"]).modality is Modality.AUDIO
    assert load([(samples, 16000), (samples, 8000)], labels=["a", "b"]).modality is Modality.AUDIO
    (odd,) = models["audio"].predict([{"array": samples, "sampling_rate": 7}])
    assert odd.error == "Its rate is 7 samples per second; check it."


def test_content_of_sounds() -> None:
    from headstart.types import Sound

    samples = np.zeros(8, np.float32)
    hashes = {content_hash(one) for one in (Sound(samples, 8000), Sound(samples, 16000), samples)}
    assert len(hashes) == 3
    assert content_hash(Sound(samples, 8000)) == content_hash(Sound(samples.copy(), 8000))


# Files, streams, paths


class Upload:
    """A file of an asynchronous server, as FastAPI hands it out."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    async def read(self) -> bytes:
        return self.file.read()


class Pathlike:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_files_in_every_form(tmp_path: Path, models: dict[str, Model]) -> None:
    path = tmp_path / "a.png"
    picture().save(path)
    data = path.read_bytes()
    (want,) = models["image"].predict([path])
    (entry,) = os.scandir(tmp_path)
    written = io.BytesIO()  # and left at its end
    picture().save(written, "PNG")
    with path.open("rb") as opened:
        opened.seek(7)
        for given in (
            str(path), path, Pathlike(path), entry, np.str_(path), data, bytearray(data), memoryview(data),
            written, opened, Upload(data),
        ):  # fmt: skip
            (one,), (found,) = models["image"].predict(given), models["image"].predict([given])
            assert (one.probability, found.probability) == (want.probability, want.probability)
        assert opened.tell() == 7
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        picture().save(tmp_path / "photos" / name / "a.png")
    assert load(Pathlike(tmp_path / "photos")).classes == ("cat", "dog")
    with pytest.raises(ParameterError, match="got one BytesIO"):
        load(io.BytesIO(b"text,label\n"))


def test_files_that_cannot_be_read(tmp_path: Path, models: dict[str, Model]) -> None:
    (tmp_path / "a.png").write_bytes(png(picture()))
    with (tmp_path / "a.png").open("rb") as closed:
        pass
    with (tmp_path / "a.png").open() as as_text:
        found, wrong = models["image"].predict([closed, as_text])
    assert found.error == "The file cannot be read (I/O operation on closed file); open it again."
    assert wrong.error == "The file is opened as text, which it is not; open it with mode 'rb'."
    assert models["image"].predict([io.StringIO("words")])[0].error == (
        "The file is opened as text; open it with mode 'rb'."
    )


def test_open_files_of_texts(models: dict[str, Model]) -> None:
    data = load([io.StringIO(text) for text in TEXTS], labels=LABELS)
    assert data.sources == TEXTS
    said = models["text"].predict([io.StringIO(TEXTS[0]), io.BytesIO(TEXTS[0].encode())])
    assert {p.label for p in said} == {models["text"].predict(TEXTS[0])[0].label}


# Several of them


CONTAINERS: dict[str, Callable[[], Any]] = {
    "tuple": lambda: tuple(TEXTS),
    "generator": lambda: (text for text in TEXTS),
    "pandas": lambda: pd.Series(TEXTS, index=range(5, 17)),
    "categorical": lambda: pd.Series(TEXTS, dtype="category"),
    "polars": lambda: pl.Series(TEXTS),
    "pyarrow": lambda: pa.array(TEXTS),
    "chunked": lambda: pa.chunked_array([TEXTS[:5], TEXTS[5:]]),
    "scalars": lambda: list(pa.array(TEXTS)),
    "numpy": lambda: np.array(TEXTS),
    "objects": lambda: np.array(TEXTS, dtype=object),
    "column": lambda: np.array(TEXTS, dtype=object)[:, None],
    "hugging face": lambda: hugging_face()["text"],
    "values": lambda: dict(enumerate(TEXTS)).values(),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_inputs_in_every_container(kind: str, models: dict[str, Model]) -> None:
    assert load(CONTAINERS[kind](), labels=LABELS).sources == TEXTS
    assert models["text"].predict(CONTAINERS[kind]()) == models["text"].predict(TEXTS)


def test_forms_may_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture().save(path)
    given = [
        picture(1),
        path,
        str(path),
        png(picture(2)),
        np.asarray(picture(3)),
        io.BytesIO(png(picture(4))),
    ]
    assert len(load(given, labels=["a", "b"] * 3)) == 6


def test_missing_inputs_are_listed_and_answered_in_place(tmp_path: Path, models: dict[str, Model]) -> None:
    missing = [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), pa.scalar(None)]
    data = load([*missing, *TEXTS[7:]], labels=LABELS)
    assert data.sources == TEXTS[7:]
    assert data.labels == LABELS[7:]
    assert [(one.source, one.code) for one in data.problems] == [(f"input {i}", "empty") for i in range(7)]
    assert data.problems[1].reason == "The input is missing (nan); fill it in or leave it out."
    picture().save(tmp_path / "a.png")
    said = models["image"].predict([None, tmp_path / "a.png", "", *missing[1:]])
    assert [p.error is None for p in said] == [False, True, *[False] * 7]
    assert (said[0].source, said[2].error) == ("input 1", "The name is empty; name a file.")
    assert [p.error for p in models["text"].predict([None])] == [said[0].error]
    assert [p.error for p in models["audio"].predict([None])] == [said[0].error]
    with pytest.raises(SourceError, match=r"input 2: The input is missing \(None\)"):
        models["text"].predict_proba(["good", None])


def test_what_is_not_taken_is_named(models: dict[str, Model]) -> None:
    for value, name in ((1.5, "float"), (object(), "object"), ([1, 2], "list"), (True, "bool")):
        for use in (models["image"].predict, models["text"].predict, lambda given: load(given, labels=["a"])):
            with pytest.raises(ParameterError, match=f"Expected an input at 0, got {name}") as caught:
                use([value])
            assert "Inputs may be paths, texts, encoded bytes, open files, Pillow images" in str(
                caught.value.hint
            )
    with pytest.raises(ParameterError, match="Expected a path or a sequence of inputs, got object"):
        models["image"].predict(object())
    with pytest.raises(ParameterError, match="got a set, which has none"):
        models["text"].predict(set(TEXTS))
    with pytest.raises(ParameterError, match="got tuple") as caught:
        load([(picture(), "a"), (picture(1), "b")])
    assert "inputs, labels = zip(*pairs)" in str(caught.value.hint)


def test_one_kind_of_data_for_another(models: dict[str, Model]) -> None:
    assert (
        models["audio"].predict(picture())[0].error
        == "It is a picture in memory, not a sound; give a sound here."
    )
    pair = (np.zeros(900), 8000)
    assert (
        models["image"].predict(pair)[0].error
        == "It is a sound in memory, not a picture; give a picture here."
    )
    assert (
        models["text"].predict(picture())[0].error
        == "It is a picture in memory, not a text; give a text here."
    )


def test_where_names_of_files_are_taken_objects_are_refused(models: dict[str, Model], tmp_path: Path) -> None:
    for given in (
        hugging_face(),
        {"text": TEXTS},
        datasets.DatasetDict(test=hugging_face()),
        OnlyNames(),
        [picture()],
        picture(),
        5,
    ):
        with pytest.raises(ParameterError, match="Expected names of files, folders or tables, got"):
            workflows.predict_many(models["text"], given, out=tmp_path / "o.csv")
        with pytest.raises(ParameterError, match="Expected names of files, folders or tables, got"):
            workflows.predict(models["text"], given)
    picture().save(tmp_path / "a.png")
    assert workflows.predict(models["image"], str(tmp_path / "a.png"))[0].label
    assert workflows.predict_many(models["image"], tmp_path / "a.png", out=tmp_path / "o.csv").done == 1


def test_every_job_takes_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tiny import add_tiny_base

    base = add_tiny_base(monkeypatch, tmp_path, "text")
    table = pd.DataFrame({"text": TEXTS * 2, "label": LABELS * 2})
    table["text"] += [f" of {i}" for i in range(24)]
    model = workflows.train(table[:16], base=base)
    assert set(model.classes) == {"pos", "neg"}
    assert workflows.evaluate(model, table[16:]).used == 8
    assert workflows.check(table, base=base).verdict
    assert workflows.compare(table, base=base, ways=["floor"], folds=2).used == 24
    assert [len(found) for found in model.nearest(table["text"][:3], 2)] == [2, 2, 2]
