"""Alerts held against a drawn scene's truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everyframe.sources.scene import ParkScene, Scripted
from everyframe.types import Box, Event

_SLACK = 2.0  # seconds that an alert may be early or late


@dataclass(frozen=True, slots=True)
class Finding:
    """Something scripted, and whether an alert found it.

    Attributes:
        scripted: What happened, and when.
        event: The first alert that overlaps it in time and place, or ``None``.
        number: That event's number in the store.
    """

    scripted: Scripted
    event: Event | None
    number: int | None

    @property
    def after(self) -> float | None:
        """Seconds from its first visible pixel to where the alert begins."""
        return None if self.event is None else max(0.0, self.event.start - self.scripted.start)


def judge(
    scene: ParkScene, events: Sequence[Event], numbers: Sequence[int]
) -> tuple[list[Finding], list[Event]]:
    """Hold alerts against the truth.

    An alert is right about something scripted where they overlap in time, give or take two seconds, and one
    of the alert's boxes meets the box of somebody who did it, on the same frame.

    Args:
        scene: What was watched.
        events: The alerts.
        numbers: Their numbers in the store.

    Returns:
        A finding for each scripted thing, and the alerts that are right about none.
    """
    right: set[int] = set()
    findings = []
    for scripted in scene.truth:
        hits = [place for place, event in enumerate(events) if _meets(scene, scripted, event)]
        right.update(hits)
        first = min(hits, key=lambda place: events[place].start, default=None)
        findings.append(
            Finding(
                scripted,
                None if first is None else events[first],
                None if first is None or first >= len(numbers) else numbers[first],
            )
        )
    return findings, [event for place, event in enumerate(events) if place not in right]


def _meets(scene: ParkScene, scripted: Scripted, event: Event) -> bool:
    begin, end = scripted.start - _SLACK, scripted.end + _SLACK
    if event.end < begin or event.start > end:
        return False
    last = (scene.info.frames or 1) - 1
    for time, box in (*event.track, (event.peak, event.box)):
        if begin <= time <= end:
            actors = scene.truth_at(min(last, round(time * float(scene.info.fps or 1))))
            if any(actor.kind == scripted.kind and _touch(actor.box, box) for actor in actors):
                return True
    return False


def _touch(one: Box, other: Box) -> bool:
    return one.overlap(other) > 0.0
