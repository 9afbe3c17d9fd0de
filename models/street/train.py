"""Train the network that ships for streets, on CamVid's 367 pictures for training.

::

    python -m models.street.train ../shared/data/camvid      # trains: minutes on a GPU, many hours without
    python -m models.street.figures ../shared/data/camvid    # measures it, writes the model and its card

Killed, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from everyframe.vision.dense.layouts import check, read_dataset
from everyframe.vision.dense.training import Learned, train
from models.street.recipe import CHANGE, DESIGN, schedule


def main() -> int:
    """Train, and write the weights with what they cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="CamVid, 480x360")
    parser.add_argument("--epochs", type=int, default=700)
    parser.add_argument("--minutes", type=float, default=1e9, help="after which it ends early")
    parser.add_argument("--work", type=Path, default=Path("build/street"), help="weights and checkpoint")
    told = parser.parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    dataset = read_dataset(told.data)
    check(dataset)
    began = time.time()

    def say(now: Learned) -> None:
        held = "" if now.mean_iou is None else f", mean IoU {now.mean_iou:.4f} on what is held out"
        print(f"epoch {now.epoch} of {now.epochs}: loss {now.loss:.4f}{held}", flush=True)

    trained = train(
        dataset,
        DESIGN,
        schedule(told.epochs),
        CHANGE,
        progress=say,
        stop=lambda: time.time() - began > 60.0 * told.minutes,
        checkpoint=told.work / "checkpoint.pt",
    )
    state = {name: one.contiguous() for name, one in trained.network.state_dict().items()}
    save_file(state, told.work / "street.safetensors")
    cost = {
        "command": f"python -m models.street.train camvid --epochs {told.epochs}",
        "minutes": None if told.minutes > 1e6 else round(told.minutes, 1),
        "epochs": len(trained.rows),
        "hours": round(sum(row.seconds for row in trained.rows) / 3600, 3),
        "wall_hours": round((time.time() - began) / 3600, 3),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
        "val_mean_iou": trained.mean_iou,
        "curve": [[row.epoch, round(row.loss, 4), row.mean_iou] for row in trained.rows],
    }
    (told.work / "trained.json").write_text(json.dumps(cost) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
