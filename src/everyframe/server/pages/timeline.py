"""Timeline: a day of a camera."""

from __future__ import annotations

import html
import json
import math
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from nicegui import ui
from nicegui.events import EChartPointClickEventArguments

from everyframe.server.pages.sight import Sight, empty, page, text
from everyframe.server.roles import Role
from everyframe.store import browsing, words
from everyframe.store.browsing import Order, Stretch
from everyframe.store.healths import StoredHealth
from everyframe.store.recording import folder_of, recorded
from everyframe.store.records import StoredEvent

_DECADES = 8.0
_MOST = 500  # events of one day
_LEAST_GAP = 2.0  # seconds; shorter ones are no wider than a line


def register() -> None:
    """Add the page."""
    page("/timeline", "Timeline", Role.VIEWER, _build)


def _build(sight: Sight) -> None:
    names = browsing.camera_names(sight.house.store)
    if not names:
        empty("No camera has been watched yet, so there is no day to show.", "To the wall", "/")
        return
    wanted = sight.query.get("camera", "")
    camera = wanted if wanted in names else names[0]
    day = _day(sight.query.get("day", ""))
    _choose(names, camera, day)
    since, until = _bounds(day)
    stretch = browsing.stretch(sight.house.store, camera, since, until)
    events = browsing.browse(
        sight.house.store, camera=camera, since=since, until=until, order=Order.OLDEST, limit=_MOST
    ).events
    faults = sight.house.store.health(camera, since, until)
    if not stretch.peaks and not events:
        _faults(faults)
        empty(f"{camera} was not watched on that day. Choose another day above.")
        return
    # Looked at anew where anything was watched: a minute of footage shall show its seconds.
    since, until = _watched(stretch, events, since, until)
    stretch = browsing.stretch(sight.house.store, camera, since, until)
    alerts = "no alert" if not events else "1 alert" if len(events) == 1 else f"{len(events)} alerts"
    watched = words.duration(len(stretch.peaks) * _step(since, until))
    choose = " Choose one to review it." if events else ""
    text("p", f"About {watched} watched, {alerts}.{choose}", "soft")
    chart = ui.echart(options(stretch, events, faults, since, until), on_point_click=_open, renderer="svg")
    chart.classes("day").props('role="img" aria-label="How unusual each moment of the day was"')
    _film(sight, camera, since, until, chart)
    _list(events, stretch)
    _faults(faults)


def _film(sight: Sight, camera: str, since: float, until: float, chart: ui.echart) -> None:
    """Show the day's recordings: a click on the chart plays from there."""
    found = recorded(folder_of(sight.house.folder, camera), since, until)
    if not found:
        return
    address = f"/api/v1/cameras/{quote(camera, safe='')}/recordings"
    files = [[one.start_utc, one.end_utc, f"{address}/{one.path.stem}"] for one in found]
    ui.add_head_html('<script defer src="/static/player.js"></script>')
    ui.html(
        f'<figure id="film" class="film" data-files="{html.escape(json.dumps(files))}">'
        '<video controls muted playsinline hidden aria-label="The recording"></video>'
        '<p class="soft">Click anywhere in the picture above to play the recording from there.</p></figure>',
        sanitize=False,
    )
    ui.timer(0.5, lambda: ui.run_javascript(f"playWhereClicked(getElement({chart.id}).chart)"), once=True)


def options(
    stretch: Stretch, events: list[StoredEvent], faults: list[StoredHealth], since: float, until: float
) -> dict[str, Any]:
    """Return what the chart draws: the score, the alert line, the events, the gaps, the camera's faults."""
    known = [[1000 * peak.utc, _unusual(peak.p_value)] for peak in stretch.peaks if peak.p_value is not None]
    line = _broken(known, 3000 * _step(since, until))
    dots = [
        {
            "value": [1000 * _began(event), _unusual(event.event.p_value)],
            "name": event.event.reason,
            "id": event.id,
        }
        for event in events
    ]
    bands = [
        _band(gap.start_utc, gap.end_utc, "#8a817840")
        for gap in stretch.gaps
        if gap.end_utc - gap.start_utc >= _LEAST_GAP
    ]
    bands += [
        _band(one.start_utc, until if one.end_utc is None else one.end_utc, "#b3261e30") for one in faults
    ]
    alert = [] if stretch.alert_p is None else [{"yAxis": _unusual(stretch.alert_p)}]
    return {
        "animation": False,
        "grid": {"left": 84, "right": 12, "top": 16, "bottom": 56},
        "tooltip": {"trigger": "item", "confine": True, ":formatter": "point => point.name || ''"},
        "xAxis": {
            "type": "time",
            "min": 1000 * since,
            "max": 1000 * until,
            "axisLabel": {"color": "#8a8178", "hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "minInterval": 1,
            "axisLabel": {
                "color": "#8a8178",
                ":formatter": "v => v === 0 ? 'usual' : '1 in ' + (10 ** v).toLocaleString('en')",
            },
            "splitLine": {"lineStyle": {"color": "#8a817833"}},
        },
        "dataZoom": [{"type": "inside"}, {"type": "slider", "height": 18, "bottom": 8}],
        "series": [
            {
                "type": "line",
                "name": "",
                "data": line,
                "showSymbol": False,
                "silent": True,
                "lineStyle": {"width": 1.2, "color": "#8a8178"},
                "areaStyle": {"opacity": 0.15, "color": "#8a8178"},
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "label": {"show": False},
                    "lineStyle": {"color": "#f26a2e", "type": "dashed"},
                    "data": alert,
                },
                "markArea": {
                    "silent": True,
                    "label": {"show": False},
                    "data": bands,
                },
            },
            {"type": "scatter", "data": dots, "symbolSize": 16, "itemStyle": {"color": "#f26a2e"}},
        ],
    }


