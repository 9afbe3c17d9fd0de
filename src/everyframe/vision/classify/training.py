"""From a folder of pictures to a classifier that says how well it tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.files import atomic_write
from everyframe.vision.backbones import folder as cache
from everyframe.vision.backbones.fetching import fetch, sha256_of
from everyframe.vision.backbones.published import published
from everyframe.vision.classify.batches import Album
from everyframe.vision.classify.calibrating import Figures, figures, temperature_of
from everyframe.vision.classify.changing import Change
from everyframe.vision.classify.checkpoint import Checkpoint
from everyframe.vision.classify.export import to_onnx
from everyframe.vision.classify.folders import Pictures, check, folds_of, held_out, read_folder
from everyframe.vision.classify.model import FORMAT
from everyframe.vision.classify.networks import Network, check_name, make
from everyframe.vision.classify.plan import Plan, Reached
from everyframe.vision.classify.probing import probe
from everyframe.vision.classify.room import make_sure
from everyframe.vision.classify.selfsupervised import STRONG, pretrain
from everyframe.vision.classify.tuning import Course, Curve, Tuning, features_of, logits_of, state_of

_LARGER = 1.15  # than what is learned from: cuts show things larger than whole pictures do
_TURNED = 180.0
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
        kept = Checkpoint(checkpoint, _identity(plan, pictures, origin))
        size = sum(one.nbytes for one in network.state_dict().values())
        for path, times in ((output, _MODEL), (checkpoint, _STATE)):
            if path is not None:
                make_sure(path, times * size + _REST)
        check(pictures, opening)
        return _Run(plan, pictures, network, origin, kept, progress, stop).run()


class _Run:
    """One training, stage by stage; each leaves in the checkpoint what the next ones need."""

    def __init__(
        self,
        plan: Plan,
        pictures: Pictures,
        network: Network,
        origin: dict[str, str],
        kept: Checkpoint,
        progress: Callable[[Reached], object],
        stop: Callable[[], bool],
    ) -> None:
        self.plan, self.pictures, self.origin, self.kept = plan, pictures, origin, kept
        self.network, self.progress, self.stop = network, progress, stop
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.album = Album([one.path for one in pictures.train], plan.side)
        self.labels = np.array([one.label for one in pictures.train], np.int64)
        self.every = list(range(len(pictures.train)))
        self.look = network.side or round(plan.side * _LARGER / 8) * 8
        self.change = Change(mirror=plan.mirror, turn=_TURNED if plan.turn else Change().turn)
        self.stages = (plan.pretrain > 0) + plan.folds + 1

    def run(self) -> Trained:
        """Go through all stages."""
        if self.plan.pretrain:
            self._pretrain()
        self.begin = state_of(self.network)
        figure: dict[str, Any] = {}
        until = None
        if self.plan.folds:
            logits, until, figure = self._folds()
            learned, held = self.every, list[int]()
        else:
            learned, held = held_out(self.pictures.train, self.plan.hold_out, self.plan.seed)
        network, curve = self._fine_tune(
            "fine-tuning", learned, held, until=until, patience=self.plan.patience
        )
        if self.plan.folds:
            temperature = temperature_of(logits, self.labels) if len(logits) else 1.0
        else:
            labels = self.labels[held]
            logits = logits_of(network, self.album, held, self.look, self.plan.batch)
            temperature = temperature_of(logits, labels)
            figure = {"held out": _calibrated(logits, labels, temperature)}
        figure |= self._measure(network, temperature)
        about = self._about(temperature, figure, len(curve.loss))
        curves = {
            "loss": curve.loss,
            "held_out": [one.loss for one in curve.held[-len(curve.loss) :]] if curve.loss else [],
            "accuracy": [one.accuracy for one in curve.held[-len(curve.loss) :]] if curve.loss else [],
        }
        return Trained(to_onnx(network, temperature, about), about, curves)

    def _pretrain(self) -> None:
        stage, plan = "pretraining", self.plan
        left = self.kept.done(stage)
        if left is None:
            pretrain(
                self.network,
                self.album,
                self.every,
                plan.pretrain,
                replace(STRONG, mirror=plan.mirror, turn=_TURNED if plan.turn else STRONG.turn),
                plan.seed,
                self.device,
                kept=self.kept.running(stage),
                keep=lambda state: self.kept.keep(stage, state),
                progress=lambda epoch, loss: self._say(stage, 0, epoch, plan.pretrain, loss),
                stop=self.stop,
            )
            left = state_of(self.network)
            if not self.stop():  # else it may go on later
                self.kept.finish(stage, left)
        self.network.load_state_dict(left)

    def _folds(self) -> tuple[NDArray[np.float32], int | None, dict[str, Any]]:
        """Return the logits of every picture from when it was held out, and after which epoch."""
        folds = folds_of(self.pictures.train, self.plan.folds, self.plan.seed)
        by_epoch: list[list[NDArray[np.float32]]] = []
        for number, held in enumerate(folds):
            stage = f"fold {number + 1} of {len(folds)}"
            left = self.kept.done(stage)
            if left is None:
                inside = set(held)
                learned = [one for one in self.every if one not in inside]
                _, curve = self._fine_tune(stage, learned, held, fold=number)
                if self.stop():
                    return np.zeros((0, len(self.pictures.classes)), np.float32), 0, {}
                left = [torch.from_numpy(one) for one in curve.logits]
                self.kept.finish(stage, left)
            by_epoch.append([one.numpy() for one in left])
        order = np.concatenate([np.asarray(one) for one in folds])
        joined = [np.concatenate(one) for one in zip(*by_epoch, strict=True)]
        losses = [figures(one, self.labels[order]).loss for one in joined]
        best = int(np.argmin(losses))
        logits = joined[best][np.argsort(order)]
        temperature = temperature_of(logits, self.labels)
        return logits, best, {"cross-validated": _calibrated(logits, self.labels, temperature)}

    def _fine_tune(
        self,
        stage: str,
        learned: list[int],
        held: list[int],
        *,
        fold: int | None = None,
        until: int | None = None,
        patience: int | None = None,
    ) -> tuple[Network, Curve]:
        plan = self.plan
        network = make(plan.backbone, len(self.pictures.classes))
        network.load_state_dict(self.begin)
        network.to(self.device)
        kept = self.kept.running(stage)
        sees = plan.transferred or plan.pretrain > 0
        if kept is None and sees:
            seen = features_of(network, self.album, learned, self.look, plan.batch)
            probe(network, seen, self.labels[learned], plan.seed)
        number = (plan.pretrain > 0) + (plan.folds if fold is None else fold)
        course = Course(
            epochs=plan.times,
            until=until,
            rate=plan.rate or (1e-3 if plan.transferred else 2e-3),
            slower=0.5 if plan.transferred else 0.8 if plan.pretrain else 1.0,
            frozen=plan.transferred,
            keep=0.95 if plan.transferred else 0.98,
            batch=plan.batch,
            patience=patience,
            look=self.look,
            seed=(plan.seed, 4, number),
        )
        torch.manual_seed(plan.seed)
        tuning = Tuning(network, self.album, self.labels, learned, held, course, self.change, self.device)
        found = tuning.run(
            kept=kept,
            keep=lambda state: self.kept.keep(stage, state),
            progress=lambda curve: self._say(
                stage,
                number,
                len(curve.loss),
                until or plan.times,
                curve.loss[-1],
                curve.held[-1] if curve.held else None,
            ),
            stop=self.stop,
        )
        return found, tuning.curve

    def _measure(self, network: Network, temperature: float) -> dict[str, Any]:
        measured = self.pictures.measured
        if not measured:
            return {}
        album = Album([one.path for one in measured], self.plan.side)
        logits = logits_of(network, album, list(range(len(measured))), self.look, self.plan.batch)
        return {"measured": _calibrated(logits, np.array([one.label for one in measured]), temperature)}

    def _about(self, temperature: float, figure: dict[str, Any], epochs: int) -> dict[str, Any]:
        plan = self.plan
        told = {one.name: getattr(plan, one.name) for one in fields(plan) if one.name != "threads"}
        return {
            "format": FORMAT,
            "classes": list(self.pictures.classes),
            "side": self.look,
            "temperature": temperature,
            "backbone": plan.backbone,
            "origin": self.origin,
            "pictures": dict(zip(self.pictures.classes, self.pictures.counts(), strict=True)),
            "epochs": epochs,
            "figures": figure,
            "plan": told | {"weights": plan.weights.name if plan.weights is not None else None},
        }

    def _say(
        self,
        stage: str,
        number: int,
        epoch: int,
        epochs: int,
        loss: float,
        held: Figures | None = None,
    ) -> None:
        done = (number + min(1.0, epoch / epochs)) / self.stages
        other, share = (held.loss, held.accuracy) if held is not None else (None, None)
        self.progress(Reached(stage, epoch, epochs, loss, other, share, done))


def _calibrated(logits: NDArray[np.float32], labels: NDArray[np.int64], temperature: float) -> dict[str, Any]:
    found = asdict(figures(logits, labels, temperature))
    return found | {"ece before": figures(logits, labels).ece}


def _identity(plan: Plan, pictures: Pictures, origin: dict[str, str]) -> dict[str, str]:
    """Return what makes a training this one and no other."""
    names = "\n".join(
        f"{one.path.parent.name}/{one.path.name} {one.path.stat().st_size} {one.label}"
        for one in pictures.train
    )
    told = {one.name: str(getattr(plan, one.name)) for one in fields(plan) if one.name != "weights"}
    return told | {
        "classes": json.dumps(pictures.classes),
        "pictures": hashlib.sha256(names.encode()).hexdigest(),
        "weights": origin.get("sha256", "none"),
    }


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if wanted is not None:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
