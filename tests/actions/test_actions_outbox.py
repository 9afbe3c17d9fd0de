"""The outbox and the courier: a row first, delivered at least once, given up in the end, never lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from tests.actions.outside import Clock, Receiver, wait_until

from everyframe.actions import (
    Courier,
    Destination,
    Digest,
    Message,
    MessageKind,
    MessageState,
    News,
    Outbox,
    Patience,
)
from everyframe.errors import DeliveryError, SettingError
from everyframe.sources import Backoff
from everyframe.store import Store, StoreSink
from everyframe.store.sinks import Evidence
from everyframe.types import Event, StreamInfo


class Pigeon:
    """A carrier whose flights go as they are told to: each entry is the error of one."""

    def __init__(self, *faults: DeliveryError | None) -> None:
        self.faults = list(faults)
        self.flights: list[list[str]] = []
        self.closed = False

    def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
        self.flights.append([message.title for message in messages])
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return []

    def close(self) -> None:
        self.closed = True


AWAY = DeliveryError("away")
Make = Callable[..., Courier]


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store)


@pytest.fixture
def courier(outbox: Outbox, clock: Clock) -> Make:
    def make(*pigeons: Pigeon, **patience: float | int | Backoff) -> Courier:
        destinations = [Destination(f"to{n}", carrier=pigeon) for n, pigeon in enumerate(pigeons)]
        return Courier(outbox, destinations, patience=Patience(**patience), now=clock)  # type: ignore[arg-type]

    return make


def say(outbox: Outbox, clock: Clock, title: str, to: str = "to0", **others: object) -> Message:
    values = {"destination": to, "kind": MessageKind.ALERT, "title": title, "created_utc": clock()}
    message = Message(**{**values, **others})  # type: ignore[arg-type]
    outbox.add(message)
    return message


def states(outbox: Outbox) -> list[MessageState]:
    return [entry.state for entry in reversed(outbox.messages())]


def test_a_message_arrives_once_and_is_kept_as_delivered(outbox: Outbox, clock: Clock, courier: Make) -> None:
    pigeon = Pigeon()
    say(outbox, clock, "hello")
    there = courier(pigeon)
    assert there.step() == 1
    assert there.step() == 0
    assert pigeon.flights == [["hello"]]
    (kept,) = outbox.messages()
    assert (kept.state, kept.attempts, kept.ended_utc) == (MessageState.DELIVERED, 1, clock())


def test_what_does_not_arrive_is_tried_again_after_longer_and_longer_waits(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    pigeon = Pigeon(*[AWAY] * 7)
    say(outbox, clock, "hello")
    there = courier(pigeon, backoff=Backoff(1.0, 16.0))
    began, tried = clock(), []
    while states(outbox) == [MessageState.WAITING]:
        before = len(pigeon.flights)
        there.step()
        if len(pigeon.flights) > before:
            tried.append(clock() - began)
        clock.utc += 0.25
    waits = [after - before for before, after in pairwise(tried)]
    for number, wait in enumerate(waits):
        longest = min(16.0, 2.0**number)
        assert longest / 2 <= wait <= longest + 0.5
    assert states(outbox) == [MessageState.DELIVERED]


def test_a_message_is_given_up_after_so_many_attempts_and_says_why(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    say(outbox, clock, "hello")
    there = courier(Pigeon(*[AWAY] * 3), attempts=3)
    for _ in range(3):
        there.step()
        clock.utc += 3600.0
    (dead,) = outbox.messages(MessageState.DEAD)
    assert (dead.error, dead.attempts) == ("away", 3)
    assert outbox.counts() == {("to0", MessageState.DEAD): 1}


def test_a_message_is_given_up_at_an_age_that_counts_from_when_it_was_wanted(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    made = Message("to0", MessageKind.ALERT, "tomorrow", clock())
    outbox.add(made, clock() + 90_000.0)
    say(outbox, clock, "today")
    pigeon = Pigeon(AWAY)
    there = courier(pigeon, age=86_400.0)
    there.step()
    clock.utc += 90_001.0
    there.step()
    assert pigeon.flights == [["today"], ["tomorrow"]]
    assert states(outbox) == [MessageState.DELIVERED, MessageState.DEAD]
    (dead,) = outbox.messages(MessageState.DEAD)
    assert dead.error == "older than 24 hours (away)"


def test_what_has_expired_is_not_delivered_any_more(outbox: Outbox, clock: Clock, courier: Make) -> None:
    say(outbox, clock, "open the gate", expires_utc=clock() + 5.0)
    pigeon = Pigeon(AWAY)
    there = courier(pigeon)
    there.step()
    clock.utc += 5.0
    there.step()
    assert len(pigeon.flights) == 1
    (dead,) = outbox.messages(MessageState.DEAD)
    assert dead.error == "too late for what it asks (away)"
    with pytest.raises(SettingError, match="has expired"):
        outbox.revive(dead.message.uid, clock())


def test_what_can_never_arrive_is_given_up_at_once_and_can_be_revived(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    message = say(outbox, clock, "hello")
    there = courier(Pigeon(DeliveryError("not allowed", final=True)))
    there.step()
    assert states(outbox) == [MessageState.DEAD]
    outbox.revive(message.uid, clock())
    there.step()
    assert states(outbox) == [MessageState.DELIVERED]
    with pytest.raises(SettingError, match=r"No message .* was given up"):
        outbox.revive(message.uid, clock())


def test_one_message_that_is_refused_does_not_keep_back_the_others(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    class Picky(Pigeon):
        def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
            super().deliver(messages)
            if messages[0].title == "poison":
                raise AWAY
            return []

    for title in ("poison", "one", "two"):
        say(outbox, clock, title)
    there = courier(Picky())
    for _ in range(4):
        there.step()
        clock.utc += 2.0
    assert states(outbox) == [MessageState.WAITING, MessageState.DELIVERED, MessageState.DELIVERED]


def test_a_destination_that_is_away_is_not_tried_with_every_message_but_with_what_rules_ask(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    pigeon = Pigeon(AWAY, AWAY)
    there = courier(pigeon, backoff=Backoff(100.0, 100.0))
    for title in ("one", "two", "three"):
        say(outbox, clock, title)
    there.step()
    say(outbox, clock, "urgent", kind=MessageKind.REQUEST)
    there.step()
    assert pigeon.flights == [["one"], ["urgent"]]


def test_a_bug_in_a_carrier_is_a_failed_attempt(outbox: Outbox, clock: Clock, courier: Make) -> None:
    class Broken(Pigeon):
        def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
            raise KeyError("secret-token")

    say(outbox, clock, "hello")
    courier(Broken()).step()
    (entry,) = outbox.messages()
    assert (entry.state, entry.error) == (MessageState.WAITING, "KeyError; see the log.")


def test_a_message_to_nobody_waits_for_somebody_and_is_given_up_in_the_end(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    say(outbox, clock, "hello", to="gone")
    there = courier(age=3600.0)
    there.step()
    assert states(outbox) == [MessageState.WAITING]
    clock.utc += 3601.0
    there.step()
    (dead,) = outbox.messages(MessageState.DEAD)
    assert dead.error is not None
    assert "there is no destination gone" in dead.error


def test_only_the_newest_of_a_slot_is_delivered(outbox: Outbox, clock: Clock, courier: Make) -> None:
    for title in ("dark", "well"):
        say(outbox, clock, title, slot="park/health")
    say(outbox, clock, "other", slot="yard/health")
    pigeon = Pigeon()
    courier(pigeon).step()
    assert pigeon.flights == [["well"], ["other"]]
    assert states(outbox)[0] is MessageState.SUPERSEDED


def test_a_claim_is_nobody_elses_until_the_lease_is_over(outbox: Outbox, clock: Clock) -> None:
    say(outbox, clock, "hello")
    assert len(outbox.claim("to0", clock(), 60.0)) == 1
    assert outbox.claim("to0", clock() + 59.0, 60.0) == []
    (again,) = outbox.claim("to0", clock() + 60.0, 60.0)
    assert again.attempts == 2


def test_a_message_on_which_every_process_dies_is_given_up(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    say(outbox, clock, "poison")
    for _ in range(3):
        assert outbox.claim("to0", clock(), 60.0)  # and the process dies
        clock.utc += 60.0
    pigeon = Pigeon()
    courier(pigeon, attempts=3).step()
    assert pigeon.flights == []
    assert states(outbox) == [MessageState.DEAD]


def test_delivered_ones_are_forgotten_and_those_given_up_are_not(
    outbox: Outbox, clock: Clock, courier: Make
) -> None:
    say(outbox, clock, "arrives")
    say(outbox, clock, "does not")
    there = courier(Pigeon(None, DeliveryError("no", final=True)))
    there.step()
    assert outbox.prune(clock() + 1.0) == 1
    assert states(outbox) == [MessageState.DEAD]


def test_an_alert_and_its_event_are_kept_together_or_not_at_all(
    store: Store, outbox: Outbox, clock: Clock, alert: Event
) -> None:
    news = News(outbox, [Destination("to0", carrier=Pigeon())], now=clock)
    with store.begin("park", StreamInfo("park.mp4", 64, 48), "watch") as run:
        StoreSink(run, also=news.also("park")).deliver(alert, Evidence())
        (message,) = outbox.messages()
        assert message.message.data["event"] == store.events()[0].id

        def power_cut(*_: object) -> None:
            news.also("park")(*_)  # type: ignore[arg-type]
            raise RuntimeError("power cut")

        with pytest.raises(RuntimeError, match="power cut"):
            StoreSink(run, also=power_cut).deliver(alert, Evidence())
    assert len(store.events()) == 1
    assert len(outbox.messages()) == 1


def test_a_digest_gathers_news_to_one_message_and_lets_requests_pass(outbox: Outbox, clock: Clock) -> None:
    pigeon = Pigeon()
    there = Destination("to0", carrier=pigeon, digest=Digest(every=600.0))
    courier = Courier(outbox, [there], now=clock)
    for number in range(3):
        made = Message("to0", MessageKind.ALERT, f"alert {number}", clock())
        outbox.add(made, there.due(made.kind, clock()))
        clock.utc += 1.0
    asked = Message("to0", MessageKind.REQUEST, "open", clock())
    outbox.add(asked, there.due(asked.kind, clock()))
    courier.step()
    assert pigeon.flights == [["open"]]
    clock.utc += 600.0
    courier.step()
    assert pigeon.flights[1:] == [["alert 0", "alert 1", "alert 2"]]


def test_a_digest_can_be_sent_before_its_time_as_one_message(outbox: Outbox, clock: Clock) -> None:
    pigeon = Pigeon(AWAY)
    town = Destination("town", digest=Digest(every=3600.0), carrier=pigeon)
    news = News(outbox, [town], now=clock)
    courier = Courier(outbox, [town], now=clock)
    for name in ("one", "two"):
        news.health(name, [], "fine")
    outbox.add(Message("town", MessageKind.REQUEST, "later", clock()), clock() + 600.0)
    outbox.add(Message("elsewhere", MessageKind.ALERT, "not mine", clock()), clock() + 600.0)
    assert courier.step() == 0
    assert [one.message.camera for one in outbox.gathered("town", clock())] == ["one", "two"]
    assert outbox.send_gathered("town", clock()) == 2
    # From now on it waits for the destination, as any message that was tried, and not for its time.
    assert courier.step() == 0
    assert outbox.gathered("town", clock()) == []
    assert outbox.send_gathered("town", clock()) == 0
    clock.utc += 30.0
    assert courier.step() == 2
    assert [len(flight) for flight in pigeon.flights] == [2, 2]


def test_in_the_background_one_that_hangs_delays_no_other(outbox: Outbox) -> None:
    let_go = threading.Event()

    class Hanging(Pigeon):
        def deliver(self, messages: Sequence[Message]) -> Sequence[str]:
            let_go.wait(30.0)
            return super().deliver(messages)

    slow, quick = Hanging(), Pigeon()
    destinations = [Destination("slow", carrier=slow), Destination("quick", carrier=quick)]
    with Courier(outbox, destinations, poll=0.05) as courier:
        for name in ("slow", "quick"):
            outbox.add(Message(name, MessageKind.TEST, name, time.time()))
        courier.wake()
        wait_until(lambda: quick.flights == [["quick"]])
        assert slow.flights == []
        assert not courier.drain(0.05)
        let_go.set()
        assert courier.drain(10.0)
    assert slow.closed
    assert quick.closed


DYING = """
import sys, time
from everyframe.actions import Courier, Destination, Message, MessageKind, Outbox, Patience, Webhook
from everyframe.store import Store

