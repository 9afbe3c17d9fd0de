"""Dense prediction on CamVid: what each part of a fully convolutional network earns, and how fast it learns.

::

    python -m benchmarks.dense ablation camvid --epochs 50 --keep    # 15 networks of one budget
    python -m benchmarks.dense speed camvid --batch 16 --keep        # beside torchvision's in a plain loop
    python -m benchmarks.dense street camvid --keep                  # the network that ships, as it ships
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from benchmarks.kept import FOLDER, Measurement, commit, today, write
from everyframe.errors import EveryframeError
from everyframe.files import file_name
from everyframe.vision.backbones import operators
from everyframe.vision.dense.changing import Change
from everyframe.vision.dense.design import Design, design
from everyframe.vision.dense.layouts import Dataset, read_dataset
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.measures import Confusion
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.dense.training import Schedule, train
from everyframe.vision.dense.upsampling import UPSAMPLINGS
from everyframe.vision.dense.validating import validate
from everyframe.vision.inside import count

STRIDES = (32, 16, 8)
_TIMED = 40
_LARGE = (4000, 3000)
OURS = ("atrous8s", "atrous16s", "fcn8s")


def cells() -> dict[str, Design]:
    """Return the networks of the ablation: strides, with skips and without, and ways up."""
    found = {}
    for stride, skips, up in itertools.product(STRIDES, (True, False), UPSAMPLINGS):
        if stride == max(STRIDES) and not skips:
            continue  # it has none
        name = f"{stride}s {'skips' if skips and stride < max(STRIDES) else 'no skips'} {up}"
        found[name] = design(f"fcn{stride}s", upsample=up, skips=skips)
    return found


def ablation(
    data: Path, names: Sequence[str], words: Sequence[str], work: Path, at_once: int
) -> dict[str, Any]:
    """Train each network of the ablation in a process of its own; what is done already is not done again.

    Args:
        data: CamVid.
        names: Of the networks.
        words: Settings of the budget, as on the command line.
        work: Where each network's figures are kept.
        at_once: Networks that are trained side by side.
    """
    work.mkdir(parents=True, exist_ok=True)
    places = {name: work / f"{name.replace(' ', '-')}.json" for name in names}
    waiting = [name for name in names if not places[name].exists()]
    running: dict[str, subprocess.Popen[str]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            name = waiting.pop(0)
            command = [
                sys.executable,
                "-m",
                "benchmarks.dense",
                "ablation",
                str(data),
                "--only",
                name,
                *words,
            ]
            running[name] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for name, process in list(running.items()):
            if process.poll() is not None:
                told = process.communicate()[0].strip().splitlines()
                del running[name]
                if process.returncode:
                    raise EveryframeError(f"{name} failed; what it said is above")
                places[name].write_text(told[-1] + "\n")
                print(f"  {name}: {told[-1]}", flush=True)
        time.sleep(0.2)
    return {name: json.loads(place.read_text()) | _cost(name) for name, place in places.items()}


def _cost(name: str) -> dict[str, int]:
    """Return the multiply-adds of a network of the ablation for one picture of CamVid."""
    return {"multiply_adds": count(Segmenting(cells()[name], 11).network.eval(), (352, 480))[1]}


def cell(data: Path, name: str, epochs: int, batch: int, size: tuple[int, int] | None) -> dict[str, Any]:
    """Train one network of the ablation; return how well it tells the test pictures."""
    dataset = read_dataset(data)
    made = cells()[name]
    schedule = Schedule(epochs=epochs, rate=4e-3, count=batch, every=epochs, size=size)
    trained = train(dataset, made, schedule, Change())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = trained.network.to(device)
    test = validate(network, dataset, dataset.test or dataset.val)
    thin = [dataset.classes.names.index(one) for one in _thin(dataset)]
    return {
        "val": round(trained.mean_iou or 0.0, 4),
        "test": round(test.mean_iou, 4),
        "pixels": round(test.pixel_accuracy, 4),
        "thin": round(float(np.nanmean(test.iou[thin])), 4),
        "parameters": sum(one.numel() for one in network.parameters()),
        "seconds": round(sum(row.seconds for row in trained.rows), 1),
    }


def _thin(dataset: Dataset) -> list[str]:
    """Return the classes that fine strides are there for, as far as a data set has them."""
    thin: list[str] = [
        name for name in ("pole", "sign", "fence", "pedestrian", "cyclist") if name in dataset.classes.names
    ]
    return thin or list(dataset.classes.names)


def speed(data: Path, batch: int, size: tuple[int, int], batches: int) -> dict[str, Any]:
    """Return pictures learned per second: torchvision's network in a plain loop, then ours."""
    dataset = read_dataset(data)
    pairs = tuple(itertools.islice(itertools.cycle(dataset.train), batch * batches))
    dataset = replace(dataset, train=pairs, val=(), test=())
    found: dict[str, Any] = {"torchvision fcn_resnet50, plain loop": round(_plain(dataset, batch, size), 2)}
    for name in OURS:
        made = design(name, backbone="resnet50")
        schedule = Schedule(epochs=3, count=batch, size=size)
        rows = train(dataset, made, schedule, Change()).rows
        found[f"{name} resnet50"] = round(batch * batches / min(row.seconds for row in rows[1:]), 2)
    return found


