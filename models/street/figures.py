"""Make the network for streets ready to run, measure it on pictures that it never saw, write its card.

::

    python -m models.street.figures ../shared/data/camvid
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from everyframe.vision.dense.export import describe, to_onnx
from everyframe.vision.dense.layouts import Dataset, read_dataset
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.quantising import quantised
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.dense.validating import validate
from models.street.card import card
from models.street.recipe import DESIGN, SEED

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / "src" / "everyframe" / "vision" / "weights"
SIZE = (360, 480)
SIDE = 640
"""Longer side, in pixels, at which larger pictures are seen: a third more than it learned from, so that
thin things are seen, too."""
_SEEN = 48  # pictures of those for training that say which values there are
_TIMED = 30


def main() -> int:
    """Export, quantise, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="CamVid, 480x360")
    parser.add_argument("--work", type=Path, default=Path("build/street"), help="where training left it")
    parser.add_argument("--to", type=Path, default=PLACE)
    told = parser.parse_args()
    dataset = read_dataset(told.data)
    network = Segmenting(DESIGN, len(dataset.classes))
    network.load_state_dict(load_file(told.work / "street.safetensors"))
    network.eval()
    cost = json.loads((told.work / "trained.json").read_text())
    notes = {
        "data": "CamVid, 367 pictures for training (Brostow et al., 2008)",
        "licence": "weights as the project; learned from data that is given for research",
        "seed": SEED,
        "card": "street.md",
    }
    whole = to_onnx(network, describe(DESIGN, dataset.classes, network, SIZE, notes, SIDE))
    step = max(1, len(dataset.train) // _SEEN)
    small = quantised(whole, (dataset.picture(pair) for pair in dataset.train[::step][:_SEEN]))
    torch_test = validate(network, dataset, dataset.test).mean_iou
    found: dict[str, Any] = {
        **{key: value for key, value in cost.items() if key != "curve"},
        "seed": SEED,
        "backbone": DESIGN.backbone,
        "parameters": sum(one.numel() for one in network.parameters()),
        "bytes": len(small),
        "pytorch": {"test_mean_iou": round(torch_test, 4)},
        "fp32": measured(whole, dataset),
        "int8": measured(small, dataset),
    }
    told.to.mkdir(parents=True, exist_ok=True)
    (told.to / "street.onnx").write_bytes(small)
    (told.to / "street.json").write_text(json.dumps(found, indent=1) + "\n")
    (told.to / "street.md").write_text(card(found))
    print(json.dumps(found, indent=1))
    return 0


def measured(model: bytes, dataset: Dataset) -> dict[str, Any]:
    """Return how well and how fast a model runs, on one thread."""
    segmenter = Segmenter(model)
    found: dict[str, Any] = {"bytes": len(model)}
    for name, pairs in (("val", dataset.val), ("test", dataset.test)):
        counted = Confusion(len(dataset.classes), boundaries=name == "test")
        for pair in pairs:
            counted.add(dataset.mask(pair), segmenter.predict(dataset.picture(pair)))
        found[name] = counted.as_json(dataset.classes.names)
        del found[name]["matrix"]
    picture = dataset.picture(dataset.test[0])
    took = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        segmenter.predict(picture)
        took.append(time.perf_counter() - began)
    found["milliseconds"] = round(1000.0 * sorted(took)[_TIMED // 2], 1)
    return found


if __name__ == "__main__":
    sys.exit(main())
