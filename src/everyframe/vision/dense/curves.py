"""How the training of a segmenting network went: loss, mean IoU and learning rate by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everyframe.vision.curves import SECOND, SOFT, Line, Panel, draw_panels, points_of


@dataclass(frozen=True, slots=True)
class Epoch:
    """What is known after an epoch; ``None`` where it was not measured.

    Attributes:
        epoch: Its number, from 1.
        loss: Mean loss on what is learned from.
        rate: Learning rate.
        val_loss: Mean loss on what is held out.
        val_mean_iou: Mean IoU on what is held out.
    """

    epoch: int
    loss: float
    rate: float
    val_loss: float | None = None
    val_mean_iou: float | None = None


def draw_curves(epochs: Sequence[Epoch], title: str = "Training") -> bytes:
    """Draw how training went.

    Args:
        epochs: In order.
        title: What stands above.

    Returns:
        A PNG file.

    Raises:
        ValueError: There are no epochs.
    """
    if not epochs:
        raise ValueError("there is no epoch to draw")
    numbers = [each.epoch for each in epochs]
    held_out = "held out"
    loss = (
        Line("learned from", points_of(numbers, (each.loss for each in epochs))),
        Line(held_out, points_of(numbers, (each.val_loss for each in epochs)), SECOND),
    )
    iou = Line(held_out, points_of(numbers, (each.val_mean_iou for each in epochs)), SECOND)
    rate = Line("", points_of(numbers, (each.rate for each in epochs)), SOFT)
    panels = [Panel("Loss", loss), Panel("Mean IoU", (iou,), best=True), Panel("Learning rate", (rate,))]
    return draw_panels(panels, (numbers[0], numbers[-1]), title)
