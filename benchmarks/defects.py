"""What is found of painted defects, and how often good parts are called defective, on the development sets.

    python benchmarks/defects.py FOLDER quality [set ...]
    python benchmarks/defects.py FOLDER alarms [set ...] [DRAWS [LOT]]
    python benchmarks/defects.py FOLDER known [set ...] [DRAWS]
    python benchmarks/defects.py FOLDER varying

FOLDER is what `make defects` builds. The defects are painted and the wafer maps simulated: good to see a
change by, no proof of worth on a line. `varying` makes a set in which every picture has another layout.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageChops, ImageDraw
from scipy.ndimage import label as regions
from sklearn.metrics import roc_auc_score

from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed
from headstart.defects.detector import adjusted, logarithms
from headstart.defects.features import Pictures, layout_of, look, places_of
from headstart.defects.fitting import Fitted, fit
from headstart.defects.fusing import fuse
from headstart.defects.heat import spread
from headstart.defects.threshold import independent_pictures, set_threshold
from headstart.types import EncoderSpec

SETS = ("circuit_board", "pasta_box", "light_bulb", "gear", "wafer_map", "brick", "gravel", "loose_parts")
# In the others training and test photos are of different halves of one photograph: no draws from one pot.
ONE_POT = ("circuit_board", "pasta_box", "light_bulb", "wafer_map")
DRAWS, RATES, COUNTS = 200, (0.02, 0.05, 0.10), (20, 50, 100)
KNOWN = (5, 10, 30)
MAP_SIDE, STEPS, WORST = 160, 400, 0.3


def places(folder: Path, size: int = 320) -> EncoderSpec:
    spec = installed(load_catalogue().cards["efficientnet_lite0"])
    assert spec is not None, "make bases"
    return places_of(spec, folder, size)


def photos(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.jpg"), *folder.glob("*.png")])


def kinds(root: Path) -> list[str]:
    return sorted(one.name for one in (root / "test").iterdir() if one.name != "good")


def auroc(good: np.ndarray, bad: np.ndarray) -> tuple[float, float, float]:
    """Return the area with its 95% interval, by drawing pictures again."""
    truth, rng = np.r_[np.zeros(len(good)), np.ones(len(bad))], np.random.default_rng(0)
    drawn = [
        roc_auc_score(truth, np.r_[rng.choice(good, len(good)), rng.choice(bad, len(bad))])
        for _ in range(500)
    ]
    return roc_auc_score(truth, np.r_[good, bad]), *np.quantile(drawn, (0.025, 0.975))


def one_way(fitted: Fitted, pictures: Pictures, which: int) -> np.ndarray:
    """Return the scores by one of the two ways alone."""
    near, far = fitted.detector._distances(pictures.seen)
    return adjusted(logarithms(near, far), fitted.detector.standard.slope)[:, which]


def quality(root: Path, names: Sequence[str]) -> None:
    print("set             AUROC (95%)          places memory  pixel  PRO    fit s  ms each")
    with tempfile.TemporaryDirectory() as folder:
        spec = places(Path(folder))
        for name in names:
            print(f"{name:15s} {measured(spec, root / name)}", flush=True)
        print(speed(spec))


def measured(spec: EncoderSpec, root: Path) -> str:
    train, good = look(spec, photos(root / "train/good")), look(spec, photos(root / "test/good"))
    bad = [(kind, look(spec, photos(root / "test" / kind))) for kind in kinds(root)]
    start = time.perf_counter()
    fitted = fit(train.seen, layout_of(spec))
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    seen_good = fitted.detector.look(good.seen)
    seen_bad = [fitted.detector.look(pictures.seen) for _, pictures in bad]
    each = (time.perf_counter() - start) / (len(good) + sum(len(one.score) for one in seen_bad))
    score = np.concatenate([one.score for one in seen_bad])
    found, low, high = auroc(seen_good.score, score)
    alone = [
        auroc(one_way(fitted, good, i), np.concatenate([one_way(fitted, p, i) for _, p in bad]))[0]
        for i in (0, 1)
    ]
    heats = [seen_good.heat, *(one.heat for one in seen_bad)]
    masks = [np.zeros((len(good), MAP_SIDE, MAP_SIDE), bool)]
    masks += [truth(root, kind) for kind, _ in bad]
    pixel, pro = pixel_measures(np.concatenate(heats), np.concatenate(masks))
    return (
        f"{found:.3f} ({low:.3f}-{high:.3f})  {alone[0]:.3f}  {alone[1]:.3f}  {pixel:.3f}  {pro:.3f}  "
        f"{seconds:5.1f}  {1000 * each:.1f}"
    )


def truth(root: Path, kind: str) -> np.ndarray:
    paths = sorted((root / "ground_truth" / kind).glob("*.png"))
    return np.stack([mask_of(path) for path in paths])


def mask_of(path: Path) -> np.ndarray:
    small = Image.open(path).convert("L").resize((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX)
    return np.asarray(small) > 60


def pixel_measures(heat: np.ndarray, masks: np.ndarray) -> tuple[float, float]:
    """Return the AUROC over pixels, and the mean overlap with regions up to 30% false ones (PRO)."""
    maps = np.stack([spread(one, MAP_SIDE, MAP_SIDE) for one in heat])
    cuts = np.quantile(maps[~masks], np.r_[np.linspace(0, 0.7, 50), np.linspace(0.7, 1, STEPS)])[::-1]
    order = np.sort(maps[~masks])
    false = 1 - np.searchsorted(order, cuts, side="left") / len(order)
    hits = np.sort(maps[masks])
    true = 1 - np.searchsorted(hits, cuts, side="left") / len(hits)
    overlaps = []
    for one, mask in zip(maps, masks, strict=True):
        numbered, count = regions(mask)
        for number in range(1, count + 1):
            inside = np.sort(one[numbered == number])
            overlaps.append(1 - np.searchsorted(inside, cuts, side="left") / len(inside))
    pro = np.mean(overlaps, axis=0)
    grid = np.linspace(0, WORST, 301)
    area = float(np.trapezoid(np.interp(grid, false, pro), grid)) / WORST
    return float(np.trapezoid(np.r_[0, true, 1], np.r_[0, false, 1])), area


def speed(spec: EncoderSpec) -> str:
    """Compare a picture through the lower half at this size with one through the whole base at its own."""
    whole = installed(load_catalogue().cards["efficientnet_lite0"])
    assert whole is not None
    took = []
    for one, output in ((whole, "embedding"), (spec, "embedding")):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(one.files["encoder"]), options)
        side = int(one.recipe["size"])
        pixels = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), dtype=np.uint8)
        times = []
        for _ in range(40):
            start = time.perf_counter()
            session.run([output], {"pixels": pixels})
            times.append(time.perf_counter() - start)
        took.append(min(times))
    return f"the whole base {1000 * took[0]:.1f} ms, its lower half at this size {1000 * took[1]:.1f} ms"


def alarms(root: Path, names: Sequence[str], draws: int, lots: int) -> None:
    """Draw good pictures, fit, and count how many of the others are called defective.

    With lots, so many pictures make a group, drawn at random: leaving groups out must not cost more.
    """
    with tempfile.TemporaryDirectory() as folder:
        spec = places(Path(folder))
        layout = layout_of(spec)
        pots = {name: pot(spec, root / name) for name in names}
    for count in COUNTS:
        found: dict[float, list[tuple[float, bool]]] = {rate: [] for rate in RATES if rate >= 1 / (count + 1)}
        for draw in range(draws):
            seen = pots[names[draw % len(names)]]
            order = np.random.default_rng(draw).permutation(len(seen))
            groups = np.arange(count) // lots
            fitted = fit(seen[np.sort(order[:count])], layout, groups=groups)
            new = fitted.detector.look(seen[np.sort(order[count:])]).score
            for rate in found:
                found[rate].append(realised(fitted, groups, rate, new))
        for rate, each in found.items():
            shares, inside = np.array(each, dtype=float).T
            error = np.std(shares) / np.sqrt(len(shares))
            print(
                f"n = {count:3d}, lots of {lots}, promised {rate:.2f}: {np.mean(shares):.4f} +- {error:.4f}, "
                f"in the range told {np.mean(inside):.2f}",
                flush=True,
            )


def realised(fitted: Fitted, groups: np.ndarray, rate: float, new: np.ndarray) -> tuple[float, bool]:
    """Return how many new good pictures are called defective, and whether the range that is told holds it."""
    threshold, promised = set_threshold(fitted.scores, rate, independent_pictures(fitted.scores, groups))
    assert promised.low is not None
    assert promised.high is not None
    share = float((new > threshold).mean())
    slack = 1.64 * np.sqrt(rate * (1 - rate) / len(new))
    return share, promised.low - slack <= share <= promised.high + slack


def known(root: Path, names: Sequence[str], draws: int) -> None:
    """Let 5, 10 and 30 known defects count, and measure on the others: the gain in AUROC, what is caught."""
    with tempfile.TemporaryDirectory() as folder:
        spec = places(Path(folder))
        for name in names:
            train = look(spec, photos(root / name / "train/good")).seen
            good = look(spec, photos(root / name / "test/good")).seen
            bad = np.concatenate(
                [look(spec, photos(root / name / "test" / kind)).seen for kind in kinds(root / name)]
            )
            fitted = fit(train, layout_of(spec))
            for count in KNOWN:
                print(
                    f"{name:15s} {count:2d} known: {with_known(fitted, train, good, bad, count, draws)}",
                    flush=True,
                )


def with_known(
    fitted: Fitted, train: np.ndarray, good: np.ndarray, bad: np.ndarray, count: int, draws: int
) -> str:
    alone, odd = fitted.detector.look(good).score, fitted.detector.look(bad).score
    gains, left_out, fresh = [], [], []
    for draw in range(draws):
        order = np.random.default_rng([draw, count]).permutation(len(bad))
        mine, others = order[:count], order[count:]
        fused = fuse(fitted, train, bad[mine], np.arange(len(train) + count))
        if fused is None:
            gains.append(0.0)
            continue
        new, found = fused.fitted.detector.look(good), fused.fitted.detector.look(bad[others])
        truth = np.r_[np.zeros(len(good)), np.ones(len(others))]
        with_them = roc_auc_score(truth, np.r_[new.score, found.score])
        gains.append(with_them - roc_auc_score(truth, np.r_[alone, odd[others]]))
        left_out.append(fused.defective.mean())
        fresh.append((found.defective | found.strange).mean())
    caught = f", caught left out {np.mean(left_out):.2f}, new {np.mean(fresh):.2f}" if fresh else ""
    gain = f"{np.mean(gains):+.4f} ({min(gains):+.3f} to {max(gains):+.3f})"
    return f"count in {len(fresh)} of {draws}, AUROC {gain}{caught}"


def pot(spec: EncoderSpec, root: Path) -> np.ndarray:
    parts = [look(spec, photos(root / part)).seen for part in ("train/good", "test/good")]
    return np.concatenate(parts)


def varying(root: Path) -> None:
    """Measure a set in which every picture has another layout: coins, screws and chips, anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        write_varying(root, Path(folder) / "varying")
        spec = places(Path(folder))
        print("set             AUROC (95%)          places memory  pixel  PRO    fit s  ms each")
        print(f"{'varying':15s} {measured(spec, Path(folder) / 'varying')}", flush=True)


