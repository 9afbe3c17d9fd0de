"""How far the training of a classifier has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everyframe.cli.epochs import Epochs

if TYPE_CHECKING:
    from everyframe.vision.classify import Reached


class Bar(Epochs):
    """Shows progress on standard error, of training in stages that may end early."""

    left = "{} left at most"

    def __call__(self, reached: Reached) -> None:
        """Take note of an epoch."""
        line = f"{reached.doing}: epoch {reached.epoch} of {reached.epochs}, loss {reached.loss:.3f}"
        if reached.held_out is not None and reached.accuracy is not None:
            line += f"; held out {reached.held_out:.3f}, {reached.accuracy:.0%} right"
        self.say(line, reached.done)
