"""Footage through the API: what may be indexed, how far that is, and taking it away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.server.conftest import PASSWORD, Enter
from tests.server.fakes import Still

from everyframe.archive import index, search
from everyframe.server.app import make_app
from everyframe.server.house import House, build
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.server.shelf import offered, unplayable
from everyframe.store import Store, write_clip
from everyframe.types import Frame

API = "/api/v1"


def until(look: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Return a folder of footage: two films, one with what happens in it beside it."""
    folder = tmp_path / "films"
    (folder / "cup").mkdir(parents=True)
    for number, name in enumerate(("cup/final.mp4", "warm-up.mp4")):
        frames = [Frame(at, at / 5, np.full((48, 64), 9 * at + number, np.uint8)) for at in range(20)]
        write_clip(frames, folder / name, fps=5)
    (folder / "cup/final.csv").write_text("start,end,label,player\n1,2,smash,Ada\n2,3,drop,Bo\n")
    return folder


@pytest.fixture
def house(store: Store, still: Still, films: Path) -> Iterator[House]:
    """Return a house whose page may index the films."""
    made = build(store, ServerSettings(footage=str(films)), still)
    for role in Role:
        made.accounts.add(role.value, PASSWORD, role, chosen=True)
    yield made
    made.jobs.close()


def test_a_folder_is_indexed_listed_and_taken_away(enter: Enter, house: House, films: Path) -> None:
    house.jobs.start()
    client = enter("reviewer")
    job = client.post(f"{API}/footage", json={"path": "."}).json()
    assert (job["kind"], job["title"], job["who"]) == ("index", "Index all footage", "reviewer")
    done = until(lambda: (told := client.get(f"{API}/jobs/{job['id']}").json())["state"] == "done" and told)
    assert done["outcome"] == "2 files, 2 new; 2 new moments, 2 pictures."
    page = client.get(f"{API}/footage").json()
    final, other = page["footage"]
    assert (final["file"], final["moments"], final["by_people"]) == (
        "cup/final.mp4",
        {"drop": 1, "smash": 1},
        0,
    )
    assert (other["name"], other["moments"], other["here"]) == ("warm-up", {}, True)
    assert str(films) not in client.get(f"{API}/footage").text + client.get(f"{API}/jobs").text
    part = client.get(final["film"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert [one["name"] for one in client.get(f"{API}/footage?text=WARM").json()["footage"]] == ["warm-up"]

    at = f"{API}/footage/{final['id']}"
    assert client.delete(at).status_code == 403
    strips = [one.strip for one in search(last=5, store=house.store)]
    assert enter("admin").delete(at).status_code == 204
    assert client.get(at).status_code == 404
    assert not list(search(last=5, store=house.store))
    assert not any(strip.exists() for strip in strips if strip is not None)
    assert (films / "cup/final.mp4").is_file()
    assert client.delete(f"{API}/jobs/{job['id']}").status_code == 204
    assert client.get(f"{API}/jobs").json() == []


def test_what_lies_outside_is_refused_in_a_line(enter: Enter, films: Path, tmp_path: Path) -> None:
    client = enter("reviewer")
    (tmp_path / "secret.mp4").write_bytes(b"x")
    (films / "way").symlink_to(tmp_path)
    for path, status, words in (
        ("../secret.mp4", 400, "outside the folder of footage"),
        (str(tmp_path / "secret.mp4"), 400, "outside the folder of footage"),
        ("/", 400, "outside the folder of footage"),
        ("way/secret.mp4", 400, "outside the folder of footage"),
        ("cup/semi.mp4", 422, "no such file or folder"),
        ("x" * 999, 400, "is no path"),
        ("", 422, "path"),
    ):
        answer = client.post(f"{API}/footage", json={"path": path})
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert enter("viewer").post(f"{API}/footage", json={"path": "cup"}).status_code == 403


def test_a_link_out_of_the_folder_is_not_followed(
    enter: Enter, house: House, films: Path, tmp_path: Path
) -> None:
    house.jobs.start()
    (tmp_path / "secret.csv").write_text("start,end,label\n1,2,password\n")
    (films / "cup/final.plays.csv").symlink_to(tmp_path / "secret.csv")
    client = enter("reviewer")
    number = client.post(f"{API}/footage", json={"path": "cup"}).json()["id"]
    failed = until(lambda: (told := client.get(f"{API}/jobs/{number}").json())["state"] == "failed" and told)
    assert failed["fault"] == ("cup/final.plays.csv is a link out of the folder of footage; leave it out.")
    assert client.get(f"{API}/footage").json()["footage"] == []


def test_without_a_folder_nothing_is_indexed_over_the_page(store: Store, still: Still) -> None:
    made = build(store, ServerSettings(), still)
    made.accounts.add("admin", PASSWORD, Role.ADMIN, chosen=True)
    with TestClient(make_app(made, pages=False)) as client:
        answer = client.post(f"{API}/session", json={"name": "admin", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        answer = client.post(f"{API}/footage", json={"path": "x"})
        assert (answer.status_code, 'footage = "' in answer.json()["detail"]) == (400, True)


def test_a_stranger_learns_nothing(app: FastAPI) -> None:
    with TestClient(app) as client:
        for path in ("footage", "footage/1", "footage/1/film", "jobs", "jobs/1", "labels", "libraries"):
            assert client.get(f"{API}/{path}").status_code == 401


def test_what_browsers_do_not_play_is_told_with_what_to_do(films: Path) -> None:
    assert unplayable(films / "warm-up.mp4", "h264") == ""
    assert "do not play mpeg4 in .mp4; make a copy with: ffmpeg" in unplayable(films / "warm-up.mp4", "mpeg4")
    other = films / "warm-up.avi"
    (films / "warm-up.mp4").rename(other)
    assert unplayable(other, "h264").startswith("Browsers do not play .avi; ")
    assert "is not here any more" in unplayable(films / "gone.mp4", "h264")


def test_what_may_be_indexed_is_offered(films: Path) -> None:
    assert offered(str(films)) == ["cup/", "warm-up.mp4", "cup/final.mp4"]
    assert offered("") == []


def test_other_footage_stays_as_it_is(store: Store, films: Path) -> None:
    """Taking footage away leaves what a feed says of other footage alone."""
    from everyframe.store.archive.shelf import shelf, take_away

    feed = films / "feed.csv"
    feed.write_text("video,start,end,label\nfinal,1,2,lob\nwarm-up,1,2,lob\n")
    index([films], store=store, pictures=False)
    (final, _), _ = shelf(store)
    assert take_away(store, final.footage.id)
    assert [one.footage for one in search(last=9, store=store)] == ["warm-up"]
    index([films], store=store, pictures=False)
    assert sorted((one.footage, one.segment.label) for one in search(last=9, store=store)) == [
        ("final", "drop"),
        ("final", "lob"),
        ("final", "smash"),
        ("warm-up", "lob"),
    ]
    assert not take_away(store, 999)
