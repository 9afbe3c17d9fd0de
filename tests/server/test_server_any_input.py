"""The API does what its own description says, whatever Schemathesis makes of that description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.server.conftest import PASSWORD, event
from tests.server.fakes import Still

from everyframe.actions import read_values
from everyframe.live import CameraSpec
from everyframe.server import api
from everyframe.server.app import make_app
from everyframe.server.guard import COOKIE, CSRF_HEADER
from everyframe.server.house import House, build
from everyframe.server.passwords import csrf_of
from everyframe.server.roles import Role
from everyframe.server.settings import ServerSettings
from everyframe.store import Store
from everyframe.types import StreamInfo

ACTING = {
    "destination": {"siren": {"kind": "webhook", "url": "http://192.0.2.1/"}},
    "rule": [{"name": "fixed", "when": [{"alert": "any"}], "request": {"destination": "siren"}}],
}

REFUSED = {
    "POST /api/v1/users": "somebody may be called so already",
    "PATCH /api/v1/users/{name}": "somebody has to be administrator",
    "DELETE /api/v1/users/{name}": "likewise",
    "PUT /api/v1/users/{name}/password": "one's own is changed with the old one",
    "POST /api/v1/cameras": "the source is looked at, and a name may be taken",
    "PATCH /api/v1/cameras/{name}": "hours and time zones are read by readers of their own",
    "POST /api/v1/probe": "the source is looked at",
    "POST /api/v1/footage": "it has to be there",
    "POST /api/v1/libraries": "what is taught has to be labelled",
    "GET /api/v1/cameras/{name}/timeline": "at most 32 days, and in order",
    "POST /api/v1/events/{number}/verdict": "only what is real has a name",
    "GET /api/v1/moments": "what others are to be like may not be there, and a text may have too many words",
    "PUT /api/v1/profiles/{name}": "of a name that is compared without its marks nothing may be left",
    "PUT /api/v1/cameras/{name}/zones/{zone}": "it is a table of the settings file, too",
    "PUT /api/v1/rules/{name}": "it is a table of the settings file, which its own reader reads",
}
"""Where what fits the description may still be refused, because of what no description can say."""


REJECTIONS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]


class Front:
    """Stands where the application will be while tests are collected; ``served`` puts it there."""

    app: ASGIApp
    house: House

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


FRONT = Front()


def described() -> OpenApiSchema:
    bare = FastAPI(title="Everyframe", version="1")
    bare.include_router(api.routes())
    told = bare.openapi()
    operations = [
        {"include-name": f"{method.upper()} {path}", "checks": checks}
        for path, methods in told["paths"].items()
        for method, about in methods.items()
        if (checks := lenient(f"{method.upper()} {path}", about))
    ]
    # What is too large is refused before anybody looks at what is in it.
    config = schemathesis.Config.from_dict({"operations": operations, "checks": rejected_with(REJECTIONS)})
    found = schemathesis.openapi.from_dict(told, config=config)
    found.app = FRONT
    return found


def lenient(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """Return which checks are less strict for an operation than for all."""
    checks: dict[str, Any] = {}
    if name in REFUSED:
        checks["positive_data_acceptance"] = {"expected-statuses": ["2xx", "400", "404", "422"]}
    if r"\\p{" in json.dumps(about.get("parameters", [])):
        # What a letter is in all the world's alphabets, two readers of a pattern do not say alike.
        checks |= rejected_with([*REJECTIONS, "200"])
    return checks


def rejected_with(statuses: list[str]) -> dict[str, Any]:
    return {"negative_data_rejection": {"expected-statuses": statuses}}


@pytest.fixture(scope="module", autouse=True)
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    cameras = (CameraSpec("gate", "synthetic:park"),)
    with Store(tmp_path_factory.mktemp("described")) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr("everyframe.server.passwords._N", 2)
        house = build(store, ServerSettings(login_tries=1000.0), Still(), cameras, read_values(ACTING))
        with store.begin("gate", StreamInfo("gate", 64, 48), "watch") as run:
            run.add_event(event())
        FRONT.house, FRONT.app = house, make_app(house, pages=False)
        yield


def signed_in() -> dict[str, str]:
    """Return the headers of an administrator who is there whatever was sent before."""
    accounts = FRONT.house.accounts
    found = next((account for account in accounts.all() if account.name == "admin"), None)
    if found is None:
        found = accounts.add("admin", PASSWORD, Role.ADMIN, chosen=True)
    secret = accounts.sign_in(accounts.set_role(found.name, Role.ADMIN))
    return {"Cookie": f"{COOKIE}={secret}", CSRF_HEADER: csrf_of(secret)}


DESCRIBED = described()


def test_every_operation_of_the_application_is_tried() -> None:
    operations = [found.ok() for found in DESCRIBED.get_all_operations() if isinstance(found, Ok)]
    there = FRONT.app.openapi()["paths"]  # type: ignore[attr-defined]
    assert {(each.path, each.method) for each in operations} == {
        (path, method) for path, methods in there.items() for method in methods
    }
    assert {each.label for each in operations} >= set(REFUSED)


@DESCRIBED.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_sent_the_answer_is_as_described(case: schemathesis.Case[Any]) -> None:
    answer = case.call_and_validate(headers=signed_in())
    assert answer.status_code != 401 or case.operation.label == "POST /api/v1/session"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"name":"\\ud800","password":"\\ud800"}', b"[" * 10_000]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    client = TestClient(FRONT.app, raise_server_exceptions=False)
    answer = client.post("/api/v1/session", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert isinstance(answer.json()["detail"], str)


def test_the_methods_of_a_place_are_named_where_another_is_asked_for() -> None:
    answer = TestClient(FRONT.app).request("TRACE", "/api/v1/session")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST, DELETE"
