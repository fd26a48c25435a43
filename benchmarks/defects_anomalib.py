"""PatchCore and PaDiM of anomalib beside ours: the same weights, pictures and layers, in turns, one thread.

    python -m venv .cache/anomalib
    .cache/anomalib/bin/pip install anomalib==2.7.0 -e .
    .cache/anomalib/bin/python benchmarks/defects_anomalib.py .cache/defects [set ...]

The folder is what `make defects` builds. Pictures are squashed to 224 x 224 for anomalib, as is usual there,
and to 224 and 320 for ours. The base is EfficientNet-Lite0. PatchCore sees its layers of strides 8 and 16 and
keeps 1% of the rows; PaDiM those of strides 4, 8 and 16, and keeps 100 of 176 channels: the defaults of both,
on the grid of the finest. Seconds are by the clock, from decoded pictures; a coreset alone may take minutes.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnxruntime
import torch
from anomalib.models.image.padim.torch_model import PadimModel
from anomalib.models.image.patchcore.torch_model import PatchcoreModel
from defects import SETS, kinds, photos, places
from PIL import Image
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch_reference import EfficientNetLite0, load_lite0
from weights import original

from headstart.defects.features import layout_of
from headstart.defects.fitting import fit

TAPS = {2: "fine", 4: "middle", 10: "coarse"}
CHANNELS = {"fine": 24, "middle": 40, "coarse": 112}
AT_ONCE = 16
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass
class Measured:
    """What one way is worth on one set."""

    auroc: float
    ms: float
    fit: float
    megabytes: float


class Taps(nn.Module):
    """The lower half of the base: values after three of its blocks, as anomalib's extractors give them."""

    def __init__(self, base: EfficientNetLite0) -> None:
        super().__init__()
        self.base = base
        self.out_dims = list(CHANNELS.values())

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        x = nn.functional.relu6(self.base._bn0(self.base._conv_stem(pixels)))
        found = {}
        for place, block in enumerate(self.base._blocks):
            x = block(x)
            if place in TAPS:
                found[TAPS[place]] = x
            if place == max(TAPS):
                break
        return found


def squashed(paths: Sequence[Path], size: int) -> np.ndarray:
    pictures = [Image.open(path).convert("RGB") for path in paths]
    return np.stack(
        [np.asarray(one.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2)) for one in pictures]
    )


def normalised(pixels: np.ndarray) -> Tensor:
    x = (torch.from_numpy(pixels).float() / 255 - torch.tensor(MEAN)) / torch.tensor(SPREAD)
    return x.permute(0, 3, 1, 2).contiguous()


def anomalib(model: Any, base: EfficientNetLite0, finish: Callable[[Any], None]) -> Callable[..., Any]:
    """Return what fits a model of anomalib and gives its scorer and its size."""

    def fitted(train: np.ndarray) -> tuple[Callable[[np.ndarray], np.ndarray], float]:
        model.feature_extractor = Taps(base).eval()
        model.train()
        model.feature_extractor.eval()  # as anomalib does: the base learns nothing, its statistics neither
        with torch.no_grad():
            for first in range(0, len(train), AT_ONCE):
                model(normalised(train[first : first + AT_ONCE]))
            finish(model)
        model.eval()

        def score(pixels: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                return np.asarray(model(normalised(pixels)).pred_score).reshape(-1)

        kept = {key: value for key, value in model.state_dict().items() if "feature_extractor" not in key}
        return score, sum(value.numel() * value.element_size() for value in kept.values()) / 1e6

    return fitted


def patchcore(base: EfficientNetLite0) -> Callable[..., Any]:
    model = PatchcoreModel(layers=["layer1"], backbone="resnet18", pre_trained=False)
    model.layers = ["middle", "coarse"]
    return anomalib(model, base, lambda one: one.subsample_embedding(0.01))


def padim(base: EfficientNetLite0) -> Callable[..., Any]:
    torch.manual_seed(0)
    model = PadimModel(backbone="resnet18", layers=["layer1"], pre_trained=False, n_features=64)
    model.layers = list(CHANNELS)
    model.n_features = 100
    model.idx = torch.randperm(sum(CHANNELS.values()))[:100]
    return anomalib(model, base, lambda one: one.fit())


def ours(folder: Path, size: int) -> Callable[..., Any]:
    spec = places(folder, size)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(spec.files["encoder"]), options)
    layout = layout_of(spec)

    def seen(pixels: np.ndarray) -> np.ndarray:
        rows = [session.run(None, {"pixels": one[None]})[0] for one in pixels]
        return np.concatenate(rows).reshape(len(pixels), layout.side**2, -1).astype(np.float16)

    def fitted(train: np.ndarray) -> tuple[Callable[[np.ndarray], np.ndarray], float]:
        detector = fit(seen(train), layout).detector
        size = sum(array.nbytes for array in detector.arrays().values())
        return lambda pixels: detector.look(seen(pixels)).score, size / 1e6

    return fitted


def measure(fitting: Callable[..., Any], root: Path, size: int) -> Measured:
    train, good = squashed(photos(root / "train/good"), size), squashed(photos(root / "test/good"), size)
    bad = np.concatenate([squashed(photos(root / "test" / kind), size) for kind in kinds(root)])
    start = time.perf_counter()
    score, megabytes = fitting(train)
    took = time.perf_counter() - start
    score(good[:1])
    scores, times = [], []
    for one in np.concatenate([good, bad]):
        start = time.perf_counter()
        scores.append(score(one[None])[0])
        times.append(time.perf_counter() - start)
    truth = np.r_[np.zeros(len(good)), np.ones(len(bad))]
    found = roc_auc_score(truth, scores)
    return Measured(float(found), 1000 * float(np.median(times)), took, megabytes)


def main(arguments: Sequence[str]) -> None:
    if not arguments:
        raise SystemExit(__doc__)
    root, names = Path(arguments[0]), arguments[1:] or SETS
    torch.set_num_threads(1)
    with original("efficientnet_lite0") as files, tempfile.TemporaryDirectory() as folder:
        base = load_lite0(next(path for path in files.values() if path.suffix == ".pth"))
        ways = {
            "PatchCore 224": (lambda: patchcore(base), 224),
            "PaDiM 224": (lambda: padim(base), 224),
            "ours 224": (lambda: ours(Path(folder), 224), 224),
            "ours 320": (lambda: ours(Path(folder), 320), 320),
        }
        print("set             way             AUROC  ms a picture  fit s     MB")
        all_of: dict[str, list[Measured]] = {way: [] for way in ways}
        for name in names:
            for way, (make, size) in ways.items():
                found = measure(make(), root / name, size)
                all_of[way].append(found)
                print(line(name, way, [found]), flush=True)
                gc.collect()
        for way, each in all_of.items():
            print(line("mean", way, each))


def line(name: str, way: str, each: Sequence[Measured]) -> str:
    auroc, ms, took, megabytes = np.mean([[m.auroc, m.ms, m.fit, m.megabytes] for m in each], axis=0)
    return f"{name:15s} {way:15s} {auroc:.3f}  {ms:12.1f}  {took:5.1f}  {megabytes:5.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
