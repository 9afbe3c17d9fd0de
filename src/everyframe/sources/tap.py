"""Who takes packets as they come, before they are decoded."""

from __future__ import annotations

from typing import Any, Protocol

import av
from av.video.stream import VideoStream


class Tap(Protocol):
    """Takes what a live source sends; called from the thread that reads, which it must not hold up.

    What goes wrong in it is its own: it raises nothing.
    """

    def begin(self, stream: VideoStream) -> None:
        """Take that a connection begins, with this stream."""
        ...

    def take(self, packet: av.Packet[Any]) -> None:
        """Take the next packet, and leave it as it is."""
        ...

    def end(self) -> None:
        """Take that the connection is over; may come twice."""
        ...
