"""Work that takes long, as a page shows it: how far it is, how it goes, and what can be done with it."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from nicegui import ui

from everyframe.server.job_files import Job, JobState
from everyframe.server.pages.sight import Sight, fault, text
from everyframe.server.roles import Role
from everyframe.store import words

_EVERY = 1.0  # seconds between two looks
_SHOWN = 8
_CALLED = {
    "beginning": "It begins",
    "reading": "Reading",
    "looking at": "Looking at moments of",
    "seeing": "Seeing",
    "learning": "Learning",
    "adding": "Adding",
    "looking through": "Looking through",
    "keeping": "Keeping what is in",
}
_UNITS = {"seeing": "examples", "learning": "epochs", "reading": "files", "looking at": "moments"}


def tabs(here: str) -> None:
    """Show the pages of footage, and which one this is."""
    ui.add_head_html('<link rel="stylesheet" href="/static/footage.css">')
    places = (("Library", "/footage"), ("Label", "/label"), ("Teach", "/teach"))
    links = "".join(
        f'<a href="{where}"{" aria-current=page" if where == here else ""}>{name}</a>'
        for name, where in places
    )
    ui.html(links, sanitize=False, tag="nav").classes("tabs").props('aria-label="Footage"')


def named(element: ui.element, name: str) -> ui.element:
    """Say what an element is called to those who do not see it; whatever that is, it is no markup."""
    element.props["aria-label"] = name
    return element


class Working:
    """The jobs of some kinds, the newest first, while a page is open.

    Args:
        sight: Who looks.
        kinds: Of jobs.
        over: Called when one of them is over.
    """

    def __init__(self, sight: Sight, kinds: Collection[str], over: Callable[[], object]) -> None:
        self._sight, self._kinds, self._over = sight, kinds, over
        self._jobs = sight.house.jobs
        self._seen = self._states()
        self._shown: dict[int, ui.html] = {}
        self._curves: dict[int, ui.echart] = {}
        self._list()
        ui.timer(_EVERY, self.look)

    def look(self) -> None:
        """Show what is not as it was, to somebody who may still see it."""
        now = self._states()
        if now != self._seen:
            if not self._sight.still(Role.VIEWER):
                return
            before, self._seen = self._seen, now
            self._list.refresh()
            if any(state.over and before.get(number) is not state for number, state in now.items()):
                self._over()
            return
        for job in self._some():
            if job.id in self._shown:
                self._shown[job.id].set_content(self._progress(job))
            chart = self._curves.get(job.id)
            if chart is not None and len(chart.options["series"][0]["data"]) != len(job.curve):
                chart.options["series"][0]["data"] = _points(job)
                chart.update()

    def _states(self) -> dict[int, JobState]:
        return {job.id: job.state for job in self._some()}

    def _some(self) -> list[Job]:
        return [job for job in self._jobs.all() if job.kind in self._kinds][:_SHOWN]

    @ui.refreshable_method
    def _list(self) -> None:
        self._shown.clear()
        self._curves.clear()
        with ui.element("section").classes("jobs").props('aria-label="What takes long"'):
            for job in self._some():
                with ui.element("article").classes("item"):
                    self._one(job)

    def _one(self, job: Job) -> None:
        with ui.element("div"):
            text("h3", job.title)
            text("p", f"{job.state.value} · {job.who} · {words.date(job.made_utc)}", "soft")
            if job.state is JobState.RUNNING:
                self._shown[job.id] = ui.html(self._progress(job), sanitize=False)
            if job.fault:
                fault(job.fault)
            if job.outcome:
                text("p", job.outcome)
            if job.kind == "teach" and job.task.get("epochs") and not job.task.get("add_to"):
                self._curve(job)
            if job.notes:
                lines = "".join(f"<li>{html.escape(line)}</li>" for line in job.notes)
                ui.html(lines, sanitize=False, tag="ul")
        if self._sight.may_review:
            with ui.element("div").classes("tools"):
                self._tools(job)

    def _tools(self, job: Job) -> None:
        if not job.state.over:
            self._tool("Stop" if job.state is JobState.RUNNING else "Take back", job, self._jobs.stop, job.id)
            return
        who = self._sight.visitor.account.name
        if job.state is not JobState.DONE:
            called = "Go on" if job.state is JobState.INTERRUPTED else "Again"
            self._tool(called, job, self._jobs.again, job.id, who)
        self._tool("Dismiss", job, self._jobs.remove, job.id)

    def _tool(self, label: str, job: Job, deed: Callable[..., object], *told: object) -> None:
        def act() -> None:
            self._sight.attempt(Role.REVIEWER, partial(deed, *told))
            self._seen = self._states()
            self._list.refresh()

        with named(ui.element("button").classes("tool").on("click", act), f"{label}: {job.title}"):
            text("span", label)

    def _progress(self, job: Job) -> str:
        step = self._jobs.step(job.id)
        if step.total:
            bar = f'<progress max="1" value="{step.share:.3f}" aria-label="How far it is"></progress>'
        else:
            bar = '<progress aria-label="It is being done"></progress>'
        unit = _UNITS.get(step.doing)
        count = f"{step.done:,.0f} of {step.total:,.0f} {unit}" if unit and step.total else ""
        if step.total and not unit and step.doing in ("looking through", "keeping"):
            count = f"{words.duration(step.done)} of {words.duration(step.total)}"
        parts = [f"{_CALLED.get(step.doing, step.doing)} {step.name}".strip(), count, step.more]
        if step.stopping:
            parts.insert(0, "It is asked to stop; once more ends it at once")
        return f'{bar}<p class="soft">{html.escape(" · ".join(part for part in parts if part))}</p>'

    def _curve(self, job: Job) -> None:
        if job.state is not JobState.RUNNING and not job.curve:
            return
        chart = ui.echart(curve_of(job), renderer="svg").classes("curve")
        named(chart.props("role=img"), f"The loss after each epoch of {job.title}")
        self._curves[job.id] = chart


def curve_of(job: Job) -> dict[str, Any]:
    """Return what the chart of a training draws: the loss after each epoch."""
    soft = {"color": "#8a8178"}
    return {
        "animation": False,
        "grid": {"left": 44, "right": 12, "top": 26, "bottom": 24},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": job.task["epochs"],
            "minInterval": 1,
            "axisLabel": soft,
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": "loss",
            "nameTextStyle": soft,
            "min": 0,
            "axisLabel": soft,
            "splitNumber": 3,
            "splitLine": {"lineStyle": {"color": "#8a817833"}},
        },
        "series": [
            {
                "type": "line",
                "name": "loss",
                "data": _points(job),
                "showSymbol": len(job.curve) < 3,
                "lineStyle": {"width": 2, "color": "#f26a2e"},
                "itemStyle": {"color": "#f26a2e"},
                "areaStyle": {"opacity": 0.12, "color": "#f26a2e"},
            }
        ],
    }


def _points(job: Job) -> list[list[float]]:
    return [[epoch, round(loss, 4)] for epoch, loss in enumerate(job.curve, 1)]
