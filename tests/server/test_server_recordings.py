"""Recordings over the API, and the keeper that makes room for them."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import pytest
from tests.actions.outside import wait_until
from tests.server.conftest import NOON, Enter

from everyframe.actions import Message, MessageKind
from everyframe.errors import StorageError
from everyframe.server.house import House
from everyframe.server.keeper import clip_room_of, keeper
from everyframe.server.settings import ServerSettings
from everyframe.server.ticking import Ticker
from everyframe.store.keeping import ClipRoom, clips_of
from everyframe.store.recording import Room, folder_of


def keep(house: House, camera: str, start: float, data: bytes = b"0123456789") -> Path:
    path = folder_of(house.folder, camera) / f"{round(start * 1000)}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (start + 60.0, start + 60.0))
    return path


def test_a_stretch_of_recordings_is_listed_and_each_is_served_in_parts(house: House, enter: Enter) -> None:
    for minute in range(3):
        keep(house, "gate", NOON + 60.0 * minute)
    viewer = enter("viewer")
    told = viewer.get(
        "/api/v1/cameras/gate/recordings", params={"since": NOON + 70.0, "until": NOON + 100.0}
    ).json()
    assert [(one["start_utc"], one["end_utc"], one["size"]) for one in told] == [(NOON + 60, NOON + 120, 10)]
    address = f"/api/v1/cameras/gate/recordings/{told[0]['start']}"
    assert viewer.get(address).content == b"0123456789"
    part = viewer.get(address, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert viewer.get("/api/v1/cameras/gate/recordings/1").status_code == 404
    assert viewer.get("/api/v1/cameras/yard/recordings").json() == []


@pytest.mark.parametrize("name", ["..", "../gate", "%2e%2e"])
def test_no_name_leads_out_of_the_folder(house: House, enter: Enter, name: str) -> None:
    keep(house, "gate", NOON)
    answer = enter("viewer").get(f"/api/v1/cameras/{name}/recordings/{round(NOON * 1000)}")
    assert answer.status_code in (404, 422)


def test_the_keeper_makes_room_by_itself(house: House) -> None:
    old = keep(house, "gate", time.time() - 10_000.0)
    new = keep(house, "gate", time.time() - 1_000.0)
    outbox = house.reactions.actions.outbox
    for days, title in ((40.0, "old"), (1.0, "new")):
        message = Message("siren", MessageKind.ALERT, title, time.time())
        outbox.add(message)
        outbox.delivered([message.uid], time.time() - days * 86_400.0)
    everything = ClipRoom(1e9, math.inf, 1e12, 0.0)
    keeps = keeper(house.store, Room(5_000.0, 1e12, 0.0), everything, outbox)
    keeps.start()
    keeps.start()
    wait_until(lambda: not old.exists())
    keeps.close()
    keeps.close()
    assert new.exists()
    assert [one.message.title for one in outbox.messages()] == ["new"]


def test_recordings_go_before_clips_and_clips_only_where_that_is_not_enough(
    house: House, found: list[int]
) -> None:
    recording = keep(house, "gate", time.time() - 10_000.0)
    clips = [one.path for one in clips_of(house.store)]
    takes = sum(path.stat().st_size for path in clips)
    house.store.give_verdict(found[1], "false", "ada")
    few = ClipRoom(1e9, math.inf, takes - 1.0, 0.0)
    outbox = house.reactions.actions.outbox
    keeps = keeper(house.store, Room(1e9, 0.0, 0.0), few, outbox)
    keeps.start()
    wait_until(lambda: not clips[1].exists())
    keeps.close()
    assert not recording.exists()
    assert [path.exists() for path in clips] == [True, False, True]


def test_settings_say_how_long_clips_are_kept() -> None:
    told = clip_room_of(ServerSettings(clip_days=2.0, clip_gb=3.0, keep_free_gb=1.0))
    assert told == ClipRoom(2 * 86_400.0, math.inf, 3e9, 1e9)
    assert clip_room_of(ServerSettings(real_clip_days=5.0)).real_seconds == 5 * 86_400.0


def test_what_ticks_goes_on_after_it_stumbled(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def stumble() -> None:
        calls.append(1)
        raise StorageError("the disk is full") if len(calls) == 1 else RuntimeError("odd")

    ticker = Ticker("tests", stumble, 0.01)
    ticker.start()
    wait_until(lambda: len(calls) > 2)
    ticker.close()
    assert not ticker.runs
    told = [record.message for record in caplog.records]
    assert told[0] == "the disk is full"
    assert "tests stumbled and goes on" in told
