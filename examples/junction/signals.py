"""The signal's plans, and a controller that changes from one to another as real ones do: between phases."""

from __future__ import annotations

import libsumo

PLANS = {"even": (30.0, 30.0), "north-south": (42.0, 14.0), "east-west": (14.0, 42.0)}
"""Seconds of green for north and south, and for east and west."""


class Signals:
    """Runs a plan; another one that is asked for begins with the next phase."""

    def __init__(self) -> None:
        self.plan = "even"
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
