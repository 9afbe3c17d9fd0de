"""What the tests of actions share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.actions.outside import MOSQUITTO, Clock, Listener, MosquittoBroker

from everyframe.store import Store
from everyframe.types import Box, Deviation, Event


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(kept_in: str, tmp_path: Path) -> Iterator[Store]:
    with Store(kept_in, folder=tmp_path / "files") as opened:
        yield opened


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed; see .ci/packages.txt")
    (tmp_path / "broker").mkdir()
    started = MosquittoBroker(tmp_path / "broker")
    started.start()
    yield started
    started.kill()


@pytest.fixture
def listen(broker: MosquittoBroker) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def make(topic: str = "#", name: str = "") -> Listener:
        opened.append(Listener(broker.port, topic, name))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def alert() -> Event:
    text = "moves 2.6 times faster than anything seen at this place"
    return Event(
        start=4.0,
        end=6.0,
        peak=5.0,
        box=Box(10, 12, 20, 16),
        score=7.5,
        p_value=0.0003,
        reason=text,
        deviations=(Deviation("speed", 208.0, 80.0, "px/s", text, 7.5),),
        track=((4.0, Box(8, 12, 20, 16)),),
    )
