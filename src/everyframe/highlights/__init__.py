"""Finding: teach an event from a few examples, look for it in archives, cut what was found."""

from everyframe.highlights.segments import Segment

__all__ = ["Segment"]
