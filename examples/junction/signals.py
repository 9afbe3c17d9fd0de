"""The signal's plans, and a controller that changes from one to another as real ones do: between phases."""

from __future__ import annotations

import libsumo

PLANS = {
    "even": (30.0, 30.0),
    "quick": (12.0, 12.0),
    "north-south": (20.0, 8.0),
    "east-west": (8.0, 20.0),
}
"""Seconds of green for north and south, and for east and west; ``even`` is what runs when nobody asks."""


class Signals:
    """Runs a plan; another one that is asked for begins with the next phase.

    Args:
        plan: The one to begin with.
    """

    def __init__(self, plan: str = "even") -> None:
        self.plan = plan
        self._phase = -1
        program = libsumo.trafficlight.getAllProgramLogics("middle")[0]
        greens = [number for number, phase in enumerate(program.phases) if "G" in phase.state]
        links = libsumo.trafficlight.getControlledLinks("middle")
        north = next(
            number for number, link in enumerate(links) if link and link[0][0].startswith("from_north")
        )
        self._road = {number: 0 if program.phases[number].state[north] in "Gg" else 1 for number in greens}

    def step(self) -> None:
        """Give a phase that has just begun the length that the plan says."""
        phase = libsumo.trafficlight.getPhase("middle")
        if phase != self._phase:
            self._phase = phase
            if phase in self._road:
                libsumo.trafficlight.setPhaseDuration("middle", PLANS[self.plan][self._road[phase]])
