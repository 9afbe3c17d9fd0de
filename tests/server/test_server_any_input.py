"""Whatever is sent, the answer is one of those that the API's own description lists, and never a 500."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.server.conftest import PASSWORD, event
from tests.server.fakes import Still

from everyframe.live import CameraSpec
from everyframe.server.app import make_app
from everyframe.server.house import build
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.store import Store
from everyframe.types import StreamInfo

WORDS = st.sampled_from(
    (
        *(
            "",
            "gate",
            "admin",
            "viewer",
            "1",
            "-1",
            "0",
            "9" * 30,
            "nan",
            "inf",
            "1e308",
            "flow",
            "strangest",
        ),
        *("2/day", "../../etc/passwd", "\0", "💥", "a" * 3000, "synthetic:park", "rtsp://a:b@127.0.0.1:9/"),
    )
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.one_of(WORDS, st.text(st.characters(codec="utf-8"), max_size=30))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), FLOATS, TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("any")
    with Store(folder) as store:
        house = build(
            store, ServerSettings(login_tries=1000.0), Still(), (CameraSpec("gate", "synthetic:park"),)
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("everyframe.server.passwords._N", 2)
            house.accounts.add("admin", PASSWORD, Role.ADMIN, chosen=True)
            with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
                run.add_event(event())
            with TestClient(make_app(house, pages=False), raise_server_exceptions=False) as entered:
                yield entered


def drawn(data: st.DataObject, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """Draw something that is about what a schema asks for, and often enough is not."""
    if "$ref" in schema:
        schema = whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if data.draw(st.integers(0, 9)) == 0:
        return data.draw(JSON)
    if "anyOf" in schema:
        return drawn(data, data.draw(st.sampled_from(schema["anyOf"])), whole)
    if "enum" in schema:
        return data.draw(st.sampled_from(schema["enum"]))
    kind = schema.get("type")
    if kind == "object":
        names = [name for name in schema.get("properties", {}) if data.draw(st.integers(0, 9))]
        return {name: drawn(data, schema["properties"][name], whole) for name in names}
    if kind == "array" and ("items" in schema or "prefixItems" in schema):
        kinds = schema.get("prefixItems") or [schema["items"]] * data.draw(st.integers(0, 4))
        return [drawn(data, one, whole) for one in kinds]
    if kind == "integer":
        return data.draw(st.integers())
    if kind == "number":
        return data.draw(FLOATS)
    return data.draw(st.booleans() if kind == "boolean" else TEXT)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(data=st.data())
def test_nothing_that_is_sent_makes_the_server_fail(client: TestClient, data: st.DataObject) -> None:
    whole = client.app.openapi()  # type: ignore[attr-defined]
    endpoints = sorted((path, method) for path, methods in whole["paths"].items() for method in methods)
    path, method = data.draw(st.sampled_from(endpoints))
    described = whole["paths"][path][method]
    query: dict[str, str] = {}
    for parameter in described.get("parameters", []):
        if not parameter["required"] and data.draw(st.booleans()):
            continue
        value = str(drawn(data, parameter["schema"], whole))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="") or "%20")
        else:
            query[parameter["name"]] = value
    body = described.get("requestBody")
    sent: dict[str, Any] = {}
    if body is not None:
        sent["json"] = drawn(data, body["content"]["application/json"]["schema"], whole)
    if client.get("/api/v1/session").status_code == 401:  # it may have signed itself out
        session = client.post("/api/v1/session", json={"name": "admin", "password": PASSWORD})
        client.headers["X-CSRF-Token"] = session.json()["csrf"]
    answer = client.request(method, path, params=query, **sent)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.status_code != 405:
        assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"name":"\\ud800","password":"\\ud800"}', b"[" * 10_000]
)
def test_what_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/v1/session", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
