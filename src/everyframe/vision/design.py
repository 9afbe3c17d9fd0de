"""What a network is made of; known without PyTorch, for it is kept beside the weights."""

from __future__ import annotations

from dataclasses import dataclass

from everyframe.errors import SettingError

STREAMS = {"frames": 1, "flow": 2}
"""Channels of each stream."""

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
        side: Pixels of the square that is seen; a multiple of 8.
        hidden: Units of what remembers, each way.

    Raises:
        SettingError: One of them is not among these.
    """

    streams: tuple[str, ...] = ("frames", "flow")
    fusion: str = "late"
    recurrent: str = "gru"
    side: int = 24
    hidden: int = 48

    def __post_init__(self) -> None:
        if not self.streams or any(stream not in STREAMS for stream in self.streams):
            raise SettingError(
                f"streams are {' and '.join(STREAMS)}, not {', '.join(self.streams) or 'none'}"
            )
        for name, told, choices in (("fusion", self.fusion, FUSIONS), ("recurrent", self.recurrent, CELLS)):
            if told not in choices:
                raise SettingError(f"{name} is {told!r}; choose one of {', '.join(choices)}")
        if self.side < 8 or self.side % 8:
            raise SettingError(f"the square's side is {self.side} pixels; it must be a multiple of 8")

    @staticmethod
    def channels(stream: str) -> int:
        """Return how many channels a stream has."""
        return STREAMS[stream]
