"""How a classifier is trained; known without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from everyframe.errors import SettingError
from everyframe.vision.backbones.names import SMALL

LEAST_SIDE, MOST_SIDE = 32, 1024

_TRANSFERRED, _FROM_NOTHING = 20, 100  # epochs, where nobody says


@dataclass(frozen=True, slots=True)
class Plan:
    """How a classifier is trained.

    Attributes:
        backbone: ``small``, the name of one of torchvision's networks, or ``timm/<model>``.
        weights: A state dict or safetensors to begin with; by default what is published.
        from_scratch: Begin with chance instead; ``small`` does so without ``weights``.
        pretrain: Times that every picture is seen without its label before anything else.
        epochs: Times that every picture is seen to fine-tune all layers; 0 leaves it at a linear probe,
            ``None`` is 20 where weights are transferred and 100 from scratch.
        side: Pixels of the squares that are learned from.
        batch: Pictures at once.
        rate: Greatest learning rate, of the last layers; ``None`` is what suits the start.
        hold_out: Share that is held out to stop and to calibrate by, of each class.
        folds: Parts of which each is held out once, instead of the share; training then is done ``folds + 1``
            times, and the last time with everything. 0 for none.
        patience: Epochs without a lower loss on what is held out before training ends.
        mirror: Whether left and right mean the same.
        turn: Whether up and down do, too: pictures are turned by any angle.
        seed: Of everything that is left to chance.
        threads: Of the processor; ``None`` is as many as PyTorch chooses. The same seed gives the same bytes
            only with the same number.

    Raises:
        SettingError: One of them is out of its range.
    """

    backbone: str = SMALL
    weights: Path | None = None
    from_scratch: bool = False
    pretrain: int = 0
    epochs: int | None = None
    side: int = 128
    batch: int = 32
    rate: float | None = None
    hold_out: float = 0.2
    folds: int = 0
    patience: int = 15
    mirror: bool = True
    turn: bool = False
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.weights is not None and self.from_scratch:
            raise SettingError("weights and from scratch exclude each other: give one of them")
        if not LEAST_SIDE <= self.side <= MOST_SIDE:
            raise SettingError(f"the side is {self.side} pixels; choose {LEAST_SIDE} to {MOST_SIDE}")
        if not 0.0 < self.hold_out < 1.0:
            raise SettingError(
                f"the share that is held out is {self.hold_out:g}; choose more than 0, below 1"
            )
        if self.folds == 1 or self.folds < 0:
            raise SettingError(f"there are {self.folds} folds; choose 2 or more, or 0 for none")
        if self.rate is not None and not 0.0 < self.rate <= 1.0:
            raise SettingError(f"the learning rate is {self.rate:g}; choose more than 0, at most 1")
        for name, least in (("batch", 2), ("pretrain", 0), ("epochs", 0), ("patience", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise SettingError(f"{name} is {value}; choose {least} or more")
        if self.threads is not None and self.threads < 1:
            raise SettingError(f"threads is {self.threads}; choose 1 or more")

    @property
    def transferred(self) -> bool:
        """Whether weights that somebody learned elsewhere are begun with."""
        own = self.backbone.split("/")[0] == SMALL
        return self.weights is not None or not (own or self.from_scratch)

    @property
    def times(self) -> int:
        """Times that every picture is seen to fine-tune, where somebody said or not."""
        if self.epochs is not None:
            return self.epochs
        return _TRANSFERRED if self.transferred else _FROM_NOTHING


@dataclass(frozen=True, slots=True)
class Reached:
    """How far training has come.

    Attributes:
        doing: ``pretraining``, ``fold 2 of 5``, ``fine-tuning``.
        epoch: Done, of this.
        epochs: Of this, at most.
        loss: Mean over the epoch.
        held_out: Mean loss on what is held out, where anything is.
        accuracy: Share of it that is told right.
        done: Share of all that is to be done.
    """

    doing: str
    epoch: int
    epochs: int
    loss: float
    held_out: float | None = None
    accuracy: float | None = None
    done: float = 0.0
