"""How alike sightings are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.likeness import Sightings, kernel
from everyframe.types import Sighting

NAMES = ("speed", "size")
ASPECT = 16 / 9

shares = st.floats(0.0, 1.0)
sightings = st.builds(
    Sighting,
    x=shares,
    y=shares,
    tall=st.floats(0.02, 0.8),
    hour=st.none() | st.floats(0.0, 24.0, exclude_max=True),
    right=st.floats(-8.0, 8.0),
    down=st.floats(-8.0, 8.0),
    size=shares,
    stay=st.floats(0.0, 7200.0),
    score=st.floats(0.0, 60.0),
    says=st.tuples(st.tuples(st.just("speed"), st.floats(0.0, 60.0))),
)
JOGGER = Sighting(0.5, 0.5, 0.2, 8.0, 2.0, 0.1, 0.2, 0.0, 12.0, (("speed", 12.0), ("size", 0.0)))


def apart(one: Sighting, other: Sighting) -> float:
    return float(Sightings([one], NAMES).apart(Sightings([other], NAMES), ASPECT)[0, 0])


@given(sightings)
def test_everything_is_like_itself(one: Sighting) -> None:
    assert apart(one, one) == 0.0


@given(sightings, sightings)
def test_no_distance_is_negative_or_not_a_number(one: Sighting, other: Sighting) -> None:
    assert apart(one, other) >= 0.0


@pytest.mark.parametrize(
    "other",
    [
        replace(JOGGER, x=0.75),
        replace(JOGGER, y=0.85),
        replace(JOGGER, hour=11.5),
        replace(JOGGER, right=5.5),
        replace(JOGGER, right=-2.0),
        replace(JOGGER, size=0.6),
        replace(JOGGER, stay=60.0),
        replace(JOGGER, says=(("speed", 25.0), ("size", 0.0))),
        replace(JOGGER, says=(("speed", 12.0), ("size", 4.0))),
    ],
    ids=["across", "down", "hour", "faster", "the other way", "larger", "stays", "louder", "says another"],
)
def test_another_place_hour_or_deed_is_something_else(other: Sighting) -> None:
    assert apart(JOGGER, other) >= 1.0


def test_another_jogger_half_an_hour_later_is_much_the_same() -> None:
    other = replace(JOGGER, x=0.53, hour=8.5, right=2.3, size=0.22, says=(("speed", 13.5), ("size", 0.0)))
    assert apart(JOGGER, other) < 0.6


def test_what_says_less_is_no_less_alike() -> None:
    assert apart(JOGGER, replace(JOGGER, says=(("speed", 3.0), ("size", 0.0)))) == 0.0


def test_an_attribute_that_was_not_asked_is_held_against_nobody() -> None:
    assert apart(replace(JOGGER, says=(("speed", 12.0),)), replace(JOGGER, says=(("size", 30.0),))) == 0.0


def test_midnight_is_next_to_midnight() -> None:
    late, early = replace(JOGGER, hour=23.5), replace(JOGGER, hour=0.5)
    assert apart(late, early) == pytest.approx(1.0 / 3.0)


def test_without_a_clock_the_hour_does_not_count() -> None:
    assert apart(replace(JOGGER, hour=None), JOGGER) == 0.0


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_the_farther_counts_less_and_something_else_not_at_all(one: float, other: float) -> None:
    near, far = kernel(np.array(sorted((one, other))))
    assert 0.0 <= far <= near <= 1.0
    assert (far == 0.0) or max(one, other) < 1.0
