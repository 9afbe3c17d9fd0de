"""Masks, zones and times of cameras, over the API and after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.actions.outside import Receiver
from tests.server.conftest import PASSWORD, Enter
from tests.server.fakes import Still

from everyframe.actions import ALWAYS, Timetable, read_values
from everyframe.live import CameraSpec
from everyframe.server.house import House, build
from everyframe.server.pages.ruling import conditions_of
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.server.zones import MOST
from everyframe.store import Store

API = "/api/v1"
DOOR = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.6]]
MASKS = [[[0.0, 0.0], [0.3, 0.0], [0.3, 0.1]], [[0.5, 0.5], [0.6, 0.5], [0.6, 0.6], [0.5, 0.6]]]
CROWD: dict[str, Any] = {
    "when": [{"quantity": "count", "zone": "door", "above": 3}],
    "request": {"destination": "siren"},
}


@pytest.fixture
def tables(receiver: Receiver) -> dict[str, Any]:
    siren = {"kind": "webhook", "url": receiver.url, "allow": ["127.0.0.1"]}
    return {
        "destination": {"siren": siren},
        "zone": [{"camera": "gate", "name": "lane", "lane": [[0.0, 0.5], [1.0, 0.5]]}],
        "rule": [{**CROWD, "name": "jam", "when": [{"quantity": "queue", "zone": "lane", "above": 9}]}],
    }


def built(store: Store, still: Still, tables: dict[str, Any]) -> House:
    return build(store, ServerSettings(), still, (CameraSpec("gate", "rtsp://h/x"),), read_values(tables))


@pytest.fixture
def house(store: Store, still: Still, tables: dict[str, Any]) -> Iterator[House]:
    made = built(store, still, tables)
    for role in Role:
        made.accounts.add(role.value, PASSWORD, role, chosen=True)
    yield made
    made.reactions.close()


@pytest.fixture
def admin(enter: Enter) -> TestClient:
    """Return an admin's browser; there is a camera ``park`` that was added there."""
    client = enter("admin")
    answer = client.post(f"{API}/cameras", json={"name": "park", "source": "synthetic:park?seed=3"})
    assert answer.status_code == 201, answer.text
    return client


def again(store: Store, tables: dict[str, Any]) -> tuple[House, Still]:
    """Start the server again, as far as it matters here."""
    watching = Still()
    house = built(store, watching, tables)
    house.cameras.start()
    return house, watching


# -- cameras ------------------------------------------------------------------------------------------


def test_masks_budget_and_schedule_change_and_are_kept(
    admin: TestClient, still: Still, store: Store, tables: dict[str, Any]
) -> None:
    schedule: dict[str, Any] = {"days": ["mon", "tue"], "hours": ["07:00-19:00"], "zone": "Europe/Berlin"}
    assert admin.get(f"{API}/cameras/park").json()["masks"] == []
    answer = admin.patch(f"{API}/cameras/park", json={"masks": MASKS})
    assert (answer.status_code, answer.json()["masks"]) == (200, MASKS)
    answer = admin.patch(f"{API}/cameras/park", json={"budget": "1/hour", "schedule": schedule})
    told = answer.json()
    assert (told["masks"], told["budget"], told["schedule"]) == (MASKS, "1/hour", schedule)
    assert [spec.budget for spec in still.changed] == ["2/day", "1/hour"]
    assert still.restarted == []  # which could have it learned anew
    _, watching = again(store, tables)
    park = watching.specs["park"]
    assert [[list(corner) for corner in mask] for mask in park.masks] == MASKS
    assert (park.budget, park.schedule) == ("1/hour", Timetable(**schedule))
    admin.patch(f"{API}/cameras/park", json={"masks": [], "schedule": {}})
    assert (still.specs["park"].masks, still.specs["park"].schedule) == ((), ALWAYS)
    assert again(store, tables)[1].specs["park"].masks == ()