def write_varying(root: Path, target: Path) -> None:
    """Cut up a circuit board, and lay its pieces in another order in each picture; paint two defects."""
    board = Image.open(photos(root / "circuit_board/train/good")[0]).convert("RGB")
    wide, high = board.width // 4, board.height // 3
    pieces = [
        board.crop((x * wide, y * high, (x + 1) * wide, (y + 1) * high)) for x in range(4) for y in range(3)
    ]
    for part, count in (("train/good", 120), ("test/good", 60), ("test/scratch", 30), ("test/spot", 30)):
        (target / part).mkdir(parents=True)
        (target / "ground_truth" / part[5:]).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            rng = np.random.default_rng([sum(map(ord, part)), i])
            picture = Image.new("RGB", (4 * wide, 3 * high))
            for place, piece in enumerate(rng.permutation(12)):
                turned = pieces[piece].rotate(180 if rng.random() < 0.5 else 0)
                picture.paste(turned, (place % 4 * wide, place // 4 * high))
            picture = ImageChops.offset(picture, int(rng.integers(wide)), int(rng.integers(high)))
            mask = Image.new("L", picture.size)
            if not part.endswith("good"):
                hurt(picture, mask, part[5:], rng)
                mask.save(target / "ground_truth" / part[5:] / f"{i:03d}_mask.png")
            noise = rng.normal(0, 2, (3 * high, 4 * wide, 3))
            pixels = (np.asarray(picture, float) * rng.uniform(0.93, 1.07) + noise).clip(0, 255)
            Image.fromarray(pixels.astype(np.uint8)).save(target / part / f"{i:03d}.jpg", quality=93)


def hurt(picture: Image.Image, mask: Image.Image, kind: str, rng: np.random.Generator) -> None:
    x, y = rng.uniform(0.15, 0.8) * picture.width, rng.uniform(0.15, 0.8) * picture.height
    colour = tuple(int(c) for c in rng.choice([(230, 230, 225), (25, 25, 30), (150, 40, 40)]))
    for image, ink in ((picture, colour), (mask, 255)):
        draw = ImageDraw.Draw(image)
        if kind == "scratch":
            draw.line([(x, y), (x + 60, y + 25)], fill=ink, width=4)
        else:
            draw.ellipse([x, y, x + 26, y + 20], fill=ink)


def main(arguments: Sequence[str]) -> None:
    if len(arguments) < 2 or arguments[1] not in ("quality", "alarms", "known", "varying"):
        raise SystemExit(__doc__)
    root, what, rest = Path(arguments[0]), arguments[1], arguments[2:]
    names = tuple(name for name in rest if not name.isdigit())
    numbers = [int(name) for name in rest if name.isdigit()]
    if what == "quality":
        quality(root, names or SETS)
    elif what == "alarms":
        draws, lots = (*numbers, DRAWS, 1)[:2] if len(numbers) != 1 else (numbers[0], 1)
        alarms(root, names or ONE_POT, draws, lots)
    elif what == "known":
        known(root, names or SETS, numbers[0] if numbers else 10)
    else:
        varying(root)


if __name__ == "__main__":
    main(sys.argv[1:])
