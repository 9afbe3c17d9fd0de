"""The application: the API, the page, and what operators ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from everyframe._version import __version__
from everyframe.server import api, faults
from everyframe.server.doorway import Doorway
from everyframe.server.guard import TheHouse, Viewer
from everyframe.server.house import House
from everyframe.server.machine import not_ready
from everyframe.server.metrics import Metrics

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


def _watched(house: House) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001 - the signature of a lifespan
        house.cameras.start()
        yield

    return lifespan