def test_a_camera_can_be_added_with_masks_and_times(admin: TestClient, still: Still) -> None:
    form = {"name": "pond", "source": "synthetic:park?seed=4", "masks": MASKS, "schedule": {"days": ["sun"]}}
    answer = admin.post(f"{API}/cameras", json=form)
    assert (answer.status_code, answer.json()["masks"]) == (201, MASKS)
    assert still.specs["pond"].schedule.days == ("sun",)


def test_what_changes_nothing_starts_no_worker_again(admin: TestClient, still: Still) -> None:
    forms: tuple[dict[str, Any], ...] = (
        {},
        {"budget": "2/day"},
        {"masks": [], "schedule": {}, "budget": None},
    )
    for form in forms:
        assert admin.patch(f"{API}/cameras/park", json=form).status_code == 200
    assert still.changed == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"masks": [DOOR[:2]]}, "mask 1 has 2 corners; draw 3 to 100"),
        ({"masks": [[*DOOR, [1.2, 0.0]]]}, "mask 1, corner 4 is no [x, y]"),
        ({"masks": [DOOR] * 33}, "there are 33; draw 32 at most"),
        ({"masks": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}, "leave nothing to watch"),
        ({"masks": "all"}, "masks is no list of polygons"),
        ({"schedule": {"hours": ["7-19"]}}, "7-19 are no hours; write them like 22:00-07:00"),
        ({"schedule": {"zone": "Europe/Atlantis"}}, "There is no time zone Europe/Atlantis"),
        ({"schedule": {"days": ["today"]}}, "schedule.days"),
        ({"budget": "many"}, "many"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    admin: TestClient, still: Still, form: dict[str, Any], said: str
) -> None:
    answer = admin.patch(f"{API}/cameras/park", json=form)
    assert answer.status_code in (400, 422)
    assert said in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]
    assert still.changed == []


def test_a_camera_of_the_settings_file_is_changed_only_there(admin: TestClient) -> None:
    answer = admin.patch(f"{API}/cameras/gate", json={"masks": MASKS})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "The camera gate stands in the settings file; change it there."
    assert admin.patch(f"{API}/cameras/none", json={}).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "reviewer"])
def test_only_admins_change_cameras_and_zones(enter: Enter, house: House, role: str) -> None:
    someone = enter(role)
    place = f"{API}/cameras/gate"
    assert someone.get(f"{place}/zones").status_code == 200
    assert someone.patch(place, json={"masks": MASKS}).status_code == 403
    assert someone.put(f"{place}/zones/door", json={"polygon": DOOR}).status_code == 403
    assert someone.delete(f"{place}/zones/lane").status_code == 403
    assert [zone.name for zone in house.zones.of("gate")] == ["lane"]


# -- zones --------------------------------------------------------------------------------------------


def test_a_zone_is_measured_at_once_and_kept(
    admin: TestClient, still: Still, store: Store, tables: dict[str, Any], house: House
) -> None:
    answer = admin.put(f"{API}/cameras/gate/zones/door", json={"polygon": DOOR})
    assert answer.json() == {"name": "door", "fixed": False, "zone": {"polygon": DOOR}}
    assert [zone.name for zone in still.specs["gate"].zones] == ["lane", "door"]
    assert [(one["name"], one["fixed"]) for one in admin.get(f"{API}/cameras/gate/zones").json()] == [
        ("lane", True),
        ("door", False),
    ]
    assert "zone:gate:door:count" in conditions_of(house.reactions.configuration)
    _, watching = again(store, tables)
    assert [zone.name for zone in watching.specs["gate"].zones] == ["lane", "door"]
    moved = [[0.2, 0.2], *DOOR[1:]]
    admin.put(f"{API}/cameras/gate/zones/door", json={"polygon": moved, "slow": 0.7})
    assert still.specs["gate"].zones[1].polygon[0] == (0.2, 0.2)
    assert admin.delete(f"{API}/cameras/gate/zones/door").status_code == 204
    assert [zone.name for zone in still.specs["gate"].zones] == ["lane"]
    assert "zone:gate:door:count" not in conditions_of(house.reactions.configuration)
    assert admin.delete(f"{API}/cameras/gate/zones/door").status_code == 400


