"""A folder without class folders: what it holds is said, with a command that works."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from headstart.data.read import load
from headstart.errors import LayoutError


def pictures(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(root / name, "PNG")
    return root


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("{}.{}.png", ("cat", "dog")),
        ("{}_{}.png", ("Abyssinian", "great_pyrenees")),
        ("{}-{}.png", ("red-car", "van")),
        ("{}{}.png", ("cat", "dog")),
    ],
)
def test_classes_at_the_beginning_of_names(tmp_path: Path, name: str, classes: tuple[str, str]) -> None:
    root = pictures(tmp_path / "my photos", *(name.format(one, n) for one in classes for n in range(3)))
    with pytest.raises(
        LayoutError, match=rf"6 files whose names begin with .* 2 classes: {classes[0]}"
    ) as caught:
        load(root)
    subprocess.run(["bash", "-c", str(caught.value.hint).partition("first): ")[2]], check=True, cwd=root)
    assert load(root).counts == dict.fromkeys(classes, 3)


@pytest.mark.parametrize(
    "names", [("IMG_1.png", "IMG_2.png", "DSC_1.png", "DSC_2.png"), ("a1.png", "a2.png")]
)
def test_other_names_are_no_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(LayoutError, match="files that are in no such folder"):
        load(pictures(tmp_path, *names))


def test_archives_and_the_models_of_others(tmp_path: Path) -> None:
    for folder in ("zips", "exported"):
        (tmp_path / folder).mkdir()
    for name in ("cat", "dog"):
        with zipfile.ZipFile(tmp_path / "zips" / f"{name}.zip", "w") as made:
            made.writestr("1.txt", "a text")
    with pytest.raises(LayoutError, match=r"found 2 archives: cat\.zip, dog\.zip"):
        load(tmp_path / "zips")
    with zipfile.ZipFile(tmp_path / "converted_keras.zip", "w") as made:
        made.writestr("keras_model.h5", b"\x89HDF\r\n\x1a\n" + bytes(200))
        made.writestr("labels.txt", "0 cat\n1 dog\n")
    with pytest.raises(
        LayoutError, match=r"converted_keras\.zip, found a trained model, as Teachable Machine"
    ):
        load(tmp_path / "converted_keras.zip")
