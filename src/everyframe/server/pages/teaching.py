"""Teach: choose what people labelled, teach it, watch how that goes, and run it over the footage."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException
from nicegui import run, ui
from pydantic import ValidationError

from everyframe.errors import EveryframeError
from everyframe.highlights.library import FEWEST, NOTHING
from everyframe.server.api.libraries import PREFIX, begin, begin_spotting, counted
from everyframe.server.api.teach_forms import SpotForm, TeachForm
from everyframe.server.libraries import Shown, libraries, remove
from everyframe.server.pages.sight import Sight, empty, fault, page, text
from everyframe.server.pages.working import Working, named, tabs
from everyframe.server.roles import Role
from everyframe.server.works import SPOT, TEACH
from everyframe.store import words


def register() -> None:
    """Add the page."""
    page("/teach", "Teach", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    tabs("/teach")
    shelf = _Libraries(sight)
    form: _Form | None = None
    counts = counted(sight.house)
    if not counts:
        empty(
            f"Nothing is labelled yet. Label {FEWEST} examples of each of two things at least.",
            "To the labels",
            "/label",
        )
    elif sight.may_review:
        form = _Form(sight, counts, [one.name for one in shelf.all()])
    else:
        text("p", "A reviewer can teach here; you can look at what was taught.", "soft")

    def over() -> None:
        shelf.refresh()
        if form is not None:
            form.offer([one.name for one in shelf.all()])

    Working(sight, (TEACH, SPOT), over)
    shelf.show()


class _Form:
    """What to teach, and how."""

    def __init__(self, sight: Sight, counts: dict[str, int], known: list[str]) -> None:
        self._sight = sight
        torch = find_spec("torch") is not None
        with ui.element("section").classes("form teach"):
            text("h2", "What to teach")
            self._classes = self._choose(counts)
            text("h2", "How")
            with ui.element("div").classes("options"):
                self._name = ui.input("Name of the library", value="library").props("outlined maxlength=64")
                self._epochs = ui.number("Epochs of a network beside it", value=0, min=0, max=1000)
                self._epochs.props('outlined hint="0 trains none; 24 are many"')
                if not torch:
                    self._epochs.disable()
                self._streams = _select(
                    "What it sees", {"both": "pictures and motion", "frames": "pictures", "flow": "motion"}
                )
                self._recurrent = _select(
                    "What remembers over time", {"gru": "GRU", "lstm": "LSTM", "none": "nothing"}
                )
                self._fusion = _select("Both are joined", {"late": "late", "early": "early"})
                self._add_to = _select("Add to", _no_library(known))
            self._mirror = ui.checkbox("Left and right mean the same", value=True)
            if not torch:
                text(
                    "p",
                    "PyTorch is not installed, so no network is trained: pip install 'everyframe[train]'.",
                    "soft",
                )
            self._said = text("p", "", "fault").props("role=alert")
            with ui.element("button").classes("button").on("click", self._teach):
                text("span", "Teach it")

    def offer(self, known: list[str]) -> None:
        """Offer these libraries to add classes to."""
        self._add_to.set_options(_no_library(known), value=self._add_to.value)

    def _choose(self, counts: dict[str, int]) -> dict[str, ui.checkbox]:
        boxes: dict[str, ui.checkbox] = {}
        few = []
        with ui.element("div").classes("classes").props('role=group aria-label="Classes"'):
            for label, count in counts.items():
                if label == NOTHING:
                    continue
                if count < FEWEST:
                    few.append(f"{label} has {count} of {FEWEST}")
                box = ui.checkbox(f"{label} ({count:,})", value=count >= FEWEST)
                if count < FEWEST:
                    box.disable()
                boxes[label] = box
        if few:
            text("p", f"Too few examples to teach: {', '.join(few)}. Label more of them.", "soft")
        labelled = f"; so are the {counts[NOTHING]:,} labelled {NOTHING}" if NOTHING in counts else ""
        text(
            "p",
            "Stretches between the labels of a film are taken for examples of nothing, to tell events"
            f" from whatever else happens{labelled}.",
            "soft",
        )
        return boxes

    async def _teach(self) -> None:
        if not self._sight.still(Role.REVIEWER):
            return
        try:
            form = TeachForm(
                name=str(self._name.value or "").strip(),
                classes=[label for label, box in self._classes.items() if box.value],
                add_to=self._add_to.value or None,
                streams=self._streams.value,
                fusion=self._fusion.value,
                recurrent=self._recurrent.value,
                mirror=bool(self._mirror.value),
                epochs=int(self._epochs.value or 0),
            )
        except (ValidationError, ValueError) as error:
            self._said.set_content(html.escape(_plain(error)))
            return
        self._said.set_content(
            html.escape(await _attempt(begin, self._sight.house, form, self._sight.visitor.account.name))
        )


class _Libraries:
    """What was taught."""

    def __init__(self, sight: Sight) -> None:
        self._sight, self._folder = sight, sight.house.libraries
        self._asked = ui.dialog()  # outside the list, which is drawn anew under it

    def all(self) -> list[Shown]:
        """Return all of them."""
        return libraries(self._folder)

    def refresh(self) -> None:
        """Show them anew."""
        self.show.refresh()

    @ui.refreshable_method
    def show(self) -> None:
        """Show them."""
        found = self.all()
        text("h2", "Libraries")
        if not found:
            text("p", "No library was taught here yet.", "soft")
        with ui.element("ol").classes("films"):
            for one in found:
                with ui.element("li").classes("item"):
                    self._one(one)

    def _one(self, one: Shown) -> None:
        with ui.element("div"):
            text("h3", one.name)
            if one.fault:
                fault(one.fault)
            facts = [words.date(one.changed_utc)]
            if "examples" in one.about:
                facts.append(f"{one.about['examples']} examples")
            if "epochs" in one.about:
                epochs = one.about["epochs"]
                facts.append(f"{epochs} epochs" if epochs else "no network")
            if one.design:
                streams = " and ".join(str(stream) for stream in one.design.get("streams", ()))
                facts.append(f"sees {streams}")
            if one.accuracy is not None:
                facts.append(f"{one.accuracy:.0%} right on groups left out")
            text("p", " · ".join(facts), "soft")
            chips = "".join(f"<span>{html.escape(label)}</span>" for label in one.classes)
            ui.html(chips, sanitize=False).classes("chips")
            if one.classes and NOTHING not in one.classes:
                why = "It was shown nothing else, so whatever moves is taken for one of these."
                text("p", f"{why} Label some as {NOTHING}, and teach it again.", "soft")
        with ui.element("div").classes("tools"):
            if self._sight.may_review and not one.fault:
                self._tool(
                    "Run over the footage", f"Run {one.name} over the footage", partial(self._spot, one)
                )
            link = ui.link("Download", f"{PREFIX}/{quote(one.name)}/file").classes("tool").props("download")
            named(link, f"Download {one.name}")
            if self._sight.may_change:
                self._tool("Remove", f"Remove {one.name}", partial(self._ask, one))

    def _tool(self, label: str, called: str, act: Callable[[], Any]) -> None:
        with named(ui.element("button").classes("tool").on("click", act), called):
            text("span", label)

    async def _spot(self, one: Shown) -> None:
        if self._sight.still(Role.REVIEWER):
            who = self._sight.visitor.account.name
            said = await _attempt(
                begin_spotting, self._sight.house, one.name, SpotForm(footage=None, threshold=None), who
            )
            if said:
                ui.notify(said, type="negative")

    def _ask(self, one: Shown) -> None:
        def gone() -> None:
            self._asked.close()
            self._sight.attempt(Role.ADMIN, lambda: remove(self._folder, one.name))
            self.show.refresh()

        self._asked.clear()
        with self._asked, ui.card():
            text("p", f"Remove the library {one.name}? What it spotted stays.")
            with ui.element("div").classes("tools"):
                with ui.element("button").classes("button").on("click", gone):
                    text("span", "Remove it")
                with ui.element("button").classes("tool").on("click", self._asked.close):
                    text("span", "Keep it")
        self._asked.open()


async def _attempt(deed: Callable[..., object], *told: object) -> str:
    """Do something aside; return what is wrong where it cannot be."""
    try:
        await run.io_bound(deed, *told)
    except EveryframeError as error:
        return str(error)
    except HTTPException as error:
        return str(error.detail)
    return ""


def _select(label: str, options: dict[str, str]) -> ui.select:
    return ui.select(options, label=label, value=next(iter(options))).props("outlined")


def _no_library(known: list[str]) -> dict[str, str]:
    return {"": "no library", **{name: name for name in known}}


def _plain(error: ValueError) -> str:
    """Say in one line what is wrong with a form."""
    if not isinstance(error, ValidationError):
        return "Epochs are a whole number, from 0 to 1000."
    return {
        "name": "A library's name begins with a letter or digit; then letters, digits, spaces, ., _ and -.",
        "classes": "Choose the classes that it should know.",
        "epochs": "Epochs are a whole number, from 0 to 1000.",
    }.get(str(error.errors()[0]["loc"][0]), "Choose something else.")
