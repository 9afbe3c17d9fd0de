"""What the server has is on its page, and the page has nothing that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.server.conftest import Enter

from everyframe.server.settings import table
from everyframe.settings import Tunable

PAGE = (Path(__file__).parents[2] / "docs" / "serve.md").read_text()


@pytest.mark.parametrize("row", table(), ids=lambda row: row.name)
def test_every_setting_is_on_the_page_as_it_is(row: Tunable) -> None:
    assert f"| `{row.name}` | {row.shown or '–'} | {row.allowed or '–'} | {row.help} |" in PAGE


def test_every_endpoint_is_on_the_page_and_none_that_is_gone(app: FastAPI) -> None:
    known = {
        f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods
    }
    assert set(re.findall(r"^\| `((?:GET|POST|PUT|PATCH|DELETE) /api[^`]*)`", PAGE, re.MULTILINE)) == known


def test_every_metric_is_on_the_page_and_none_that_is_gone(enter: Enter) -> None:
    text = enter("viewer").get("/metrics").text
    known = {
        name + ("_total" if kind == "counter" and not name.endswith("_total") else "")
        for name, kind in re.findall(r"^# TYPE (\S+) (\S+)", text, re.MULTILINE)
        if not name.endswith("_created")
    }
    assert set(re.findall(r"^\| `(everyframe_[a-z_]+)`", PAGE, re.MULTILINE)) == known
