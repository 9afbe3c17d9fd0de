"""A person's verdict changes the score of the like, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.anomaly import Baseline, Joiner, Learner, Scored, Scorer
from everyframe.anomaly.verdicts import Standing, Verdicts
from everyframe.types import Event, VerdictKind

if TYPE_CHECKING:
    from tests.anomaly.conftest import Body, Yard

ALERT = 2 / 8_640  # two a day
MORNING = 1_700_000_000.0


class Watch:
    """Watches the yard with a baseline, given verdicts."""

    def __init__(self, yard: Yard, baseline: Baseline, budget: float = ALERT) -> None:
        self.yard, self.baseline, self.budget = yard, baseline, budget

    def scores(
        self, *bodies: Body, verdicts: Sequence[Standing] = (), utc: float | None = None
    ) -> list[Scored]:
        baseline = Baseline.from_bytes(self.baseline.to_bytes())
        scorer = Scorer(baseline, Verdicts(baseline, verdicts, self.budget))
        fields = self.yard.fields(24.0, bodies, normal=False, utc=utc)
        return [one for field in fields for one in scorer.step(field)] + scorer.flush()

    def events(
        self, *bodies: Body, verdicts: Sequence[Standing] = (), utc: float | None = None
    ) -> list[Event]:
        heard = Verdicts(self.baseline, verdicts, self.budget)
        joiner = Joiner(self.baseline, self.budget, verdicts=heard)
        found = [
            one for score in self.scores(*bodies, verdicts=verdicts, utc=utc) for one in joiner.step(score)
        ]
        return [one.event for one in found + joiner.flush()]


@pytest.fixture(scope="module")
def watch(yard: Yard, yard_baseline: Baseline) -> Watch:
    return Watch(yard, yard_baseline)


@pytest.fixture(scope="module")
def jogger(yard: Yard) -> Body:
    return yard.body(10.0, 60.0)


@pytest.fixture(scope="module")
def run(watch: Watch, jogger: Body) -> Event:
    (event,) = watch.events(jogger)
    return event


def normal(event: Event) -> Standing:
    return Standing(event.sightings, VerdictKind.NORMAL)


def highest(scores: Sequence[Scored]) -> float:
    return max(score.score for score in scores)


# -- what an event is described by ------------------------------------------------------------------------


def test_an_event_is_described_at_its_peak_and_along_its_course(run: Event) -> None:
    peak, *course = run.sightings
    assert peak.score == run.score
    assert 1 <= len(course) <= 15
    assert max(one.x for one in course) - min(one.x for one in course) > 0.5
    for one in course:
        assert 0.0 <= one.x <= 1.0
        assert one.right == pytest.approx(60.0 / (one.tall * 120.0), rel=0.3)
        assert one.hour is None
        assert dict(one.says)["speed"] > 5.0


# -- normal -----------------------------------------------------------------------------------------------


def test_what_was_called_normal_is_no_alert_any_more(watch: Watch, yard: Yard, run: Event) -> None:
    again = yard.body(10.0, 62.0, row=31)
    assert watch.events(again)
    assert watch.events(again, verdicts=[normal(run)]) == []


def test_what_was_confirmed_more_often_scores_less(watch: Watch, jogger: Body, run: Event) -> None:
    found = [highest(watch.scores(jogger, verdicts=[normal(run)] * times)) for times in (0, 1, 3, 9)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "other",
    [{"speed": 95.0}, {"speed": -60.0}, {"row": 52}],
    ids=["faster", "the other way", "elsewhere"],
)
def test_anything_else_keeps_its_score(watch: Watch, yard: Yard, run: Event, other: dict[str, float]) -> None:
    body = yard.body(**{"enters": 10.0, "speed": 60.0, **other})  # type: ignore[arg-type]
    before, after = watch.scores(body), watch.scores(body, verdicts=[normal(run)] * 5)
    assert highest(after) == highest(before)
    assert watch.events(body, verdicts=[normal(run)] * 5)[0].p_value == watch.events(body)[0].p_value


def test_the_like_at_another_hour_keeps_its_score(watch: Watch, jogger: Body) -> None:
    (event,) = watch.events(jogger, utc=MORNING)
    for hours, lowered in ((0.5, True), (23.5, True), (6.0, False)):
        later = MORNING + 3600 * hours
        before = highest(watch.scores(jogger, utc=later))
        after = highest(watch.scores(jogger, utc=later, verdicts=[normal(event)]))
        assert (after < before - 2.0) if lowered else (after == before)


def test_what_goes_on_elsewhere_at_the_same_moment_keeps_its_score(watch: Watch, yard: Yard) -> None:
    rider = yard.body(10.0, 95.0)  # the stronger of the two
    other = yard.body(10.0, 62.0, row=52)
    verdicts = [normal(event) for event in watch.events(rider)] * 5
    assert watch.events(rider, verdicts=verdicts) == []
    assert highest(watch.scores(rider)) > highest(watch.scores(other)) + 2.0
    alone = highest(watch.scores(other))
    both = watch.scores(rider, other, verdicts=verdicts)
    assert highest(both) == pytest.approx(alone, rel=0.15)  # what the averages remember
    (event,) = watch.events(rider, other, verdicts=verdicts)
    assert event.box.y + event.box.height / 2 > 90  # pixels: the other one's row


def test_what_happens_where_nothing_is_alerted_on_is_not_touched(
    watch: Watch, yard: Yard, run: Event
) -> None:
    walker = yard.body(10.0, 30.0)
    before, after = watch.scores(walker), watch.scores(walker, verdicts=[normal(run)])
    assert [one.score for one in before] == [one.score for one in after]


# -- real -------------------------------------------------------------------------------------------------


def test_the_like_of_what_was_named_has_its_name(watch: Watch, yard: Yard, run: Event) -> None:
    named = [Standing(run.sightings, VerdictKind.REAL, "jogger")]
    (event,) = watch.events(yard.body(10.0, 58.0), verdicts=named)
    assert event.name == "jogger"
    assert event.reason.startswith("looks like jogger: moves")
    (other,) = watch.events(yard.body(10.0, 140.0), verdicts=named)
    assert other.name == ""


def test_of_several_names_the_nearest_holds(watch: Watch, yard: Yard, run: Event) -> None:
    (fast,) = watch.events(yard.body(10.0, 95.0))
    named = [
        Standing(run.sightings, VerdictKind.REAL, "jogger"),
        Standing(fast.sightings, VerdictKind.REAL, "cyclist"),
    ]
    assert [watch.events(yard.body(10.0, v), verdicts=named)[0].name for v in (62.0, 92.0)] == [
        "jogger",
        "cyclist",
    ]


def test_what_is_nearer_to_something_real_is_not_lowered(watch: Watch, jogger: Body, run: Event) -> None:
    moved = replace(run, sightings=tuple(replace(one, right=one.right + 0.4) for one in run.sightings))
    real, other = Standing(run.sightings, VerdictKind.REAL), normal(moved)
    before = highest(watch.scores(jogger))
    assert highest(watch.scores(jogger, verdicts=[other])) < before - 2.0
    assert highest(watch.scores(jogger, verdicts=[other, real])) == before
    farther = Standing(moved.sightings, VerdictKind.REAL)
    assert highest(watch.scores(jogger, verdicts=[normal(run), farther])) < before - 2.0


# -- false, later, undone ---------------------------------------------------------------------------------


def test_a_false_alarm_makes_such_scores_likelier(watch: Watch, jogger: Body, run: Event) -> None:
    before = max(watch.scores(jogger), key=lambda score: score.score)
    heard = watch.scores(jogger, verdicts=[Standing(run.sightings, VerdictKind.FALSE)])
    after = max(heard, key=lambda score: score.score)
    assert after.score == before.score
    assert after.p_value > 100 * before.p_value


def test_later_says_nothing(watch: Watch, jogger: Body, run: Event) -> None:
    assert watch.events(jogger, verdicts=[Standing(run.sightings, VerdictKind.LATER, watched=1e9)]) == [run]


def test_an_event_without_sightings_says_nothing(watch: Watch, jogger: Body, run: Event) -> None:
    assert watch.events(jogger, verdicts=[Standing((), kind) for kind in VerdictKind]) == [run]


@settings(max_examples=3, deadline=None)
@given(order=st.permutations(range(4)))
def test_the_order_of_verdicts_means_nothing(
    watch: Watch, jogger: Body, run: Event, order: list[int]
) -> None:
    verdicts = [
        normal(run),
        Standing(run.sightings[1:], VerdictKind.NORMAL),
        Standing(run.sightings, VerdictKind.FALSE, watched=100.0),
        Standing(tuple(replace(one, x=one.x + 0.1) for one in run.sightings), VerdictKind.REAL, "x"),
    ]
    told = [score.score for score in watch.scores(jogger, verdicts=verdicts)]
    assert told == [score.score for score in watch.scores(jogger, verdicts=[verdicts[k] for k in order])]


def test_verdicts_that_come_while_it_watches_hold_from_then_on(
    watch: Watch, yard: Yard, yard_baseline: Baseline, run: Event
) -> None:
    bodies = [yard.body(10.0, 60.0), yard.body(30.0, 60.0), yard.body(50.0, 60.0)]
    baseline = Baseline.from_bytes(yard_baseline.to_bytes())
    scorer = Scorer(baseline)
    highest_of = {10: 0.0, 30: 0.0, 50: 0.0}
    for field in yard.fields(60.0, tuple(bodies), normal=False):
        if round(field.time, 1) == 20.0:
            scorer.heed(Verdicts(baseline, [normal(run)], ALERT))
        if round(field.time, 1) == 40.0:
            scorer.heed(Verdicts(baseline, [], ALERT))
        for score in scorer.step(field):
            for start in highest_of:
                if start <= score.time < start + 8.0:
                    highest_of[start] = max(highest_of[start], score.score)
    assert highest_of[30] < highest_of[10] - 2.0
    assert highest_of[50] == pytest.approx(highest_of[10], rel=0.05)


def test_a_verdict_stays_valid_while_the_baseline_goes_on_learning(
    watch: Watch, yard: Yard, jogger: Body, run: Event
) -> None:
    grown = Baseline.from_bytes(watch.baseline.to_bytes())
    scorer = Scorer(Baseline.from_bytes(watch.baseline.to_bytes()))
    for field in yard.fields(120.0, seed=5):
        for score in scorer.step(field):
            grown.ensemble.observe(score.seen.rows, score.hour)
    after = Watch(yard, grown)
    assert after.events(jogger)
    assert after.events(jogger, verdicts=[normal(run)]) == []


def test_it_works_with_detectors_that_look_at_other_things(yard: Yard, jogger: Body) -> None:
    learner = Learner(detector="density+rbm")
    learner.begin(yard.info)
    for field in yard.fields(90.0):
        learner.step(field)
    both = Watch(yard, learner.finish())
    events = both.events(jogger)
    assert events
    said = {name for name, _ in events[0].sightings[0].says}
    assert said == {attribute.name for attribute in both.baseline.ensemble.attributes}
    assert both.events(jogger, verdicts=[normal(event) for event in events]) == []
    other = yard.body(10.0, -60.0)
    before = highest(both.scores(other))
    assert highest(both.scores(other, verdicts=[normal(event) for event in events])) == pytest.approx(before)


def test_scores_are_numbers_whatever_was_said(watch: Watch, jogger: Body, run: Event) -> None:
    verdicts = [Standing(run.sightings, kind, watched=1e6) for kind in VerdictKind]
    scores = watch.scores(jogger, verdicts=verdicts)
    assert np.isfinite([score.score for score in scores]).all()
    assert all(0.0 < score.p_value <= 1.0 for score in scores)
