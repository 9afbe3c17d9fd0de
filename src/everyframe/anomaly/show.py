"""What is normal for a camera, as one picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.atlas import Atlas, Map
from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.contexts import HOURS
from everyframe.anomaly.drawing import (
    FAINT,
    INK,
    LINE,
    PANEL,
    PAPER,
    PRESENCE,
    SPEED,
    arrow,
    bar,
    blend,
    colored,
    grown,
    hatch,
    hue,
    shorten,
    wheel,
    width_of,
    write,
)
from everyframe.types import RGB

_WIDE = 1280  # pixels of what is drawn, without the margin
_HIGHEST = 800  # pixels of the flow field at most
_NARROWEST = 860
_MARGIN, _GAP = 40, 28
_TITLE, _LEGEND = 34, 30  # pixels above and below each map
_HEADER = 96
_STRIP = 120
_ARROW = 30  # pixels between two arrows
_COMMON = 0.22  # share of the directions from which on one is usual at a place
_LEAST_SEEN = 60.0  # seconds of footage from which on an hour counts as seen
_DAY = (("Night", 0, 6), ("Morning", 6, 12), ("Afternoon", 12, 18), ("Evening", 18, 24))


def picture(baseline: Baseline) -> RGB:
    """Draw what is normal for a camera.

    Args:
        baseline: What was learned.

    Returns:
        ``(H, W, 3)`` RGB: how often each place is visited, how fast things move there, which way they go,
        and all of it by time of day where the footage had a clock. Beneath the maps the usual look of the
        scene shows faintly.
    """
    normal = Atlas.of(baseline)
    aspect = baseline.about.height / baseline.about.width
    large, small = _widths(aspect)
    wide = max(large + _GAP + small, _NARROWEST)
    tall = round(large * aspect)
    maps = _TITLE + tall + _LEGEND
    clock = normal.hours[:HOURS].sum() >= _LEAST_SEEN
    part = (wide - 3 * _GAP) // 4
    day = _TITLE + _STRIP + 26 + _GAP + 24 + round(part * aspect) if clock else _TITLE
    height = _MARGIN + _HEADER + maps + _GAP + day + _MARGIN
    canvas: RGB = np.empty((height, wide + 2 * _MARGIN, 3), np.uint8)
    canvas[:] = PAPER
    _header(canvas, baseline, wide)
    top = _MARGIN + _HEADER
    _flow(canvas, normal, (_MARGIN, top, large, tall))
    right, low = _MARGIN + large + _GAP, round(small * aspect)
    _presence(canvas, normal, (right, top, small, low))
    _speed(canvas, normal, (right, top + maps - _TITLE - low - _LEGEND, small, low))
    top += maps + _GAP
    if clock:
        _day(canvas, normal, (_MARGIN, top, wide, _STRIP))
        _parts(canvas, normal, (_MARGIN, top + _TITLE + _STRIP + 26 + _GAP, part, round(part * aspect)))
    else:
        text = "By time of day: the footage had no clock. Tell when it begins with --starts, and learn again."
        write(canvas, shorten(text, 15, wide), (_MARGIN, top + 14), 15, FAINT)
    return canvas


def _widths(aspect: float) -> tuple[int, int]:
    """Return the widths of the flow field and of the two maps beside it, which are as high together."""
    between = (_TITLE + _LEGEND + _GAP / 2) / aspect
    small = (_WIDE - _GAP - between) / 3
    large = min(2 * small + between, _HIGHEST / aspect)
    return round(large), round(max((large - between) / 2, 60))


def _scene(normal: Atlas, size: tuple[int, int], strength: float) -> RGB:
    """Return the usual look of the scene in dark grey, to lay a map over."""
    light = grown(normal.ghost, size)[..., None] * strength
    dark: RGB = np.rint(np.array(PANEL) * 0.7 + light * np.array([92.0, 100.0, 112.0])).astype(np.uint8)
    return dark


def _header(canvas: RGB, baseline: Baseline, wide: int) -> None:
    about = baseline.about
    write(canvas, "What is normal here", (_MARGIN, _MARGIN + 28), 32, bold=True)
    names = about.sources
    source = names[0] if len(names) == 1 else f"{len(names)} sources, from {names[0]}"
    facts = [
        f"{_length(about.seconds)} of footage",
        f"{about.width}×{about.height}",
        f"detector {about.detector}",
        f"motion {about.motion}",
        about.created[:10],
    ]
    rest = "  ·  ".join(facts)
    room = wide - width_of("  ·  " + rest, 16)
    write(canvas, f"{shorten(source, 16, room)}  ·  {rest}", (_MARGIN, _MARGIN + 62), 16, FAINT)


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5_400 else f"{seconds / 3600:.1f} hours"


def _frame(canvas: RGB, box: tuple[int, int, int, int], title: str, note: str) -> RGB:
    """Write a panel's title; return the part of the canvas that its map goes into."""
    x, y, width, height = box
    end = write(canvas, title, (x, y + 16), 18, bold=True)
    write(canvas, shorten(note, 14, x + width - end - 12), (end + 12, y + 16), 14, FAINT)
    return canvas[y + _TITLE : y + _TITLE + height, x : x + width]


