from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from tests.server.conftest import PASSWORD, Enter

from everyframe.server.house import House
from everyframe.server.roles import Role

API = "/api/v1"
FORM = {"name": "grafana"}


def test_a_session_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI) -> None:
    with TestClient(app) as client:
        answer = client.post(f"{API}/session", json={"name": "viewer", "password": PASSWORD})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert PASSWORD not in cookie


def test_what_changes_something_needs_the_word_of_the_session(enter: Enter) -> None:
    client = enter("admin")
    word = client.headers.pop("X-CSRF-Token")
    other = enter("viewer").headers["X-CSRF-Token"]
    for headers in (
        {},
        {"X-CSRF-Token": "x"},
        {"X-CSRF-Token": other},
        {"X-CSRF-Token": "\x7f"},
    ):
        assert client.post(f"{API}/tokens", json=FORM, headers=headers).status_code == 403
    assert client.post(f"{API}/tokens", json=FORM, headers={"X-CSRF-Token": word}).status_code == 201


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_sites_page_changes_nothing_even_with_the_word(enter: Enter, headers: dict[str, str]) -> None:
    client = enter("admin")
    assert client.post(f"{API}/tokens", json=FORM, headers=headers).status_code == 403
    form = {"name": "admin", "password": PASSWORD}
    assert client.post(f"{API}/session", json=form, headers=headers).status_code == 403
    assert client.post(f"{API}/tokens", json=FORM, headers={"Origin": "http://testserver"}).status_code == 201


def test_every_endpoint_that_changes_something_is_held_to_it(enter: Enter, app: FastAPI) -> None:
    client = enter("admin")
    del client.headers["X-CSRF-Token"]
    tried = 0
    for path, methods in app.openapi()["paths"].items():
        for method in set(methods) - {"get"}:
            if (method, path) == ("post", f"{API}/session"):
                continue
            filled = path.replace("{name}", "gate").replace("{number}", "1")
            assert client.request(method, filled, json={}).status_code == 403, (method, path)
            tried += 1
    assert tried >= 11


def test_a_token_works_without_a_cookie_and_does_what_it_may(enter: Enter, app: FastAPI) -> None:
    secret = enter("admin").post(f"{API}/tokens", json={"name": "script", "role": "viewer"}).json()["secret"]
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as program:
        assert program.get(f"{API}/events").status_code == 200
        assert program.get(f"{API}/users").status_code == 403
        assert program.post(f"{API}/tokens", json=FORM).status_code == 403
    with TestClient(app, headers={"Authorization": "Bearer ef_wrong"}) as program:
        assert program.get(f"{API}/events").status_code == 401


def test_guessing_is_slowed_down_for_that_person_only(app: FastAPI) -> None:
    with TestClient(app) as client:
        wrong = {"name": "admin", "password": "wrong password"}
        codes = [client.post(f"{API}/session", json=wrong).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        right = client.post(f"{API}/session", json={"name": "admin", "password": PASSWORD})
        assert right.status_code == 429
        assert 1 <= int(right.headers["Retry-After"]) <= 300
        assert client.post(f"{API}/session", json={"name": "viewer", "password": PASSWORD}).status_code == 200


def test_guessing_many_names_from_one_address_is_slowed_down_too(app: FastAPI) -> None:
    with TestClient(app) as client:
        codes = [
            client.post(f"{API}/session", json={"name": f"n{index}", "password": "x"}).status_code
            for index in range(21)
        ]
    assert codes == [401] * 20 + [429]


def test_until_somebody_chose_a_password_they_can_do_nothing_else(app: FastAPI, house: House) -> None:
    house.accounts.add("new", "given by the admin", Role.ADMIN)
    with TestClient(app) as client:
        answer = client.post(f"{API}/session", json={"name": "new", "password": "given by the admin"})
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        assert answer.json()["chosen"] is False
        assert client.get(f"{API}/events").status_code == 403
        assert client.post(f"{API}/tokens", json=FORM).status_code == 403
        change = {"old": "given by the admin", "new": "chosen by myself"}
        assert client.put(f"{API}/session/password", json=change | {"old": "x"}).status_code == 403
        assert client.put(f"{API}/session/password", json=change).status_code == 204
        assert client.get(f"{API}/events").status_code == 200
        client.headers["X-CSRF-Token"] = client.get(f"{API}/session").json()["csrf"]
        assert client.delete(f"{API}/session").status_code == 204
        assert client.get(f"{API}/events").status_code == 401


def test_every_answer_carries_the_headers_that_protect(enter: Enter) -> None:
    for path in (f"{API}/events", f"{API}/nothing", "/healthz", "/metrics"):
        headers = enter("viewer").get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_a_password_that_was_sent_is_never_sent_back(app: FastAPI) -> None:
    with TestClient(app) as client:
        answer = client.post(f"{API}/session", json={"name": "admin", "password": ["hunter2"]})
        assert answer.status_code == 422
        assert "hunter2" not in answer.text
        assert "password" in answer.json()["detail"]


def test_a_body_that_is_too_long_is_refused(app: FastAPI) -> None:
    with TestClient(app) as client:
        assert client.post(f"{API}/session", content=b"x" * 1_000_001).status_code == 413


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_no_socket_opens_for_a_stranger_or_another_site(
    app: FastAPI, enter: Enter, headers: dict[str, str]
) -> None:
    client = enter("admin") if headers else TestClient(app)
    with (
        pytest.raises(WebSocketDisconnect) as caught,
        client.websocket_connect("/_nicegui_ws/", headers=headers),
    ):
        pass
    assert caught.value.code == 4401
