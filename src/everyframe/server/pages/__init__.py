"""The web page: what is shown to people, on NiceGUI."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from nicegui import ui

from everyframe.server.pages import (
    actions,
    cameras,
    editing,
    find,
    footage,
    labelling,
    normal,
    people,
    reels,
    review,
    signing,
    start,
    system,
    teaching,
    timeline,
    wall,
)

STATIC = Path(__file__).parent / "static"


def attach(app: FastAPI) -> None:
    """Add the pages to an application; once a process, for the toolkit keeps its pages in one place."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.include_router(signing.router)
    for page in (
        wall,
        review,
        timeline,
        find,
        reels,
        footage,
        labelling,
        teaching,
        normal,
        cameras,
        editing,
        actions,
        people,
        system,
        start,
    ):
        page.register()
    ui.run_with(
        app,
        title="Everyframe",
        dark=None,
        favicon=STATIC / "eye.svg",
        language="en-US",
        show_welcome_message=False,
        tailwind=False,
        reconnect_timeout=10.0,
    )
