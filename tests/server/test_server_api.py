from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.server.conftest import NOON, Enter, event
from tests.server.fakes import Still

from everyframe.health import HealthEvent, HealthKind
from everyframe.server.house import House
from everyframe.server.roles import Role
from everyframe.store import Store
from everyframe.types import StreamInfo

API = "/api/v1"


def test_a_stranger_sees_nothing_but_whether_it_is_ready(app: FastAPI, found: list[int]) -> None:
    with TestClient(app) as stranger:
        assert stranger.get("/healthz").json() == {"ready": True, "why": None}
        paths = [path for path, methods in app.openapi()["paths"].items() if "get" in methods]
        assert len(paths) >= 14
        for path in (*paths, "/metrics"):
            filled = path.replace("{name}", "gate").replace("{number}", "1")
            assert stranger.get(filled).status_code == 401, path


def test_cameras_are_listed_without_their_passwords(enter: Enter) -> None:
    (camera,) = enter("viewer").get(f"{API}/cameras").json()
    assert camera["name"] == "gate"
    assert camera["source"] == "rtsp://ada:***@10.0.0.7/live"
    assert camera["fixed"] is True
    assert camera["status"]["state"] == "watching"


def test_a_camera_can_be_added_restarted_and_removed(enter: Enter, still: Still, house: House) -> None:
    admin = enter("admin")
    form = {"name": "park", "source": "synthetic:park?seed=3", "learn_for": 60}
    answer = admin.post(f"{API}/cameras", json=form)
    assert answer.status_code == 201, answer.text
    assert still.specs["park"].learn_for == 60
    assert admin.post(f"{API}/cameras", json=form | {"name": "PARK"}).status_code == 400
    assert admin.post(f"{API}/cameras/park/restart?anew=true").status_code == 204
    assert still.restarted == [("park", True)]
    assert admin.get(f"{API}/cameras/park/preview").content == still.picture
    assert admin.delete(f"{API}/cameras/park").status_code == 204
    assert "park" not in still.specs
    assert admin.get(f"{API}/cameras/park").status_code == 404


def test_a_camera_that_cannot_be_read_is_refused_with_the_reason_and_without_the_password(
    enter: Enter, tmp_path: Path
) -> None:
    admin = enter("admin")
    for source in ("rtsp://ada:hunter2@127.0.0.1:9/x", str(tmp_path / "none.mp4"), "gopher://ada:hunter2@x"):
        for path, form in (("probe", {"source": source}), ("cameras", {"name": "x", "source": source})):
            answer = admin.post(f"{API}/{path}", json=form)
            assert answer.status_code == 422, answer.text
            assert len(answer.json()["detail"]) > 20
            assert "hunter2" not in answer.text


def test_a_camera_of_the_settings_file_is_removed_only_there(enter: Enter) -> None:
    answer = enter("admin").delete(f"{API}/cameras/gate")
    assert answer.status_code == 400
    assert "stands in the settings file" in answer.json()["detail"]


def test_the_address_of_an_added_camera_lies_encrypted_on_the_disk(
    enter: Enter, store: Store, house: House, still: Still
) -> None:
    enter("admin").post(f"{API}/cameras", json={"name": "park", "source": "synthetic:park?seed=3"})
    for path in store.folder.iterdir():
        assert b"seed=3" not in path.read_bytes() or path.name.endswith(".key")
    still.specs.clear()
    house.cameras.start()
    assert still.specs["park"].source == "synthetic:park?seed=3"


