"""Days on which the camera is covered in mid-run: what is asked for meanwhile, and what it costs."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from everyframe.actions import Decision, Outcome

from .camera import Cover
from .day import simulate
from .network import build, demand
from .watcher import SAFE, rules

_HOUR = 3600.0
_HEAD = "day  even    rules   covered  asked while covered  even after  goes on after  most/h  apart  held"


@dataclass(frozen=True, slots=True)
class Record:
    """What rules did on a day with a cover, counted from their decisions alone.

    Attributes:
        blind: Requests that were made for what such a picture seemed to show.
        safe: Seconds from the cover until the safe plan was asked for; not-a-number where it never was.
        again: Seconds from the uncovering until a rule asked for a plan; likewise.
        most: Requests of one rule within any hour.
        apart: Seconds between two requests of one rule, at least; infinite where none made two.
        held: How often the rate or the cool-down held a rule back.
    """

    blind: int
    safe: float
    again: float
    most: int
    apart: float
    held: int


def audit(decisions: Iterable[Decision], cover: Cover) -> Record:
    """Count what rules did on a day."""
    decisions = list(decisions)
    fired = [each for each in decisions if each.outcome is Outcome.FIRED]
    safe = [each.utc for each in decisions if each.outcome is Outcome.SAFE and cover.hides(each.utc)]
    times = [[each.utc for each in fired if each.rule == rule] for rule in {each.rule for each in fired}]
    # The cover's end lies between two pictures.
    after = [each.utc for each in fired if each.utc >= cover.end]
    kinds = Counter(each.outcome for each in decisions)
    return Record(
        blind=sum(cover.hides(each.utc) for each in fired),
        safe=min(safe, default=float("nan")) - cover.start,
        again=min(after, default=float("nan")) - cover.end,
        most=max((_most(each) for each in times), default=0),
        apart=min((two - one for each in times for one, two in pairwise(each)), default=float("inf")),
        held=kinds[Outcome.RATE] + kinds[Outcome.COOLDOWN],
    )


def _most(times: list[float]) -> int:
    """Return how many of some times, in order, lie within any one hour."""
    return max(sum(start <= time <= start + _HOUR for time in times) for start in times)


def compare(seeds: Iterable[int], cover: Cover, seconds: float, per_hour: int) -> None:
    """Drive each day three times: by the safe plan alone, by the rules, and by the rules with the cover."""
    _say(_HEAD)
    waits, records = [], []
    with tempfile.TemporaryDirectory() as folder:
        network = build(Path(folder), "static")
        for seed in seeds:
            trips = demand(Path(folder), seed, seconds)
            even = simulate(SAFE, network, trips, seed, seconds=seconds)
            plain = simulate("everyframe", network, trips, seed, seconds=seconds, by=rules(per_hour))
            day = simulate(
                "everyframe", network, trips, seed, seconds=seconds, by=rules(per_hour), cover=cover
            )
            one = audit(day.decisions, cover)
            waits.append((even.wait, plain.wait, day.wait))
            records.append(one)
            _say(f"{seed:3d}  {_waits(waits[-1])}  {_line(one)}")
    every = Record(
        sum(one.blind for one in records),
        max(one.safe for one in records),
        max(one.again for one in records),
        max(one.most for one in records),
        min(one.apart for one in records),
        sum(one.held for one in records),
    )
    _say(f"all  {_waits(np.mean(waits, axis=0))}  {_line(every)}")


def _waits(waits: Iterable[float]) -> str:
    return "  ".join(f"{wait:4.1f} s" for wait in waits) + " "


def _line(one: Record) -> str:
    return (
        f"{one.blind:19d}  {one.safe:8.1f} s  {one.again:11.1f} s  {one.most:6d}  {one.apart:3.0f} s"
        f"  {one.held:4d}"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
