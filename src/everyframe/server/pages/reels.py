"""Reels: choose moments, put them in order, trim them, watch them, and have the film cut."""

from __future__ import annotations

import html
import json
from functools import partial

from nicegui import ui

from everyframe.server.api.reels import PREFIX
from everyframe.server.pages.sight import Sight, empty, fault, page, text
from everyframe.server.reel_jobs import ReelJob, ReelState
from everyframe.server.roles import Role
from everyframe.store import words
from everyframe.store.archive.finding import names_of
from everyframe.store.archive.hints import EMPTY

_EVERY = 1.0  # seconds between two looks at how far reels have come
_CALLED = {"vtt": "Chapters", "json": "JSON", "edl": "EDL", "fcpxml": "FCPXML", "otio": "OTIO"}


def register() -> None:
    """Add the page."""
    page("/reels", "Reels", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    ui.add_head_html(
        '<link rel="stylesheet" href="/static/reels.css"><script defer src="/static/reels.js"></script>'
    )
    if not names_of(sight.house.store, "label", 1):
        empty(EMPTY.replace("`", ""))
    elif sight.may_review:
        wanted = sight.query.get("add", "")
        known = wanted.isascii() and wanted.isdigit() and 0 < len(wanted) < 10
        told = json.dumps({"csrf": sight.visitor.csrf, "add": int(wanted) if known else 0})
        ui.html(f'<reel-builder data-told="{html.escape(told)}"></reel-builder>', sanitize=False)
    else:
        text("p", "A reviewer can make reels here; you can watch those that are made.", "soft")
    _Made(sight)


class _Made:
    """The reels that are there, and those that are being made."""

    def __init__(self, sight: Sight) -> None:
        self._sight, self._reels = sight, sight.house.reels
        self._seen = self._reels.all()
        self._shown: dict[int, ui.html] = {}  # how far each has come
        self._asked = ui.dialog()  # outside the list, which is drawn anew under it
        self._list()
        ui.timer(_EVERY, self._look)

    def _look(self) -> None:
        """Draw anew what is not as it was, for somebody who may still see it."""
        now = self._reels.all()
        if now != self._seen:
            if self._sight.still(Role.VIEWER):
                self._seen = now
                self._list.refresh()
            return
        for job in now:
            if job.id in self._shown:
                self._shown[job.id].set_content(self._progress(job))

    @ui.refreshable_method
    def _list(self) -> None:
        self._shown.clear()
        jobs = self._reels.all()
        text("h2", "Made")
        if not jobs:
            text("p", "No reel was made here yet.", "soft")
            return
        with ui.element("ol").classes("reels"):
            for job in jobs:
                with ui.element("li").classes("item"):
                    self._one(job)

    def _one(self, job: ReelJob) -> None:
        done = job.state is ReelState.DONE
        with ui.element("div"):
            text("h3", job.title)
            cuts = f"{len(job.cuts)} cut{'s' if len(job.cuts) > 1 else ''}"
            length = f"{words.duration(job.seconds)}, {cuts}" if done else cuts
            text("p", f"{length} · {job.who} · {words.date(job.made_utc)}", "soft")
            if job.state is ReelState.FAILED:
                fault(job.fault)
            elif not done:
                self._shown[job.id] = ui.html(self._progress(job), sanitize=False)
            for note in job.notes:
                text("p", note, "soft")
        with ui.element("div").classes("tools"):
            if done:
                self._files(job)
            if self._sight.may_review:
                with (
                    ui.element("button")
                    .classes("tool")
                    .props(f'aria-label="Remove {html.escape(job.title)}"')
                    .on("click", partial(self._remove, job))
                ):
                    text("span", "Remove" if done or job.state is ReelState.FAILED else "Cancel")

    def _progress(self, job: ReelJob) -> str:
        if job.state is ReelState.WAITING:
            return '<p class="soft">It waits for its turn.</p>'
        share = self._reels.share(job.id)
        bar = f'<progress max="1" value="{share:.3f}" aria-label="How far it has come"></progress>'
        return f'{bar}<p class="soft">Being cut: {share:.0%}</p>'

    def _files(self, job: ReelJob) -> None:
        at, name = f"{PREFIX}/{job.id}", html.escape(_file_name(job.title))
        links = [f'<a class="button" href="{at}/film">Play</a>']
        links.append(f'<a class="button quiet" href="{at}/film" download="{name}.mp4">MP4</a>')
        links += [
            f'<a class="button quiet" href="{at}/lists/{kind}" download="{name}.{kind}">{_CALLED[kind]}</a>'
            for kind in self._reels.lists(job.id)
        ]
        ui.html("".join(links), sanitize=False).classes("tools files")

    def _remove(self, job: ReelJob) -> None:
        """Remove a reel: one that is there only after another question."""

        def gone() -> None:
            self._asked.close()
            self._sight.attempt(Role.REVIEWER, lambda: self._reels.remove(job.id))
            self._list.refresh()

        if job.state is not ReelState.DONE:
            gone()
            return
        self._asked.clear()
        with self._asked, ui.card():
            text("p", f"Remove “{job.title}” with its film?")
            with ui.element("div").classes("tools"):
                with ui.element("button").classes("button").on("click", gone):
                    text("span", "Remove it")
                with ui.element("button").classes("tool").on("click", self._asked.close):
                    text("span", "Keep it")
        self._asked.open()


def _file_name(title: str) -> str:
    """Return what a downloaded file is called: signs that some disks refuse become -."""
    kept = "".join(letter if letter.isalnum() or letter in " -_.()" else "-" for letter in title).strip(" .")
    return kept[:80] or "reel"
