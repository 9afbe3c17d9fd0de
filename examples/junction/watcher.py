"""Everyframe at the junction: it sees the camera's pictures, and nothing of what SUMO knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from everyframe.actions import Decision, Rule, RuleEngine, Zone, ZoneMeter
from everyframe.health import HealthSettings, HealthWatcher
from everyframe.motion import FlowMotion, MotionSettings
from everyframe.motion.background import Background
from everyframe.motion.perspective import Perspective
from everyframe.types import Frame, StreamInfo

from .camera import SCALE, SIZE, place
from .network import ARMS

_CAR = 10.0  # pixels: how long a car looks from above
_LONG, _SHORT = 40.0, 30.0  # pixels of queue
_LEARN = 60  # seconds of the empty junction

CAMERA = "junction"
SAFE = "even"
"""The plan that is asked for when the picture cannot be trusted."""
COOLDOWN = 30.0
"""Seconds from one request of a rule to its next at least."""
PER_HOUR = 60
"""Requests of a rule within any hour at most."""


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


def rules(per_hour: int = PER_HOUR) -> list[Rule]:
    """Return when which plan is asked for.

    Args:
        per_hour: Requests of each rule within any hour at most.
    """
    # While nobody waits long on any road, short greens let everybody go soon.
    calm = [{"quantity": "queue", "zone": arm, "below": _SHORT} for arm in ARMS]
    found = [_rule("calm", "quick", calm, per_hour)]
    for plan, roads, others in (
        ("north-south", ("north", "south"), ("east", "west")),
        ("east-west", ("east", "west"), ("north", "south")),
    ):
        for road in roads:
            # One queue is a reason to give its road more green only while the crossing roads have none.
            when = [{"quantity": "queue", "zone": road, "above": _LONG}]
            when += [{"quantity": "queue", "zone": other, "below": _LONG} for other in others]
            found.append(_rule(f"queue {road}", plan, when, per_hour))
    return found


def _rule(name: str, plan: str, when: Sequence[Mapping[str, object]], per_hour: int) -> Rule:
    return Rule.model_validate(
        {
            "name": name,
            "when": when,
            "for": 5,
            "mode": "auto",
            "cooldown": COOLDOWN,
            "per_hour": per_hour,
            "request": {"destination": "junction", "payload": plan},
            "safe": {"destination": "junction", "payload": SAFE},
        }
    )


class Watcher:
    """Measures queues in pictures and says which plan is asked for.

    Args:
        empty: Pictures of the junction without a car, some seconds of them.
        rules: What to decide by.
        every: Seconds from one picture to the next; each is looked at for faults before a rule sees it.
    """

    def __init__(self, empty: list[Frame], rules: list[Rule], every: float) -> None:
        self._motion = FlowMotion(MotionSettings())
        self._background = Background(15)
        self._meter = ZoneMeter(zones(), Perspective(_CAR, 0.0, 1.0, SIZE[1]), self._background)
        self._engine = RuleEngine(rules)
        self.health = HealthWatcher(StreamInfo(CAMERA, *SIZE), HealthSettings(look_every=every))
        for frame in empty:
            field = self._motion.step(frame)
            if field is not None:
                self._background.step(field)
                self._background.learn(_LEARN / len(empty))
        self._motion.reset()
        self._background.reset()
        self.queues: dict[str, float] = {}

    def step(self, frame: Frame) -> list[Decision]:
        """Take a picture; return what the rules decide."""
        self.health.step(frame)
        field = self._motion.step(frame)
        if field is None:
            return []
        self._background.step(field)
        measures = self._meter.step(field)
        self.queues = {arm: measures[f"{arm}.queue"] for arm in ARMS}
        health = self.health
        return self._engine.step(CAMERA, frame.time, measures, (), health.state, health.doubts)
