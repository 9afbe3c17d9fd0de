"""Every sink keeps the same contract; each does its own besides."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from everyframe.errors import StorageError
from everyframe.store import Store
from everyframe.store.ring import FrameRing
from everyframe.store.sinks import Evidence, JsonLinesSink, Sink, StoreSink, json_line
from everyframe.types import Deviation, Event, Frame, StreamInfo

MakeFrame = Callable[..., Frame]
MakeEvent = Callable[..., Event]
INFO = StreamInfo("park.mp4", 64, 48)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "events") as store:
        yield store


@pytest.fixture
def store_sink(store: Store) -> Iterator[StoreSink]:
    with store.begin("park", INFO, "watch") as run:
        yield StoreSink(run)


@pytest.fixture(params=["store", "json"])
def sink(request: pytest.FixtureRequest) -> Sink:
    if request.param == "json":
        return JsonLinesSink(io.StringIO())
    stored: StoreSink = request.getfixturevalue("store_sink")
    return stored


class Replay:
    def __init__(self, make: MakeFrame) -> None:
        self.make = make

    def between(self, start: float, end: float) -> Iterator[Frame]:
        return (self.make(i, i / 10) for i in range(100) if start <= i / 10 <= end)


def test_a_sink_takes_events_with_any_evidence(
    sink: Sink, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    assert isinstance(sink, Sink)
    heat = np.ones((3, 4), np.float32)
    assert sink.deliver(make_event(), Evidence()) is True
    assert sink.deliver(make_event(), Evidence(frame=make_frame(0, 0.0))) is True
    assert (
        sink.deliver(make_event(), Evidence(make_frame(0, 0.0), heat, Replay(make_frame), None, 10.0)) is True
    )
    assert sink.deliver(make_event(), Evidence(ring=FrameRing())) is True
    sink.advance(1000.0)
    sink.close()
    sink.close()


def test_the_drawing_of_why_is_kept_with_the_event(
    store: Store, store_sink: StoreSink, make_event: MakeEvent
) -> None:
    drawn = np.zeros((20, 30, 3), np.uint8)
    drawn[5:9, :, 0] = 255
    store_sink.deliver(make_event(), Evidence(why=drawn))
    store_sink.deliver(make_event(), Evidence())
    first, second = store.events()
    by_id = {entry.id: entry.why for entry in (first, second)}
    path = by_id[min(by_id)]
    assert by_id[max(by_id)] is None
    assert path is not None
    kept = cv2.imread(str(path))
    assert kept is not None
    assert (kept[:, :, ::-1] == drawn).all()


def test_a_sink_of_somebody_else_needs_deliver_only(make_event: MakeEvent) -> None:
    class Bell(Sink):
        rung = 0

        def deliver(self, event: Event, evidence: Evidence) -> bool:
            self.rung += 1
            return True

    bell = Bell()
    assert bell.deliver(make_event(), Evidence())
    bell.advance(1.0)
    bell.close()
    assert bell.rung == 1


def test_the_store_gets_row_thumbnail_and_clip(
    store: Store, store_sink: StoreSink, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    store_sink.deliver(
        make_event(start=4.0), Evidence(make_frame(0, 5.0), None, Replay(make_frame), None, 10.0)
    )
    (kept,) = store.events()
    assert [kept.id] == store_sink.delivered
    assert kept.thumbnail == store.folder / "0001.jpg"
    assert kept.clip == store.folder / "0001.mp4"
    picture = cv2.imread(str(kept.thumbnail))
    assert picture is not None
    assert picture.shape == (360, 480, 3)
    with av.open(str(kept.clip)) as container:
        assert container.streams.video[0].frames == 81  # 1.0 to 9.0 seconds, ten in a second


def test_a_live_clip_waits_for_the_seconds_after_the_event(
    store: Store, store_sink: StoreSink, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    ring = FrameRing(seconds=30.0)
    for index in range(60):
        ring.add(make_frame(index, index / 10))
    store_sink.deliver(
        make_event(start=3.0), Evidence(make_frame(0, 4.0), None, None, ring, 10.0)
    )  # until 5.0
    assert [(kept.clip, kept.thumbnail is not None) for kept in store.events()] == [(None, True)]
    store_sink.advance(7.9)
    assert store.events()[0].clip is None
    for index in range(60, 90):
        ring.add(make_frame(index, index / 10))
    store_sink.advance(8.0)
    (kept,) = store.events()
    with av.open(str(kept.clip)) as container:
        assert container.streams.video[0].frames == 81


def test_closing_writes_the_live_clips_that_still_wait(
    store: Store, store_sink: StoreSink, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    ring = FrameRing(seconds=30.0)
    for index in range(40):
        ring.add(make_frame(index, index / 10))
    store_sink.deliver(make_event(start=1.0), Evidence(ring=ring))
    store_sink.close()
    assert store.events()[0].clip == store.folder / "0001.mp4"


def test_clips_go_to_a_folder_of_ones_own(
    store: Store, tmp_path: Path, make_event: MakeEvent, make_frame: MakeFrame
) -> None:
    with store.begin("park", INFO, "watch") as run:
        StoreSink(run, tmp_path / "mine" / "clips").deliver(make_event(), Evidence(frame=make_frame(0, 0.0)))
    assert store.events()[0].thumbnail == tmp_path / "mine" / "clips" / "0001.jpg"


def test_a_line_of_json_says_everything(make_event: MakeEvent) -> None:
    stream = io.StringIO()
    odd = Deviation("speed", math.inf, np.float32(2.0), "px/s", "moves – fast", math.nan)  # type: ignore[arg-type]
    JsonLinesSink(stream).deliver(make_event(reason="two\nlines", deviations=(odd,)), Evidence())
    assert stream.getvalue().count("\n") == 1
    said = json.loads(stream.getvalue())
    assert said["reason"] == "two\nlines"
    assert said["box"] == {"x": 10, "y": 12, "width": 20, "height": 16}
    assert said["duration"] == 2.0
    assert said["deviations"][0]["value"] is None
    assert said["deviations"][0]["normal"] == 2.0
    assert json.loads(json_line(make_event(), {"clip": Path("a.mp4")}))["clip"] == "a.mp4"


def test_a_reader_that_has_gone_is_not_an_error(make_event: MakeEvent) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", buffering=1)
    try:
        assert JsonLinesSink(stream).deliver(make_event(), Evidence()) is False
    finally:
        with pytest.raises(BrokenPipeError):
            stream.close()


def test_a_closed_output_is_said(make_event: MakeEvent) -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(StorageError, match="closed already"):
        JsonLinesSink(stream).deliver(make_event(), Evidence())
