"""The junction: four roads of one lane each way that meet at a signal, and who drives there."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import sumo

ARMS = {"north": (0.0, 1.0), "east": (1.0, 0.0), "south": (0.0, -1.0), "west": (-1.0, 0.0)}
"""Direction in which each road leads away from the junction; metres, upwards is north."""

LENGTH = 150.0  # metres of each road
SECONDS = 600.0
_QUIET, _BUSY = 250.0, 620.0  # cars per hour on one road


def build(folder: Path, control: str) -> Path:
    """Build the network; return its file.

    Args:
        folder: Where to.
        control: ``static`` or ``actuated``: SUMO's own kinds of signal.
    """
    nodes, edges = folder / "nodes.xml", folder / "edges.xml"
    ends = [f'<node id="{arm}" x="{x * LENGTH}" y="{y * LENGTH}"/>' for arm, (x, y) in ARMS.items()]
    middle = '<node id="middle" x="0" y="0" type="traffic_light"/>'
    nodes.write_text(f"<nodes>{middle}{''.join(ends)}</nodes>")
    lanes = 'numLanes="1" speed="13.9"'
    roads = [
        f'<edge id="from_{arm}" from="{arm}" to="middle" {lanes}/>'
        f'<edge id="to_{arm}" from="middle" to="{arm}" {lanes}/>'
        for arm in ARMS
    ]
    edges.write_text(f"<edges>{''.join(roads)}</edges>")
    network = folder / f"{control}.net.xml"
    command = [
        str(Path(sumo.SUMO_HOME) / "bin" / "netconvert"),
        *("--node-files", str(nodes), "--edge-files", str(edges), "--output-file", str(network)),
        *(
            "--tls.default-type",
            control,
            "--no-turnarounds",
            "true",
            "--offset.disable-normalization",
            "true",
        ),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return network


def demand(folder: Path, seed: int, seconds: float = SECONDS) -> Path:
    """Write who drives when: for the middle third the north and south are busy, then the east and west.

    Args:
        folder: Where to.
        seed: Other seeds are other days: arrivals are by chance.
        seconds: How long a day is.
    """
    chance = random.Random(seed)
    cars: list[tuple[float, str, str]] = []
    for arm in ARMS:
        time = 0.0
        while True:
            time += chance.expovariate(_rate(arm, time / seconds) / 3600.0)
            if time >= seconds:
                break
            cars.append((time, arm, _goes(arm, chance)))
    lines = [
        f'<trip id="{number}" depart="{time:.1f}" from="from_{arm}" to="to_{to}" departSpeed="max"/>'
        for number, (time, arm, to) in enumerate(sorted(cars))
    ]
    trips = folder / f"{seed}-{seconds:g}.trips.xml"
    trips.write_text(f"<routes>{''.join(lines)}</routes>")
    return trips


def _rate(arm: str, share: float) -> float:
    third = int(3.0 * share)
    busy = {0: (), 1: ("north", "south"), 2: ("east", "west")}[min(third, 2)]
    return _BUSY if arm in busy else _QUIET


def _goes(arm: str, chance: random.Random) -> str:
    """Return where a car goes: straight on four times out of five."""
    arms = list(ARMS)
    straight = arms[(arms.index(arm) + 2) % 4]
    if chance.random() < 0.8:
        return straight
    return chance.choice([other for other in arms if other not in (arm, straight)])
