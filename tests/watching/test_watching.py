"""Learning and watching from end to end, on the synthetic park."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe import watching
from everyframe.anomaly import Baseline
from everyframe.errors import BaselineMismatch, SettingError
from everyframe.sources.scene import ParkScene
from everyframe.store import Evidence, Sink, Store
from everyframe.types import Event, Gap, GapReason, Source
from everyframe.watcher import Watcher
from everyframe.watching import Progress, learn, watch

pytestmark = pytest.mark.xdist_group("watching")  # what they share is drawn once

if TYPE_CHECKING:
    from tests.watching.conftest import Tape


def alerts(source: Source, baseline: Baseline, **how: Any) -> list[Event]:
    return list(watch(source, baseline, **how))


class Ear(Sink):
    """A sink that remembers what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Event, Evidence]] = []
        self.closed = 0

    def deliver(self, event: Event, evidence: Evidence) -> bool:
        self.heard.append((event, evidence))
        return True

    def close(self) -> None:
        self.closed += 1


def test_a_cyclist_is_alerted_and_normal_minutes_are_not(
    park_baseline: Baseline, quiet: Tape, ride: Tape
) -> None:
    assert alerts(quiet, park_baseline) == []
    (truth,) = ride.truth
    found = alerts(ride, park_baseline)
    assert found
    for event in found:
        assert truth.start - 1.0 <= event.start <= event.end <= truth.end + 1.0
        assert event.p_value < 1e-3
    assert max(found, key=lambda event: event.score).deviations[0].attribute == "speed"


def test_the_box_is_where_the_cyclist_is(park_baseline: Baseline, ride: Tape) -> None:
    best = max(alerts(ride, park_baseline), key=lambda event: event.score)
    scene = ParkScene(seed=6, size=(240, 136), fps=10, script="cyclist")
    (rider,) = (actor for actor in scene.truth_at(round(best.peak * 10)) if actor.kind == "cyclist")
    assert best.box.overlap(rider.box) > 0.1


def test_the_same_footage_gives_the_same_events(park_baseline: Baseline, ride: Tape) -> None:
    assert alerts(ride, park_baseline) == alerts(ride, park_baseline)


def high_speeds(baseline: Baseline, above: NDArray[np.floating]) -> float:
    """Return how much was counted at speeds above those, place by place."""
    histograms = baseline.detector.speeds_
    edges = histograms.low * (histograms.high / histograms.low) ** (
        np.arange(histograms.bins) / histograms.bins
    )
    return float(histograms.counts[edges[None, None] > above[..., None]].sum())


def test_adaptation_learns_from_what_is_normal_and_never_from_what_was_alerted(
    park_baseline: Baseline, quiet: Tape, ride: Tape
) -> None:
    before = park_baseline.to_bytes()
    watcher = Watcher(park_baseline, quiet.info)
    found = []
    for tape, number in ((quiet, 0), (ride, 1), (quiet, 2)):
        for item in tape.later(100.0 * number):
            found += watcher.step(item)
    assert [event for event in found if 100 < event.event.start < 200]
    learned = watcher.baseline
    assert learned.detector.exposure_.sum() > park_baseline.detector.exposure_.sum() + 200
    fast = 1.5 * park_baseline.detector.tables()["fastest"]
    assert high_speeds(learned, fast) <= high_speeds(park_baseline, fast)
    assert park_baseline.to_bytes() == before


def test_without_adaptation_the_baseline_stays_as_it_is(park_baseline: Baseline, quiet: Tape) -> None:
    watcher = Watcher(park_baseline, quiet.info, adapt=False)
    for item in (*quiet, *quiet.later(100.0)):
        watcher.step(item)
    for name, value in park_baseline.detector.state().items():
        np.testing.assert_array_equal(watcher.baseline.detector.state()[name], value)
    np.testing.assert_array_equal(watcher.baseline.background.looks, park_baseline.background.looks)


def test_stopping_to_learn_returns_what_was_learned(quiet: Tape) -> None:
    stop = threading.Event()

    def progress(done: Progress) -> None:
        if done.seconds > 20.0:
            stop.set()

    baseline = learn(quiet, progress=progress, stop=stop)
    assert baseline.about.seconds == pytest.approx(20.0, abs=1.0)
    assert Baseline.from_bytes(baseline.to_bytes()).about == baseline.about


def test_stopping_before_there_is_anything_to_learn_says_so(quiet: Tape) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(SettingError, match="nothing was learned"):
        learn(quiet, stop=stop)


def test_stopping_to_watch_still_yields_what_is_going_on(park_baseline: Baseline, ride: Tape) -> None:
    stop = threading.Event()
    (truth,) = ride.truth

    def progress(done: Progress) -> None:
        if done.seconds > truth.start + 6.0:
            stop.set()

    found = list(watch(ride, park_baseline, stop=stop, progress=progress))
    assert found
    assert found[-1].end < truth.start + 8.0


