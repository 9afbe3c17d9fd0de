"""The application: the API, the page, and what operators ask."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from everyframe._version import __version__
from everyframe.errors import EveryframeError
from everyframe.server import api, faults
from everyframe.server.doorway import Doorway
from everyframe.server.guard import TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.metrics import Metrics
from everyframe.store import browsing

FULL = 100_000_000
"""Bytes of free disk below which the server is not ready: no clip could be kept."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def make_app(house: House, *, pages: bool = True) -> FastAPI:
    """Make the application of a house.

    Args:
        house: What it is about.
        pages: Whether to serve the web page; the toolkit behind it allows that once a process.
    """
    app = FastAPI(
        title="Everyframe",
        version=__version__,
        description="What the cameras found, and what people said it was.",
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,  # they would load their scripts from another host
        redoc_url=None,
        lifespan=_watched(house),
    )
    metrics = Metrics(house)
    app.add_middleware(Doorway, house=house, metrics=metrics)
    faults.handle(app)
    app.include_router(api.routes())

    @app.get("/healthz", include_in_schema=False)
    def healthz(house: TheHouse) -> Response:
        """Say whether it is ready, or why not."""
        fault = not_ready(house)
        return JSONResponse({"ready": fault is None, "why": fault}, 200 if fault is None else 503)

    @app.get("/metrics", include_in_schema=False)
    def scrape(visitor: Viewer) -> Response:  # noqa: ARG001
        return PlainTextResponse(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    if pages:
        from everyframe.server.pages import attach

        attach(app)
    return app


def not_ready(house: House) -> str | None:
    """Say in a line why requests cannot be answered as they should; ``None`` where they can."""
    try:
        browsing.browse(house.store, limit=0)
        free = shutil.disk_usage(house.folder).free
    except EveryframeError as error:
        return str(error)
    except OSError:
        return "The data folder is not there; mount it, or choose another."
    if free < FULL:
        return "The disk is full; free some space."
    return None


def _watched(house: House) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - the signature of a lifespan
        house.cameras.start()
        yield

    return lifespan
