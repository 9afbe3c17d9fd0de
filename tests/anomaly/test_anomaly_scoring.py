"""From fields to scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from everyframe.anomaly import LOOK_AHEAD, Baseline, Scored, Scorer
from everyframe.anomaly.scoring import heat
from everyframe.anomaly.windows import STAY

if TYPE_CHECKING:
    from tests.anomaly.conftest import Body, Yard


def scored(baseline: Baseline, yard: Yard, *extra: Body, seconds: float = 30.0) -> list[Scored]:
    scorer = Scorer(Baseline.from_bytes(baseline.to_bytes()))
    found = [one for field in yard.fields(seconds, extra, seed=4) for one in scorer.step(field)]
    return found + scorer.flush()


def test_a_score_does_not_change_with_what_comes_more_than_a_second_later(
    yard_baseline: Baseline, yard: Yard
) -> None:
    calm = {one.time: one.score for one in scored(yard_baseline, yard)}
    wild = {one.time: one.score for one in scored(yard_baseline, yard, yard.body(20.0, 120.0), seconds=30.0)}
    assert len(calm) == len(wild)
    for time, score in calm.items():
        if time < 20.0 - LOOK_AHEAD:
            assert wild[time] == score
    assert any(wild[time] > score + 5.0 for time, score in calm.items() if 20.0 <= time < 22.0)


def test_scores_come_a_second_late_and_all_of_them_in_order(yard_baseline: Baseline, yard: Yard) -> None:
    scorer = Scorer(Baseline.from_bytes(yard_baseline.to_bytes()))
    told: list[float] = []
    fields = list(yard.fields(20.0, seed=4))
    for field in fields:
        due = [one.time for one in scorer.step(field)]
        assert all(time <= field.time - LOOK_AHEAD for time in due)
        told += due
    told += [one.time for one in scorer.flush()]
    assert told == [field.time for field in fields if field.measured]
    assert scorer.flush() == []


def test_what_was_learned_is_normal_and_three_times_the_speed_is_not(
    yard_baseline: Baseline, yard: Yard
) -> None:
    assert min(one.p_value for one in scored(yard_baseline, yard, seconds=120.0)) > 1e-3
    assert min(one.p_value for one in scored(yard_baseline, yard, yard.body(10.0, 90.0))) < 1e-6


def test_faster_is_more_surprising(yard_baseline: Baseline, yard: Yard) -> None:
    peaks = [
        max(one.score for one in scored(yard_baseline, yard, yard.body(10.0, speed)))
        for speed in (40.0, 60.0, 90.0, 130.0)
    ]
    assert peaks == sorted(peaks)
    assert peaks[-1] > peaks[0] + 10


def test_heat_is_where_it_is(yard_baseline: Baseline, yard: Yard) -> None:
    found = scored(yard_baseline, yard, yard.body(10.0, 90.0))
    peak = max(found, key=lambda one: one.score)
    warm = heat(peak, yard_baseline)
    assert warm.shape == yard_baseline.windows.shape
    assert warm.min() >= 0.0
    assert warm.max() == pytest.approx(1.0)
    _, column = np.unravel_index(warm.argmax(), warm.shape)
    # Two pixels per cell, two cells per place; the body's middle is half its width behind its front.
    assert abs(4 * column - (peak.time - 10.0) * 90.0) < 24


def test_what_a_covered_camera_hid_has_not_stayed_there(yard_baseline: Baseline, yard: Yard) -> None:
    scorer = Scorer(Baseline.from_bytes(yard_baseline.to_bytes()))
    cover = np.random.default_rng(1).uniform(60, 160, yard.ground.shape).astype(np.float32)
    found = []
    for field in yard.fields(40.0, normal=False):
        covered = 10.0 <= field.time < 30.0
        found += scorer.step(replace(field, luma=cover) if covered else field)
    found += scorer.flush()
    stays = {one.time: float(one.seen.views[0].rows[:, STAY].max(initial=0.0)) for one in found}
    # As the cover goes, its last second is still to be seen; the twenty before it are not held against it.
    assert max(stays[time] for time in stays if time >= 30.0) < 4.0


def test_a_thing_that_stays_is_counted_in_seconds(yard_baseline: Baseline, yard: Yard) -> None:
    scorer = Scorer(Baseline.from_bytes(yard_baseline.to_bytes()))
    found = []
    for field in yard.fields(40.0, normal=False):
        luma = field.luma.copy()
        if field.time >= 10.0:
            luma[10:20, 20:30] = 10.0
        found += scorer.step(replace(field, luma=luma))
    found += scorer.flush()
    stays = {one.time: float(one.seen.views[0].rows[:, STAY].max(initial=0.0)) for one in found}
    assert stays[39.0] == pytest.approx(29.0, abs=2.0)
    assert max(stay for time, stay in stays.items() if time < 10.0) == 0.0
