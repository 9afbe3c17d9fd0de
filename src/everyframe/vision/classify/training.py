"""From a folder of pictures to a classifier that says how well it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from everyframe.errors import SettingError
from everyframe.files import atomic_write
from everyframe.vision.backbones import folder as cache
from everyframe.vision.backbones.fetching import fetch, sha256_of
from everyframe.vision.backbones.loading import check_name
from everyframe.vision.backbones.published import published
from everyframe.vision.classify.about import about, identity
from everyframe.vision.classify.checkpoint import Checkpoint
from everyframe.vision.classify.export import to_onnx
from everyframe.vision.classify.folders import Pictures, check, read_folder
from everyframe.vision.classify.networks import make
from everyframe.vision.classify.plan import Plan, Reached
from everyframe.vision.classify.stages import Stages
from everyframe.vision.room import make_sure

_MODEL, _STATE, _REST = 1, 8, 1 << 20  # bytes of files, in networks: a state has its optimiser's and averages


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier, fresh from training.

    Attributes:
        model: The ONNX file.
        about: What it says of itself.
        curves: Of the last fine-tuning: ``loss``, ``held_out`` and ``accuracy``, a value for each epoch.
    """

    model: bytes
    about: dict[str, Any]
    curves: dict[str, list[float]]

    def save(self, path: Path | str) -> None:
        """Write the model, whole or not at all.

        Raises:
            StorageError: It cannot be written.
        """
        atomic_write(path, self.model)


def train(
    folder: Path | str | Pictures,
    plan: Plan | None = None,
    *,
    output: Path | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[Reached], object] = lambda _: None,
    opening: Callable[[int, int], object] = lambda *_: None,
    stop: Callable[[], bool] = lambda: False,
    told: Callable[[str], object] = lambda _: None,
    **options: Any,
) -> Trained:
    """Train a classifier; the same seed gives the same bytes, also where it was killed and went on.

    Args:
        folder: As ``read_folder`` reads it, or what that returned.
        plan: How.
        output: Where the model will be saved: room for it is made sure of before any training.
        checkpoint: File in which the state is kept after every epoch, and from which it goes on.
        progress: Called after every epoch.
        opening: Called with how many pictures are opened, of how many, before any training.
        stop: Asked after every epoch whether to end with what is learned so far.
        told: Called with a line before anything that takes long.
        **options: Those of a plan, where none is given.

    Raises:
        SettingError: There is no such backbone, or the plan does not suit it or the pictures.
        DatasetError: Pictures are missing or damaged.
        WeightsError: The weights or the checkpoint are missing, damaged, or others.
        StorageError: There is no room for the model or the checkpoint, or they cannot be written.
    """
    plan = plan or Plan(**options)
    pictures = folder if isinstance(folder, Pictures) else read_folder(folder)
    check_name(plan.backbone)
    fewest = min(pictures.counts())
    if plan.folds > fewest:
        raise SettingError(f"a class has {fewest} pictures only: choose {fewest} folds or fewer")
    weights, origin = plan.weights, {"weights": "chance"}
    if plan.transferred:
        if weights is None:
            weights = fetch(published(plan.backbone), cache(), told)
        origin = {"weights": weights.name, "sha256": sha256_of(weights)}
    with _threads(plan.threads):
        torch.manual_seed(plan.seed)
        network = make(plan.backbone, len(pictures.classes), weights)
        if network.side is not None and network.side != plan.side:
            raise SettingError(
                f"{plan.backbone} takes squares of {network.side} pixels: --side {network.side}"
            )
        kept = Checkpoint(checkpoint, identity(plan, pictures, origin))
        size = sum(one.nbytes for one in network.state_dict().values())
        for path, times in ((output, _MODEL), (checkpoint, _STATE)):
            if path is not None:
                make_sure(path, times * size + _REST)
        check(pictures, opening)
        stages = Stages(plan, pictures, network, kept, progress, stop)
        reads = stages.run()
        curve = reads.curve
        said = about(
            plan,
            pictures,
            origin,
            side=stages.look,
            temperature=reads.temperature,
            found=reads.figures,
            epochs=len(curve.loss),
        )
        held = curve.held[1:]  # the first is of the head as it came
        curves = {
            "loss": curve.loss,
            "held_out": [one.loss for one in held],
            "accuracy": [one.accuracy for one in held],
        }
        return Trained(to_onnx(reads.network, reads.temperature, said), said, curves)


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if wanted is not None:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
