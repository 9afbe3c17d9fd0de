"""What was wrong with the cameras comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from everyframe.health import HealthEvent, HealthKind
from everyframe.store import Store
from everyframe.types import StreamInfo

DARK = HealthEvent(HealthKind.DARK, 10.0, None, 1_000.0, None, "as dark as 3 of 255")


@pytest.fixture
def store(kept_in: str, tmp_path: Path) -> Iterator[Store]:
    with Store(kept_in, folder=tmp_path) as made:
        made.begin("gate", StreamInfo("gate", 64, 48), "watch").finish()
        yield made


def test_a_fault_is_one_row_from_beginning_to_end(store: Store) -> None:
    store.note_health("gate", DARK)
    (lasting,) = store.health("gate")
    assert (lasting.kind, lasting.start_utc, lasting.end_utc) == (HealthKind.DARK, 1_000.0, None)
    store.note_health("gate", replace(DARK, end=40.0, end_utc=1_030.0, text="as dark as 3 of 255 for 30 s"))
    (over,) = store.health("gate")
    assert (over.id, over.end_utc, over.text) == (lasting.id, 1_030.0, "as dark as 3 of 255 for 30 s")


def test_faults_are_found_by_the_time_into_which_they_lasted(store: Store) -> None:
    store.note_health("gate", replace(DARK, end=40.0, end_utc=1_030.0))
    store.note_health("gate", replace(DARK, kind=HealthKind.MOVED, utc=2_000.0))
    assert [one.kind for one in store.health(since=1_020.0, until=1_500.0)] == [HealthKind.DARK]
    assert [one.kind for one in store.health(since=5_000.0)] == [HealthKind.MOVED]
    assert store.health("another") == []


def test_what_nobody_ended_is_ended_when_its_camera_is_watched_again(store: Store) -> None:
    store.note_health("gate", DARK)
    store.close_health("gate")
    (over,) = store.health()
    assert over.end_utc is not None
    store.note_health("gate", replace(DARK, utc=3_000.0))
    assert len(store.health()) == 2


def test_a_camera_that_nobody_knows_has_no_faults(store: Store) -> None:
    store.note_health("nobody", DARK)
    store.close_health("nobody")
    assert store.health() == []
