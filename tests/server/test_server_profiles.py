"""Profiles and their feeds through the API."""

from __future__ import annotations

import pytest
from tests.server.conftest import Enter

from everyframe.highlights import Segment
from everyframe.store import Store
from everyframe.store.archive import Keeper

API = "/api/v1/profiles"
MIA = {"players": ["lindqvist"], "kinds": ["smash"], "seconds": 60.0}


@pytest.fixture
def moments(store: Store) -> None:
    about = [{"player": name, "date": "2026-03-02"} for name in ("Ada Lindqvist", "Bo Chen")]
    told = [
        Segment(10.0 * at, 10.0 * at + 3, ("smash", "drop")[at % 2], source="f", about=about[at // 2 % 2])
        for at in range(8)
    ]
    keeper = Keeper(store)
    telling = keeper.begin("feed.csv", "1")
    keeper.keep(telling, told, "feed", rows=8)
    keeper.finish(telling)


def test_a_profile_is_made_its_feed_explained_and_moved(enter: Enter, moments: None) -> None:
    client = enter("reviewer")
    assert client.put(f"{API}/mia", json=MIA).json() == {"name": "mia", "teams": [], **MIA}
    assert client.put(f"{API}/bo", json={"players": ["Chen"]}).json()["seconds"] == 90.0
    assert [one["name"] for one in client.get(API).json()] == ["bo", "mia"]
    page = client.get(f"{API}/Mia/feed").json()
    first = page["moments"][0]
    assert (first["label"], first["player"]) == ("smash", "Ada Lindqvist")
    assert first["reasons"][0] == {"text": "you follow Ada Lindqvist", "points": 1.0}
    assert first["score"] == pytest.approx(sum(one["points"] for one in first["reasons"]))
    assert client.get(f"{API}/bo/feed").json()["moments"][0]["player"] == "Bo Chen"
    at = f"{API}/mia/feedback/{first['id']}"
    assert client.put(at, json={"kind": "skipped"}).status_code == 204
    after = client.get(f"{API}/mia/feed").json()["moments"]
    assert first["id"] not in [one["id"] for one in after]
    assert client.delete(at).status_code == 204
    assert client.delete(at).status_code == 404
    assert client.get(f"{API}/mia/feed").json() == page
    assert client.delete(f"{API}/mia").status_code == 204
    assert client.get(f"{API}/mia").status_code == 404


def test_who_only_looks_changes_nothing_and_what_is_not_there_is_said(enter: Enter, moments: None) -> None:
    viewer = enter("viewer")
    assert viewer.put(f"{API}/mia", json=MIA).status_code == 403
    reviewer = enter("reviewer")
    assert reviewer.get(f"{API}/nobody/feed").status_code == 404
    assert reviewer.put(f"{API}/mia", json={"players": [""]}).status_code == 422
    reviewer.put(f"{API}/mia", json=MIA)
    assert reviewer.put(f"{API}/mia/feedback/99", json={"kind": "watched"}).status_code == 404
    assert reviewer.put(f"{API}/mia/feedback/1", json={"kind": "liked"}).status_code == 422