def test_events_come_newest_or_strangest_first_and_in_pages(enter: Enter, found: list[int]) -> None:
    viewer = enter("viewer")
    page = viewer.get(f"{API}/events", params={"limit": 2}).json()
    assert page["total"] == 3
    assert [entry["id"] for entry in page["events"]] == [found[2], found[1]]
    rest = viewer.get(f"{API}/events", params={"limit": 2, "offset": 2}).json()
    assert [entry["id"] for entry in rest["events"]] == [found[0]]
    strange = viewer.get(f"{API}/events", params={"order": "strangest"}).json()
    assert [entry["id"] for entry in strange["events"]] == [found[1], found[0], found[2]]
    within = viewer.get(f"{API}/events", params={"since": NOON + 5, "until": NOON + 15}).json()
    assert [entry["id"] for entry in within["events"]] == [found[1]]
    assert viewer.get(f"{API}/events", params={"camera": "yard"}).json() == {"events": [], "total": 0}


def test_an_event_comes_with_its_clip_its_picture_and_its_drawing(enter: Enter, found: list[int]) -> None:
    viewer = enter("viewer")
    entry = viewer.get(f"{API}/events/{found[0]}").json()
    assert entry["reason"].startswith("moves 2.6 times")
    assert entry["begun_utc"] == NOON
    for name, kind in (("clip", "video/mp4"), ("thumbnail", "image/jpeg"), ("drawing", "image/png")):
        answer = viewer.get(entry[name])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind
    part = viewer.get(entry["clip"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, len(part.content)) == (206, 4)
    assert viewer.get(f"{API}/events/999").status_code == 404


def test_no_file_outside_the_store_is_sent_whatever_the_database_says(
    enter: Enter, store: Store, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"secret")
    (store.folder / "link.mp4").symlink_to(secret)
    (store.folder / "everyframe.key.mp4").write_bytes(b"x")
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
        for path in (
            secret,
            Path("../secret.mp4"),
            store.folder / "everyframe.db",
            store.folder / "gone.mp4",
        ):
            run.attach(run.add_event(event()), clip=path)
        linked = run.add_event(event())
    with store.writing() as session:
        from everyframe.store.models import EventRow

        row = session.get(EventRow, linked)
        assert row is not None
        row.clip = "link.mp4"
    viewer = enter("viewer")
    entries = viewer.get(f"{API}/events").json()["events"]
    assert len(entries) == 5
    for entry in entries:
        assert viewer.get(entry["clip"]).status_code == 404


def test_numbers_that_json_does_not_know_are_null(enter: Enter, store: Store) -> None:
    with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
        run.add_event(event(score=float("inf"), p_value=float("inf")))
    (entry,) = enter("viewer").get(f"{API}/events").json()["events"]
    assert (entry["score"], entry["p_value"]) == (None, None)


def test_a_timeline_has_scores_on_the_wall_clock(enter: Enter, found: list[int]) -> None:
    viewer = enter("viewer")
    times = {"since": NOON - 60, "until": NOON + 60}
    answer = viewer.get(f"{API}/cameras/gate/timeline", params=times).json()
    assert len(answer["peaks"]) == 30
    assert answer["peaks"][0]["utc"] == pytest.approx(NOON, abs=1)
    assert [entry["id"] for entry in answer["events"]] == found
    assert answer["alert_p"] == 0.001
    late = viewer.get(f"{API}/cameras/gate/timeline", params={"since": NOON, "until": NOON - 1})
    assert late.status_code == 422


def test_metrics_are_for_whoever_is_signed_in(enter: Enter, found: list[int]) -> None:
    text = enter("viewer").get("/metrics").text
    for line in (
        'everyframe_camera_fps{camera="gate"} 10.0',
        'everyframe_camera_state{camera="gate",state="watching"} 1.0',
        'everyframe_camera_frames_total{camera="gate"} 5.0',
        "everyframe_events 3.0",
        'everyframe_http_requests_total{method="POST",status="200"} 1.0',
    ):
        assert line in text


def test_people_and_tokens_are_kept_by_administrators(enter: Enter) -> None:
    admin = enter("admin")
    form = {"name": "eve", "password": "a long enough one", "role": "reviewer"}
    assert admin.post(f"{API}/users", json=form).status_code == 201
    assert admin.post(f"{API}/users", json=form).status_code == 400
    assert admin.patch(f"{API}/users/eve", json={"role": "viewer"}).json()["role"] == "viewer"
    assert [person["name"] for person in admin.get(f"{API}/users").json()] == [
        "admin",
        "eve",
        "reviewer",
        "viewer",
    ]
    made = admin.post(f"{API}/tokens", json={"name": "grafana", "role": "viewer"}).json()
    assert made["secret"].startswith("ef_")
    assert made["secret"] not in admin.get(f"{API}/tokens").text
    assert admin.delete(f"{API}/tokens/{made['id']}").status_code == 204
    assert admin.delete(f"{API}/users/eve").status_code == 204
    for nobody in (
        admin.delete(f"{API}/users/eve"),
        admin.patch(f"{API}/users/eve", json={"role": "viewer"}),
        admin.put(f"{API}/users/eve/password", json={"password": "a long enough one"}),
        admin.delete(f"{API}/tokens/{made['id']}"),
    ):
        assert nobody.status_code == 404
        assert "look at the list" in nobody.json()["detail"]


def test_the_system_says_how_it_is(enter: Enter) -> None:
    answer = enter("admin").get(f"{API}/system").json()
    assert answer["disk_free"] > 0
    assert "av" in answer["libraries"]


@pytest.mark.parametrize("role", list(Role))
def test_roles_are_held_to(enter: Enter, role: Role) -> None:
    client = enter(role.value)
    expected = 200 if role is Role.ADMIN else 403
    assert client.get(f"{API}/users").status_code == expected
    assert client.get(f"{API}/system").status_code == expected
    assert client.get(f"{API}/events").status_code == 200


def test_a_verdict_is_given_replaced_and_undone(enter: Enter, found: list[int], store: Store) -> None:
    reviewer = enter("reviewer")
    at = f"{API}/events/{found[0]}"
    given = reviewer.post(f"{at}/verdict", json={"kind": "real", "name": "cyclist"})
    assert given.status_code == 201, given.text
    assert reviewer.get(at).json()["verdict"]["who"] == "reviewer"
    assert reviewer.get(f"{API}/events", params={"waiting": True}).json()["total"] == 2
    reviewer.post(f"{at}/verdict", json={"kind": "normal"})
    (standing,) = reviewer.get(f"{API}/verdicts").json()
    assert standing["kind"] == "normal"
    assert len(reviewer.get(f"{API}/verdicts", params={"standing": False}).json()) == 2
    assert reviewer.delete(f"{API}/verdicts/{standing['id']}").status_code == 204
    assert store.verdicts() == []
    assert reviewer.get(at).json()["verdict"] is None
    assert reviewer.post(f"{at}/verdict", json={"kind": "false", "name": "x"}).status_code == 400
    assert reviewer.delete(f"{API}/verdicts/999").status_code == 404


def test_what_is_left_for_later_still_waits(enter: Enter, found: list[int]) -> None:
    reviewer = enter("reviewer")
    reviewer.post(f"{API}/events/{found[0]}/verdict", json={"kind": "later"})
    assert reviewer.get(f"{API}/events", params={"waiting": True}).json()["total"] == 3


def test_a_viewer_gives_no_verdict(enter: Enter, found: list[int]) -> None:
    viewer = enter("viewer")
    assert viewer.post(f"{API}/events/{found[0]}/verdict", json={"kind": "real"}).status_code == 403


def test_the_faults_of_cameras_are_told(enter: Enter, store: Store) -> None:
    store.begin("gate", StreamInfo("gate", 64, 48), "watch").finish()
    store.note_health("gate", HealthEvent(HealthKind.DARK, 1.0, None, NOON, None, "as dark as 3 of 255"))
    viewer = enter("viewer")
    (fault,) = viewer.get(f"{API}/health?camera=gate").json()
    assert (fault["kind"], fault["start_utc"], fault["end_utc"]) == ("dark", NOON, None)
    assert viewer.get(f"{API}/health", params={"until": NOON - 1.0}).json() == []