def street(data: Path) -> dict[str, Any]:
    """Return how well and how fast the network that ships runs on one core, and how exact its tiles are."""
    dataset = read_dataset(data)
    segmenter = Segmenter("street")
    counted = Confusion(len(dataset.classes))
    pairs = dataset.test or dataset.val
    for pair in pairs:
        counted.add(dataset.mask(pair), segmenter.predict(dataset.picture(pair)))
    picture = dataset.picture(pairs[0])
    took = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        segmenter.predict(picture)
        took.append(time.perf_counter() - began)
    large = np.asarray(cv2.resize(picture, _LARGE, interpolation=cv2.INTER_CUBIC), np.uint8)
    whole = Segmenter("street", whole=_LARGE[0] * _LARGE[1], side=0).predict(large)
    tiled = Segmenter("street", side=0).predict(large)
    return {
        "pictures": counted.pictures,
        "mean_iou": round(counted.mean_iou, 4),
        "pixel_accuracy": round(counted.pixel_accuracy, 4),
        "size": list(picture.shape[:2]),
        "pictures_per_second": round(1.0 / sorted(took)[_TIMED // 2], 1),
        "tiles": {"size": list(_LARGE), "share_that_differs": round(float((whole != tiled).mean()), 6)},
    }


def _plain(dataset: Dataset, batch: int, size: tuple[int, int]) -> float:
    """Return the pictures per second of the loop that people write by hand."""
    models = operators.torchvision().models
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = models.segmentation.fcn_resnet50(
        weights=None, weights_backbone=None, num_classes=len(dataset.classes)
    ).to(device)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    loader: Any = torch.utils.data.DataLoader(
        _Pictures(dataset, size), batch_size=batch, shuffle=True, num_workers=os.cpu_count() or 1,
        drop_last=True, persistent_workers=True,
    )  # fmt: skip
    best = float("inf")
    for _ in range(3):
        began = time.monotonic()
        for pictures, masks in loader:
            scores = network(pictures.to(device))["out"]
            loss = functional.cross_entropy(scores, masks.to(device), ignore_index=255)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            loss.item()
        best = min(best, time.monotonic() - began)
    return len(loader) * batch / best


class _Pictures(torch.utils.data.Dataset[tuple[torch.Tensor, torch.Tensor]]):
    def __init__(self, dataset: Dataset, size: tuple[int, int]) -> None:
        self.dataset, self.size = dataset, size

    def __len__(self) -> int:
        return len(self.dataset.train)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        pair = self.dataset.train[index]
        picture, mask = self.dataset.picture(pair), self.dataset.mask(pair)
        chance = np.random.default_rng(index)
        down, right = (
            int(chance.integers(0, max(1, have - want + 1)))
            for have, want in zip(mask.shape, self.size, strict=True)
        )
        rows, columns = slice(down, down + self.size[0]), slice(right, right + self.size[1])
        flip = slice(None, None, -1 if chance.random() < 0.5 else 1)
        seen: NDArray[np.float32] = picture[rows, columns][:, flip].astype(np.float32) / 255.0
        return (
            torch.from_numpy(np.ascontiguousarray(seen.transpose(2, 0, 1))),
            torch.from_numpy(np.ascontiguousarray(mask[rows, columns][:, flip])).long(),
        )


def main() -> int:
    """Measure, print, and keep where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("ablation", "speed", "street"))
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--side", type=int, help="of squares that are learned from (default: whole pictures)")
    parser.add_argument("--only", help="one network of the ablation, here and now")
    parser.add_argument(
        "--work", type=Path, default=Path("build/ablation"), help="what is done of the ablation"
    )
    parser.add_argument("--at-once", type=int, default=1, help="networks that are trained side by side")
    parser.add_argument("--batches", type=int, default=20, help="of the speed, in an epoch")
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results")
    told = parser.parse_args()
    size = None if told.side is None else (told.side, told.side)
    if told.only is not None:
        print(json.dumps(cell(told.data, told.only, told.epochs, told.batch, size)))
        return 0
    if told.what == "ablation":
        words = ["--epochs", str(told.epochs), "--batch", str(told.batch)]
        words += ["--side", str(told.side)] if told.side else []
        found = ablation(told.data, list(cells()), words, told.work, told.at_once)
    elif told.what == "street":
        found = street(told.data)
    else:
        found = speed(told.data, told.batch, size or (352, 480), told.batches)
    found = {"device": device(), "batch": told.batch, "epochs": told.epochs, "size": size, "found": found}
    print(json.dumps(found), flush=True)
    if told.keep:
        said = " ".join(word for word in sys.argv[1:] if word != "--keep")
        command = f"python -m benchmarks.dense {said.replace(str(told.data), told.data.name)}"
        name = f"dense-{told.what}" + (f"-{found['device'].split(',')[0]}" if told.what == "speed" else "")
        write(file_name(name).lower(), Measurement(command, today(), commit(), found), FOLDER)
    return 0


def device() -> str:
    """Return what it was measured on."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {os.cpu_count()} cores"


if __name__ == "__main__":
    sys.exit(main())
