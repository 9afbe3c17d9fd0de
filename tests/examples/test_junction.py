"""The junction of the examples: what its rules ask for while the camera is covered, and what they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("libsumo", reason="SUMO is not installed; it is the extra junction")

from examples.junction.camera import LEVELS, Cover
from examples.junction.covered import audit
from examples.junction.day import Day, simulate
from examples.junction.network import build, demand
from examples.junction.watcher import COOLDOWN, SAFE, rules

from everyframe.actions import Outcome, Rule

SECONDS = 200.0
START, END = 60.0, 100.0
PER_HOUR = 2
# A cover looks like a queue on every road: this rule would ask for more green before the cover is told.
HASTY = Rule.model_validate(
    {
        "name": "hasty",
        "when": [{"quantity": "queue", "zone": arm, "above": 100.0} for arm in ("north", "south")],
        "for": 1,
        "mode": "auto",
        "request": {"destination": "junction", "payload": "north-south"},
        "safe": {"destination": "junction", "payload": SAFE},
    }
)


@pytest.fixture(scope="module", params=sorted(LEVELS))
def covered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Day, Cover]:
    folder = tmp_path_factory.mktemp("junction")
    cover = Cover(START, END, request.param)
    network, trips = build(folder, "static"), demand(folder, 1)
    by = [*rules(PER_HOUR), HASTY]
    return simulate("everyframe", network, trips, 1, seconds=SECONDS, cover=cover, by=by), cover


def test_while_the_camera_is_covered_the_safe_plan_is_asked_for_and_no_other(
    covered: tuple[Day, Cover],
) -> None:
    day, cover = covered
    told = audit(day.decisions, cover)
    assert told.blind == 0
    assert told.safe <= 6.0  # seconds that a cover must last to be told
    safe = [each for each in day.decisions if each.outcome is Outcome.SAFE]
    assert [each.rule for each in safe] == [*(rule.name for rule in rules()), "hasty"]  # each once
    assert {each.request.payload for each in safe if each.request is not None} == {SAFE}


def test_guards_hold_and_rules_go_on_by_themselves_once_it_sees_again(covered: tuple[Day, Cover]) -> None:
    day, cover = covered
    told = audit(day.decisions, cover)
    assert told.most == PER_HOUR
    assert told.apart >= COOLDOWN
    held = {each.outcome for each in day.decisions if each.request is None}
    assert held == {Outcome.COOLDOWN, Outcome.RATE}  # both guards were needed
    assert 5.0 <= told.again <= SECONDS - END
    before = [each for each in day.decisions if each.outcome is Outcome.FIRED and each.utc < START]
    assert before
    assert day.likeness > 0.5


def test_without_a_cover_nothing_is_wrong_with_the_camera(tmp_path: Path) -> None:
    network, trips = build(tmp_path, "static"), demand(tmp_path, 2, 40.0)
    day = simulate("everyframe", network, trips, 2, seconds=40.0)
    assert {each.outcome for each in day.decisions} <= {Outcome.FIRED, Outcome.COOLDOWN}
    assert day.changes > 0
