from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from everyframe.cli.lines import calibrating, camera_name, event_line, when
from everyframe.types import Box, Event, StreamInfo

NOW = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


def event(utc: float | None = None) -> Event:
    return Event(131.0, 135.0, 133.0, Box(1, 2, 3, 4), 7.0, 0.000312, "moves [2.6] times faster", utc=utc)


def test_a_line_says_when_what_how_rare_and_where_the_clip_is() -> None:
    line = event_line(event(), Path("events/0007.mp4")).plain
    assert line == "2:11  moves [2.6] times faster (p = 0.0003)   clip: events/0007.mp4"


def test_without_a_clip_there_is_none_in_the_line() -> None:
    assert "clip" not in event_line(event(), None).plain


def test_today_is_said_by_the_clock_and_other_days_by_their_date() -> None:
    today = datetime(2026, 3, 2, 14, 2, 11, tzinfo=UTC).timestamp()
    assert when(event(today), NOW) == "14:02:11"
    assert when(event(today - 86400), NOW) == "2026-03-01 14:02:11"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/videos/park-monday.mp4", "park-monday"),
        ("C:\\videos\\door.mp4", "door"),
        ("frames/", "frames"),
        ("/dev/video0", "video0"),
        ("rtsp://me:***@camera:554/stream?token=***", "camera:554/stream"),
        ("http://host", "host"),
        ("synthetic:park?seed=3&script=normal", "park"),
    ],
)
def test_a_camera_is_named_by_its_source(source: str, name: str) -> None:
    assert camera_name(StreamInfo(source, 10, 10)) == name


def test_calibrating_says_how_much_is_missing() -> None:
    assert calibrating(4000.0, "2/day").startswith("calibrating: 1 h 7 min more of normal footage")