outbox = Outbox(Store(sys.argv[1]))
outbox.add(Message("hook", MessageKind.ALERT, "hello", time.time()))
hook = Webhook(sys.argv[2], allow=["127.0.0.1"], timeout=30.0)
print("sending", flush=True)
Courier(outbox, [Destination("hook", carrier=hook)], patience=Patience(lease=0.2)).step()
"""


def test_a_process_killed_in_mid_delivery_loses_nothing(
    kept_in: str, store: Store, outbox: Outbox, receiver: Receiver
) -> None:
    from everyframe.actions import Webhook

    receiver.hold = threading.Event()
    child = subprocess.Popen([sys.executable, "-c", DYING, kept_in, receiver.url])
    wait_until(lambda: len(receiver.posts) == 1)  # it has arrived, and the answer is still out
    child.kill()
    child.wait()
    receiver.hold.set()
    (left,) = outbox.messages()
    assert left.state is MessageState.WAITING
    receiver.hold = None
    hook = Destination("hook", carrier=Webhook(receiver.url, allow=["127.0.0.1"]))
    with Courier(outbox, [hook], poll=0.05):
        wait_until(lambda: states(outbox) == [MessageState.DELIVERED])
    ids = [headers["x-everyframe-id"] for _, headers, _ in receiver.posts]
    assert ids == [left.message.uid] * 2
