"""One training, stage by stage: without labels, fold by fold, and at last for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from everyframe.vision.classify.about import calibrated
from everyframe.vision.classify.batches import Album
from everyframe.vision.classify.calibrating import Figures, figures, temperature_of
from everyframe.vision.classify.changing import Change
from everyframe.vision.classify.checkpoint import Checkpoint
from everyframe.vision.classify.folders import Pictures, folds_of, held_out
from everyframe.vision.classify.networks import Network, make
from everyframe.vision.classify.plan import Plan, Reached
from everyframe.vision.classify.probing import probe
from everyframe.vision.classify.selfsupervised import STRONG, pretrain
from everyframe.vision.classify.tuning import Course, Curve, Tuning, features_of, logits_of, state_of

_LARGER = 1.15  # than what is learned from: cuts show things larger than whole pictures do
_TURNED = 180.0
_FOR_GOOD = "fine-tuning"


@dataclass(frozen=True, slots=True)
class Reads:
    """What came of a training.

    Attributes:
        network: With the best weights.
        curve: Of its fine-tuning.
        temperature: Of its confidence.
        figures: By what they were measured on.
    """

    network: Network
    curve: Curve
    temperature: float
    figures: dict[str, Any]


class Stages:
    """One training; each stage leaves in the checkpoint what the next ones need.

    Args:
        plan: How.
        pictures: From which.
        network: As it begins.
        kept: What is done already.
        progress: Called after every epoch.
        stop: Asked after every epoch whether to end.

    Attributes:
        look: Pixels of the squares as which whole pictures are judged.
    """

    def __init__(
        self,
        plan: Plan,
        pictures: Pictures,
        network: Network,
        kept: Checkpoint,
        progress: Callable[[Reached], object],
        stop: Callable[[], bool],
    ) -> None:
        self.plan, self.pictures, self.network, self.kept = plan, pictures, network, kept
        self.progress, self.stop = progress, stop
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.album = Album([one.path for one in pictures.train], plan.side)
        self.labels = np.array([one.label for one in pictures.train], np.int64)
        self.every = list(range(len(pictures.train)))
        self.look = network.side or round(plan.side * _LARGER / 8) * 8
        self.change = Change(mirror=plan.mirror, turn=_TURNED if plan.turn else Change().turn)
        self.stages = (plan.pretrain > 0) + plan.folds + 1

    def run(self) -> Reads:
        """Go through all stages."""
        if self.plan.pretrain:
            self._pretrain()
        self.begin = state_of(self.network)
        reads = self._by_folds() if self.plan.folds else self._by_share()
        reads.figures.update(self._measured(reads.network, reads.temperature))
        return reads

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

    def _by_share(self) -> Reads:
        learned, held = held_out(self.pictures.train, self.plan.hold_out, self.plan.seed)
        number = int(self.plan.pretrain > 0)
        network, curve = self._fine_tune(_FOR_GOOD, number, learned, held, patience=self.plan.patience)
        return self._judged(network, curve, held)

    def _by_folds(self) -> Reads:
        """Find out after which epoch what is held out is told best, then learn from all until then."""
        folds = folds_of(self.pictures.train, self.plan.folds, self.plan.seed)
        by_epoch: list[list[NDArray[np.float32]]] = []
        for number, held in enumerate(folds, start=int(self.plan.pretrain > 0)):
            stage = f"fold {len(by_epoch) + 1} of {len(folds)}"
            left = self.kept.done(stage)
            if left is None:
                inside = set(held)
                learned = [one for one in self.every if one not in inside]
                network, curve = self._fine_tune(stage, number, learned, held)
                if self.stop():
                    return self._judged(network, curve, held)
                left = [torch.from_numpy(one) for one in curve.logits]
                self.kept.finish(stage, left)
            by_epoch.append([one.numpy() for one in left])
        order = np.concatenate([np.asarray(one) for one in folds])
        joined = [np.concatenate(one) for one in zip(*by_epoch, strict=True)]
        best = int(np.argmin([figures(one, self.labels[order]).loss for one in joined]))
        network, curve = self._fine_tune(_FOR_GOOD, self.stages - 1, self.every, [], until=best)
        temperature = temperature_of(joined[best], self.labels[order])
        found = calibrated(joined[best], self.labels[order], temperature)
        return Reads(network, curve, temperature, {"cross-validated": found})

    def _judged(self, network: Network, curve: Curve, held: list[int]) -> Reads:
        labels = self.labels[held]
        logits = logits_of(network, self.album, held, self.look, self.plan.batch)
        temperature = temperature_of(logits, labels)
        return Reads(network, curve, temperature, {"held out": calibrated(logits, labels, temperature)})

    def _fine_tune(
        self,
        stage: str,
        number: int,
        learned: list[int],
        held: list[int],
        *,
        until: int | None = None,
        patience: int | None = None,
    ) -> tuple[Network, Curve]:
        plan = self.plan
        network = make(plan.backbone, len(self.pictures.classes))
        network.load_state_dict(self.begin)
        network.to(self.device)
        kept = self.kept.running(stage)
        if kept is None and (plan.transferred or plan.pretrain):
            seen = features_of(network, self.album, learned, self.look, plan.batch)
            probe(network, seen, self.labels[learned], plan.seed)
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

        def say(curve: Curve) -> None:
            last = curve.held[-1] if curve.held else None
            self._say(stage, number, len(curve.loss), until or plan.times, curve.loss[-1], last)

        found = tuning.run(
            kept=kept, keep=lambda state: self.kept.keep(stage, state), progress=say, stop=self.stop
        )
        return found, tuning.curve

    def _measured(self, network: Network, temperature: float) -> dict[str, Any]:
        measured = self.pictures.measured
        if not measured:
            return {}
        album = Album([one.path for one in measured], self.plan.side)
        logits = logits_of(network, album, list(range(len(measured))), self.look, self.plan.batch)
        return {"measured": calibrated(logits, np.array([one.label for one in measured]), temperature)}

    def _say(
        self, stage: str, number: int, epoch: int, epochs: int, loss: float, held: Figures | None = None
    ) -> None:
        done = (number + min(1.0, epoch / epochs)) / self.stages
        other, share = (held.loss, held.accuracy) if held is not None else (None, None)
        self.progress(Reached(stage, epoch, epochs, loss, other, share, done))
