"""Review: one event after another, and a key for each thing it may have been."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Sequence

from nicegui import ui
from nicegui.events import KeyEventArguments

from everyframe.errors import EveryframeError
from everyframe.live import Notice
from everyframe.server.api.events import PREFIX
from everyframe.server.inbox import Inbox
from everyframe.server.pages.ringing import arrived
from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.roles import Role
from everyframe.store import StoredEvent, browsing, words
from everyframe.store.browsing import Order
from everyframe.types import Deviation, VerdictKind

_BUTTONS = (
    ("r", VerdictKind.REAL, "Real", "tell me of the like"),
    ("f", VerdictKind.FALSE, "False alarm", "there was nothing"),
    ("n", VerdictKind.NORMAL, "Normal here", "the like is no alert"),
    ("l", VerdictKind.LATER, "Later", "not decided"),
)
_SAID = {kind: label.lower() for _, kind, label, _ in _BUTTONS}
_LONGEST = 0.7  # share of the line that the longer bar takes; the number stands behind it
_EVERY = 3.0  # seconds between two looks for new events, and for a clip that is being written

_WRITTEN_WITHIN = 900.0  # seconds after an event was noticed, which may go on for long


def register() -> None:
    """Add the page."""
    page("/review", "Review", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    order = Order(found) if (found := sight.query.get("order", "")) in list(Order) else Order.NEWEST
    camera, everything = sight.query.get("camera") or None, sight.query.get("all") == "1"
    wanted = sight.query.get("event", "")
    inbox = Inbox(
        sight.house,
        sight.visitor.account.name,
        camera=camera,
        order=order,
        all_of_them=everything,
        at=int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None,
    )
    _Review(sight, inbox, camera, order, everything)


class _Review:
    """The page while somebody goes through their inbox."""

    def __init__(
        self, sight: Sight, inbox: Inbox, camera: str | None, order: Order, everything: bool
    ) -> None:
        self._sight, self._inbox = sight, inbox
        self._choose(camera, order, everything)
        self._name: ui.input | None = None
        self._arrived: dict[int | None, Notice] = {}
        self._show()
        ui.keyboard(self._key, ignore=["input", "select", "textarea"], repeating=False)
        ui.timer(_EVERY, self._look)
        sight.ringing.take(self._heard)

    def _choose(self, camera: str | None, order: Order, everything: bool) -> None:
        cameras = "".join(
            _option(name, name, name == camera) for name in browsing.camera_names(self._sight.house.store)
        )
        orders = "".join(_option(kind.value, f"{kind.value} first", kind is order) for kind in Order)
        ticked = " checked" if everything else ""
        ui.html(
            '<form method="get" class="filters"><select name="camera" aria-label="Camera">'
            f'<option value="">every camera</option>{cameras}</select>'
            f'<select name="order" aria-label="Order">{orders}</select>'
            f'<label><input type="checkbox" name="all" value="1"{ticked}> judged ones, too</label>'
            "<button>Show</button></form>",
            sanitize=False,
        )

    @ui.refreshable_method
    def _show(self) -> None:
        event = self._inbox.current
        if event is None:
            empty(
                "Nothing awaits a verdict. What deviates will be here, with its clip and the reason.",
                "To the wall",
                "/",
            )
            return
        with ui.element("div").classes("review"):
            with ui.element("section").classes("event"):
                self._detail(event)
            with ui.element("ol").classes("inbox"):
                self._entries()

    @ui.refreshable_method
    def _entries(self) -> None:
        for place, entry in enumerate(self._inbox.events):
            self._entry(place, entry)

    def _detail(self, event: StoredEvent) -> None:
        self._film(event)
        when = words.date(event.noticed_utc if event.event.utc is None else event.event.utc)
        text("p", f"{event.camera} · {when} · {words.duration(event.event.duration)}", "soft")
        text("h2", f"{event.event.name}: {event.event.reason}" if event.event.name else event.event.reason)
        text("p", f"{words.how_rare(event.event.p_value)}.".capitalize(), "soft")
        verdict = self._inbox.verdicts.get(event.id)
        if verdict is not None:
            named = f" ({verdict.name})" if verdict.name else ""
            text("p", f"{verdict.who} said: {_SAID[verdict.kind]}{named}", "verdict")
        if self._sight.may_review:
            self._buttons()
        if event.event.deviations:
            bars = "".join(_bar(deviation) for deviation in event.event.deviations)
            ui.html(bars, sanitize=False).classes("bars")
        if event.why is not None:
            ui.html(
                f'<img src="{PREFIX}/{event.id}/drawing" loading="lazy" '
                f'alt="A drawing of what deviates: {html.escape(event.event.reason)}">'
                "<figcaption>Why: what was seen, beside what is ordinary there</figcaption>",
                sanitize=False,
                tag="figure",
            ).classes("why")

    def _film(self, event: StoredEvent) -> None:
        at, reason = f"{PREFIX}/{event.id}", html.escape(event.event.reason)
        poster = f'poster="{at}/thumbnail"' if event.thumbnail else ""
        if event.clip is not None:
            film = (
                f'<video src="{at}/clip" {poster} controls autoplay muted loop playsinline '
                f'aria-label="{reason}"></video>'
            )
        elif event.thumbnail is not None:
            film = f'<img src="{at}/thumbnail" alt="{reason}"><p class="soft">{_no_clip(event)}</p>'
        else:
            film = '<p class="soft">Neither clip nor picture was kept.</p>'
        ui.html(film, sanitize=False).classes("film")

    def _buttons(self) -> None:
        with ui.element("div").classes("verdicts").props('role="group" aria-label="What was it?"'):
            for key, kind, label, hint in _BUTTONS:
                button = ui.element("button").classes(f"say {kind.value}").on("click", self._sayer(kind))
                with button:
                    text("span", label)
                    text("kbd", key)
                    text("small", hint)
        with ui.element("div").classes("tools"):
            self._name = ui.input(placeholder="name it, if it is real").props(
                'dense outlined maxlength=200 aria-label="Name, if it is real"'
            )
            self._name.on("keydown.enter", self._sayer(VerdictKind.REAL))
            for label, key, step in (
                ("Undo", "u", self._undo),
                ("Back", "k", lambda: self._go(-1)),
                ("Next", "j", lambda: self._go(1)),
            ):
                with ui.element("button").classes("tool").on("click", step):
                    text("span", label)
                    text("kbd", key)

    def _entry(self, place: int, entry: StoredEvent) -> None:
        verdict = self._inbox.verdicts.get(entry.id)
        here = place == self._inbox.place

        def look() -> None:
            self._inbox.go_to(entry.id)
            self._show.refresh()

        with (
            ui.element("li"),
            ui.element("button").classes("entry here" if here else "entry").on("click", look) as b,
        ):
            if here:
                b.props('aria-current="true"')
            picture = (
                f'<img src="{PREFIX}/{entry.id}/thumbnail" alt="" loading="lazy">' if entry.thumbnail else ""
            )
            when = words.date(entry.noticed_utc if entry.event.utc is None else entry.event.utc)
            new = arrived(self._arrived[entry.id]) if entry.id in self._arrived else ""
            said = f"<b>{html.escape(_SAID[verdict.kind])}</b> · " if verdict is not None else ""
            ui.html(
                f"{picture}<span {new}>{html.escape(entry.event.reason)}<small>{said}"
                f"{html.escape(entry.camera)} · {html.escape(when)}</small></span>",
                sanitize=False,
            )

    def _sayer(self, kind: VerdictKind) -> Callable[[], None]:
        return lambda: self._say(kind)

    def _say(self, kind: VerdictKind) -> None:
        if not self._sight.still(Role.REVIEWER):
            return
        name = (self._name.value or "") if self._name is not None and kind is VerdictKind.REAL else ""
        last = self._inbox.place == len(self._inbox.events) - 1
        try:
            self._inbox.say(kind, str(name)[:200])
            if last:
                self._inbox.fetch()
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
            return
        self._show.refresh()

    def _undo(self) -> None:
        if not self._sight.still(Role.REVIEWER):
            return
        try:
            done = self._inbox.undo()
        except EveryframeError as error:
            ui.notify(str(error), type="negative")
            return
        ui.notify("Undone." if done else "There is nothing to undo here.")
        self._show.refresh()

    def _go(self, steps: int) -> None:
        self._inbox.move(steps)
        self._show.refresh()

    def _look(self) -> None:
        """Show events that came while the inbox was empty, and a clip once it is written.

        Otherwise nobody is disturbed, and nobody who writes a name.
        """
        if self._inbox.current is None:
            if self._sight.still(Role.VIEWER):
                self._inbox.fetch()
                if self._inbox.events:
                    self._show.refresh()
        elif not (self._name is not None and self._name.value) and self._inbox.renew():
            self._show.refresh()

    def _heard(self, notices: Sequence[Notice]) -> None:
        """Put new alerts into the list; what somebody looks at stays, and what they write."""
        self._arrived |= {notice.event_id: notice for notice in notices}
        if not self._sight.still(Role.VIEWER):
            return
        idle = self._inbox.current is None
        self._inbox.fetch()
        if idle:
            self._show.refresh()
        else:
            self._entries.refresh()

    def _key(self, stroke: KeyEventArguments) -> None:
        held = stroke.modifiers
        if not stroke.action.keydown or held.ctrl or held.alt or held.meta:
            return
        key = stroke.key.name.lower()
        if key in ("j", "k"):
            self._go(1 if key == "j" else -1)
        elif self._sight.may_review and key == "u":
            self._undo()
        elif self._sight.may_review and self._inbox.current is not None:
            for button, kind, _, _ in _BUTTONS:
                if key == button:
                    self._say(kind)


def _no_clip(event: StoredEvent) -> str:
    """Say why there is a picture and no clip."""
    new = time.time() - event.noticed_utc < _WRITTEN_WITHIN
    return "The clip is being written." if new else "The clip is not there any more; it made room."


def _option(value: str, label: str, chosen: bool) -> str:
    selected = " selected" if chosen else ""
    return f'<option value="{html.escape(value)}"{selected}>{html.escape(label)}</option>'


def _bar(deviation: Deviation) -> str:
    """Draw one deviation: what was measured beside what is normal."""
    longest = max(abs(deviation.value), abs(deviation.normal)) or 1.0
    wide = [
        100 * abs(value) / longest if longest < float("inf") else 100.0
        for value in (deviation.value, deviation.normal)
    ]
    rows = "".join(
        f'<div class="{kind}"><i style="width:{_LONGEST * width:.0f}%"></i>'
        f"<span>{html.escape(f'{words.number(value)} {deviation.unit}')}</span></div>"
        for kind, width, value in (
            ("measured", wide[0], deviation.value),
            ("usual", wide[1], deviation.normal),
        )
    )
    return f'<div class="bar-pair"><b>{html.escape(deviation.attribute)}</b>{rows}</div>'
