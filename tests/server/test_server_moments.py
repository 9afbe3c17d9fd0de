"""The archive through the API."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.server.conftest import Enter

from everyframe.archive import index, search
from everyframe.store import Store, write_clip
from everyframe.types import Frame

API = "/api/v1"


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> list[int]:
    """Keep two moments of a feed and one with footage and a picture; return their numbers, newest first."""
    frames = [Frame(at, at / 5, np.full((48, 64), 9 * at, np.uint8)) for at in range(20)]
    clip = write_clip(frames, tmp_path / "f.mp4", fps=5)
    head = "video,date,start,end,label,player,competition"
    rows = ["f,2026-03-02,1,3,smash,Ada Lindqvist,Cup", "g,2026-03-01,1,3,drop,Bo Chen,Cup"]
    rows += ["g,2026-02-01,5,6,smash,Bo Chen,Cup", ""]
    (tmp_path / "feed.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    index([clip, tmp_path / "feed.csv"], store=store)
    return [one.id for one in search(last=5, store=store)]


def test_moments_are_found_with_pictures_and_footage(enter: Enter, archive: list[int]) -> None:
    client = enter("viewer")
    page = client.get(f"{API}/moments", params={"text": "smash", "last": 5}).json()
    assert [one["id"] for one in page["moments"]] == [archive[0], archive[2]]
    first = page["moments"][0]
    assert (first["label"], first["player"], first["date"], first["footage"]) == (
        "smash",
        "Ada Lindqvist",
        "2026-03-02",
        "f",
    )
    assert "path" not in first
    assert client.get(first["strip"]).headers["content-type"] == "image/jpeg"
    part = client.get(first["film"], headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert page["moments"][1]["film"] is None
    assert client.get(f"{API}/moments/{archive[2]}/film").status_code == 404
    assert client.get(f"{API}/moments/{archive[2]}").json()["label"] == "smash"
    days = {"since": "2026-03-01", "until": "2026-03-01"}
    assert [one["id"] for one in client.get(f"{API}/moments", params=days).json()["moments"]] == [archive[1]]


def test_where_no_moment_is_found_there_are_hints(enter: Enter, archive: list[int]) -> None:
    client = enter("viewer")
    assert client.get(f"{API}/moments", params={"player": "Lindkvist"}).json() == {
        "moments": [],
        "more": False,
        "hints": ["There is no player like “Lindkvist”; did you mean Ada Lindqvist?"],
    }
    assert client.get(f"{API}/moments/999").status_code == 404
    assert client.get(f"{API}/moments", params={"like": 999}).status_code == 400
    for day in ("soon", "0", "20260302"):
        assert client.get(f"{API}/moments", params={"since": day}).status_code == 422


def test_a_stranger_finds_nothing(app: FastAPI, archive: list[int]) -> None:
    with TestClient(app) as client:
        for path in ("", f"/{archive[0]}", f"/{archive[0]}/strip", f"/{archive[0]}/film"):
            assert client.get(f"{API}/moments{path}").status_code == 401
