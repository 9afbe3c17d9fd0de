"""Mean waiting time at the junction: fixed plans, Everyframe's rules, and SUMO's actuated controller.

::

    python -m examples.junction.run --seeds 20
    python -m examples.junction.run --seeds 5 --cover 600-1200
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from .camera import LEVELS, Cover
from .covered import compare
from .day import simulate
from .network import build, demand
from .watcher import PER_HOUR

CONTROLS = ("fixed", "even", "quick", "everyframe", "actuated")
"""SUMO's own fixed plan; two plans of ours that never change; our rules, which change them; SUMO's own
controller, which counts cars with loops in the road."""


def main() -> None:
    """Compare them over so many days, or show what happens while the camera is covered."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many days")
    parser.add_argument("--cover", type=_stretch, metavar="FROM-TO", help="seconds in which nothing is seen")
    parser.add_argument("--with", dest="kind", choices=LEVELS, default="cloth", help="what covers the lens")
    parser.add_argument("--seconds", type=float, default=1800.0, help="how long a day with a cover is")
    parser.add_argument("--per-hour", type=int, default=PER_HOUR, help="requests of a rule per hour at most")
    told = parser.parse_args()
    seeds = range(1, told.seeds + 1)
    if told.cover is None:
        _compare_controls(seeds)
    else:
        compare(seeds, Cover(*told.cover, told.kind), told.seconds, told.per_hour)


def _stretch(text: str) -> tuple[float, float]:
    start, _, end = text.partition("-")
    found = float(start), float(end)
    if not 0.0 <= found[0] < found[1]:
        raise argparse.ArgumentTypeError(f"{text} is no stretch of time; write one such as 600-1200")
    return found


def _compare_controls(seeds: range) -> None:
    waits: dict[str, list[float]] = {control: [] for control in CONTROLS}
    with tempfile.TemporaryDirectory() as folder:
        networks = {kind: build(Path(folder), kind) for kind in ("static", "actuated")}
        for seed in seeds:
            trips = demand(Path(folder), seed)
            for control in CONTROLS:
                network = networks["actuated" if control == "actuated" else "static"]
                day = simulate(control, network, trips, seed)
                waits[control].append(day.wait)
                said = f"  {day.changes} changes, queue r = {day.likeness:.2f}"
                more = said if control == "everyframe" else ""
                sys.stdout.write(f"seed {seed:2d}  {control:10s}  {day.wait:6.1f} s{more}\n")
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
