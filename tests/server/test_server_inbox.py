from __future__ import annotations

import pytest
from tests.server.conftest import event

from everyframe.errors import SettingError
from everyframe.server.house import House
from everyframe.server.inbox import Inbox
from everyframe.store import Store
from everyframe.store.browsing import Order
from everyframe.types import StreamInfo, VerdictKind


def numbers(inbox: Inbox) -> list[int]:
    return [event.id for event in inbox.events]


def test_an_empty_inbox_holds_nothing_and_takes_every_key(house: House) -> None:
    inbox = Inbox(house, "ada")
    inbox.move(1)
    inbox.say(VerdictKind.REAL)
    assert inbox.undo() is False
    assert (inbox.current, inbox.total) == (None, 0)


def test_it_goes_through_events_and_back(house: House, found: list[int]) -> None:
    inbox = Inbox(house, "ada")
    assert numbers(inbox) == found[::-1]
    for steps, expected in ((1, 1), (1, 2), (1, 2), (-1, 1), (-5, 0)):
        inbox.move(steps)
        assert inbox.place == expected
    assert numbers(Inbox(house, "ada", order=Order.STRANGEST)) == [found[1], found[0], found[2]]


def test_a_verdict_goes_on_and_undoing_comes_back(house: House, found: list[int], store: Store) -> None:
    inbox = Inbox(house, "ada")
    inbox.say(VerdictKind.REAL, "cyclist")
    assert inbox.place == 1
    inbox.say(VerdictKind.FALSE)
    assert [verdict.kind for verdict in store.verdicts()] == [VerdictKind.REAL, VerdictKind.FALSE]
    assert inbox.undo() is True
    assert inbox.current is not None
    assert inbox.current.id == found[1]
    assert inbox.undo() is True
    assert inbox.current.id == found[2]
    assert store.verdicts() == []
    assert [verdict.undone_by for verdict in store.verdicts(standing=False)] == ["ada", "ada"]


def test_what_was_judged_goes_at_the_next_look_and_what_was_left_for_later_stays(
    house: House, found: list[int]
) -> None:
    inbox = Inbox(house, "ada")
    inbox.say(VerdictKind.NORMAL)
    inbox.say(VerdictKind.LATER)
    inbox.fetch()
    assert numbers(inbox) == [found[1], found[0]]
    assert numbers(Inbox(house, "eve", all_of_them=True)) == found[::-1]


def test_verdicts_are_undone_one_by_one_even_where_their_events_are_gone_from_the_list(
    house: House, found: list[int], store: Store
) -> None:
    inbox = Inbox(house, "ada")
    for _ in found:
        inbox.say(VerdictKind.FALSE)
    inbox.fetch()
    assert numbers(inbox) == []
    for number in found:
        assert inbox.undo() is True
        current = inbox.current
        assert current is not None
        assert current.id == number
        assert number not in inbox.verdicts
    assert store.verdicts() == []


def test_an_event_that_somebody_asks_for_is_there_even_if_it_was_judged(
    house: House, found: list[int]
) -> None:
    Inbox(house, "ada").say(VerdictKind.REAL)
    inbox = Inbox(house, "ada", at=found[2])
    assert inbox.current is not None
    assert inbox.current.id == found[2]


def test_only_what_is_real_has_a_name(house: House, found: list[int]) -> None:
    inbox = Inbox(house, "ada")
    with pytest.raises(SettingError, match="Only what is real has a name"):
        inbox.say(VerdictKind.FALSE, "cyclist")
    assert inbox.place == 0


def test_a_clip_that_was_being_written_is_there_at_the_next_look(house: House, store: Store) -> None:
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch", alert_p=0.001) as run:
        number = run.add_event(event())
        inbox = Inbox(house, "ada")
        assert inbox.renew() is False
        clip = store.folder / f"{number:04d}.mp4"
        clip.write_bytes(b"x")
        run.attach(number, clip=clip)
        before = inbox.current
        assert before is not None
        assert before.clip is None
        assert inbox.renew() is True
        assert inbox.events[0].clip == clip
        assert inbox.renew() is False
