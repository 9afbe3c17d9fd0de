"""From a folder of pictures and masks to a network that runs: checked, trained, exported, measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError
from everyframe.files import atomic_write
from everyframe.vision.backbones.eyes import folder as cache
from everyframe.vision.backbones.fetching import fetch
from everyframe.vision.backbones.loading import is_small
from everyframe.vision.backbones.published import published
from everyframe.vision.dense.changing import Change
from everyframe.vision.dense.design import Design
from everyframe.vision.dense.export import describe, to_onnx
from everyframe.vision.dense.layouts import Dataset, check, read_dataset
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.quantising import quantised
from everyframe.vision.dense.training import Learned, Schedule, train
from everyframe.vision.room import make_sure

_SEEN = 48  # pictures that say which values there are, before a network computes with 8 bits
_TIMES = 6  # as many times the weights a checkpoint holds: network, averages, what AdamW remembers


@dataclass(frozen=True, slots=True)
class Model:
    """A trained network.

    Attributes:
        onnx: Its file.
        network: As PyTorch has it.
        rows: How training went, an epoch each.
        mean_iou: On what was held out to choose by, where anything was.
    """

    onnx: bytes = field(repr=False)
    network: Segmenting = field(repr=False)
    rows: tuple[Learned, ...] = field(repr=False)
    mean_iou: float | None

    def save(self, path: Path | str) -> None:
        """Write the file, whole or not at all.

        Raises:
            StorageError: It cannot be written.
        """
        atomic_write(Path(path), self.onnx)


def learn(
    data: Path | str | Dataset,
    design: Design | None = None,
    schedule: Schedule | None = None,
    change: Change | None = None,
    *,
    layout: str = "auto",
    weights: Path | str | None = None,
    from_scratch: bool = False,
    int8: bool = False,
    device: str | None = None,
    output: Path | str | None = None,
    checkpoint: Path | str | None = None,
    checking: Callable[[int, int], None] | None = None,
    progress: Callable[[Learned], None] | None = None,
    stop: Callable[[], bool] | None = None,
    told: Callable[[str], object] = lambda _: None,
) -> Model:
    """Train a network to tell what each pixel shows.

    Args:
        data: A folder, see ``layouts``, or what was read of one.
        design: What the network is made of; by default ``fcn8s`` on the small backbone.
        schedule: How long and how fast it learns.
        change: How pictures are changed meanwhile.
        layout: Of the folder.
        weights: Of the backbone; by default the published ones, where it has any.
        from_scratch: Whether it begins from chance all the same.
        int8: Whether it is to compute with 8-bit integers: a quarter of the size, and faster.
        device: ``cpu`` or ``cuda``; by default what is there.
        output: Where it will be written; only asked for room.
        checkpoint: Where the state of training is kept, to go on from.
        checking: Called after each pair that was looked at, with how many there are.
        progress: Called after every epoch.
        stop: Asked after every epoch whether to end.
        told: Called with a line before anything that takes long.

    Raises:
        DatasetError: The data are not as they should be; found out before training.
        SettingError: Design, schedule or layout are no such thing.
        WeightsError: The weights are missing, damaged, or of another network.
        LibraryError: The checkpoint is damaged, or of another training.
        StorageError: There is no room for what is to be written.
    """
    design, schedule = design or Design(), schedule or Schedule()
    dataset = data if isinstance(data, Dataset) else read_dataset(Path(data), layout, seed=schedule.seed)
    check(dataset, checking)
    kept = None if checkpoint is None else Path(checkpoint)
    start = _start(design, None if weights is None else Path(weights), from_scratch, told)
    size = sum(one.numel() for one in Segmenting(design, len(dataset.classes)).parameters()) * 4
    for place, needed in ((kept, _TIMES * size), (output, size)):
        if place is not None:
            make_sure(Path(place), needed)
    trained = train(
        dataset,
        design,
        schedule,
        change or Change(),
        weights=start,
        device=device,
        progress=progress,
        stop=stop,
        checkpoint=kept,
    )
    told("making the network ready to run")
    seen = dataset.picture(dataset.train[0]).shape
    notes: dict[str, Any] = {
        "pictures": len(dataset.train),
        "epochs": len(trained.rows),
        "seed": schedule.seed,
    }
    if trained.mean_iou is not None:
        notes["mean IoU on what was held out to choose by"] = round(trained.mean_iou, 4)
    # Things are known at about the size that they had: larger pictures are made as large as these before.
    longer = max(max(dataset.picture(pair).shape[:2]) for pair in dataset.train[:_SEEN])
    about = describe(design, dataset.classes, trained.network, (seen[0], seen[1]), notes, longer)
    model = to_onnx(trained.network, about)
    if int8:
        step = max(1, len(dataset.train) // _SEEN)
        model = quantised(model, (dataset.picture(pair) for pair in dataset.train[::step][:_SEEN]))
    return Model(model, trained.network, trained.rows, trained.mean_iou)


def _start(
    design: Design, weights: Path | None, from_scratch: bool, told: Callable[[str], object]
) -> Path | None:
    if from_scratch and weights is not None:
        raise SettingError("from scratch is without weights: give one of them")
    if weights is not None or from_scratch or is_small(design.backbone):
        return weights
    return fetch(published(design.backbone), cache(), told)