def _list(events: list[StoredEvent], stretch: Stretch) -> None:
    rows = "".join(
        f'<li><a href="/review?all=1&amp;event={event.id}"><time>{_clock(_began(event))}</time> '
        f"{html.escape(event.event.reason)}</a></li>"
        for event in events
    )
    gaps = "".join(
        f"<li><span><time>{_clock(gap.start_utc)}</time> {html.escape(gap.reason)} for "
        f"{words.duration(gap.end_utc - gap.start_utc)}</span></li>"
        for gap in stretch.gaps
        if gap.end_utc - gap.start_utc >= _LEAST_GAP
    )
    if rows:
        ui.html(f"<h2>Alerts</h2><ul>{rows}</ul>", sanitize=False).classes("list")
    if gaps:
        ui.html(f"<h2>Without pictures</h2><ul>{gaps}</ul>", sanitize=False).classes("list")


def _band(start: float, end: float, color: str) -> list[dict[str, Any]]:
    return [{"xAxis": 1000 * start, "itemStyle": {"color": color}}, {"xAxis": 1000 * end}]


def _faults(faults: list[StoredHealth]) -> None:
    rows = "".join(
        f"<li><span><time>{_clock(one.start_utc)}</time> {html.escape(one.kind.value.replace('_', ' '))}, "
        f"{_lasted(one)}: {html.escape(one.text)}</span></li>"
        for one in faults
    )
    if rows:
        ui.html(f"<h2>What was wrong with the camera</h2><ul>{rows}</ul>", sanitize=False).classes("list")


def _lasted(fault: StoredHealth) -> str:
    return "still" if fault.end_utc is None else f"for {words.duration(fault.end_utc - fault.start_utc)}"


def _choose(names: list[str], camera: str, day: date) -> None:
    options = "".join(
        f"<option{' selected' if name == camera else ''}>{html.escape(name)}</option>" for name in names
    )
    address = quote(camera, safe="")
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    ui.html(
        '<form method="get" class="filters">'
        f'<select name="camera" aria-label="Camera">{options}</select>'
        f'<input type="date" name="day" value="{day}" aria-label="Day"><button>Show</button>'
        f'<a class="button quiet" href="/timeline?camera={address}&amp;day={before}">Day before</a>'
        f'<a class="button quiet" href="/timeline?camera={address}&amp;day={after}">Day after</a></form>',
        sanitize=False,
    )


def _open(point: EChartPointClickEventArguments) -> None:
    data: object = point.data  # a mapping for what was given as one, whatever the toolkit declares
    if isinstance(data, dict) and "id" in data:
        ui.navigate.to(f"/review?all=1&event={int(data['id'])}")


def _day(wanted: str) -> date:
    today = datetime.now().astimezone().date()
    try:
        found = date.fromisoformat(wanted)
    except ValueError:
        return today
    return found if 1971 <= found.year <= 2900 else today


def _bounds(day: date) -> tuple[float, float]:
    """Return the day's beginning and end in this machine's zone, POSIX seconds."""
    begin = datetime(day.year, day.month, day.day).astimezone()
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day).astimezone()
    return begin.timestamp(), end.timestamp()


def _watched(stretch: Stretch, events: list[StoredEvent], since: float, until: float) -> tuple[float, float]:
    """Return the part of the day in which anything was watched, with a little air around it."""
    times = [peak.utc for peak in stretch.peaks] + [_began(event) for event in events]
    air = max(120.0, 0.03 * (max(times) - min(times)))
    return max(since, min(times) - air), min(until, max(times) + air)


def _broken(line: list[list[float]], most: float) -> list[list[float | None]]:
    """Break a line where nothing was watched for longer than ``most`` milliseconds."""
    whole: list[list[float | None]] = []
    for at, height in line:
        if whole and at - (whole[-1][0] or 0.0) > most:
            whole.append([at - 1, None])
        whole.append([at, height])
    return whole


def _step(since: float, until: float) -> float:
    """Return how long a time each peak stands for, seconds."""
    return max(1.0, (until - since) // browsing.POINTS)


def _began(event: StoredEvent) -> float:
    return event.noticed_utc if event.event.utc is None else event.event.utc


def _unusual(p_value: float) -> float:
    if math.isnan(p_value):
        return 0.0
    return round(min(max(-math.log10(max(p_value, 1e-12)), 0.0), _DECADES), 3)


def _clock(utc: float) -> str:
    return f"{datetime.fromtimestamp(utc).astimezone():%H:%M:%S}"
