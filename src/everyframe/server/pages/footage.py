"""Footage: what is indexed, what is known to happen in it, and indexing more."""

from __future__ import annotations

import html
from functools import partial
from urllib.parse import urlencode

from nicegui import run, ui

from everyframe.errors import EveryframeError
from everyframe.server.api.footage import begin
from everyframe.server.pages.sight import Sight, empty, fault, page, text
from everyframe.server.pages.working import Working, named, tabs
from everyframe.server.roles import Role
from everyframe.server.shelf import offered, shown
from everyframe.server.works import INDEX
from everyframe.store import words
from everyframe.store.archive.shelf import Shelved, shelf, take_away

_PAGE = 50
_CHIPS = 12


def register() -> None:
    """Add the page."""
    page("/footage", "Footage", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    tabs("/footage")
    if sight.may_review:
        _add(sight)
    shelves = _Shelf(sight)
    if sight.may_review or sight.house.jobs.all():
        Working(sight, (INDEX,), shelves.refresh)
    shelves.show()


def _add(sight: Sight) -> None:
    """Ask for a file or folder to index."""
    folder = sight.house.settings.footage
    if not folder:
        text(
            "p",
            'To index footage here, name its folder in the settings file: footage = "/where/it/lies".'
            " Without that, use everyframe index.",
            "soft",
        )
        return
    options = "".join(f'<option value="{html.escape(one)}">' for one in [".", *offered(folder)])
    ui.html(f'<datalist id="offered">{options}</datalist>', sanitize=False)
    with ui.element("form").classes("filters search add-footage") as form:
        field = ui.element("input").props(
            'list="offered" maxlength="1000" aria-label="File or folder" autocomplete="off"'
            ' placeholder="A file or folder of the folder of footage; . for all of it"'
        )
        with ui.element("button").classes("button"):
            text("span", "Index it")
    said = text("p", "", "fault").props("role=alert")

    async def ask(event: object) -> None:
        path = str(getattr(event, "args", "") or "").strip()
        if not sight.still(Role.REVIEWER):
            return
        if not path:
            said.set_content("Name a file or a folder; a dot is all of it.")
            return
        try:
            await run.io_bound(begin, sight.house, path, sight.visitor.account.name)
        except EveryframeError as error:
            said.set_content(html.escape(str(error)))
            return
        said.set_content("")
        ui.run_javascript(f"getHtmlElement({field.id}).value = ''")

    form.on("submit", ask, js_handler="(event) => { event.preventDefault(); emit(event.target[0].value); }")


class _Shelf:
    """The footage that is indexed."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._text = sight.query.get("text", "").strip()[:200]
        told = sight.query.get("offset", "")
        self._offset = int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 0
        self._asked = ui.dialog()  # outside the list, which is drawn anew under it

    def refresh(self) -> None:
        """Show it anew."""
        self.show.refresh()

    @ui.refreshable_method
    def show(self) -> None:
        """Show a page of it."""
        found, more = shelf(self._sight.house.store, text=self._text, limit=_PAGE, offset=self._offset)
        if not found and not self._text and not self._offset:
            empty("No footage is indexed yet.")
            return
        if self._text or self._offset or more:
            ui.html(
                '<form method="get" class="filters search"><input type="search" name="text" class="words"'
                f' value="{html.escape(self._text)}" placeholder="A part of its name" maxlength="200"'
                ' aria-label="Name"><button class="go">Find</button></form>',
                sanitize=False,
            )
        if not found:
            empty("No footage is called so.", "All of it", "/footage")
        with ui.element("ol").classes("films"):
            for one in found:
                with ui.element("li").classes("item"):
                    self._one(one)
        self._turn(more)

    def _one(self, one: Shelved) -> None:
        about = one.footage
        here = about.path is not None and about.path.is_file()
        with ui.element("div"):
            text("h2", about.name)
            facts = [
                words.duration(about.seconds) if about.seconds else "",
                f"{about.width} x {about.height}" if about.width else "",
                f"{about.fps:g} frames/s" if about.fps else "",
                about.date or "",
                f"indexed {words.date(one.indexed_utc)}",
            ]
            if about.path is not None:
                facts.insert(0, shown(self._sight.house.settings.footage, about.path))
            text("p", " · ".join(fact for fact in facts if fact), "soft")
            if not here:
                fault("The file is not there any more; put it back, or index it where it is now.")
            self._moments(one)
        with ui.element("div").classes("tools"):
            named(ui.link("Label", f"/label?footage={about.id}").classes("tool"), f"Label {about.name}")
            if self._sight.may_change:
                button = ui.element("button").classes("tool").on("click", partial(self._ask, one))
                with named(button, f"Remove {about.name} from the index"):
                    text("span", "Remove")

    def _moments(self, one: Shelved) -> None:
        if not one.moments:
            text("p", "Nothing is known to happen in it yet.", "soft")
            return
        chips = [
            f'<a href="/find?{urlencode({"label": label})}">{html.escape(label)}<b>{count:,}</b></a>'
            for label, count in list(one.moments.items())[:_CHIPS]
        ]
        if len(one.moments) > _CHIPS:
            chips.append(f"<span>and {len(one.moments) - _CHIPS} more</span>")
        ui.html("".join(chips), sanitize=False).classes("chips")

    def _ask(self, one: Shelved) -> None:
        """Remove footage, after another question: what people labelled goes, too."""
        name, number = one.footage.name, one.footage.id

        async def gone() -> None:
            self._asked.close()
            if self._sight.still(Role.ADMIN):
                try:
                    await run.io_bound(take_away, self._sight.house.store, number)
                except EveryframeError as error:
                    ui.notify(str(error), type="negative")
            self.show.refresh()

        self._asked.clear()
        with self._asked, ui.card():
            count = sum(one.moments.values())
            lost = f" with {count:,} moment{'s' * (count != 1)}" if count else ""
            people = f" ({one.by_people:,} said by people)" if one.by_people else ""
            text("p", f"Take {name} out of the index{lost}{people}? The file itself stays.")
            with ui.element("div").classes("tools"):
                with ui.element("button").classes("button").on("click", gone):
                    text("span", "Take it out")
                with ui.element("button").classes("tool").on("click", self._asked.close):
                    text("span", "Keep it")
        self._asked.open()

    def _turn(self, more: bool) -> None:
        links = []
        if self._offset:
            links.append(("Back", max(0, self._offset - _PAGE)))
        if more:
            links.append(("More", self._offset + _PAGE))
        if links:
            with ui.element("nav").classes("tools").props('aria-label="Pages"'):
                for called, place in links:
                    query = urlencode({"text": self._text, "offset": place})
                    ui.link(called, f"/footage?{query}").classes("button quiet")