def test_rules_may_speak_of_a_drawn_zone_which_then_stays(
    admin: TestClient, house: House, store: Store, tables: dict[str, Any]
) -> None:
    assert "no zone door" in admin.put(f"{API}/rules/crowd", json=CROWD).json()["detail"]
    admin.put(f"{API}/cameras/park/zones/door", json={"polygon": DOOR})
    assert admin.put(f"{API}/rules/crowd", json={**CROWD, "cameras": ["park"]}).status_code == 200
    answer = admin.delete(f"{API}/cameras/park/zones/door")
    assert answer.status_code == 400
    assert "The rule crowd speaks of the zone door; change or remove the rule first." in answer.text
    assert {rule.name for rule in again(store, tables)[0].reactions.configuration.rules} == {"jam", "crowd"}
    # With the camera its zones go; the rule says so, and that of the settings file goes on.
    admin.delete(f"{API}/cameras/park")
    assert house.zones.of("park") == ()
    assert [rule.name for rule in house.reactions.configuration.rules] == ["jam"]
    assert "no zone door" in house.reactions.broken["crowd"]


def test_a_zone_of_the_settings_file_is_changed_only_there(admin: TestClient, still: Still) -> None:
    for answer in (
        admin.put(f"{API}/cameras/gate/zones/lane", json={"polygon": DOOR}),
        admin.delete(f"{API}/cameras/gate/zones/lane"),
    ):
        assert answer.status_code == 400
    (refused,) = (admin.put(f"{API}/cameras/gate/zones/lane", json={"polygon": DOOR}).json()["detail"],)
    assert refused == "The zone lane stands in the settings file; change it there."
    assert still.specs["gate"].zones[0].polygon == ()


def test_a_zone_that_the_file_takes_over_is_that_of_the_file(
    admin: TestClient, store: Store, tables: dict[str, Any]
) -> None:
    admin.put(f"{API}/cameras/gate/zones/door", json={"polygon": DOOR})
    tables["zone"].append({"camera": "gate", "name": "door", "polygon": [[0, 0], [0.1, 0], [0.1, 0.1]]})
    house, watching = again(store, tables)
    assert [zone.name for zone in watching.specs["gate"].zones] == ["lane", "door"]
    assert watching.specs["gate"].zones[1].polygon[0] == (0.0, 0.0)
    assert house.zones.is_fixed("gate", "door")


@pytest.mark.parametrize(
    ("name", "told", "said"),
    [
        ("door", {}, "a zone wants a polygon or a lane"),
        ("door", {"polygon": DOOR[:2]}, "a polygon has three corners or more"),
        ("door", {"polygon": [*DOOR, [2, 0]]}, "less than or equal to 1"),
        ("door", {"polygon": DOOR, "colour": "red"}, "there is no key colour"),
        ("front door", {"polygon": DOOR}, "pattern"),
    ],
)
def test_what_is_no_zone_is_refused_in_one_line(
    admin: TestClient, house: House, name: str, told: dict[str, Any], said: str
) -> None:
    answer = admin.put(f"{API}/cameras/gate/zones/{name}", json=told)
    assert answer.status_code in (400, 422)
    assert said in answer.json()["detail"]
    assert len(house.zones.of("gate")) == 1


def test_there_may_be_so_many_zones_and_no_more(admin: TestClient) -> None:
    for number in range(MOST):
        assert admin.put(f"{API}/cameras/park/zones/z{number}", json={"polygon": DOOR}).status_code == 200
    answer = admin.put(f"{API}/cameras/park/zones/more", json={"polygon": DOOR})
    assert answer.json()["detail"] == "park has 32 zones already; remove one first."
    assert admin.put(f"{API}/cameras/park/zones/z1", json={"polygon": DOOR}).status_code == 200
