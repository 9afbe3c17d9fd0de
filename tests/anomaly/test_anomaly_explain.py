"""Reasons in words, with their numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from everyframe.anomaly import Baseline, Scored, Scorer
from everyframe.anomaly.density import ATTRIBUTES
from everyframe.anomaly.explain import explain, place_of, reason_of
from everyframe.types import Deviation

if TYPE_CHECKING:
    from tests.anomaly.conftest import Body, Yard


def peak(baseline: Baseline, yard: Yard, *bodies: Body, seconds: float = 40.0) -> Scored:
    scorer = Scorer(Baseline.from_bytes(baseline.to_bytes()))
    found = [one for field in yard.fields(seconds, bodies, normal=False) for one in scorer.step(field)]
    return max(found + scorer.flush(), key=lambda one: (one.seen.best.max() > 0, one.score))


def strongest(baseline: Baseline, yard: Yard, *bodies: Body, seconds: float = 40.0) -> Deviation:
    return explain(peak(baseline, yard, *bodies, seconds=seconds), baseline)[0]


def test_speed_says_how_many_times_faster(yard_baseline: Baseline, yard: Yard) -> None:
    told = strongest(yard_baseline, yard, yard.body(10.0, 90.0))
    assert told.attribute == "speed"
    assert told.unit == "px/s"
    assert told.value > 1.5 * told.normal
    assert told.text == f"moves {told.value / told.normal:.1f} times faster than anything seen at this place"


def test_direction_says_which_way_and_how_few_do_so(yard_baseline: Baseline, yard: Yard) -> None:
    told = strongest(yard_baseline, yard, yard.body(10.0, -30.0))
    assert told.attribute == "direction"
    assert told.text.startswith("moves to the left, as fewer than 1 in ")
    stated = int(re.sub(r"\D", "", told.text.split(" in ")[1]))
    assert told.unit == "%"
    assert 100 / stated == pytest.approx(told.value, rel=0.2)


def test_all_that_deviates_is_told_strongest_first(yard_baseline: Baseline, yard: Yard) -> None:
    told = explain(peak(yard_baseline, yard, yard.body(10.0, -90.0, high=24, wide=20)), yard_baseline)
    assert 1 <= len(told) <= 3
    assert [one.score for one in told] == sorted((one.score for one in told), reverse=True)
    assert {one.attribute for one in told} <= set(ATTRIBUTES)
    reason = reason_of(told)
    for one in told:
        assert one.text in reason
    assert "\n" not in reason


def test_every_reason_holds_a_number(yard_baseline: Baseline, yard: Yard) -> None:
    for body in (
        yard.body(10.0, 120.0),
        yard.body(10.0, -40.0),
        yard.body(10.0, 30.0, high=30, wide=24),
        yard.body(10.0, 30.0, row=52),
    ):
        assert re.search(r"\d", strongest(yard_baseline, yard, body).text)


def test_the_place_is_a_row_of_that_moment(yard_baseline: Baseline, yard: Yard) -> None:
    moment = peak(yard_baseline, yard, yard.body(10.0, 90.0))
    place = place_of(moment, yard_baseline)
    assert place is not None
    assert place.attribute.name == "speed"
    view = moment.seen.views[place.member]
    np.testing.assert_array_equal(view.rows[view.scores[:, 0].argmax()], place.row)
    assert place.at == (place.row[0], place.row[1])
