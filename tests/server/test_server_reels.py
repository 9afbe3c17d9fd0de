"""Reels through the API: asked for, cut by a process of their own, downloaded, removed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.highlights.films import shown, write_film
from tests.server.conftest import Enter

from everyframe.archive import index, search
from everyframe.errors import SettingError, StorageError
from everyframe.server.house import House
from everyframe.server.reel_jobs import ChosenCut, ReelState, folder_of, keep, read
from everyframe.server.reels import MOST_CUTS, Reels
from everyframe.store import Store

API = "/api/v1"


@pytest.fixture(scope="module")
def match(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("match") / "match.mp4", 100, sound="aac", flashes=[2.0])


@pytest.fixture
def archive(store: Store, match: Path, tmp_path: Path) -> list[int]:
    """Keep two moments of a match that is here, and one of another; return their numbers, newest first."""
    rows = [
        "match,2026-03-02,0.4,1.2,smash,Ada",
        "match,2026-03-01,2,3,drop,Bo",
        "far,2026-02-01,5,6,smash,Bo",
    ]
    feed = tmp_path / "feed.csv"
    feed.write_text("\n".join(["video,date,start,end,label,player", *rows, ""]), encoding="utf-8")
    index([match, feed], store=store, pictures=False)
    return [one.id for one in search(last=5, store=store)]


@pytest.fixture
def cutting(house: House) -> Iterator[Reels]:
    house.reels.start()
    yield house.reels
    house.reels.close()


def until(look: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_a_reel_is_cut_downloaded_and_removed(
    enter: Enter, archive: list[int], cutting: Reels, match: Path, store: Store
) -> None:
    client = enter("reviewer")
    cuts = [{"moment": archive[1]}, {"moment": archive[0], "start": 0.2, "end": 0.8}]
    answer = client.post(f"{API}/reels", json={"title": "Ada & Bo", "cuts": cuts})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["who"], made["film"], made["lists"]) == ("reviewer", None, {})
    assert made["cuts"][1] == {
        "moment": archive[0],
        "label": "smash",
        "footage": "match",
        "start": 0.2,
        "end": 0.8,
    }
    at = f"{API}/reels/{made['id']}"
    done = until(lambda: (told := client.get(at).json())["state"] in ("done", "failed") and told)
    assert (done["state"], done["fault"], done["share"]) == ("done", "", 1.0)
    assert done["seconds"] == pytest.approx(1.6)
    viewer = enter("viewer")
    part = viewer.get(done["film"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content), part.headers["content-type"]) == (206, 100, "video/mp4")
    film = store.folder / "reels" / str(made["id"]) / "reel.mp4"
    assert [number for _, number in shown(film)] == [*range(50, 75), *range(5, 20)]
    with av.open(str(film)) as container:
        assert container.metadata["title"] == "Ada & Bo"
    assert set(done["lists"]) == {"vtt", "json", "edl", "fcpxml", "otio"}
    for address in done["lists"].values():
        told = viewer.get(address)
        assert told.status_code == 200
        assert str(match.parent) not in told.text, "where footage lies is nobody's business"
    assert [one["id"] for one in viewer.get(f"{API}/reels").json()] == [made["id"]]
    assert viewer.delete(at).status_code == 403
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
    assert client.get(done["film"]).status_code == 404
    assert not film.parent.exists()


def test_what_goes_wrong_is_told_in_a_line(
    enter: Enter, archive: list[int], cutting: Reels, match: Path
) -> None:
    client = enter("reviewer")

    def outcome(**form: object) -> dict[str, Any]:
        answer = client.post(f"{API}/reels", json={"title": "x", **form})
        assert answer.status_code == 201, answer.text
        at = f"{API}/reels/{answer.json()['id']}"
        told: dict[str, Any] = until(lambda: (one := client.get(at).json())["state"] == "failed" and one)
        return told

    failed = outcome(cuts=[{"moment": archive[0], "start": 1, "end": 9}])
    assert failed["fault"] == "cut 1, smash: from 1 to 9 s, but match.mp4 lasts 4.00 s; trim it"
    assert failed["film"] is None
    # The next one is cut all the same.
    answer = client.post(f"{API}/reels", json={"title": "x", "cuts": [{"moment": archive[1]}], "longest": 5})
    at = f"{API}/reels/{answer.json()['id']}"
    until(lambda: client.get(at).json()["state"] == "done")
    for form, status, words in (
        ({"title": "x", "cuts": []}, 422, "cuts"),
        ({"title": "", "cuts": [{"moment": archive[0]}]}, 422, "title"),
        ({"title": "x", "cuts": [{"moment": archive[0]}] * (MOST_CUTS + 1)}, 422, "cuts"),
        ({"title": "x", "cuts": [{"moment": 999}]}, 404, "no moment 999"),
        ({"title": "x", "cuts": [{"moment": archive[2]}]}, 404, "is not here"),
        ({"title": "x", "cuts": [{"moment": archive[0], "start": 3, "end": 2}]}, 400, "from 3 to 2 s"),
    ):
        answer = client.post(f"{API}/reels", json=form)
        assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def test_who_may_do_what(app: FastAPI, enter: Enter, archive: list[int]) -> None:
    form = {"title": "x", "cuts": [{"moment": archive[0]}]}
    assert enter("viewer").post(f"{API}/reels", json=form).status_code == 403
    with TestClient(app) as stranger:
        for path in ("", "/1", "/1/film", "/1/lists/edl"):
            assert stranger.get(f"{API}/reels{path}").status_code == 401


def chosen(match: Path, *spans: tuple[float, float]) -> list[ChosenCut]:
    return [ChosenCut(1, str(match), start, end, "smash", 1.0, {"player": "Ada"}) for start, end in spans]


def test_what_was_being_cut_is_cut_again_but_not_for_ever(match: Path, tmp_path: Path) -> None:
    """A server that was killed finds its reels as they were: what is done, what waits, what broke."""
    first = Reels(tmp_path)
    waiting = first.add("waiting", chosen(match, (0.0, 0.4)), "ada")
    torn = first.add("torn", chosen(match, (1.0, 1.4)), "ada")
    broken = first.add("broken", chosen(match, (1.0, 1.4)), "ada")
    lost = first.add("lost", chosen(match, (1.0, 1.4)), "ada")
    keep(tmp_path, replace(torn, state=ReelState.CUTTING, tries=1))
    keep(tmp_path, replace(broken, state=ReelState.CUTTING, tries=2))
    left = folder_of(tmp_path, torn.id) / ".reel.0123456789ab.part.mp4"
    left.write_bytes(b"half a film")
    (folder_of(tmp_path, lost.id) / "job.json").write_text("{")

    again = Reels(tmp_path)
    assert [job.title for job in again.all()] == ["broken", "torn", "waiting"]
    assert again.file(torn.id) is None, "nothing half-written is shown"
    assert "ended 2 times" in (again.one(broken.id) or broken).fault
    again.start()
    try:
        for job in (waiting, torn):
            until(lambda: (again.one(job.id) or job).state is ReelState.DONE)  # noqa: B023 - asked at once
        film = again.file(torn.id)
        assert film is not None
        assert [number for _, number in shown(film)] == [*range(25, 35)]
        assert not left.exists()
    finally:
        again.close()
    third = Reels(tmp_path)
    assert [(job.title, job.state) for job in third.all()] == [
        ("broken", ReelState.FAILED),
        ("torn", ReelState.DONE),
        ("waiting", ReelState.DONE),
    ]
    assert read(tmp_path, torn.id) == third.one(torn.id)
    assert third.add("new", chosen(match, (0.0, 0.4)), "ada").id > lost.id


def test_one_that_is_being_cut_can_be_removed_and_the_server_ended(match: Path, tmp_path: Path) -> None:
    reels = Reels(tmp_path)
    reels.start()
    try:
        long = reels.add("long", chosen(match, *[(0.1, 3.9)] * 100), "ada")
        until(lambda: (reels.one(long.id) or long).state is ReelState.CUTTING)
        reels.remove(long.id)
        assert reels.one(long.id) is None
        other = reels.add("other", chosen(match, *[(0.1, 3.9)] * 100), "ada")
        assert other.id > long.id, "no number is given twice: browsers keep films"
        until(lambda: reels.share(other.id) > 0.0)
        assert (reels.one(other.id) or other).state is ReelState.CUTTING
    finally:
        reels.close()
    kept = json.loads((folder_of(tmp_path, other.id) / "job.json").read_text())
    assert (kept["state"], kept["tries"]) == ("waiting", 0), "it goes on when the server is back"
    assert not folder_of(tmp_path, long.id).exists()
    assert reels.file(other.id) is None


def test_too_many_that_wait_are_refused(match: Path, tmp_path: Path) -> None:
    reels = Reels(tmp_path)
    for _ in range(20):
        reels.add("x", chosen(match, (0.0, 1.0)), "ada")
    with pytest.raises(SettingError, match="20 reels wait already"):
        reels.add("x", chosen(match, (0.0, 1.0)), "ada")
    with pytest.raises(SettingError, match="has 1 to 200 cuts; this one would have 0"):
        reels.add("x", [], "ada")


def test_where_nothing_can_be_written_nothing_is_left(
    match: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full: whoever asks is told, and there is no reel that nobody can read."""

    def full(*_: object) -> None:
        raise StorageError("Cannot write job.json: the disk is full; free some space.")

    reels = Reels(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("everyframe.server.reels.keep", full)
        with pytest.raises(StorageError, match="the disk is full"):
            reels.add("x", chosen(match, (0.0, 1.0)), "ada")
    assert reels.all() == []
    assert [one.name for one in tmp_path.iterdir()] == ["latest"]
    assert reels.add("x", chosen(match, (0.0, 1.0)), "ada").id == 2