def test_leaving_the_loop_closes_source_and_sinks(
    park_baseline: Baseline, ride: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = ride.later(0.0)
    monkeypatch.setattr(watching, "open_source", lambda *_, **__: opened)
    ear = Ear()
    events = watch("rtsp://camera/stream", park_baseline, sinks=[ear])
    next(events)
    assert (opened.closed, ear.closed) == (0, 0)
    events.close()  # type: ignore[attr-defined]
    assert opened.closed == 1
    assert ear.closed == 1


def test_a_source_that_was_open_before_stays_open(park_baseline: Baseline, quiet: Tape) -> None:
    tape = quiet.later(0.0)
    alerts(tape, park_baseline)
    assert tape.closed == 0


def test_a_sink_that_fails_closes_everything_and_is_not_silent(
    park_baseline: Baseline, ride: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf(Ear):
        def deliver(self, event: Event, evidence: Evidence) -> bool:
            raise RuntimeError("no")

    opened = ride.later(0.0)
    monkeypatch.setattr(watching, "open_source", lambda *_, **__: opened)
    deaf = Deaf()
    with pytest.raises(RuntimeError, match="no"):
        list(watch("camera", park_baseline, sinks=[deaf]))
    assert (opened.closed, deaf.closed) == (1, 1)


def test_sinks_get_the_picture_of_the_peak(park_baseline: Baseline, ride: Tape) -> None:
    ear = Ear()
    found = list(watch(ride, park_baseline, sinks=[ear]))
    assert [event for event, _ in ear.heard] == found
    for event, evidence in ear.heard:
        assert evidence.frame is not None
        assert evidence.frame.time == event.peak
        assert evidence.heat is not None
        assert evidence.heat.max() > 0.9


def test_the_run_gets_scores_gaps_and_totals(park_baseline: Baseline, quiet: Tape, tmp_path: Path) -> None:
    gap = Gap(10.0, 10.5, GapReason.MISSING, 4)
    tape = quiet.with_gap(gap)
    with Store(tmp_path / "store.db") as store, store.begin("park", tape.info, "watch") as run:
        list(watch(tape, park_baseline, run=run))
    with Store(tmp_path / "store.db") as store:
        (stored,) = store.runs()
        scores = store.scores(stored.id)
        assert store.gaps(stored.id) == [gap]
        assert 55 <= len(scores) <= 61  # the highest of each second
        assert all(score.p_value is not None and 0 < score.p_value <= 1 for score in scores)
        assert stored.frames == len(list(tape)) - 1
        assert stored.seconds == pytest.approx(59.9, abs=0.2)


def test_the_status_says_how_much_normal_footage_is_missing(park_baseline: Baseline, quiet: Tape) -> None:
    strict = Watcher(park_baseline, quiet.info, budget="1/week").status
    assert strict.calibrating
    assert strict.missing == pytest.approx(7 * 86_400 / 10 - park_baseline.calibrated_seconds)
    loose = Watcher(park_baseline, quiet.info, budget="100/hour").status
    assert not loose.calibrating
    assert loose.missing == 0.0


def test_a_baseline_for_another_size_is_refused_at_once(park_baseline: Baseline) -> None:
    scene = ParkScene(duration=1.0, size=(320, 180))
    with pytest.raises(BaselineMismatch, match="320x180"):
        list(watch(scene, park_baseline))


def test_another_view_is_refused_after_some_seconds(park_baseline: Baseline, knocked: Tape) -> None:
    (truth,) = knocked.truth
    elsewhere = knocked.part(truth.start + 0.2, truth.end - 0.2)
    with pytest.raises(BaselineMismatch, match=r"another view.*everyframe learn"):
        list(watch(elsewhere, park_baseline))


def test_an_unknown_detector_is_refused(quiet: Tape) -> None:
    with pytest.raises(SettingError, match="there is density"):
        learn(quiet, detector="magic")


def test_sources_of_another_size_are_not_mixed(quiet: Tape, record: Callable[[ParkScene], Tape]) -> None:
    other = record(ParkScene(duration=2.0, size=(320, 180)))
    with pytest.raises(BaselineMismatch, match="320x180"):
        learn([quiet.part(0.0, 3.0), other])


def test_alerts_say_what_the_thing_is_on_once_the_ground_is_known(ride: Tape, tmp_path: Path) -> None:
    from tests.vision.dense.small_segmenters import by_colour

    from everyframe.vision.dense.classes import Classes

    colours = Classes(("path", "lawn", "tree"), ((158, 145, 121), (75, 108, 52), (45, 58, 25)))
    (tmp_path / "park.onnx").write_bytes(by_colour(colours))
    learned = learn(ParkScene(3, 60.0, 5, (240, 136)), ground=tmp_path / "park.onnx")
    assert learned.grounds is not None
    assert learned.grounds.names == ("path",)
    assert 0.05 < (learned.grounds.places == 0).mean() < 0.5
    found = alerts(ride, Baseline.from_bytes(learned.to_bytes()), budget="1/hour")
    assert found
    assert any(event.reason.endswith(", on the path") for event in found)
