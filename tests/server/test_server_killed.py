"""The server and the broker are killed while alerts, verdicts and messages are made: nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update
from tests.actions.outside import MOSQUITTO, Listener, MosquittoBroker, Receiver, wait_until
from tests.server.conftest import PASSWORD
from tests.server.whole import Served, wait_for

from everyframe.actions import MessageKind, MessageState, Outbox
from everyframe.server.accounts import Accounts
from everyframe.server.roles import Role
from everyframe.store import Store
from everyframe.store.action_models import MessageRow

pytestmark = pytest.mark.xdist_group("killed")  # each starts processes of its own

CAMERA = """
record = false
learn_for = 10
[cameras.park]
source = "synthetic:park?seed=3&size=96x54&fps=5"
"""

ALERTING = """
import sys, time
from everyframe.actions import News, Outbox, hearers
from everyframe.server import settings
from everyframe.store import Store, StoreSink
from everyframe.types import Box, Event, StreamInfo
from pathlib import Path

place, folder = sys.argv[1], Path(sys.argv[2])
store = Store(place, folder=folder)
news = News(Outbox(store), hearers(settings.read(folder / "everyframe.toml").actions))
sink = StoreSink(store.begin("storm", StreamInfo("storm", 64, 48), "watch"), also=news.also("storm"))
for second in range(100_000):
    event = Event(second, second + 1.0, second, Box(0, 0, 4, 4), 5.0, 0.001, "moves oddly", utc=time.time())
    print(sink.begin(event), flush=True)
    time.sleep(0.03)
"""


class Storm:
    """A worker whose camera sees something odd all the time; it writes as all workers do."""

    def __init__(self, place: str, folder: Path) -> None:
        command = [sys.executable, "-c", ALERTING, place, str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.kept: list[int] = []
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.kept += (int(line) for line in self._process.stdout if line.endswith("\n"))

    def kill(self) -> None:
        self._process.kill()
        self._reading.join()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Judge:
    """Somebody who gives verdicts as fast as they are taken, until nobody answers any more."""

    def __init__(self, client: httpx2.Client, storm: Storm) -> None:
        self.given: dict[int, str] = {}
        self._client, self._storm, self._ended = client, storm, threading.Event()
        self._thread = threading.Thread(target=self._judge)
        self._thread.start()

    def _judge(self) -> None:
        done = 0
        while not self._ended.wait(0.01):
            for number in self._storm.kept[done:]:
                kind = ("real", "normal", "false", "later")[number % 4]
                try:
                    answer = self._client.post(f"/api/v1/events/{number}/verdict", json={"kind": kind})
                except httpx2.TransportError:
                    return
                assert answer.status_code == 201, answer.text
                self.given[number] = kind
                done += 1

    def end(self) -> None:
        self._ended.set()
        self._thread.join()


Begin = Callable[[str, str], Served]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Return what starts a server, given its settings and the place of its store; no server stays."""
    begun: list[Served] = []

    def start(settings: str, place: str) -> Served:
        begun.append(Served(tmp_path, settings, place))
        return begun[-1]

    yield start
    for served in begun:
        if served.process.poll() is None:
            served.end()


def signed_in(served: Served) -> httpx2.Client:
    client = httpx2.Client(base_url=served.address, timeout=60.0)

    def session() -> httpx2.Response | None:
        with suppress(httpx2.TransportError):
            return client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD})
        return None

    client.headers["X-CSRF-Token"] = wait_for(session).json()["csrf"]
    return client


def settle(place: str, folder: Path) -> None:
    """Let somebody in, before the first start."""
    with Store(place, folder=folder) as store:
        Accounts(store, 3600.0).add("admin", PASSWORD, Role.ADMIN, chosen=True)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def workers(client: httpx2.Client, served: Served) -> set[int]:
    """Return the worker processes, once the camera has one that works."""
    wait_for(lambda: client.get("/api/v1/statuses").json()["park"]["state"] in ("learning", "watching"))
    found = subprocess.run(["pgrep", "-f", "multiprocessing.forkserver"], capture_output=True, text=True)
    mine = {int(word) for word in found.stdout.split() if _of(int(word), served.process.pid)}
    assert mine
    return mine


def _of(pid: int, ancestor: int) -> bool:
    """Say whether a process descends from another."""
    while pid > 1:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            return False
        if pid == ancestor:
            return True
    return False


