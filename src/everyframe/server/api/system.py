"""How the machine and the server are."""

from __future__ import annotations

from fastapi import APIRouter

from everyframe.server.api.forms import System
from everyframe.server.guard import Admin, TheHouse
from everyframe.server.machine import look

router = APIRouter(tags=["system"])


@router.get("/system")
def system(house: TheHouse, visitor: Admin) -> System:  # noqa: ARG001
    """Say how the machine and the server are."""
    return System(**look(house))
