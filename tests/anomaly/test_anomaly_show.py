"""The picture of what is normal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly import Baseline, Learner
from everyframe.anomaly.drawing import arrow, hue, shorten, width_of
from everyframe.anomaly.show import picture, usual_ways
from everyframe.types import StreamInfo

if TYPE_CHECKING:
    from tests.anomaly.conftest import Yard


def colourful(part: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Return the share of pixels that are clearly no grey."""
    return float((part.max(axis=-1).astype(int) - part.min(axis=-1) > 60).mean())


def test_is_a_colour_picture_of_a_size_to_look_at(yard_baseline: Baseline) -> None:
    drawn = picture(yard_baseline)
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    assert 900 <= drawn.shape[1] <= 1_600
    assert 500 <= drawn.shape[0] <= 1_600
    assert colourful(drawn) > 0.02
    np.testing.assert_array_equal(drawn, picture(yard_baseline))


def test_drawing_changes_nothing(yard_baseline: Baseline) -> None:
    before = yard_baseline.to_bytes()
    picture(yard_baseline)
    assert yard_baseline.to_bytes() == before


def test_with_a_clock_there_is_the_time_of_day(yard: Yard, yard_baseline: Baseline) -> None:
    nine = datetime(2024, 5, 6, 9, 0).timestamp()  # noqa: DTZ001 - local time of day
    clocked = picture(yard.learn(120.0, utc=nine))
    assert clocked.shape[0] > picture(yard_baseline).shape[0] + 200


def test_people_walk_where_the_colours_are(yard_baseline: Baseline) -> None:
    drawn = picture(yard_baseline)
    # The map of presence is at the top right; people walk along its middle.
    wide = drawn.shape[1]
    rows = [colourful(drawn[y : y + 10, wide - 300 : wide - 60]) for y in range(170, 400, 10)]
    assert max(rows) > 0.9
    assert rows[0] < 0.2


@pytest.mark.parametrize("size", [(160, 120), (640, 200), (120, 160), (128, 64)])
def test_pictures_of_every_form_fit(yard: Yard, size: tuple[int, int]) -> None:
    learner = Learner()
    learner.begin(StreamInfo("gate.mp4", *size))
    columns, rows = learner.settings.grid_size(size)
    for number, field in enumerate(yard.fields(10.0)):
        still = np.zeros((rows, columns), np.float32)
        learner.step(
            replace(
                field,
                index=number,
                velocity=np.zeros((rows, columns, 2), np.float32),
                moving=still,
                luma=still + 90,
                size=size,
            )
        )
    drawn = picture(learner.finish())
    assert drawn.shape[0] < 2_000
    assert drawn.shape[1] < 1_600


def test_names_too_long_for_the_page_are_cut() -> None:
    text = "rtsp://camera.example.org/" + "very-" * 60 + "long"
    short = shorten(text, 16, 400)
    assert short.endswith("…")
    assert width_of(short, 16) <= 400
    assert shorten("park.mp4", 16, 400) == "park.mp4"


@given(st.integers(0, 7))
def test_one_way_is_one_arrow(way: int) -> None:
    counts = np.zeros(8)
    counts[way] = 100.0
    ((angle, share),) = usual_ways(counts)
    assert angle == pytest.approx(way * np.pi / 4 % (2 * np.pi))
    assert share == pytest.approx(1.0)


@given(st.integers(0, 7), st.floats(0.3, 1.0))
def test_two_opposite_lanes_are_two_arrows(way: int, share: float) -> None:
    counts = np.zeros(8)
    counts[way], counts[(way + 4) % 8] = 100.0, 100.0 * share
    found = usual_ways(counts)
    assert len(found) == 2
    turned = abs(found[0][0] - found[1][0])
    assert turned == pytest.approx(np.pi)


def test_what_hardly_anybody_does_is_no_arrow() -> None:
    assert len(usual_ways(np.array([100.0, 0, 0, 0, 5.0, 0, 0, 0]))) == 1
    assert usual_ways(np.zeros(8)) == []


def test_directions_between_two_bins_are_between_them() -> None:
    ((angle, _),) = usual_ways(np.array([50.0, 50.0, 0, 0, 0, 0, 0, 0]))
    assert angle == pytest.approx(np.pi / 8, abs=0.01)


def test_opposite_directions_have_colours_that_differ_and_are_equally_bright() -> None:
    angles = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    colors = hue(angles).astype(float)
    assert np.abs(colors - np.roll(colors, 16, axis=0)).max(axis=1).min() > 60
    bright = colors @ np.array([0.2126, 0.7152, 0.0722])
    assert bright.max() / bright.min() < 1.6


def test_an_arrow_points_where_it_should() -> None:
    drawn = np.zeros((60, 60, 3), np.uint8)
    arrow(drawn, (30.0, 30.0), 0.0, 40.0, (255, 255, 255))
    heavy = drawn[..., 0].astype(float).sum(axis=0)
    assert heavy[40:52].sum() > heavy[8:20].sum()  # its head is on the right
