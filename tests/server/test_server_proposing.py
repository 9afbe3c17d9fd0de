"""Zones and masks that a camera's picture suggests, over the API."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from tests.server.conftest import Enter
from tests.vision.dense.small_segmenters import by_colour

from everyframe.server import proposing
from everyframe.server.house import House
from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.segmenter import Segmenter

API = "/api/v1"
PARK = Classes(("path", "lawn", "tree"), ((158, 145, 121), (75, 108, 52), (45, 58, 25)))
"""What the drawn park is made of, by its colours."""


@pytest.fixture
def admin(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Return an admin's browser; there is a camera ``park``, and a network that knows its colours."""
    network = Segmenter(by_colour(PARK))
    monkeypatch.setattr(proposing, "_network", lambda: network)
    client = enter("admin")
    source = "synthetic:park?seed=3&fps=2&size=240x136"
    answer = client.post(f"{API}/cameras", json={"name": "park", "source": source})
    assert answer.status_code == 201, answer.text
    return client


def test_the_path_is_proposed_as_a_zone_until_it_is_drawn(admin: TestClient) -> None:
    answer = admin.post(f"{API}/cameras/park/proposal")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    zone = told["zones"][0]
    assert zone["name"] == "path"
    assert 0.1 < zone["share"] < 0.5
    # It can be kept as it is, and is not proposed again.
    kept = admin.put(f"{API}/cameras/park/zones/path", json={"polygon": zone["polygon"]})
    assert kept.status_code == 200, kept.text
    again = admin.post(f"{API}/cameras/park/proposal").json()
    assert zone["polygon"] not in [one["polygon"] for one in again["zones"]]
    masks = [mask["polygon"] for mask in told["masks"]]
    assert admin.patch(f"{API}/cameras/park", json={"masks": masks}).status_code == 200
    assert admin.post(f"{API}/cameras/park/proposal").json()["masks"] == []


def test_only_admins_may_ask_and_only_of_cameras_that_there_are(enter: Enter, admin: TestClient) -> None:
    assert enter("viewer").post(f"{API}/cameras/park/proposal").status_code == 403
    assert admin.post(f"{API}/cameras/gone/proposal").status_code == 404


def test_a_camera_that_does_not_answer_is_said_without_its_password(
    admin: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.cameras, "_timeout", 1.0)
    answer = admin.post(f"{API}/cameras/gate/proposal")
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
    assert "\n" not in answer.json()["detail"]


def test_two_do_not_look_at_once(admin: TestClient) -> None:
    with proposing._busy:
        answer = admin.post(f"{API}/cameras/park/proposal")
    assert answer.status_code == 400
    assert "try again in a moment" in answer.json()["detail"]
    assert admin.post(f"{API}/cameras/park/proposal").status_code == 200
