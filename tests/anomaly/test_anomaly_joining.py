"""Scores joined into events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from everyframe.anomaly import Baseline, Finding, Joiner, Scored, Scorer

if TYPE_CHECKING:
    from tests.anomaly.conftest import Body, Yard

ALERT = 2 / 8_640  # two a day


def scored(baseline: Baseline, yard: Yard, *bodies: Body, seconds: float) -> list[Scored]:
    """Return the scores of these bodies alone in the yard."""
    scorer = Scorer(Baseline.from_bytes(baseline.to_bytes()))
    found = [one for field in yard.fields(seconds, bodies, normal=False) for one in scorer.step(field)]
    return found + scorer.flush()


def joined(baseline: Baseline, yard: Yard, *bodies: Body, seconds: float = 40.0) -> list[Finding]:
    joiner = Joiner(baseline, ALERT)
    found = [one for score in scored(baseline, yard, *bodies, seconds=seconds) for one in joiner.step(score)]
    return found + joiner.flush()


def test_nothing_is_told_of_what_is_normal(yard_baseline: Baseline, yard: Yard) -> None:
    walkers = [yard.body(start, 30.0) for start in (5.0, 15.0, 25.0)]
    scores = scored(yard_baseline, yard, *walkers, seconds=40.0)
    assert min(score.p_value for score in scores) > ALERT
    assert joined(yard_baseline, yard, *walkers) == []


def test_one_thing_is_one_event_from_start_to_end(yard_baseline: Baseline, yard: Yard) -> None:
    (found,) = joined(yard_baseline, yard, yard.body(10.0, 90.0))
    event = found.event
    assert event.start == pytest.approx(10.2, abs=0.6)
    assert event.end == pytest.approx(10.0 + 160 / 90, abs=0.8)
    assert event.start <= event.peak <= event.end
    assert event.p_value < ALERT
    assert found.index == round(event.peak * 5)


def test_what_comes_again_soon_is_the_same_event_and_later_is_another(
    yard_baseline: Baseline, yard: Yard
) -> None:
    soon = joined(yard_baseline, yard, yard.body(10.0, 90.0), yard.body(13.0, 90.0))
    assert len(soon) == 1
    assert soon[0].event.duration > 3.5
    late = joined(yard_baseline, yard, yard.body(10.0, 90.0), yard.body(25.0, 90.0))
    assert [round(found.event.start) for found in late] == [10, 25]


def test_what_goes_on_for_long_is_told_once_while_it_goes_on(yard_baseline: Baseline, yard: Yard) -> None:
    # Again and again somebody comes in the wrong way and turns back.
    starts = [10.0 + 1.4 * k for k in range(40)]
    bodies = [yard.body(start, -60.0, leaves=start + 0.8) for start in starts]
    scores = scored(yard_baseline, yard, *bodies, seconds=90.0)
    joiner = Joiner(yard_baseline, ALERT)
    told: list[tuple[float, Finding]] = []
    for score in scores:
        told += [(score.time, found) for found in joiner.step(score)]
    told += [(scores[-1].time, found) for found in joiner.flush()]
    assert len(told) == 1
    when, found = told[0]
    assert when < 35.0  # some twenty seconds after it began, and not a minute later
    assert found.event.start == pytest.approx(10.2, abs=0.6)


def test_the_box_contains_the_place(yard_baseline: Baseline, yard: Yard) -> None:
    (found,) = joined(yard_baseline, yard, yard.body(10.0, 90.0, row=30, high=10, wide=5))
    event = found.event
    assert len(event.track) >= 3
    for time, box in event.track:
        right = (time - 10.0) * 90.0  # pixels; the body is ten wide, and twenty high around row 60
        middle = (min(right, 160.0) + max(right - 10.0, 0.0)) / 2
        assert box.x - 6 <= middle <= box.x + box.width + 6
        assert box.y <= 60 <= box.y + box.height
        assert 0 <= box.x < box.x + box.width <= 160
        assert 0 <= box.y < box.y + box.height <= 120


def test_what_is_unusual_but_not_enough_for_the_budget_is_no_event(
    yard_baseline: Baseline, yard: Yard
) -> None:
    scores = scored(yard_baseline, yard, yard.body(10.0, 55.0), seconds=30.0)
    lowest = min(score.p_value for score in scores)
    assert lowest < 0.05

    def events(alert: float) -> int:
        joiner = Joiner(yard_baseline, alert)
        return len([one for score in scores for one in joiner.step(score)] + joiner.flush())

    assert events(lowest / 2) == 0
    assert events(lowest * 2) == 1


def test_is_busy_while_something_goes_on(yard_baseline: Baseline, yard: Yard) -> None:
    joiner = Joiner(yard_baseline, ALERT)
    busy = {}
    for score in scored(yard_baseline, yard, yard.body(10.0, 90.0), seconds=40.0):
        joiner.step(score)
        busy[round(score.time)] = joiner.busy
    assert not busy[5]
    assert busy[11]
    assert not busy[30]


def test_heat_goes_with_the_event(yard_baseline: Baseline, yard: Yard) -> None:
    (found,) = joined(yard_baseline, yard, yard.body(10.0, 90.0))
    j, i = np.unravel_index(found.heat.argmax(), found.heat.shape)
    x, y = 4 * int(i), 4 * int(j)
    box = found.event.box
    assert box.x - 16 <= x <= box.x + box.width + 16
    assert box.y - 16 <= y <= box.y + box.height + 16
