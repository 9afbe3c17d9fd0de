"""Learning: one pass, bounded memory, any number of sources."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from everyframe.anomaly import Learner, learning
from everyframe.errors import BaselineMismatch, SettingError
from everyframe.types import StreamInfo

if TYPE_CHECKING:
    from tests.anomaly.conftest import Yard


def test_less_than_a_second_is_nothing_to_learn_from(yard: Yard) -> None:
    learner = Learner()
    with pytest.raises(SettingError, match="nothing was learned"):
        learner.finish()
    learner.begin(yard.info)
    for field in yard.fields(0.9):
        learner.step(field)
    with pytest.raises(SettingError, match="less than a second"):
        learner.finish()


def test_a_picture_in_which_nothing_moves_can_be_learned(yard: Yard) -> None:
    learner = Learner()
    learner.begin(yard.info)
    for field in yard.fields(30.0, normal=False):
        learner.step(field)
    baseline = learner.finish()
    assert baseline.detector.exposure_.sum() == pytest.approx(149, abs=1)
    assert baseline.detector.visits_.sum() == 0


def test_several_sources_make_one_baseline(yard: Yard) -> None:
    learner = Learner()
    for number in range(3):
        learner.begin(StreamInfo(f"day{number}.mp4", 160, 120))
        for field in yard.fields(60.0, seed=number):
            learner.step(field)
    about = learner.finish().about
    assert about.sources == ["day0.mp4", "day1.mp4", "day2.mp4"]
    # The break between two sources is no footage.
    assert about.seconds == pytest.approx(3 * 59.8, abs=0.2)


def test_sources_of_another_size_are_refused(yard: Yard) -> None:
    learner = Learner()
    learner.begin(yard.info)
    with pytest.raises(BaselineMismatch, match=r"gate.mp4 is 320x240.*160x120"):
        learner.begin(StreamInfo("gate.mp4", 320, 240))


def test_the_order_of_two_days_hardly_matters(yard: Yard) -> None:
    def learned(*seeds: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        learner = Learner()
        for seed in seeds:
            learner.begin(yard.info)
            for field in yard.fields(150.0, seed=seed):
                learner.step(field)
        tables = learner.finish().detector.tables()
        return np.asarray(tables["speed"][14:17, 5:35])  # where people walk

    np.testing.assert_allclose(learned(1, 2), learned(2, 1), rtol=0.1)


def test_both_halves_are_held_back_from_each_other_and_joined(yard: Yard) -> None:
    baseline = yard.learn(120.0)
    # All footage is in the detector, and all of it is calibrated on but for what is left over at the ends.
    assert baseline.detector.exposure_.sum() == pytest.approx(120 * 5, rel=0.02)
    assert baseline.tail.count >= 0.8 * 120 / 10


def test_a_minute_is_dealt_to_both_halves_too(yard: Yard) -> None:
    learner = Learner()
    learner.begin(yard.info)
    for field in yard.fields(60.0):
        learner.step(field)
    baseline = learner.finish()
    seen = [float(fold.maps.exposure_.sum()) for fold in learner._folds]
    assert min(seen) > 0.25 * sum(seen)
    # What the other half had learned makes held-back walkers about as fast as they should be.
    assert baseline.attributes[0].top.max() < 3.0


def test_memory_is_bounded_and_every_moment_counts_all_the_same(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = yard.learn(240.0)
    monkeypatch.setattr(learning, "_MOST_VALUES", 60_000)
    learner = Learner()
    learner.begin(yard.info)
    for field in yard.fields(240.0):
        learner.step(field)
    moment = 60_000 / 20  # a twelfth of what is seen, and a little more in a busy one
    assert 60_000 <= learner._moments.values < 60_000 + 3 * moment
    capped = learner.finish()
    # Once the memory is full, moments are scored as they come: about as in the end.
    assert capped.tail.count == whole.tail.count
    assert capped.tail.start == pytest.approx(whole.tail.start, abs=1.0)
    for name, value in whole.detector.state().items():
        np.testing.assert_array_equal(capped.detector.state()[name], value)


def test_hours_are_counted_by_the_clock(yard: Yard) -> None:
    nine = datetime(2024, 5, 6, 8, 59, 30).timestamp()  # noqa: DTZ001 - local time of day
    about = yard.learn(60.0, utc=nine).about
    assert about.hours[8] == pytest.approx(30.0, abs=0.5)
    assert about.hours[9] == pytest.approx(29.8, abs=0.5)
    assert about.hours[24] == 0.0


def test_a_pause_is_no_footage(yard: Yard) -> None:
    learner = Learner()
    learner.begin(yard.info)
    for field in yard.fields(30.0):
        learner.step(field)
    learner.pause()
    for field in yard.fields(30.0, start=1_000.0):
        learner.step(field)
    assert learner.finish().about.seconds == pytest.approx(59.6, abs=0.2)


def test_learning_can_go_on_after_a_look_at_the_result(yard: Yard) -> None:
    learner = Learner()
    learner.begin(yard.info)
    for number, field in enumerate(yard.fields(60.0)):
        learner.step(field)
        if number == 150:
            assert learner.finish().about.seconds == pytest.approx(30.0, abs=0.2)
    assert learner.finish().about.seconds == pytest.approx(59.8, abs=0.2)
