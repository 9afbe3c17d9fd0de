"""Whether the source's clock can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.health.wall import SIZE, Camera, play, told_once, wall

from everyframe.health import HealthEvent, HealthKind, HealthSettings, HealthWatcher
from everyframe.live.pacing import Paced
from everyframe.sources.gaps import mark_gaps
from everyframe.types import Frame, Gap, GapReason, StreamInfo

PICTURE = wall()


def clocked(utc: Callable[[float], float], seconds: float = 60.0, rate: float = 1.0) -> Iterator[Frame]:
    """Yield frames whose UTC is some function of their time."""
    for number in range(round(seconds * rate)):
        yield Frame(number, number / rate, PICTURE, utc(number / rate))


def watched(utc: Callable[[float], float], seconds: float = 60.0, rate: float = 1.0) -> list[HealthEvent]:
    watcher = HealthWatcher(StreamInfo("wall", *SIZE), HealthSettings(look_every=1e6))
    return play(watcher, clocked(utc, seconds, rate))


def test_a_clock_that_goes_back_is_told(watcher: HealthWatcher) -> None:
    back = [*Camera().frames(20.0, 1.0), *Camera(start=5.0).frames(20.0, 1.0)]
    told = play(watcher, mark_gaps(back, fps=1.0))
    told_once(told, HealthKind.WRONG_CLOCK, 20.0, 20.0)
    assert "went back" in told[0].text


def test_times_that_go_back_without_a_word_are_told_too(watcher: HealthWatcher) -> None:
    told = play(watcher, [*Camera().frames(20.0, 1.0), *Camera(start=5.0).frames(20.0, 1.0)])
    told_once(told, HealthKind.WRONG_CLOCK, 19.0, 19.0)
    assert told[0].text == "its clock went back by 14 s"


def test_a_recording_that_was_paused_is_no_wrong_clock(watcher: HealthWatcher) -> None:
    paused = [*Camera().frames(20.0, 1.0), *Camera(start=5000.0).frames(20.0, 1.0)]
    items = list(mark_gaps(paused, fps=1.0))
    assert Gap(19.0, 5000.0, GapReason.JUMP) in items
    assert play(watcher, items) == []


def test_a_recording_that_begins_anew_is_no_wrong_clock() -> None:
    class Again:
        info = Camera().info

        def __iter__(self) -> Iterator[Frame | Gap]:
            return Camera().frames(1.0)

        def close(self) -> None:
            """Nothing is open."""

    items = list(Paced(Again(), rounds=3))
    assert [item.reason for item in items if isinstance(item, Gap)] == [GapReason.JUMP] * 3
    assert play(HealthWatcher(StreamInfo("wall", *SIZE)), items) == []


def test_utc_that_leaps_is_told() -> None:
    told = watched(lambda time: 1e9 + time + (3600.0 if time >= 30.0 else 0.0))
    told_once(told, HealthKind.WRONG_CLOCK, 30.0, 30.0)
    assert told[0].text == "UTC leapt ahead by 60 min"
    told = watched(lambda time: 1e9 + time - (3600.0 if time >= 30.0 else 0.0))
    assert told[0].text == "UTC leapt back by 60 min"


def test_a_clock_that_drifts_is_told_until_it_is_steady() -> None:
    def drifting(time: float) -> float:
        return 1e9 + time + 0.05 * min(time, 600.0)

    told = watched(drifting, 1500.0, 0.5)
    assert [(event.kind, event.end is None) for event in told] == [
        (HealthKind.WRONG_CLOCK, True),
        (HealthKind.WRONG_CLOCK, False),
    ]
    assert told[0].text.startswith("its clock runs slow by ")
    assert 200.0 <= told[0].start <= 230.0
    assert 600.0 < (told[1].end or 0.0) < 1200.0


def test_a_clock_as_good_as_they_are_does_not_drift() -> None:
    assert watched(lambda time: 1e9 + time * 1.0001 + 0.5 * (time % 7 < 1), 2000.0, 0.5) == []


def test_a_live_source_is_held_against_the_clock_of_this_machine() -> None:
    now = iter(range(10_000))
    live = HealthWatcher(StreamInfo("wall", *SIZE, live=True), clock=lambda: 1e9 + next(now))
    told = play(live, clocked(lambda time: 1e9 + time - 7200.0, 30.0))
    assert [event.kind for event in told] == [HealthKind.WRONG_CLOCK]
    assert told[0].text == "its clock is 2.0 h behind this machine's"
    assert live.state == {HealthKind.WRONG_CLOCK}


def test_a_recording_may_be_of_any_day() -> None:
    assert watched(lambda time: 1e9 + time) == []