def _scale(canvas: RGB, box: tuple[int, int, int, int], colors: NDArray[np.uint8], ends: list[str]) -> None:
    """Draw a legend under a map: what its colours mean, in equal steps."""
    x, y, width, height = box
    low = y + _TITLE + height + 10
    first, last = width_of(ends[0], 13), width_of(ends[-1], 13)
    write(canvas, ends[0], (x, low + 11), 13, FAINT)
    write(canvas, ends[-1], (x + width - last, low + 11), 13, FAINT)
    bar(canvas, (x + first + 10, low + 1, width - first - last - 20, 10), colors)


def _presence(canvas: RGB, normal: Atlas, box: tuple[int, int, int, int]) -> None:
    place = _frame(canvas, box, "Presence", "how often something moves there")
    _lay_presence(place, normal, normal.presence)
    _scale(canvas, box, PRESENCE, [_percent(normal.low), f"{_percent(normal.high)} of the time"])


def _lay_presence(place: RGB, normal: Atlas, share: Map) -> None:
    size = place.shape[1], place.shape[0]
    level = grown(normal.level(share), size)
    place[:] = blend(_scene(normal, size, 0.6), colored(level, PRESENCE), (level + 0.1) / 0.25)


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 9.5 else f"{percent:.1g} %"


def _speed(canvas: RGB, normal: Atlas, box: tuple[int, int, int, int]) -> None:
    place = _frame(canvas, box, "Speed", "99 % of what moves is slower")
    size = place.shape[1], place.shape[0]
    known = normal.seen > 0.5
    place[:] = _scene(normal, size, 0.6)
    if not known.any():
        write(canvas, "nothing has moved yet", (box[0], box[1] + _TITLE + box[3] + 21), 13, FAINT)
        return
    high = _rounded(float(np.quantile(normal.speed[known], 0.98)))
    place[:] = blend(place, colored(grown(normal.speed, size) / high, SPEED), grown(normal.seen, size))
    _scale(canvas, box, SPEED, ["0", f"{high:g} px/s"])


def _rounded(value: float) -> float:
    """Round up to a number that is easy to read."""
    unit = 10.0 ** np.floor(np.log10(max(value, 1e-6)))
    return float(next(step * unit for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * unit >= value * 0.999))


