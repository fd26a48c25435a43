"""Folders as people bring them from elsewhere: read rightly, or refused with what they look like."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from headstart.data.enough import require_trainable
from headstart.data.read import load
from headstart.errors import HeadstartError, LayoutError, NotEnoughDataError, ParameterError
from headstart.types import Modality

Make = Callable[[Path], None]


def photo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), "red").save(path, "PNG")


def photos(root: Path, *names: str) -> None:
    for name in names:
        photo(root / name)


def numbered(root: Path, folder: str, count: int = 6, ending: str = ".png", start: int = 0) -> list[str]:
    names = [f"{number:04d}{ending}" for number in range(start, start + count)]
    photos(root / folder, *names)
    return names


def sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(800, dtype=np.float32), 8000, format="WAV")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def table(path: Path, header: str, names: Iterable[str], classes: tuple[str, ...] = ("cat", "dog")) -> None:
    rows = [f"{name},{classes[place % len(classes)]}" for place, name in enumerate(names)]
    write(path, "\n".join([header, *rows]) + "\n")


# --- layouts that are read ----------------------------------------------------------------------------


def kaggle(root: Path) -> None:
    names = numbered(root, "train_images")
    test = numbered(root, "test_images", 4)  # the same names as in training, as many competitions have it
    table(root / "train.csv", "image_id,label", names)
    write(root / "test.csv", "image_id\n" + "\n".join(test) + "\n")
    table(root / "sample_submission.csv", "image_id,label", test, ("cat",))


def kaggle_without_endings(root: Path) -> None:
    names = numbered(root, "train", ending=".jpg")
    numbered(root, "test", 4, ".jpg")
    table(root / "labels.csv", "id,breed", [name.removesuffix(".jpg") for name in names])


def images_and_table(root: Path) -> None:
    table(root / "labels.csv", "image,label", numbered(root, "images"))


def images_and_json_lines(root: Path) -> None:
    rows = [
        json.dumps({"file": name, "class": ("cat", "dog")[place % 2]})
        for place, name in enumerate(numbered(root, "images"))
    ]
    write(root / "labels.jsonl", "\n".join(rows) + "\n")


def flat_with_table(root: Path) -> None:
    table(root / "labels.csv", "filename,class", numbered(root, "."))


def table_in_a_folder(root: Path) -> None:
    table(root / "annotations" / "labels.csv", "file_name,label", numbered(root, "images"))


def paths_from_the_root(root: Path) -> None:
    names = numbered(root, "images")
    table(root / "annotations" / "labels.csv", "file_name,label", [f"images/{name}" for name in names])


def windows_paths(root: Path) -> None:
    names = numbered(root, "images")
    table(root / "labels.csv", "file_name,label", [f"C:\\me\\images\\{name}" for name in names])


def esc50(root: Path) -> None:
    names = [f"1-{number}-A-0.wav" for number in range(6)]
    for name in names:
        sound(root / "audio" / name)
    rows = [f"{name},1,{place % 2},{('cat', 'dog')[place % 2]},True,1,A" for place, name in enumerate(names)]
    header = "filename,fold,target,category,esc10,src_file,take"
    write(root / "meta" / "esc50.csv", "\n".join([header, *rows]) + "\n")
    write(root / "README.md", "about")


def urban_sound(root: Path) -> None:
    rows = ["slice_file_name,fold,class"]
    for place in range(6):
        sound(root / "audio" / f"fold{place % 3 + 1}" / f"{place}.wav")
        rows.append(f"{place}.wav,{place % 3 + 1},{('cat', 'dog')[place % 2]}")
    write(root / "metadata" / "UrbanSound8K.csv", "\n".join(rows) + "\n")


def sounds_and_meta(root: Path) -> None:
    names = [f"{place}.wav" for place in range(6)]
    for name in names:
        sound(root / "audio" / name)
    table(root / "meta.csv", "file,label", names)


def two_parts(root: Path) -> None:
    names = numbered(root, "HAM10000_images_part_1", 3) + numbered(root, "HAM10000_images_part_2", 3, start=3)
    stems = [name.removesuffix(".png") for name in names]
    table(root / "HAM10000_metadata.csv", "image_id,dx", stems)


def table_for_each_split(root: Path) -> None:
    table(root / "train.csv", "file,label", numbered(root, "train"))
    table(root / "test.csv", "file,label", numbered(root, "test", 4))


def one_folder_and_split_tables(root: Path) -> None:
    names = numbered(root, "images", 10)
    table(root / "trainLabels.csv", "image,level", names[:6])
    table(root / "test_labels.csv", "image,level", names[6:])


def a_column_of_splits(root: Path) -> None:
    names = enumerate(numbered(root, "images", 10))
    rows = [f"{name},{('cat', 'dog')[n % 2]},{'train' if n < 6 else 'test'}" for n, name in names]
    write(root / "data.csv", "\n".join(["image,label,split", *rows]) + "\n")


def lists_beside_the_table(root: Path) -> None:
    table(root / "labels.csv", "image,label", numbered(root, "images"))
    write(root / "classes.csv", "id,name\n0,cat\n1,dog\n")
    write(root / "README.md", "about")


def table_in_each_split(root: Path) -> None:
    for split, count in (("train", 6), ("test", 4)):
        table(root / split / "labels.csv", "file,label", numbered(root, f"{split}/images", count))


def metadata_of_bare_names(root: Path) -> None:
    table(root / "metadata.csv", "image_id,label", numbered(root, "images"))


def one_folder_of_any_name(root: Path) -> None:
    table(root / "labels.csv", "file,label", numbered(root, "from_my_phone"))


def folders(*pattern: str) -> Make:
    """Make two cats and two dogs in each folder ``…/{}/…``."""

    def make(root: Path) -> None:
        for one in pattern:
            for label in ("cat", "dog"):
                photos(root / one.format(label), "1.png", "2.png", "3.png")

    return make


def caltech_birds(root: Path) -> None:
    folders("CUB_200_2011/images/{}")(root)
    for name in ("images.txt", "classes.txt", "README"):
        write(root / "CUB_200_2011" / name, "1 images/cat/1.png\n")
    write(root / "CUB_200_2011" / "attributes" / "attributes.txt", "1 2 3")
    write(root / "CUB_200_2011" / "parts" / "parts.txt", "1 2 3")
    photos(root / "CUB_200_2011" / "segmentations" / "cat", "1.png")


def oxford_pets_by_folder(root: Path) -> None:
    folders("images/{}")(root)
    write(root / "annotations" / "list.txt", "cat_1 1 1 1")


def caltech_objects(root: Path) -> None:
    folders("101_ObjectCategories/{}")(root)
    write(root / "Annotations" / "cat" / "annotation_1.mat", "matlab")


def food(root: Path) -> None:
    folders("food-101/images/{}")(root)
    write(root / "food-101" / "meta" / "classes.txt", "cat\ndog\n")
    write(root / "food-101" / "README.txt", "about")


def traffic_signs(root: Path) -> None:
    for name in ("0", "1"):
        photos(root / "Train" / name, "1.png", "2.png", "3.png")
    photos(root, "Test/1.png", "Test/2.png", "Meta/0.png", "Meta/1.png")
    write(root / "Test.csv", "Width,Height,ClassId,Path\n8,8,0,Test/1.png\n8,8,1,Test/2.png\n")


def project(root: Path) -> None:
    folders("data/{}")(root)
    for name in ("src/main.py", "notebooks/try.ipynb", "docs/a.md", "requirements.txt", "README.md"):
        write(root / name, "some text")


def newsgroups(root: Path) -> None:
    for split in ("train", "test"):
        for label in ("cat", "dog"):
            for place in range(3):
                write(root / f"20news-bydate-{split}" / label / str(place), f"news {place} of a {label}")


def doubled_with_table(root: Path) -> None:
    table(root / "train.csv", "id,label", numbered(root, "train/train"))
    numbered(root, "test/test")


def numbers(root: Path) -> None:
    numbered(root, "images")
    table(root / "labels.csv", "id,label", [str(number) for number in range(6)])


def addresses(root: Path) -> None:
    names = numbered(root, "images")
    table(root / "labels.csv", "url,label", [f"https://a.example/b/{name}?size=8" for name in names])


def all_in_data(root: Path) -> None:
    table(root / "data" / "labels.csv", "file,label", numbered(root, "data/images"))


def intel(root: Path) -> None:
    folders("seg_train/seg_train/{}", "seg_test/seg_test/{}")(root)
    numbered(root, "seg_pred/seg_pred")


def reviews(root: Path) -> None:
    for split in ("train", "test"):
        for label in ("cat", "dog"):
            for place in range(3):
                write(root / "aclImdb" / split / label / f"{place}.txt", f"a review of a {label}, {place}")
        write(root / "aclImdb" / split / "urls_pos.txt", "http://example.org")
    write(root / "aclImdb" / "train" / "unsup" / "0.txt", "nobody said what this is")
    write(root / "aclImdb" / "README", "about")


def unlabelled_beside(root: Path) -> None:
    folders("{}")(root)
    photos(root / "unlabeled", "1.png")


def flat_test_beside_training(root: Path) -> None:
    folders("train/{}")(root)
    numbered(root, "test")


READ: dict[str, tuple[Make, dict[str, int], str]] = {
    "kaggle": (kaggle, {"cat": 3, "dog": 3}, "named in train.csv, the labels from its column 'label'"),
    "kaggle, ids without endings": (kaggle_without_endings, {"cat": 3, "dog": 3}, "column 'breed'"),
    "images/ and labels.csv": (images_and_table, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "images/ and labels.jsonl": (images_and_json_lines, {"cat": 3, "dog": 3}, "named in labels.jsonl"),
    "flat files and labels.csv": (flat_with_table, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "annotations/labels.csv": (table_in_a_folder, {"cat": 3, "dog": 3}, "named in annotations/labels.csv"),
    "paths from the root": (paths_from_the_root, {"cat": 3, "dog": 3}, "annotations/labels.csv"),
    "paths of another machine": (windows_paths, {"cat": 3, "dog": 3}, "labels.csv"),
    "esc50": (esc50, {"cat": 3, "dog": 3}, "named in meta/esc50.csv, the labels from its column 'category'"),
    "urban sound": (urban_sound, {"cat": 3, "dog": 3}, "metadata/UrbanSound8K.csv"),
    "audio/ and meta.csv": (sounds_and_meta, {"cat": 3, "dog": 3}, "named in meta.csv"),
    "pictures in two parts": (two_parts, {"cat": 3, "dog": 3}, "column 'dx'"),
    "a table for each split": (table_for_each_split, {"cat": 3, "dog": 3}, "4 examples of the test split"),
    "split tables, one folder": (
        one_folder_and_split_tables,
        {"cat": 3, "dog": 3},
        "4 examples of the test split",
    ),
    "a column of splits": (a_column_of_splits, {"cat": 3, "dog": 3}, "4 examples of the test split"),
    "other lists beside the table": (lists_beside_the_table, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "a table in each split": (table_in_each_split, {"cat": 3, "dog": 3}, "4 examples of the test split"),
    "metadata.csv of bare names": (metadata_of_bare_names, {"cat": 3, "dog": 3}, "named in metadata.csv"),
    "one folder and labels.csv": (one_folder_of_any_name, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "data/": (folders("data/{}"), {"cat": 3, "dog": 3}, "inside data"),
    "raw/": (folders("raw/{}"), {"cat": 3, "dog": 3}, "inside raw"),
    "images/": (folders("images/{}"), {"cat": 3, "dog": 3}, "inside images"),
    "caltech birds": (caltech_birds, {"cat": 3, "dog": 3}, "inside CUB_200_2011/images"),
    "images/ beside annotations/": (oxford_pets_by_folder, {"cat": 3, "dog": 3}, "inside images"),
    "caltech 101": (caltech_objects, {"cat": 3, "dog": 3}, "inside 101_ObjectCategories"),
    "food 101": (food, {"cat": 3, "dog": 3}, "inside food-101/images"),
    "traffic signs": (traffic_signs, {"0": 3, "1": 3}, ""),
    "a program around it": (project, {"cat": 3, "dog": 3}, "inside data"),
    "newsgroups": (newsgroups, {"cat": 3, "dog": 3}, "6 examples of the test split"),
    "train/train and a table": (doubled_with_table, {"cat": 3, "dog": 3}, "named in train.csv"),
    "numbers without their zeros": (numbers, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "addresses": (addresses, {"cat": 3, "dog": 3}, "named in labels.csv"),
    "all in data/": (all_in_data, {"cat": 3, "dog": 3}, "named in data/labels.csv"),
    "intel": (intel, {"cat": 3, "dog": 3}, "6 examples of the test split"),
    "films": (reviews, {"cat": 3, "dog": 3}, "'unsup' was left out"),
    "unlabeled/": (unlabelled_beside, {"cat": 3, "dog": 3}, "'unlabeled' was left out"),
    "a flat test part": (flat_test_beside_training, {"cat": 3, "dog": 3}, ""),
    **{
        name: (folders(train + "/{}", test + "/{}"), {"cat": 3, "dog": 3}, "6 examples of the test split")
        for name, (train, test) in {
            "train_images": ("train_images", "test_images"),
            "images_train": ("images_train", "images_test"),
            "training_set": ("training_set", "test_set"),
            "training_set twice": ("training_set/training_set", "test_set/test_set"),
            "dataset/training_set": ("dataset/training_set", "dataset/test_set"),
            "train-set": ("train-set", "test-set"),
            "Train Data": ("Train Data", "Test Data"),
            "TrainImages": ("TrainImages", "TestImages"),
            "train2017": ("train2017", "test2017"),
            "asl_alphabet_train": ("asl_alphabet_train", "asl_alphabet_test"),
            "train/images": ("train/images", "test/images"),
            "holdout": ("training", "holdout"),
            "evaluation": ("training", "evaluation"),
        }.items()
    },
}


@pytest.mark.parametrize("name", READ)
def test_layouts_that_are_read(tmp_path: Path, name: str) -> None:
    make, counts, note = READ[name]
    make(tmp_path)
    data = load(tmp_path)
    assert data.counts == counts
    assert not [problem for problem in data.problems if problem.code != "missing"]
    assert note in "\n".join(data.notes)
    require_trainable(data)


# --- layouts that are refused ----------------------------------------------------------------------


def yolo(root: Path) -> None:
    for name in numbered(root, "images"):
        write(root / "labels" / name.replace(".png", ".txt"), "1 0.5 0.5 0.9 0.9\n0 0.1 0.2 0.3 0.4\n")
    write(root / "data.yaml", "nc: 2\nnames: [cat, dog]\n")


def yolo_by_split(root: Path) -> None:
    for split in ("train", "valid"):
        for name in numbered(root, f"{split}/images"):
            write(root / split / "labels" / name.replace(".png", ".txt"), "1 0.5 0.5 0.9 0.9\n")


def yolo_split_below(root: Path) -> None:
    for split in ("train", "val"):
        for name in numbered(root, f"images/{split}"):
            write(root / "labels" / split / name.replace(".png", ".txt"), "1 0.5 0.5 0.9 0.9\n")


def darknet(root: Path) -> None:
    for name in numbered(root, "obj_train_data"):
        write(root / "obj_train_data" / name.replace(".png", ".txt"), "1 0.5 0.5 0.9 0.9\n")
    write(root / "obj.names", "cat\ndog\n")


def coco(root: Path) -> None:
    names = [{"id": place, "file_name": name} for place, name in enumerate(numbered(root, "train2017"))]
    numbered(root, "val2017")
    content = {"info": {}, "images": names, "annotations": [{"bbox": [1, 2, 3, 4]}], "categories": []}
    write(root / "annotations" / "instances_train2017.json", json.dumps(content))


def coco_by_split(root: Path) -> None:
    for split in ("train", "valid"):
        numbered(root, split)
        content = {"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}], "categories": []}
        write(root / split / "_annotations.coco.json", json.dumps(content))


def pascal(root: Path) -> None:
    for name in numbered(root, "VOC2012/JPEGImages"):
        xml = "<annotation><object><name>cat</name><bndbox/></object></annotation>"
        write(root / "VOC2012" / "Annotations" / name.replace(".png", ".xml"), xml)
    write(root / "VOC2012" / "ImageSets" / "Main" / "train.txt", "0001\n")


def box_table(root: Path) -> None:
    header = "filename,width,height,class,xmin,ymin,xmax,ymax"
    rows = [f"{name},8,8,{('cat', 'dog')[n % 2]},1,1,2,2" for n, name in enumerate(numbered(root, "images"))]
    write(root / "labels.csv", "\n".join([header, *rows]) + "\n")


def masks(root: Path) -> None:
    numbered(root, "images")
    numbered(root, "masks")


def masks_of_other_names(root: Path) -> None:
    photos(root, *(f"train/img/{n}.png" for n in range(4)), *(f"train/gt/{n}_mask.png" for n in range(4)))


def label_studio(root: Path) -> None:
    numbered(root, "images")
    tasks = [{"id": 1, "annotations": [{"result": []}], "data": {"image": "/data/upload/1/0001.png"}}]
    write(root / "project-1.json", json.dumps(tasks))


def cvat(root: Path) -> None:
    numbered(root, "images")
    write(root / "annotations.xml", "<?xml version='1.0'?><annotations><version>1.1</version></annotations>")


def common_voice(root: Path) -> None:
    header = "client_id\tpath\tsentence\tup_votes\tage\tgender\taccents\tlocale"
    rows = []
    for place in range(8):
        sound(root / "clips" / f"cv_{place}.wav")
        rows.append(
            f"c{place}\tcv_{place}.wav\tWords number {place}\t{place % 2}\t"
            f"{('teens', 'twenties')[place % 2]}\t"
            f"{('male', 'female')[place // 4]}\t{('a', 'b')[place // 4]}\ten"
        )
    for name, part in (("train", rows[:6]), ("test", rows[6:]), ("validated", rows)):
        write(root / f"{name}.tsv", "\n".join([header, *part]) + "\n")


def several_tables(root: Path) -> None:
    names = numbered(root, "images")
    table(root / "colours.csv", "file,label", names, ("red", "blue"))
    table(root / "kinds.csv", "file,label", names)


def table_of_other_files(root: Path) -> None:
    numbered(root, "images")
    table(root / "labels.csv", "file,label", [f"other{place}.png" for place in range(6)])


def office_table(root: Path) -> None:
    numbered(root, "images")
    (root / "labels.numbers").write_bytes(b"PK\x03\x04" + bytes(40))


REFUSED: dict[str, tuple[Make, str]] = {
    "yolo": (yolo, r"object detection \(YOLO\): labels/0000.txt holds boxes"),
    "yolo, split above": (yolo_by_split, r"object detection \(YOLO\): train/labels/0000.txt"),
    "yolo, split below": (yolo_split_below, r"object detection \(YOLO\): labels/train/0000.txt"),
    "darknet": (darknet, r"object detection \(YOLO\)"),
    "coco": (coco, r"object detection \(COCO\): annotations/instances_train2017.json"),
    "coco, split above": (coco_by_split, r"object detection \(COCO\): train/_annotations.coco.json"),
    "pascal voc": (pascal, r"object detection \(Pascal VOC\)"),
    "a table of boxes": (box_table, "labels.csv holds boxes around objects"),
    "masks": (masks, "looks like a set for segmentation: masks/0000.png"),
    "masks of other names": (masks_of_other_names, "looks like a set for segmentation: train/gt/0_mask.png"),
    "label studio": (label_studio, "export of Label Studio: project-1.json"),
    "cvat": (cvat, "export of CVAT: annotations.xml"),
    "common voice": (
        common_voice,
        "(?s)table of Common Voice.*'age', 'gender', 'accents'.*label_column=",
    ),
    "several tables": (several_tables, "several tables that name its files: colours.csv, kinds.csv"),
    "a table of other files": (table_of_other_files, "labels.csv is beside them, but none of its columns"),
    "a sheet": (office_table, "(?s)'images' says how files are kept.*labels.numbers.*save it as CSV"),
    "images/ alone": (
        lambda root: numbered(root, "images") and None,
        "(?s)'images' says how.*layout='folders'",
    ),
    "raw and processed": (folders("raw", "processed"), "'processed', 'raw' say how files are kept"),
    "original and thumbnails": (folders("original", "thumbnails"), "'original', 'thumbnails' say how"),
    "full and thumbs": (folders("full", "thumbs"), "'full', 'thumbs' say how"),
    "raw/cat and processed/cat": (
        folders("raw/{}", "processed/{}"),
        "(?s)each has folders in it.*train .*/proc",
    ),
    "a copy among the classes": (
        folders("{}", "pet_dataset/{}"),
        "(?s)'pet_dataset' beside.*same folders are in it",
    ),
    "folds": (folders("fold1", "fold2"), "'fold1', 'fold2' say how"),
    "train_images, flat": (folders("train_images", "test_images"), "(?s)name a split.*layout='folders'"),
    "images/ among classes": (
        folders("{}", "images"),
        "(?s)'images' beside the folders 'cat', 'dog'.*layout",
    ),
    "test/ among classes": (folders("{}", "test"), "'test' beside the folders 'cat', 'dog'"),
    "test/cat beside cat": (folders("{}", "test/{}"), "'test', which name a split, beside 'cat', 'dog'"),
    "unsorted/ among classes": (folders("{}", "unsorted"), "'unsorted' beside the folders 'cat', 'dog'"),
    "predictions/ among classes": (folders("{}", "predictions"), "'predictions' beside"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_layouts_that_are_refused(tmp_path: Path, name: str) -> None:
    make, message = REFUSED[name]
    make(tmp_path)
    with pytest.raises(LayoutError, match=message) as caught:
        load(tmp_path)
    assert caught.value.hint
    assert "'other'" not in str(caught.value)
    assert len(load(tmp_path, labelled=False)) > 3  # what is to be predicted needs no classes


# --- real classes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        "good bad", "left right", "on off", "day night", "raw cooked", "pos neg", "yes no", "true false",
        "empty full", "with_mask without_mask", "mask no_mask", "valid invalid", "train bus tram",
        "photo sketch", "original fake", "part_1 part_2", "01 02", "text drawing", "small large",
        "label no_label", "labels stamps", "labeled unlabeled", "supervised unsupervised",
        "submission takedown", "unknown yes no", "cat_images dog_images", "model_a model_b",
        "test_tube beaker", "audio silence", "data_entry sales", "freight_train passenger_train",
        "clip pin", "sample blank",
    ],
)  # fmt: skip
def test_real_classes_need_no_word(tmp_path: Path, names: str) -> None:
    for name in names.split():
        photos(tmp_path / name, "1.png", "2.png")
    data = load(tmp_path)
    assert data.classes == tuple(sorted(names.split()))
    assert data.problems == ()
    assert data.notes == ()


@pytest.mark.parametrize(
    "names", ["train test", "images labels", "cat dog test", "raw processed", "cat unlabeled", "cat images"]
)
def test_each_folder_is_a_class_where_a_person_says_so(tmp_path: Path, names: str) -> None:
    for name in names.split():
        photos(tmp_path / name, "1.png", "2.png")
    table(tmp_path / "labels.csv", "file,label", ["1.png", "2.png"])
    data = load(tmp_path, layout="folders")
    assert data.classes == tuple(sorted(names.split()))
    assert len(data) == 2 * len(data.classes)


def test_layouts_that_have_a_name(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="layout must be 'folders', 'lines' or None, got 'flat'"):
        load(tmp_path, layout="flat")


def test_a_column_that_is_named_makes_the_table_count(tmp_path: Path) -> None:
    common_voice(tmp_path)
    data = load(tmp_path, label_column="gender")
    assert data.modality is Modality.AUDIO
    assert data.counts == {"male": 4, "female": 2}
    assert "validated.tsv was not read." in data.notes
    assert load(tmp_path, label_column="gender", split="test").counts == {"female": 2}


def test_what_the_table_does_not_name_is_counted(tmp_path: Path) -> None:
    kaggle(tmp_path)
    data = load(tmp_path)
    assert {Path(str(one.source)).parent.name for one in data.examples} == {"train_images"}
    assert data.ignored["files that the table does not name"] == 4
    assert "sample_submission.csv, test.csv were not read." in data.notes


def test_a_file_that_the_table_names_in_vain_is_a_problem(tmp_path: Path) -> None:
    images_and_table(tmp_path)
    (tmp_path / "images" / "0003.png").unlink()
    data = load(tmp_path)
    (problem,) = data.problems
    assert problem.code == "missing"
    assert problem.source == "labels.csv:5"
    assert "'0003.png', which is not there" in problem.reason


def test_tables_of_texts_with_a_part_to_be_answered(tmp_path: Path) -> None:
    rows = [f"{n},words of number {n} here,{('cat', 'dog')[n % 2]}" for n in range(8)]
    write(tmp_path / "train.csv", "\n".join(["id,text,target", *rows]) + "\n")
    write(tmp_path / "test.csv", "id,text\n9,some other words\n10,more of them\n")
    write(tmp_path / "sample_submission.csv", "id,target\n9,cat\n10,cat\n")
    data = load(tmp_path)
    assert data.counts == {"cat": 4, "dog": 4}
    assert any("sample_submission.csv, test.csv: not read" in note for note in data.notes)


def test_every_refusal_fits_what_is_there(tmp_path: Path) -> None:
    photos(tmp_path / "pears", "1.png", "2.png")
    with pytest.raises(NotEnoughDataError, match="found one: 'pears'") as caught:
        require_trainable(load(tmp_path))
    assert "Add a folder" in str(caught.value.hint)
    assert isinstance(caught.value, HeadstartError)


def test_a_table_that_says_the_same_as_the_folders_is_passed_over(tmp_path: Path) -> None:
    folders("{}")(tmp_path)
    rows = [f"{label}/{n}.png,{code}" for code, label in enumerate(("cat", "dog")) for n in (1, 2, 3)]
    write(tmp_path / "labels.csv", "\n".join(["file,label", *rows]) + "\n")
    assert load(tmp_path).counts == {"cat": 3, "dog": 3}
    assert load(tmp_path).notes == ()


def test_a_table_that_says_something_else_than_the_folders(tmp_path: Path) -> None:
    for name in ("monday", "tuesday"):
        photos(tmp_path / name, *(f"{name}{n}.png" for n in range(4)))
    rows = [f"{name}{n}.png,{('cat', 'dog')[n % 2]}" for name in ("monday", "tuesday") for n in range(4)]
    write(tmp_path / "labels.csv", "\n".join(["file,label", *rows]) + "\n")
    with pytest.raises(LayoutError, match=r"its folders and the column 'label' of labels.csv") as caught:
        load(tmp_path)
    assert "--layout folders" in str(caught.value.hint)
    assert load(tmp_path, layout="folders").classes == ("monday", "tuesday")
    assert load(tmp_path, label_column="label").classes == ("cat", "dog")
    write(tmp_path / "labels.csv", "\n".join(["file,weather", *rows]) + "\n")
    (note,) = load(tmp_path).notes
    assert "The classes are the folders. To learn the column 'weather' of labels.csv instead" in note


def test_a_column_that_no_table_has(tmp_path: Path) -> None:
    folders("{}")(tmp_path)
    with pytest.raises(LayoutError, match="no table that names its files, so there is no column 'breed'"):
        load(tmp_path, label_column="breed")


def test_a_few_texts_beside_folders_of_texts_stay_examples(tmp_path: Path) -> None:
    for label in ("good", "bad"):
        write(tmp_path / label / "a.txt", f"some {label} words")
        for year in ("2020", "2021"):
            for place in range(3):
                write(tmp_path / label / year / f"{place}.txt", f"words of {year}, {label}")
    data = load(tmp_path)
    assert data.counts == {"bad": 7, "good": 7}


def test_folders_of_folders_beside_a_class_are_not_descended_into(tmp_path: Path) -> None:
    photos(tmp_path, "masks/1.png", "masks/2.png", "gloves/leather/1.png", "gloves/wool/1.png")
    assert load(tmp_path).classes == ("gloves", "masks")


# --- tables of boxes, of tags, of a column for each class -----------------------------------------------


def roboflow(root: Path, rows: Iterable[str], header: str, name: str = "_annotations.csv") -> Path:
    photos(root / "train", *(f"img{place}.jpg" for place in range(8)))
    write(root / "train" / name, "\n".join([header, *rows]) + "\n")
    return root / "train" / name


@pytest.mark.parametrize(
    "header",
    ["filename,width,height,class,xmin,ymin,xmax,ymax", "filename,width,height,class,x,y,w,h"],
)
def test_a_table_of_boxes_is_refused_by_its_own_name(tmp_path: Path, header: str) -> None:
    rows = [f"img{place}.jpg,16,16,{label},1,1,5,5" for place in range(8) for label in ("car", "dog")]
    with pytest.raises(LayoutError, match=r"_annotations.csv holds boxes around objects"):
        load(roboflow(tmp_path, rows, header))


def test_one_box_in_each_file_leaves_one_class(tmp_path: Path) -> None:
    rows = [f"img{place}.jpg,{('car', 'dog')[place % 2]},1,1,5,5" for place in range(8)]
    data = load(roboflow(tmp_path, rows, "filename,class,xmin,ymin,xmax,ymax"))
    assert [len(data), data.classes] == [8, ("car", "dog")]


def test_texts_with_boxes_are_texts(tmp_path: Path) -> None:
    rows = "".join(f"words of line {place},{'ab'[place % 2]},1,1,5,5\n" for place in range(8))
    write(tmp_path / "lines.csv", "text,label,xmin,ymin,xmax,ymax\n" + rows)
    assert load(tmp_path / "lines.csv").classes == ("a", "b")


def one_hot(place: int) -> str:
    return f"img{place}.jpg,{int(place % 3 == 0)},{int(place % 3 == 1)},{int(place % 3 == 2)}"


@pytest.mark.parametrize("given", ["train/_classes.csv", "train", "."])
def test_a_column_for_each_class(tmp_path: Path, given: str) -> None:
    roboflow(tmp_path, map(one_hot, range(8)), "filename, cat, dog, bird", "_classes.csv")
    data = load(tmp_path / given)
    assert data.modality is Modality.IMAGE
    assert [example.label for example in data.examples] == ["cat", "dog", "bird"] * 2 + ["cat", "dog"]
    assert any("the column that holds 1, of 'cat', 'dog', 'bird'" in note for note in data.notes)


@pytest.mark.parametrize("given", ["train/_classes.csv", "train"])
@pytest.mark.parametrize(("row", "found"), [("1,1,0", "with 1 to 2 1s"), ("0,0,0", "with 0 to 1 1s")])
def test_tags_are_not_one_class(tmp_path: Path, given: str, row: str, found: str) -> None:
    rows = [*map(one_hot, range(7)), f"img7.jpg,{row}"]
    place = roboflow(tmp_path, rows, "filename, cat, dog, bird", "_classes.csv")
    with pytest.raises(LayoutError, match=f"{found} in a row: several|line 9 .*: these are tags") as caught:
        load(tmp_path / given)
    assert "--label-column cat" in str(caught.value.hint)
    assert load(place, label_column="cat").classes == ("0", "1")


def test_texts_with_a_column_for_each_class(tmp_path: Path) -> None:
    rows = "".join(f"words number {place} of them,{int(place % 2 == 0)},{place % 2}\n" for place in range(10))
    write(tmp_path / "rows.csv", "comment,spam,ham\n" + rows)
    data = load(tmp_path / "rows.csv")
    assert [data.modality, data.classes] == [Modality.TEXT, ("ham", "spam")]


# --- folders that name a split and a kind, and files that are classes ------------------------------------


@pytest.mark.parametrize(
    "names", [("trainA", "trainB", "testA", "testB"), ("trainA", "trainB"), ("train_A", "train_B", "val_A")]
)
def test_sets_for_turning_one_kind_into_another(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        numbered(tmp_path, name)
    with pytest.raises(
        LayoutError, match=r"\(CycleGAN\): its folders '.*' name a split and a kind"
    ) as caught:
        load(tmp_path)
    assert "train/A, train/B" in str(caught.value.hint)
    assert set(load(tmp_path, layout="folders").classes) == set(names)


def sentences(root: Path, *names: str, count: int = 20) -> None:
    for name in names:
        write(root / name, "".join(f"sentence {place} of {name}\n" for place in range(count)))


@pytest.mark.parametrize(
    "names",
    [("pos.txt", "neg.txt"), ("pos/all.txt", "neg/all.txt"), ("rt-polarity.pos", "rt-polarity.neg")],
)
def test_a_text_file_for_each_class(tmp_path: Path, names: tuple[str, ...]) -> None:
    sentences(tmp_path, *names)
    with pytest.raises(LayoutError, match=r"one text file of many lines for each class") as caught:
        load(tmp_path)
    assert "--layout lines" in str(caught.value.hint)
    data = load(tmp_path, layout="lines")
    assert [len(data), data.classes] == [40, ("neg", "pos")]
    first = data.examples[0]
    assert (first.source, first.name) == (f"sentence 0 of {first.name.rpartition(':')[0]}", first.name)


def test_lines_in_splits(tmp_path: Path) -> None:
    sentences(tmp_path, "train/pos.txt", "train/neg.txt")
    sentences(tmp_path, "test/pos.txt", "test/neg.txt", count=5)
    assert len(load(tmp_path, layout="lines")) == 40
    assert len(load(tmp_path, layout="lines", split="test")) == 10


def test_texts_of_many_lines_are_texts(tmp_path: Path) -> None:
    sentences(tmp_path, *(f"{label}/{place}.txt" for label in ("pos", "neg") for place in range(3)))
    assert len(load(tmp_path)) == 6


def test_tables_in_class_folders(tmp_path: Path) -> None:
    for label in ("pos", "neg"):
        write(tmp_path / label / "rows.csv", "id,text\n1,some words\n2,more words\n")
    with pytest.raises(LayoutError, match=r"class folders of .* hold tables, not examples: neg/rows.csv"):
        load(tmp_path)


def test_a_table_for_each_class(tmp_path: Path) -> None:
    for label in ("pos", "neg"):
        write(tmp_path / f"{label}.csv", "id,text\n1,some words\n2,more words\n")
    with pytest.raises(LayoutError, match="several tables") as caught:
        load(tmp_path)
    assert "If each holds one class, put all rows into one table" in str(caught.value.hint)


CONLL = "-DOCSTART- -X- -X- O\n\n" + "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\ncalls NNS I-NP O\n\n" * 9
SQUAD = json.dumps(
    {"data": [{"paragraphs": [{"context": "words", "qas": [{"question": "who?", "answers": []}]}]}]}
)


@pytest.mark.parametrize("given", ["", "train.txt"])
def test_words_with_a_tag_each(tmp_path: Path, given: str) -> None:
    write(tmp_path / "train.txt", CONLL)
    write(tmp_path / "test.txt", CONLL)
    with pytest.raises(LayoutError, match=r"a set for tagging words \(CoNLL\): train.txt|test.txt has a tag"):
        load(tmp_path / given)


@pytest.mark.parametrize("given", ["", "train.json"])
def test_questions_with_answers(tmp_path: Path, given: str) -> None:
    write(tmp_path / "train.json", SQUAD)
    with pytest.raises(LayoutError, match=r"\(SQuAD\): train.json"):
        load(tmp_path / given)


def test_a_folder_of_archives(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        numbered(tmp_path, label)
        shutil.make_archive(str(tmp_path / "zips" / label), "zip", tmp_path / label)
    with pytest.raises(LayoutError, match=r"found 2 archives: cat.zip, dog.zip") as caught:
        load(tmp_path / "zips")
    assert "Unpack each into a folder of its class" in str(caught.value.hint)
    (tmp_path / "zips" / "dog.zip").unlink()
    with pytest.raises(LayoutError, match=r"found one archive: cat\.zip") as caught:
        load(tmp_path / "zips")
    assert str(caught.value.hint).endswith("zips/cat.zip")


# --- columns that keep rows apart -------------------------------------------------------------------------


def flagged(path: Path, column: str) -> None:
    rows = (f"words number {place},{'ab'[place % 2]},{place % 5 == 0}\n" for place in range(20))
    write(path, f"text,label,{column}\n" + "".join(rows))


def test_a_column_that_marks_rows_for_validation(tmp_path: Path) -> None:
    flagged(tmp_path / "rows.csv", "is_valid")
    data = load(tmp_path / "rows.csv")
    assert [len(data), data.classes] == [20, ("a", "b")]
    assert any("'is_valid' marks 4 rows for validation. They are learned from too" in n for n in data.notes)
    assert len(load(tmp_path / "rows.csv", split="validation")) == 4


def test_a_column_that_marks_rows_for_a_test(tmp_path: Path) -> None:
    flagged(tmp_path / "rows.csv", "is_test")
    assert len(load(tmp_path / "rows.csv")) == 16
    assert len(load(tmp_path / "rows.csv", split="test")) == 4


def test_what_is_valid_may_be_learned(tmp_path: Path) -> None:
    rows = (f"Some Street {place},{place % 2 == 0}\n" for place in range(20))
    write(tmp_path / "rows.csv", "text,is_valid\n" + "".join(rows))
    assert len(load(tmp_path / "rows.csv").classes) == 2
