"""Verdicts are kept: who said what and when, also of those that were undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.store import Store
from everyframe.types import Event, StreamInfo, VerdictKind

INFO = StreamInfo("park.mp4", 64, 48)


@pytest.fixture
def store(kept_in: str, tmp_path: Path, make_event: Callable[..., Event]) -> Iterator[Store]:
    """Yield a store with events 1 and 2 of the park and 3 of the yard."""
    with Store(kept_in, folder=tmp_path) as kept:
        for camera, count in (("park", 2), ("yard", 1)):
            with kept.begin(camera, INFO, "watch") as run:
                for number in range(count):
                    run.add_event(make_event(start=10.0 * number))
                run.watched(100, 600.0)
        yield kept


def test_a_verdict_is_kept_with_who_and_when(store: Store) -> None:
    before = time.time()
    number = store.give_verdict(1, "real", "ada", name=" cyclist ")
    (verdict,) = store.verdicts()
    assert (verdict.id, verdict.event_id, verdict.kind, verdict.name, verdict.who) == (
        number,
        1,
        VerdictKind.REAL,
        "cyclist",
        "ada",
    )
    assert before <= verdict.utc <= time.time()
    assert (verdict.undone_utc, verdict.undone_by) == (None, None)


def test_an_undone_verdict_is_kept_and_counts_no_more(store: Store) -> None:
    number = store.give_verdict(1, VerdictKind.NORMAL, "ada")
    store.undo_verdict(number, "bob")
    assert store.verdicts() == []
    assert store.standing("park") == []
    (verdict,) = store.verdicts(standing=False)
    assert (verdict.who, verdict.undone_by) == ("ada", "bob")
    assert verdict.undone_utc is not None
    store.undo_verdict(number, "eve")
    assert store.verdicts(standing=False) == [verdict]


def test_who_thinks_again_undoes_what_was_said_before(store: Store) -> None:
    store.give_verdict(1, "later", "ada")
    store.give_verdict(2, "normal", "ada")
    store.give_verdict(1, "false", "bob")
    assert [(one.event_id, one.kind) for one in store.verdicts()] == [(2, "normal"), (1, "false")]
    assert [one.undone_by for one in store.verdicts(standing=False)] == ["bob", None, None]


def test_a_camera_has_its_own_verdicts(store: Store) -> None:
    store.give_verdict(1, "normal", "ada")
    store.give_verdict(3, "normal", "ada")
    assert [one.event_id for one in store.verdicts("park")] == [1]
    assert [one.event_id for one in store.verdicts("yard")] == [3]
    assert store.verdicts("attic") == []


def test_what_stands_is_what_a_watcher_takes(store: Store, make_event: Callable[..., Event]) -> None:
    store.give_verdict(1, "real", "ada", name="cyclist")
    (standing,) = store.standing("park")
    assert standing.sightings == make_event().sightings
    assert (standing.kind, standing.name) == (VerdictKind.REAL, "cyclist")
    assert standing.watched == 300.0  # ten minutes with two events


def test_an_event_comes_back_with_its_name_and_sightings(
    store: Store, make_event: Callable[..., Event]
) -> None:
    assert store.events()[0].event == make_event(start=0.0)


@pytest.mark.parametrize(
    ("event", "kind", "name", "says"),
    [
        (9, "real", "", "There is no event 9"),
        (1, "maybe", "", "There is no verdict 'maybe'; say real, normal, false, later"),
        (1, "normal", "jogger", "Only what is real has a name"),
        (1, "real", "x" * 201, "at most 200 characters"),
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(
    store: Store, event: int, kind: str, name: str, says: str
) -> None:
    with pytest.raises(SettingError, match=says):
        store.give_verdict(event, kind, "ada", name)
    assert store.verdicts(standing=False) == []


def test_a_verdict_that_is_not_there_cannot_be_undone(store: Store) -> None:
    with pytest.raises(SettingError, match="There is no verdict 5"):
        store.undo_verdict(5, "ada")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(VerdictKind), st.booleans()), max_size=6))
def test_at_most_one_verdict_stands_on_an_event(
    store: Store, deeds: list[tuple[int, VerdictKind, bool]]
) -> None:
    last = {one.event_id: one.kind for one in store.verdicts()}
    for event, kind, undone in deeds:
        number = store.give_verdict(event, kind, "ada")
        last[event] = kind
        if undone:
            store.undo_verdict(number, "ada")
            del last[event]
    assert {one.event_id: one.kind for one in store.verdicts()} == last
    assert len(store.verdicts()) == len(last)
