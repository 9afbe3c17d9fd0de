"""Train the network that ships for motion, on drawn people alone.

It learns to tell a few hundred deeds apart, each seen in many takes, and is kept for how it sees: its
embeddings tell deeds apart that it never saw. Nobody's footage is in it.

::

    python -m models.motion.train                 # draws, trains, measures, writes the network
    python -m models.motion.train --deeds 20 --takes 6 --epochs 2 --to /tmp/motion   # a try in a minute
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from everyframe.highlights.clips import crop
from everyframe.highlights.looking import looks
from everyframe.vision.changing import Change
from everyframe.vision.design import Design
from everyframe.vision.export import to_onnx
from everyframe.vision.runtime import Runtime
from everyframe.vision.training import Learned, Schedule, train
from models.motion.figures import deed, take

Maps = dict[str, NDArray[np.float16]]

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / "src" / "everyframe" / "vision" / "weights"
FEWEST = 6  # steps that a take needs
SHOTS = 5


def draw(number: int, takes: int, seed: int, folder: Path) -> Path:
    """Draw the takes of one deed, once, and keep what is seen of them."""
    cv2.setNumThreads(1)
    kept = folder / f"{number}.npz"
    if kept.exists():
        return kept
    what = deed(np.random.default_rng((seed, number)))
    found: dict[str, Any] = {}
    for one in range(takes):
        window = list(looks(take(what, np.random.default_rng((seed, number, one)))))
        if len(window) >= FEWEST:
            for name, maps in crop(window).maps.items():
                found[f"{one}.{name}"] = maps
    written = kept.with_suffix(".part.npz")
    np.savez(written, **found)
    written.rename(kept)
    return kept


def takes_of(file: Path) -> Iterator[Maps]:
    """Yield what is seen of each take of a deed."""
    with np.load(file) as told:
        for one in sorted({name.split(".")[0] for name in told.files}, key=int):
            yield {name: told[f"{one}.{name}"] for name in ("frames", "flow")}


def five_shot(model: bytes, files: list[Path]) -> dict[str, float]:
    """Return how often takes of deeds never seen are nearest to the mean of five others of their deed."""
    runtime = Runtime(model)
    seen = [
        [
            np.concatenate(
                runtime.run({name: maps[None].astype(np.float32) for name, maps in one.items()}), 1
            )[0]
            for one in takes_of(file)
        ]
        for file in files
    ]
    middles = np.stack([np.mean(one[:SHOTS], axis=0) for one in seen])
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    right = [
        int((middles @ take).argmax()) == number for number, one in enumerate(seen) for take in one[SHOTS:]
    ]
    return {"deeds": len(files), "takes": len(right), "accuracy": round(float(np.mean(right)), 4)}


def main() -> int:
    """Draw, train, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--deeds", type=int, default=400)
    parser.add_argument("--held-back", type=int, default=50, help="deeds that are not learned from")
    parser.add_argument("--takes", type=int, default=14)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=48)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--work", type=Path, default=Path("build/motion"), help="drawings and checkpoint")
    parser.add_argument("--to", type=Path, default=PLACE)
    told = parser.parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    told.to.mkdir(parents=True, exist_ok=True)
    began = time.time()
    files = Parallel(n_jobs=-1)(
        delayed(draw)(number, told.takes, told.seed, told.work) for number in range(told.deeds)
    )
    learned, held = files[: -told.held_back], files[-told.held_back :]
    examples: list[Maps] = []
    labels: list[int] = []
    for number, file in enumerate(learned):
        several = list(takes_of(file))
        examples += several
        labels += [number] * len(several)
    print(f"{len(examples)} takes of {len(learned)} deeds", flush=True)

    def say(now: Learned) -> None:
        print(
            f"epoch {now.epoch} of {now.epochs}: loss {now.loss:.3f}, {time.time() - began:.0f} s", flush=True
        )

    network = train(
        examples,
        labels,
        Design(hidden=told.hidden),
        Schedule(epochs=told.epochs, rate=3e-3, decay=0.02, size=32, seed=told.seed),
        Change(),
        progress=say,
        checkpoint=told.work / "checkpoint.pt",
    )
    model = to_onnx(network)
    (told.to / "motion.onnx").write_bytes(model)
    found: dict[str, Any] = {
        "command": f"python -m models.motion.train {' '.join(sys.argv[1:])}".strip(),
        "seed": told.seed,
        "takes": len(examples),
        "deeds": len(learned),
        "hours": round((time.time() - began) / 3600, 2),
        "bytes": len(model),
        "held_back": five_shot(model, held),
    }
    (told.to / "motion.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
