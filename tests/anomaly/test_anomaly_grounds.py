from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly import Baseline, Joiner, Scorer
from everyframe.anomaly.grounds import UNKNOWN, Grounds, in_words
from everyframe.errors import BaselineCorrupt
from everyframe.types import Box

if TYPE_CHECKING:
    from tests.anomaly.conftest import Yard

SIZE = (320, 180)


def street() -> Grounds:
    """Return nothing above, pavement at the left below, road at the right."""
    places = np.full((90, 160), UNKNOWN, np.uint8)
    places[45:, :80] = 1
    places[45:, 80:] = 0
    return Grounds(("road", "pavement"), places)


@pytest.mark.parametrize(
    ("box", "ground"),
    [
        (Box(200, 60, 20, 60), "road"),
        (Box(40, 60, 20, 60), "pavement"),
        (Box(40, 20, 20, 30), None),  # its feet are above the ground
        (Box(154, 100, 40, 40), "road"),  # on both: more of it on the road
        (Box(-30, 150, 20, 60), "pavement"),  # beyond the edge
        (Box(310, 170, 40, 40), "road"),
    ],
)
def test_what_something_stands_on_is_where_its_feet_are(box: Box, ground: str | None) -> None:
    assert street().under(box, SIZE) == ground


@given(st.integers(-50, 400), st.integers(-50, 250), st.integers(1, 200), st.integers(1, 200))
def test_any_box_has_a_ground_or_none(x: int, y: int, width: int, height: int) -> None:
    assert street().under(Box(x, y, width, height), SIZE) in ("road", "pavement", None)


def test_shares_are_of_what_moved_by_where_its_feet_were() -> None:
    visits = np.zeros((18, 32))
    tall = np.full(18, 40.0)  # pixels: feet are two places below the middle
    visits[2, 5] = 5_000.0  # feet above the ground: counts for nothing
    visits[8, 4] = 2_970.0  # feet on the pavement, though the middle is above it
    visits[12, 20] = 30.0
    ground = street()
    assert ground.share("pavement", visits, tall, 180) == pytest.approx(0.99)
    assert ground.share("road", visits, tall, 180) == pytest.approx(0.01)
    assert ground.share("road", visits / 100, tall, 180) is None  # too little to say


@pytest.mark.parametrize(
    ("share", "says"),
    [
        (None, "on the road"),
        (0.4, "on the road"),
        (0.002, "on the road, where 0.2 % of what moves here is seen"),
        (0.034, "on the road, where 3.4 % of what moves here is seen"),
        (0.0, "on the road, where hardly anything moves"),
    ],
)
def test_it_is_said_in_words(share: float | None, says: str) -> None:
    assert in_words("road", share) == says


def test_a_baseline_keeps_it_and_one_without_stays_as_it_was(yard_baseline: Baseline) -> None:
    assert yard_baseline.grounds is None
    known = Baseline.from_bytes(yard_baseline.to_bytes())
    assert known.grounds is None
    known.grounds = street()
    again = Baseline.from_bytes(known.to_bytes()).grounds
    assert again is not None
    assert again.names == ("road", "pavement")
    np.testing.assert_array_equal(again.places, street().places)
    known.grounds = Grounds(("road",), street().places)
    with pytest.raises(BaselineCorrupt):
        Baseline.from_bytes(known.to_bytes())


def test_events_say_what_things_are_on_and_their_scores_are_the_same(
    yard_baseline: Baseline, yard: Yard
) -> None:
    def events(baseline: Baseline) -> list[tuple[str, float]]:
        scorer, joiner = Scorer(baseline), Joiner(baseline, 2 / 8_640)
        runner = (yard.body(10.0, 90.0),)
        scored = [one for field in yard.fields(40.0, runner, normal=False) for one in scorer.step(field)]
        found = [one for score in scored + scorer.flush() for one in joiner.step(score)]
        return [(one.event.reason, one.event.score) for one in found + joiner.flush()]

    plain = Baseline.from_bytes(yard_baseline.to_bytes())
    grounded = Baseline.from_bytes(yard_baseline.to_bytes())
    grounded.grounds = Grounds(("lawn",), np.zeros((9, 16), np.uint8))
    without, with_ground = events(plain), events(grounded)
    assert without
    assert [score for _, score in with_ground] == [score for _, score in without]
    assert [why for why, _ in with_ground] == [f"{why}, on the lawn" for why, _ in without]
