"""Segmentation of footage and of large pictures: how much it flickers, and what tiles change.

::

    python -m benchmarks.segmented flicker ~/footage/clips --keep        # picture by picture, and averaged
    python -m benchmarks.segmented tiles ~/footage/camvid/test/images --keep    # 4000x3000, by margins
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.kept import Measurement, commit, today, write
from everyframe.errors import EveryframeError
from everyframe.sources import open_source
from everyframe.types import RGB, Gap
from everyframe.vision.dense.flicker import Flicker
from everyframe.vision.dense.segmenter import Segmenter, look_of, shrunk
from everyframe.vision.dense.smoothing import Smoother
from everyframe.vision.dense.tiles import plan
from everyframe.vision.pictures import ENDINGS, read_picture

LARGE = (3000, 4000)
MARGINS = (64, 128, 192, 256, 512)
SECONDS = (0.0, 0.2, 0.4, 0.8)
_ALL = 10**9  # pixels: no tiles


def flicker(clip: Path, network: Segmenter, pictures: int, side: int) -> dict[str, Any]:
    """Return which share of still pixels changes its class between pictures, by seconds of averaging."""
    smoothers = {f"{seconds:g} s": Smoother(seconds) for seconds in SECONDS}
    smoothers["0.4 s without flow"] = Smoother(0.4, flow=False)
    counts = {name: Flicker() for name in smoothers}
    spent = dict.fromkeys(("network", "averaging"), 0.0)
    with closing(open_source(clip)) as source:
        frames = (item for item in source if not isinstance(item, Gap))
        for frame in itertools.islice(frames, pictures):
            picture = shrunk(frame.rgb(), side)
            begun = time.process_time()
            logits = network.logits(picture)
            spent["network"] += time.process_time() - begun
            for name, smoother in smoothers.items():
                begun = time.process_time()
                mean = smoother.step(frame.time, frame.luma, logits)
                spent["averaging"] += (time.process_time() - begun) * (name == "0.4 s")
                mask = look_of(mean, (picture.shape[0], picture.shape[1]), confidence=False).mask
                counts[name].step(frame.luma, mask)
    found = {name: round(count.share, 5) for name, count in counts.items()}
    return found | {f"ms of {what}": round(1e3 * s / pictures, 1) for what, s in spent.items()}


def tiles(pictures: Sequence[RGB], model: str, shape: tuple[int, int] = LARGE) -> dict[str, Any]:
    """Return what share of pixels tiles tell otherwise than the whole, by margin, on two large pictures.

    One is a mosaic of pictures in their own size, one is a single picture made as large.
    """
    height, width = pictures[0].shape[:2]
    across, down = -(-shape[1] // width), -(-shape[0] // height)
    chosen = itertools.cycle(pictures)
    rows = [np.concatenate([next(chosen) for _ in range(across)], axis=1) for _ in range(down)]
    mosaic = np.concatenate(rows)[: shape[0], : shape[1]]
    size = (shape[1], shape[0])
    enlarged = np.asarray(cv2.resize(pictures[0], size, interpolation=cv2.INTER_CUBIC), np.uint8)
    found: dict[str, Any] = {}
    for name, picture in (("mosaic", mosaic), ("enlarged", enlarged)):
        whole = Segmenter(model, side=0, whole=_ALL).predict(picture)
        found[name] = {f"margin {margin}": _apart(picture, whole, model, margin) for margin in MARGINS}
    return found


def _apart(picture: RGB, whole: np.ndarray, model: str, margin: int) -> dict[str, float]:
    network = Segmenter(model, side=0, margin=margin)
    told = network.predict(picture)
    shape = (picture.shape[0], picture.shape[1])
    cut = plan(shape, network.about.stride, min(margin, network.about.reach))
    seen = sum(
        (one.seen_rows.stop - one.seen_rows.start) * (one.seen_columns.stop - one.seen_columns.start)
        for one in cut
    )
    return {"differs": round(float((told != whole).mean()), 6), "work": round(seen / whole.size, 2)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("flicker", "tiles"))
    parser.add_argument("folder", type=Path, help="clips, or pictures of one size")
    parser.add_argument("--model", default="street")
    parser.add_argument("--pictures", type=int, default=100, help="of each clip")
    parser.add_argument("--side", type=int, default=480, help="pixels across at which clips are seen")
    parser.add_argument("--keep", action="store_true", help="keep what was measured in results/")
    told = parser.parse_args(arguments)
    inside = sorted(told.folder.iterdir())
    if told.what == "flicker":
        network = Segmenter(told.model)
        clips = [path for path in inside if path.suffix == ".mp4"]
        found: dict[str, Any] = {
            path.stem: flicker(path, network, told.pictures, told.side) for path in clips
        }
    else:
        pictures = [read_picture(path) for path in inside if path.suffix.lower() in ENDINGS]
        found = tiles(pictures[:: max(1, len(pictures) // 60)], told.model)
    if not found:
        raise EveryframeError(f"{told.folder}: there is nothing to measure on")
    if told.keep:
        words = f"python -m benchmarks.segmented {told.what} {told.folder.name}"
        write(f"segmented-{told.what}", Measurement(words, today(), commit(), found))
    print(json.dumps(found))


if __name__ == "__main__":
    try:
        main()
    except EveryframeError as error:
        sys.exit(str(error))
