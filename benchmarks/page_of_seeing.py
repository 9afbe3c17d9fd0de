"""What the page of results tells of seeing: what pictures show."""

from __future__ import annotations

from typing import Any

from benchmarks.kept import Measurement
from benchmarks.tables import number, table


def _classified(kept: dict[str, Measurement]) -> list[str]:
    rows, skipped = [], []
    for one in kept.values():
        found = one.found
        if "skipped" in found:
            skipped.append(f"{found['row']}: {found['skipped']}.")
            continue
        rows.append(
            [
                found["row"],
                f"`{found['options']}`",
                str(found["epochs"]),
                number(found["cross_validated"], 3),
                number(found["val"], 3),
                f"{number(found['ece'], 3)} ({number(found['ece_uncalibrated'], 3)})",
                number(found["minutes"], 1),
            ]
        )
    lines = [
        "## Pictures",
        "",
        "Ants or bees (hymenoptera), by `everyframe classify train`. Learned from `train` alone, with the"
        " epochs and the temperature that cross-validation within it chose; `val` was looked at once, at the"
        " end. Calibration error (ECE) after and, in parentheses, before the temperature. Minutes are"
        " of a machine that others used, too.",
        "",
    ]
    head = ["what", "options", "epochs", "cross-validated", "val", "calibration error on val", "minutes"]
    lines += [*table(head, rows), "", *skipped]
    return [*lines, ""] if skipped else lines


def _dense(kept: dict[str, Measurement]) -> list[str]:
    lines = ["## Every pixel", ""]
    for name, part in (("street", _street), ("ablation", _ablation), ("speed", _speed)):
        for one in (one for key, one in kept.items() if key.startswith(f"dense-{name}")):
            lines += [*part(one.found), "", f"`{one.command}` on {one.found['device']}.", ""]
    return lines


def _street(found: dict[str, Any]) -> list[str]:
    told = found["found"]
    tiles = told["tiles"]
    return [
        "The network that ships (`street`, 8-bit integers) on CamVid's"
        f" {told['pictures']} pictures for testing: mean IoU **{told['mean_iou']:.3f}**, pixel accuracy"
        f" {told['pixel_accuracy']:.3f}, at {told['pictures_per_second']:.0f} pictures of {told['size'][1]} x"
        f" {told['size'][0]} per second on one core. Published for the same pictures at the same size: SegNet"
        " 0.601, FCN-8 with ImageNet weights 0.570, FC-DenseNet103 0.669, all in floats on a GPU."
        f" A picture of {tiles['size'][0]} x {tiles['size'][1]} by tiles differs from the whole in"
        f" {tiles['share_that_differs']:.2%} of its pixels.",
    ]


def _ablation(found: dict[str, Any]) -> list[str]:
    crop = found["size"]
    size = "whole pictures" if crop is None else f"crops of {crop[0]} x {crop[1]}"
    rows = [
        [
            name,
            number(one["test"], 3),
            number(one["thin"], 3),
            number(one["val"], 3),
            number(one["pixels"], 3),
            f"{one['multiply_adds'] / 1e9:.2f} G",
        ]
        for name, one in found["found"].items()
    ]
    head = ["network", "test mean IoU", "of thin things", "val mean IoU", "pixel accuracy", "multiply-adds"]
    return [
        f"What each part earns: the small backbone from scratch, {found['epochs']} epochs, {size}, the same"
        " seed. *no skips* takes strides out of the backbone instead, so that scores are as fine (DeepLab)."
        " Thin things: pole, sign, fence, pedestrian, cyclist. A short budget: mean IoU keeps rising for"
        " hundreds of epochs.",
        "",
        *table(head, rows),
        *_earned(found["found"]),
    ]


def _earned(told: dict[str, Any]) -> list[str]:
    """Say what skips earn, beside none at all and beside spread convolutions."""
    names = ("32s no skips", "8s skips", "8s no skips")
    coarse, skips, spread = (told[f"{name} bilinear"] for name in names)
    gained, more = skips["test"] - coarse["test"], spread["test"] - skips["test"]
    work = skips["multiply_adds"]
    return [
        f"Two skips change mean IoU by {gained:+.3f} for {work / coarse['multiply_adds']:.2f} times the work;"
        f" spread convolutions instead by {more:+.3f} more, for {spread['multiply_adds'] / work:.1f} times"
        " the work.",
    ]


def _speed(found: dict[str, Any]) -> list[str]:
    told = found["found"]
    (plain, base), *ours = told.items()
    rows = [
        [plain, number(base, 1), "1"],
        *([name, number(one, 1), number(one / base, 2)] for name, one in ours),
    ]
    return [
        f"Training ResNet-50, batches of {found['batch']}, {found['size'][1]} x {found['size'][0]}, one after"
        " another in one run.",
        "",
        *table(["what", "pictures per second", "times"], rows),
    ]


def _segmented(kept: dict[str, Measurement]) -> list[str]:
    lines = ["## Footage and large pictures, segmented", ""]
    for name, part in (("segmented-flicker", _flicker), ("segmented-tiles", _tiles)):
        if name in kept:
            lines += [*part(kept[name].found), f"`{kept[name].command}`.", ""]
    return lines


def _flicker(found: dict[str, Any]) -> list[str]:
    names = [name for name in next(iter(found.values())) if not name.startswith("ms of ")]
    rows = [[clip, *(f"{told[name]:.2%}" for name in names)] for clip, told in found.items()]
    return [
        "Of the pixels where flow says that nothing moved, how many change their class from one picture to"
        " the next: picture by picture (0 s), with scores averaged over so many seconds, and without"
        " following what moves.",
        "",
        *table(["clip", *names], rows),
    ]


def _tiles(found: dict[str, Any]) -> list[str]:
    kinds = list(found)
    rows = [
        [margin, number(one["work"], 2), *(f"{found[kind][margin]['differs']:.3%}" for kind in kinds)]
        for margin, one in found[kinds[0]].items()
    ]
    return [
        "A picture of 4000 x 3000 by tiles: pixels that differ from the whole, on a mosaic of CamVid's"
        " pictures in their own size and on one of them enlarged, and the work as a multiple of the whole's.",
        "",
        *table(["tiles", "work", *kinds], rows),
    ]


SEEING = {"classify": _classified, "dense": _dense, "segmented": _segmented}
