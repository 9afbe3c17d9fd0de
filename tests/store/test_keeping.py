"""Which clips go when they are old or there is no room, and which stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.store import Store
from everyframe.store.keeping import Clip, ClipRoom, chosen, clips_of, make_room_for_clips
from everyframe.types import Event, StreamInfo, VerdictKind

NOW = 1_700_000_000.0
DAY = 86_400.0
EVERYTHING = ClipRoom(math.inf, math.inf, math.inf, 0.0)

CLIPS = st.lists(
    st.builds(
        lambda age, size, verdict: (NOW - age * DAY, size, verdict),
        st.integers(0, 100),
        st.integers(0, 50),
        st.sampled_from([None, *VerdictKind]),
    ),
    max_size=25,
).map(lambda rows: [Clip(number, Path(f"{number}.mp4"), *row) for number, row in enumerate(rows)])
ROOMS = st.builds(
    lambda days, real, size, free: ClipRoom(days * DAY, real, size, free),
    st.integers(0, 120),
    st.sampled_from([math.inf, 50.0 * DAY, 0.0]),
    st.integers(0, 600),
    st.integers(0, 100),
)


@given(CLIPS, ROOMS, st.integers(0, 100))
def test_what_goes_is_what_must_and_no_more(clips: list[Clip], room: ClipRoom, free: int) -> None:
    going = chosen(clips, room, free, NOW)
    assert len(set(going)) == len(going)
    staying = [clip for clip in clips if clip not in going]
    # What is too old goes, and what is kept for ever stays.
    assert not any(room.outlived(clip, NOW) for clip in staying)
    assert not any(room.keeps_for_ever(clip) for clip in going)
    # There is room now, or nothing is left that may go.
    size = sum(clip.size for clip in staying)
    left = free + sum(clip.size for clip in going)
    fits = size <= room.size and left >= room.free
    assert fits or all(room.keeps_for_ever(clip) for clip in staying)
    # Of those that were not too old, none went in vain, and none before one that matters less or is older.
    pressed = [clip for clip in going if not room.outlived(clip, NOW)]
    if pressed:
        last = pressed[-1]
        assert size + last.size > room.size or left - last.size < room.free
        may_go = [clip for clip in staying if not room.keeps_for_ever(clip)]
        assert all((last.rank, last.utc) <= (clip.rank, clip.utc) for clip in may_go)


def test_false_alarms_go_first_then_normal_then_unjudged_and_real_last() -> None:
    verdicts = [VerdictKind.REAL, None, VerdictKind.NORMAL, VerdictKind.FALSE, VerdictKind.LATER]
    # The less a clip matters, the newer it is: what a person said counts more than age.
    clips = [Clip(number, Path(str(number)), NOW + number, 10, kind) for number, kind in enumerate(verdicts)]
    order = chosen(clips, ClipRoom(math.inf, 1e6, 0.0, 0.0), 0.0, NOW)
    assert [clip.verdict for clip in order] == [
        VerdictKind.FALSE,
        VerdictKind.NORMAL,
        None,
        VerdictKind.LATER,
        VerdictKind.REAL,
    ]


@pytest.fixture
def filled(kept_in: str, tmp_path: Path, make_event: Callable[..., Event]) -> Store:
    """Return a store with four clips of 10 bytes: false, none, real, and a false one taken back."""
    store = Store(kept_in, folder=tmp_path / "files") if "://" in kept_in else Store(kept_in)
    store.folder.mkdir(parents=True, exist_ok=True)
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
        for _ in range(4):
            number = run.add_event(make_event())
            clip = store.folder / f"{number:04d}.mp4"
            clip.write_bytes(b"0123456789")
            clip.with_suffix(".jpg").write_bytes(b"picture")
            run.attach(number, clip=clip, thumbnail=clip.with_suffix(".jpg"))
    numbers = [event.id for event in store.events()]
    store.give_verdict(numbers[0], "false", "ada")
    store.give_verdict(numbers[2], "real", "ada")
    store.undo_verdict(store.give_verdict(numbers[3], "false", "ada"), "ada")
    return store


def test_the_least_important_clip_is_removed_and_its_event_and_picture_stay(filled: Store) -> None:
    first, *others = filled.events()
    assert [clip.verdict for clip in clips_of(filled)] == [VerdictKind.FALSE, None, VerdictKind.REAL, None]
    assert make_room_for_clips(filled, EVERYTHING) == 0
    assert make_room_for_clips(filled, ClipRoom(math.inf, math.inf, 35.0, 0.0)) == 1
    assert first.clip is not None
    assert not first.clip.exists()
    kept = filled.events()
    assert [event.clip for event in kept] == [None, *(event.clip for event in others)]
    assert kept[0].thumbnail is not None
    assert kept[0].thumbnail.exists()
    assert all(event.clip is not None and event.clip.exists() for event in others)
    filled.close()


def test_old_clips_go_and_real_ones_are_kept_longer_or_for_ever(filled: Store) -> None:
    in_a_week = clips_of(filled)[-1].utc + 7 * DAY
    for_ever = ClipRoom(DAY, math.inf, 0.0, math.inf)  # and there is no room at all
    assert make_room_for_clips(filled, for_ever, in_a_week) == 3
    assert [clip.verdict for clip in clips_of(filled)] == [VerdictKind.REAL]
    assert make_room_for_clips(filled, ClipRoom(DAY, 30 * DAY, 1e9, 0.0), in_a_week) == 0
    assert make_room_for_clips(filled, ClipRoom(DAY, 6 * DAY, 1e9, 0.0), in_a_week) == 1
    filled.close()


def test_nothing_but_clips_of_events_is_ever_removed(
    tmp_path: Path, make_event: Callable[..., Event]
) -> None:
    elsewhere = tmp_path / "mine.mp4"
    elsewhere.write_bytes(b"0123456789")
    with Store(tmp_path / "store") as store:
        with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
            run.add_event(make_event(), clip=elsewhere)
            run.add_event(make_event(), clip=store.folder / "gone.mp4")
        export = store.folder / "exports" / "for-the-police.mp4"
        export.parent.mkdir(parents=True)
        export.write_bytes(b"0123456789")
        assert make_room_for_clips(store, ClipRoom(0.0, 0.0, 0.0, math.inf), NOW * 2) == 0
        assert elsewhere.exists()
        assert export.exists()
