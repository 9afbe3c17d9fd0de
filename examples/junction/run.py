"""Mean waiting time at the junction: fixed plans, Everyframe's rules, and SUMO's actuated controller.

::

    python -m examples.junction.run --seeds 20
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import sumo

# libsumo looks for this when it is loaded.
os.environ.setdefault("SUMO_HOME", sumo.SUMO_HOME)

import libsumo

from .camera import Camera
from .network import ARMS, SECONDS, build, demand
from .signals import Signals
from .watcher import Watcher

STEP = 0.2  # seconds
CONTROLS = ("fixed", "even", "quick", "everyframe", "actuated")
"""SUMO's own fixed plan; two plans of ours that never change; our rules, which change them; SUMO's own
controller, which counts cars with loops in the road."""


def simulate(
    control: str, network: Path, trips: Path, seed: int
) -> tuple[float, list[tuple[float, str]], float]:
    """Drive one day's traffic.

    Returns:
        Mean seconds that a car stood (queues outside the network included), what was asked for when, and the
        correlation of the queues that Everyframe saw with those that SUMO counts (not-a-number without it).
    """
    options = ["--net-file", str(network), "--route-files", str(trips), "--step-length", str(STEP)]
    options += ["--seed", str(seed), "--no-step-log", "--no-warnings", "--time-to-teleport", "-1"]
    libsumo.start(["sumo", *options])
    try:
        camera = Camera(seed)
        own = control in ("fixed", "actuated")
        signals = None if own else Signals("even" if control == "everyframe" else control)
        watcher = None
        if control == "everyframe":
            watcher = Watcher([camera.picture(number * STEP) for number in range(30)])
        stood, cars, asked = 0.0, 0, []
        seen: list[float] = []
        true: list[float] = []
        while libsumo.simulation.getTime() < SECONDS:
            libsumo.simulationStep()
            now = libsumo.simulation.getTime()
            cars += libsumo.simulation.getLoadedNumber()
            halting = {arm: libsumo.edge.getLastStepHaltingNumber(f"from_{arm}") for arm in ARMS}
            stood += STEP * (sum(halting.values()) + len(libsumo.simulation.getPendingVehicles()))
            if watcher is not None and signals is not None:
                for plan in watcher.step(camera.picture(now)):
                    if plan != signals.plan:
                        signals.plan = plan
                        asked.append((now, plan))
                for arm, queue in watcher.queues.items():
                    if np.isfinite(queue):
                        seen.append(queue)
                        true.append(min(halting[arm], 9))  # the picture shows about nine cars of a road
            if signals is not None:
                signals.step()
    finally:
        libsumo.close()
    likeness = float(np.corrcoef(seen, true)[0, 1]) if seen else float("nan")
    return stood / max(cars, 1), asked, likeness


def main() -> None:
    """Compare the three over so many days."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many days")
    seeds = range(1, parser.parse_args().seeds + 1)
    waits: dict[str, list[float]] = {control: [] for control in CONTROLS}
    with tempfile.TemporaryDirectory() as folder:
        networks = {kind: build(Path(folder), kind) for kind in ("static", "actuated")}
        for seed in seeds:
            trips = demand(Path(folder), seed)
            for control in CONTROLS:
                network = networks["actuated" if control == "actuated" else "static"]
                wait, asked, likeness = simulate(control, network, trips, seed)
                waits[control].append(wait)
                more = f"  {len(asked)} changes, queue r = {likeness:.2f}" if control == "everyframe" else ""
                sys.stdout.write(f"seed {seed:2d}  {control:10s}  {wait:6.1f} s{more}\n")
                sys.stdout.flush()
    _sum_up(waits)


def _sum_up(waits: dict[str, list[float]]) -> None:
    fixed = np.array(waits["fixed"])
    for control in CONTROLS:
        each = np.array(waits[control])
        less = 100 * (1 - each.mean() / fixed.mean())
        spread = each.std(ddof=1) if len(each) > 1 else float("nan")
        sys.stdout.write(
            f"{control:10s}  mean {each.mean():.1f} s, sd {spread:.1f} s, {less:+.0f} % less than fixed,"
            f" less on {(each < fixed).sum()} of {len(each)} days\n"
        )


if __name__ == "__main__":
    main()
