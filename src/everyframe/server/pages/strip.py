"""The last minutes of a camera as a narrow strip: how unusual each moment was."""

from __future__ import annotations

import html
import math

from everyframe.store import words
from everyframe.store.browsing import Stretch

_DECADES = 6.0  # from "as usual" at the bottom to "once in a million" at the top
_WIDTH, _HEIGHT = 300.0, 40.0


def draw(stretch: Stretch, since: float, until: float) -> str:
    """Draw a strip as SVG.

    Args:
        stretch: What the camera scored.
        since: POSIX seconds of the left edge.
        until: POSIX seconds of the right edge.

    Returns:
        Markup of ours alone.
    """
    known = [(peak.utc, peak.p_value) for peak in stretch.peaks if peak.p_value is not None]
    strangest = min((p_value for _, p_value in known), default=None)
    spoken = "nothing is known yet" if strangest is None else words.how_rare(strangest)
    marks = "".join(_gap(gap.start_utc, gap.end_utc, since, until) for gap in stretch.gaps)
    bars = " ".join(
        f"M{_across(utc, since, until):.1f} {_HEIGHT:g}V{_down(p_value):.1f}" for utc, p_value in known
    )
    line = ""
    if stretch.alert_p:
        at = _down(stretch.alert_p)
        line = f'<path class="alert" d="M0 {at:.1f}H{_WIDTH:g}"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="{html.escape(f"The last {words.duration(until - since)}: at most, {spoken}")}">'
        f'{marks}<path class="score" d="{bars}"/>{line}</svg>'
    )


def _across(utc: float, since: float, until: float) -> float:
    return _WIDTH * min(max((utc - since) / (until - since), 0.0), 1.0)


def _down(p_value: float) -> float:
    unusual = min(max(-math.log10(max(p_value, 1e-12)), 0.0), _DECADES)
    return _HEIGHT - 1.0 - (_HEIGHT - 2.0) * unusual / _DECADES


def _gap(start: float, end: float, since: float, until: float) -> str:
    left, right = _across(start, since, until), _across(end, since, until)
    if right - left < 1.0:
        return ""  # single repeated pictures: a strip full of them would show nothing
    return f'<rect class="gap" x="{left:.1f}" width="{right - left:.1f}" y="0" height="{_HEIGHT:g}"/>'