def test_nothing_is_lost_when_the_server_is_killed_in_mid_write(
    kept_in: str, tmp_path: Path, receiver: Receiver, begin: Begin
) -> None:
    hook = f'[destination.hook]\nkind = "webhook"\nurl = "{receiver.url}"\nallow = ["127.0.0.1"]\n'
    settle(kept_in, tmp_path)
    kept: list[int] = []
    given: dict[int, str] = {}
    held: set[str] = set()
    for with_workers in (False, True):
        served = begin(CAMERA + hook, kept_in)
        with closing(signed_in(served)) as client:
            family = workers(client, served)
            storm = Storm(kept_in, tmp_path)
            judge = Judge(client, storm)
            before = len(receiver.posts)
            wait_until(lambda: len(judge.given) > 20 and len(receiver.posts) > before + 20)  # noqa: B023
            receiver.hold = threading.Event()  # one arrives, but the server never hears that it did
            now = len(receiver.posts)
            wait_until(lambda: len(receiver.posts) > now)  # noqa: B023
            served.kill()
            if with_workers:
                for pid in family:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            storm.kill()
            judge.end()
            held.add(receiver.told()["id"])
            receiver.hold.set()
            receiver.hold = None
        kept += storm.kept
        given |= judge.given
        wait_until(lambda: not any(alive(pid) for pid in family))  # noqa: B023 - they end by themselves
    with Store(kept_in, folder=tmp_path) as store, store.writing() as session:
        # The claims of the dead are over after a minute; that minute is over now.
        session.execute(
            update(MessageRow).where(MessageRow.state == MessageState.WAITING.value).values(due_utc=0.0)
        )
    served = begin(CAMERA + hook, kept_in)
    with closing(signed_in(served)) as client, Store(kept_in, folder=tmp_path) as store:
        outbox = Outbox(store)
        wait_until(lambda: outbox.messages(MessageState.WAITING) == [])
        told = Counter(json.loads(body)["id"] for _, _, body in receiver.posts)
        alerts = [
            entry.message
            for entry in outbox.messages(most=100_000)
            if entry.message.kind is MessageKind.ALERT
        ]
        assert {message.uid for message in alerts} <= set(told)
        assert {headers["x-everyframe-id"] for _, headers, _ in receiver.posts} == set(told)
        assert all(told[uid] > 1 for uid in held)
        found = {stored.id for stored in store.events()}
        assert set(kept) <= found
        assert Counter(message.data["event"] for message in alerts if message.camera == "storm") == (
            Counter(stored.id for stored in store.events() if stored.camera == "storm")
        )
        standing = {each["event_id"]: each["kind"] for each in client.get("/api/v1/verdicts").json()}
        assert given.items() <= standing.items()
        assert len(given) > 40
    served.end()
    assert "Traceback" not in served.log.read_text()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MosquittoBroker]:
    if MOSQUITTO is None:
        pytest.skip("Mosquitto is not installed; see .ci/packages.txt")
    started = MosquittoBroker(tmp_path)
    started.start()
    yield started
    started.kill()


@pytest.mark.mqtt
def test_every_message_arrives_though_the_broker_is_killed_in_mid_write(
    tmp_path: Path, broker: MosquittoBroker, begin: Begin
) -> None:
    home = f'[destination.home]\nkind = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\ntimeout = 2.0\n'
    listener = Listener(broker.port, "everyframe/storm/alert", "keeper")
    place = str(tmp_path / "data")
    settle(place, tmp_path)
    served = begin(CAMERA + home, place)
    storm = Storm(place, tmp_path)

    def heard() -> set[str]:
        return {json.loads(payload)["id"] for _, payload, _ in listener.heard}

    def grows(by: int) -> Callable[[], bool]:
        now = len(heard())
        return lambda: len(heard()) > now + by

    try:
        wait_until(grows(10))
        broker.wait_until_saved()  # that the listener has a session
        for _ in range(3):
            broker.kill()
            kept = len(storm.kept)
            wait_until(lambda: len(storm.kept) > kept + 10)  # noqa: B023
            broker.start()
            wait_until(grows(20))
        storm.kill()
        with Store(place) as store:
            outbox = Outbox(store)
            wait_until(lambda: outbox.messages(MessageState.WAITING, "home") == [])
            entries = outbox.messages(destination="home", most=100_000)
            said = {each.message.uid for each in entries if each.message.camera == "storm"}
            assert {entry.state for entry in entries} <= {MessageState.DELIVERED, MessageState.SUPERSEDED}
            assert len(said) >= len(storm.kept) > 60
            wait_until(lambda: said <= heard())
    finally:
        storm.kill()
        served.end()
        listener.close()
    assert "Traceback" not in served.log.read_text()
