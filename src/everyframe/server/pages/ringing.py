"""What a page does when there is an alert: by default, it says so and leads there."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from nicegui import ui

from everyframe.live import Notice
from everyframe.server.bell import Bell

_EVERY = 0.2  # seconds between two looks: an alert is on the page within that
_SHOWN = 20.0  # seconds that a word of it stays

Heard = Callable[[Sequence[Notice]], None]


class Ringing:
    """The word of new alerts on one open page, and of those that came while it was being opened.

    Args:
        bell: Who knows of them.
    """

    def __init__(self, bell: Bell) -> None:
        self._bell, self._rung = bell, bell.rung - len(bell.lately(_SHOWN))
        self._heard: Heard | None = None
        self._left = 0.0
        # Read out by a screen reader, and seen wherever one has scrolled to.
        self._word = ui.html("", sanitize=False).classes("ring").props('role="status" aria-live="polite"')
        ui.timer(_EVERY, self._look)

    def take(self, heard: Heard) -> None:
        """Have somebody else show new alerts."""
        self._heard = heard

    def _look(self) -> None:
        new = self._bell.since(self._rung)
        self._rung = self._bell.rung
        if new:
            if self._heard is not None:
                self._heard(new)
            else:
                self._show(new)
        elif self._left > 0.0:
            self._left -= _EVERY
            if self._left <= 0.0:
                self._word.set_content("")

    def _show(self, new: Sequence[Notice]) -> None:
        latest, more = new[-1], len(new) - 1
        others = f" <small>and {more} more</small>" if more else ""
        self._word.set_content(
            f'<a href="/review?event={latest.event_id or ""}" {arrived(latest)}>'
            f"<b>{html.escape(latest.camera)}</b> {html.escape(latest.text)}{others}</a>"
        )
        self._left = _SHOWN


def arrived(notice: Notice) -> str:
    """Return an attribute that says when the picture came that decided it, for measuring how long it took."""
    return f'data-arrived="{notice.frame_utc:.3f}"' if notice.frame_utc is not None else ""
