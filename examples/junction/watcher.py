"""Everyframe at the junction: it sees the camera's pictures, and nothing of what SUMO knows."""

from __future__ import annotations

from everyframe.actions import Rule, RuleEngine, Zone, ZoneMeter
from everyframe.motion import FlowMotion, MotionSettings
from everyframe.motion.background import Background
from everyframe.motion.perspective import Perspective
from everyframe.types import Frame

from .camera import SCALE, SIZE, place
from .network import ARMS

_CAR = 10.0  # pixels: how long a car looks from above
_LONG, _SHORT = 40.0, 30.0  # pixels of queue
_LEARN = 60  # seconds of the empty junction


def zones() -> list[Zone]:
    """Return one zone for the lane that leads to the junction on each road."""
    found = []
    for arm, (x, y) in ARMS.items():
        # Cars keep to the right: the lane towards the junction is on the left of the way out.
        aside = (-1.6 * y, 1.6 * x)
        ends = [place(x * far + aside[0], y * far + aside[1]) for far in (10.0, SIZE[0] / 2 / SCALE)]
        lane = tuple((px / SIZE[0], py / SIZE[1]) for px, py in ends)
        found.append(Zone(name=arm, lane=lane, width=3.2 * SCALE / SIZE[1]))
    return found


def rules() -> list[Rule]:
    """Return when which plan is asked for."""
    # While nobody waits long on any road, short greens let everybody go soon.
    found = [_rule("calm", "quick", [{"quantity": "queue", "zone": arm, "below": _SHORT} for arm in ARMS])]
    for plan, roads, others in (
        ("north-south", ("north", "south"), ("east", "west")),
        ("east-west", ("east", "west"), ("north", "south")),
    ):
        for road in roads:
            # One queue is a reason to give its road more green only while the crossing roads have none.
            when = [{"quantity": "queue", "zone": road, "above": _LONG}]
            when += [{"quantity": "queue", "zone": other, "below": _LONG} for other in others]
            found.append(_rule(f"queue {road}", plan, when))
    return found


def _rule(name: str, plan: str, when: list[dict[str, object]]) -> Rule:
    return Rule.model_validate(
        {
            "name": name,
            "when": when,
            "for": 5,
            "mode": "auto",
            "cooldown": 30,
            "per_hour": 60,
            "request": {"destination": "junction", "payload": plan},
        }
    )


class Watcher:
    """Measures queues in pictures and says which plan is asked for.

    Args:
        empty: Pictures of the junction without a car, some seconds of them.
    """

    def __init__(self, empty: list[Frame]) -> None:
        self._motion = FlowMotion(MotionSettings())
        self._background = Background(15)
        self._meter = ZoneMeter(zones(), Perspective(_CAR, 0.0, 1.0, SIZE[1]), self._background)
        self._engine = RuleEngine(rules())
        for frame in empty:
            field = self._motion.step(frame)
            if field is not None:
                self._background.step(field)
                self._background.learn(_LEARN / len(empty))
        self._motion.reset()
        self._background.reset()
        self.queues: dict[str, float] = {}

    def step(self, frame: Frame) -> list[str]:
        """Take a picture; return the plans that are asked for now."""
        field = self._motion.step(frame)
        if field is None:
            return []
        self._background.step(field)
        measures = self._meter.step(field)
        self.queues = {arm: measures[f"{arm}.queue"] for arm in ARMS}
        decisions = self._engine.step("junction", frame.time, measures)
        return [str(each.request.payload) for each in decisions if each.request is not None]