def _flow(canvas: RGB, normal: Atlas, box: tuple[int, int, int, int]) -> None:
    place = _frame(canvas, box, "Flow", "which way things go; brighter where more of them do")
    size = place.shape[1], place.shape[0]
    place[:] = _scene(normal, size, 0.75)
    ny, nx = normal.seen.shape
    columns, rows = max(1, size[0] // _ARROW), max(1, size[1] // _ARROW)
    step = size[0] / columns, size[1] / rows
    total = cv2.GaussianBlur(normal.headings, (0, 0), 0.7).reshape(ny, nx, 8)
    most = max(float(total.sum(axis=-1).max()), 1.0)
    for row in range(rows):
        for column in range(columns):
            middle = (column + 0.5) * step[0], (row + 0.5) * step[1]
            counts = total[int(middle[1] / size[1] * ny), int(middle[0] / size[0] * nx)]
            strength = np.log1p(counts.sum()) / np.log1p(most)
            if counts.sum() < 3.0:
                continue
            _arrows(place, middle, counts, float(strength))
    x, y, width, height = box
    middle_y = y + _TITLE + height + 17
    wheel(canvas, (x + 11, middle_y), 11)
    write(canvas, "colour: direction, two arrows where both are usual", (x + 32, middle_y + 5), 13, FAINT)
    cv2.rectangle(canvas, (x, y + _TITLE), (x + width - 1, y + _TITLE + height - 1), LINE, 1)


def _arrows(place: RGB, middle: tuple[float, float], counts: NDArray[np.float64], strength: float) -> None:
    ways = usual_ways(counts)
    for angle, share in ways:
        # Where two lanes share a place, each keeps to its side.
        aside = 5.0 if len(ways) > 1 else 0.0
        at = middle[0] - aside * np.sin(angle), middle[1] + aside * np.cos(angle)
        strong = 0.25 + 0.75 * strength
        red, green, blue = (int(v) for v in np.rint(hue(angle) * strong + np.array(PANEL) * (1 - strong)))
        arrow(place, at, angle, _ARROW * (0.45 + 0.4 * share), (red, green, blue))


def usual_ways(counts: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return angle (radians, clockwise from rightwards) and share of up to two usual directions.

    Args:
        counts: ``(8,)`` how often each direction was seen, rightwards first, then clockwise.
    """
    lobes = np.roll(counts, 1) + counts + np.roll(counts, -1)
    total = max(float(counts.sum()), 1e-9)
    found: list[tuple[float, float]] = []
    for way in np.argsort(-lobes, kind="stable"):
        share = float(lobes[way]) / total
        if share < _COMMON or len(found) == 2:
            break
        near = np.array([counts[way - 1], counts[way], counts[(way + 1) % 8]])
        angle = (way + (near * np.array([-1.0, 0.0, 1.0])).sum() / max(near.sum(), 1e-9)) * np.pi / 4
        apart = [abs((angle - other + np.pi) % (2 * np.pi) - np.pi) for other, _ in found]
        if all(a > 0.6 * np.pi for a in apart):
            found.append((float(angle % (2 * np.pi)), min(share, 1.0)))
    return found


def _day(canvas: RGB, normal: Atlas, box: tuple[int, int, int, int]) -> None:
    """Draw how busy each hour is; hours without footage are hatched."""
    place = _frame(canvas, box, "By time of day", "share of the picture that moves; hatched: no footage")
    busy = normal.visits[:HOURS].mean(axis=(1, 2))
    seen = normal.hours[:HOURS] >= _LEAST_SEEN
    most = max(float(busy[seen].max(initial=0.0)), 1e-9)  # no hour may have enough of it
    x, y, width, height = box
    for hour in range(HOURS):
        left, right = round(hour * width / HOURS) + 1, round((hour + 1) * width / HOURS) - 1
        column = place[:, left:right]
        if not seen[hour]:
            hatch(column)
        else:
            column[:] = PANEL
            tall = round(busy[hour] / most * (height - 18))
            column[height - max(tall, 2) :] = colored(np.array(0.25 + 0.55 * busy[hour] / most), PRESENCE)
        if hour % 3 == 0:
            write(canvas, f"{hour:02d}:00", (x + left, y + _TITLE + height + 18), 13, FAINT)
    top = int(np.argmax(np.where(seen, busy, -1.0)))
    text = _percent(most)
    at = round((top + 0.5) * width / HOURS) - width_of(text, 13) // 2
    write(place, text, (max(0, at), 13), 13, INK)


def _parts(canvas: RGB, normal: Atlas, box: tuple[int, int, int, int]) -> None:
    """Draw presence in the four parts of the day, all on the scale of the large map."""
    x, y, width, height = box
    weights = normal.hours
    for number, (name, first, last) in enumerate(_DAY):
        left = x + number * (width + _GAP)
        end = write(canvas, name, (left, y + 12), 15, bold=True)
        write(canvas, f"{first:02d}–{last:02d} h", (end + 8, y + 12), 13, FAINT)
        place = canvas[y + 24 : y + 24 + height, left : left + width]
        seconds = float(weights[first:last].sum())
        if seconds < _LEAST_SEEN:
            hatch(place)
            continue
        share = np.tensordot(weights[first:last] / seconds, normal.visits[first:last], axes=1)
        _lay_presence(place, normal, share)
