"""One day at the junction: SUMO drives, somebody changes the signals, and how long cars stand is counted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import sumo

# libsumo looks for this when it is loaded.
os.environ.setdefault("SUMO_HOME", sumo.SUMO_HOME)

import libsumo

from everyframe.actions import Decision, Rule

from .camera import Camera, Cover
from .network import ARMS, SECONDS
from .signals import Signals
from .watcher import Watcher, rules

STEP = 0.2  # seconds
_EMPTY = 30  # pictures of the empty junction


@dataclass(slots=True)
class Day:
    """How a day went.

    Attributes:
        wait: Mean seconds that a car stood, queues outside the network included.
        changes: How often the plan was changed.
        decisions: What the rules decided, in order; their times are seconds of the day.
        likeness: Correlation of the queues that Everyframe saw with those that SUMO counts; not-a-number
            without it.
    """

    wait: float = float("nan")
    changes: int = 0
    decisions: list[Decision] = field(default_factory=list)
    likeness: float = float("nan")


def simulate(
    control: str,
    network: Path,
    trips: Path,
    seed: int,
    *,
    seconds: float = SECONDS,
    cover: Cover | None = None,
    by: list[Rule] | None = None,
) -> Day:
    """Drive one day's traffic.

    Args:
        control: Who changes the signals; one of ``run.CONTROLS``.
        network: File of the roads.
        trips: File of who drives when.
        seed: Of the drivers and of the camera's noise.
        seconds: How long the day is.
        cover: When the camera sees nothing.
        by: What Everyframe decides by; the junction's own rules by default.
    """
    options = ["--net-file", str(network), "--route-files", str(trips), "--step-length", str(STEP)]
    options += ["--seed", str(seed), "--no-step-log", "--no-warnings", "--time-to-teleport", "-1"]
    libsumo.start(["sumo", *options])
    day = Day()
    try:
        camera = Camera(seed, cover)
        own = control in ("fixed", "actuated")
        signals = None if own else Signals("even" if control == "everyframe" else control)
        watcher = None
        if control == "everyframe":
            empty = [camera.picture(number * STEP) for number in range(_EMPTY)]
            watcher = Watcher(empty, rules() if by is None else by, STEP)
        stood, cars = 0.0, 0
        seen: list[float] = []
        true: list[float] = []
        while libsumo.simulation.getTime() < seconds:
            libsumo.simulationStep()
            now = libsumo.simulation.getTime()
            cars += libsumo.simulation.getLoadedNumber()
            halting = {arm: libsumo.edge.getLastStepHaltingNumber(f"from_{arm}") for arm in ARMS}
            stood += STEP * (sum(halting.values()) + len(libsumo.simulation.getPendingVehicles()))
            if watcher is not None and signals is not None:
                decided = watcher.step(camera.picture(now))
                day.decisions += decided
                for plan in (str(each.request.payload) for each in decided if each.request is not None):
                    day.changes += plan != signals.plan
                    signals.plan = plan
                for arm, queue in watcher.queues.items():
                    if np.isfinite(queue) and not (cover is not None and cover.hides(now)):
                        seen.append(queue)
                        true.append(min(halting[arm], 9))  # the picture shows about nine cars of a road
            if signals is not None:
                signals.step()
    finally:
        libsumo.close()
    day.wait = stood / max(cars, 1)
    if seen:
        day.likeness = float(np.corrcoef(seen, true)[0, 1])
    return day
