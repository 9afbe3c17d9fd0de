"""What a network is made of; known without PyTorch, for it is kept beside the weights."""

from __future__ import annotations

from dataclasses import dataclass

from everyframe.errors import SettingError
from everyframe.vision.front import CHANNELS, GRID

STREAMS = tuple(CHANNELS)

CELLS = ("gru", "lstm", "none")
FUSIONS = ("late", "early")


@dataclass(frozen=True, slots=True)
class Design:
    """What a network is made of.

    Attributes:
        streams: ``frames``, ``flow``, or both.
        fusion: Of two streams: ``late`` judges with each by itself and takes the mean of what they say,
            ``early`` joins what they see at each step.
        recurrent: What remembers over time: ``gru``, ``lstm``, or ``none``.
        side: Cells of the maps that are seen, from the middle; a multiple of 4.
        hidden: Units of what remembers, each way.

    Raises:
        SettingError: One of them is not among these.
    """

    streams: tuple[str, ...] = ("frames", "flow")
    fusion: str = "late"
    recurrent: str = "gru"
    side: int = GRID
    hidden: int = 48

    def __post_init__(self) -> None:
        if not self.streams or any(stream not in STREAMS for stream in self.streams):
            raise SettingError(
                f"streams are {' and '.join(STREAMS)}, not {', '.join(self.streams) or 'none'}"
            )
        for name, told, choices in (("fusion", self.fusion, FUSIONS), ("recurrent", self.recurrent, CELLS)):
            if told not in choices:
                raise SettingError(f"{name} is {told!r}; choose one of {', '.join(choices)}")
        if self.side < 4 or self.side % 4 or self.side > GRID:
            raise SettingError(
                f"the side is {self.side} cells; it must be a multiple of 4, and at most {GRID}"
            )

    @staticmethod
    def channels(stream: str) -> int:
        """Return how many channels a stream has."""
        return CHANNELS[stream]
