"""Write where defects are: the pictures with heat maps over them, masks, and boxes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from headstart.data.image import decode_picture
from headstart.data.pixel_scale import PixelScale
from headstart.defects.answers import DefectPrediction
from headstart.defects.heat import coco_boxes, mask, painted
from headstart.errors import ParameterError, SourceError
from headstart.execution import Progress, ProgressCallback, silent
from headstart.files import storage_errors, write_whole
from headstart.targets import DEFECTS, target_of

if TYPE_CHECKING:
    from headstart.model import Model
    from headstart.types import Prediction, Source

BOXES = "annotations.json"
_MEND = "Name another folder with --heatmaps."


def require_heatmaps(model: Model, folder: Path) -> None:
    """Refuse, before any work is done, a model that has no heat maps, or a folder that cannot be.

    Raises
    ------
    ParameterError
        Saying what is wrong.
    """
    if model.target != DEFECTS.name:
        raise ParameterError(
            f"--heatmaps is for defects; this model learned {target_of(model.target).words.many}.",
            "Leave it away, or train with --target defects.",
        )
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"{folder} is a file; heat maps are written into a folder.", _MEND)


def write_heatmaps(
    model: Model,
    sources: Sequence[Source],
    predictions: Sequence[Prediction],
    folder: Path,
    *,
    progress: ProgressCallback = silent,
) -> list[Path]:
    """Write a picture and a mask for each prediction, and ``annotations.json`` in the form of COCO.

    Parameters
    ----------
    sources, predictions
        Pictures, and what the model said of each. Those that could not be read are passed over.
    folder
        Made where missing. Files of the same name in it are replaced.

    Returns
    -------
    list of Path
        The pictures, in order.

    Raises
    ------
    ParameterError
        When the model does not find defects.
    StorageError
        When something cannot be written.
    """
    require_heatmaps(model, folder)
    scale = next((PixelScale.of(spec.recipe) for spec in model.encoders), None)
    images: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    written: list[Path] = []
    with storage_errors(folder, mend=_MEND):
        folder.mkdir(parents=True, exist_ok=True)
    for place, (source, prediction) in enumerate(zip(sources, predictions, strict=True), start=1):
        if not isinstance(prediction, DefectPrediction) or prediction.heatmap is None:
            continue
        try:
            picture = decode_picture(source, scale=scale)
        except SourceError:  # gone since it was looked at
            continue
        name = _free_name(Path(prediction.source).stem, {path.stem for path in written})
        written.append(folder / f"{name}.png")
        write_whole(written[-1], _png(painted(picture, prediction.heatmap)), mend=_MEND)
        inside = mask(prediction.heatmap, picture.width, picture.height)
        write_whole(folder / f"{name}_mask.png", _png(Image.fromarray(inside)), mend=_MEND)
        number = len(images) + 1
        images.append(
            {
                "id": number,
                "file_name": prediction.source,
                "width": picture.width,
                "height": picture.height,
                "answer": prediction.answer,
                "score": prediction.score,
            }
        )
        if prediction.box is not None:
            for one in coco_boxes(prediction.heatmap, picture.width, picture.height):
                found.append(
                    {"id": len(found) + 1, "image_id": number, "category_id": 1, "iscrowd": 0, **one}
                )
        progress(Progress("painting heat maps", place, len(predictions)))
    plain = {"images": images, "annotations": found, "categories": [{"id": 1, "name": "defect"}]}
    write_whole(folder / BOXES, (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode(), mend=_MEND)
    return written


def _free_name(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name in taken or f"{name}_mask" in taken or name.removesuffix("_mask") in taken - {name}:
        number += 1
        name = f"{stem} ({number})"
    return name


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
