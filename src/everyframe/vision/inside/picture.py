"""The graph of a network as lines, letters and boxes, which become an SVG or a PNG file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2

from everyframe.vision.inside import words
from everyframe.vision.inside.boxes import Box, Cut
from everyframe.vision.inside.graph import INPUT, Graph
from everyframe.vision.inside.layout import Layout, lay

Color = tuple[int, int, int]

PAPER: Color = (255, 255, 255)
INK: Color = (27, 31, 38)
FAINT: Color = (92, 101, 114)
ARROW: Color = (132, 141, 153)

_FILLS: tuple[tuple[tuple[str, ...], Color, Color], ...] = (
    (("input",), (243, 244, 246), (176, 183, 193)),
    (
        ("transpose", "upsample", "resize", "pixelshuffle", "depthtospace", "learned"),
        (255, 240, 222),
        (222, 150, 62),
    ),
    (("conv",), (224, 237, 255), (88, 142, 222)),
    (("pool", "mean"), (255, 228, 226), (216, 112, 104)),
    (("linear", "gemm", "matmul"), (234, 228, 252), (140, 114, 208)),
    (("add", "cat", "concat", "mul", "sum", "sub"), (222, 244, 228), (84, 164, 108)),
)
_PART = ((248, 249, 251), (120, 130, 146))
_PLAIN = ((250, 250, 250), (190, 196, 205))

_MARGIN, _HIGH, _BETWEEN, _INSET = 28.0, 50.0, 30.0, 14.0
_TITLE, _TEXT, _SMALL = 21, 15, 13
_HEADING = 78.0
_FRAME = 10.0
_FINE = 2  # as the PNG file is drawn


@dataclass(frozen=True, slots=True)
class Rect:
    """A box with round corners."""

    x: float
    y: float
    width: float
    height: float
    fill: Color | None
    line: Color
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A text whose baseline begins here."""

    x: float
    y: float
    text: str
    size: int
    color: Color
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """A smooth line through points, with a tip at its end."""

    points: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class Picture:
    """What is drawn, in this order, on white."""

    width: float
    height: float
    parts: list[Rect | Words | Arrow] = field(default_factory=list)


def width_of(text: str, size: int, *, bold: bool = False) -> float:
    """Return the width of a text in pixels."""
    # Measured large: of small letters, OpenCV tells a width that they do not keep to.
    box = cv2.getTextSize((0, 0), text, (0, 0), cv2.FontFace("sans"), size * _FINE, 620 if bold else 400)
    return float(box[0] + box[2]) / _FINE


def draw(graph: Graph, found: Cut) -> Picture:
    """Return the picture of a network that was cut into boxes."""
    boxes = found.boxes
    written = [_lines(box) for box in boxes]
    widths = [_width(lines) for lines in written]
    layout = lay(widths, [box.inputs for box in boxes])
    tops = _tops(boxes, layout)
    heading = _heading(graph)
    room = max(width_of(heading[0], _TITLE, bold=True), *(width_of(line, _SMALL) for line in heading[1:]))
    shift = _MARGIN + _FRAME - layout.left
    width = max(layout.right - layout.left + 2 * _FRAME, room) + 2 * _MARGIN
    shift += (width - 2 * (_MARGIN + _FRAME) - (layout.right - layout.left)) / 2
    height = max(tops) + _HIGH + _MARGIN + _FRAME
    picture = Picture(width, height)
    picture.parts.append(Words(_MARGIN, _MARGIN + 16, heading[0], _TITLE, INK, bold=True))
    for number, line in enumerate(heading[1:]):
        picture.parts.append(Words(_MARGIN, _MARGIN + 38 + 18 * number, line, _SMALL, FAINT))
    middles = [middle + shift for middle in layout.middles]
    ways = {link: [place + shift for place in way] for link, way in layout.ways.items()}
    spans = [(middle - wide / 2, middle + wide / 2) for middle, wide in zip(middles, widths, strict=True)]
    _frames(picture, found, spans, ways, tops)
    for link, way in ways.items():
        picture.parts.append(_arrow(link, way, middles, tops, layout.rows))
    for box, lines, middle, wide, top in zip(boxes, written, middles, widths, tops, strict=True):
        _box(picture, box, lines, (middle - wide / 2, top, wide))
    return picture


def _heading(graph: Graph) -> list[str]:
    rows, cols = graph.size
    known = [
        f"{rows} × {cols} pixels" if rows else "",
        f"{words.amount(graph.parameters) or 'no'} parameters",
        f"{words.amount(graph.multiply_adds) or 'no'} multiply-adds",
    ]
    told = "channels × height × width · pixels that a place sees · stride · parameters · multiply-adds"
    return [graph.name, "   ".join(filter(None, known)), told]


def _lines(box: Box) -> tuple[str, str, str]:
    what = f"{box.count} × {box.kind}" if box.count > 1 else box.kind
    layer = box.last
    sees, stride = words.sees(layer), words.stride(layer)
    figures = [
        words.shape(layer),
        f"sees {sees}" if sees else "",
        f"stride {stride}" if stride else "",
        words.amount(box.parameters),
        words.amount(box.multiply_adds),
    ]
    name = "" if box.path[-1].split(":")[0] == box.kind and len(box.path) == 1 else box.name
    return (
        name or box.kind,
        f"{what}  {box.detail}".strip() if name else box.detail,
        " · ".join(filter(None, figures)),
    )


def _width(lines: tuple[str, str, str]) -> float:
    first = width_of(lines[0], _TEXT, bold=True) + 10 + width_of(lines[1], _SMALL)
    return max(170.0, first, width_of(lines[2], _SMALL)) + 2 * _INSET


def _tops(boxes: list[Box], layout: Layout) -> list[float]:
    """Return where boxes begin; rows in which a frame begins leave room for its heading."""
    rows = max(layout.rows) + 1
    begun: set[tuple[str, ...]] = set()
    extra = [0.0] * (rows + 1)
    for box, row in sorted(zip(boxes, layout.rows, strict=True), key=lambda pair: pair[1]):
        new = [frame for frame in box.frames if frame not in begun]
        begun.update(new)
        extra[row] = max(extra[row], 26.0 * len(new))
    tops, here = [], _MARGIN + _HEADING
    for row in range(rows):
        here += extra[row]
        tops.append(here)
        here += _HIGH + _BETWEEN
    return [tops[row] for row in layout.rows]


def _frames(
    picture: Picture,
    found: Cut,
    spans: list[tuple[float, float]],
    ways: Mapping[tuple[int, int], list[float]],
    tops: list[float],
) -> None:
    for path, (count, kind) in sorted(found.repeats.items()):
        inside = [number for number, box in enumerate(found.boxes) if path in box.frames]
        passing = [place for link, way in ways.items() if link[1] in inside for place in way]
        left = min([spans[one][0] for one in inside] + passing) - _FRAME
        right = max([spans[one][1] for one in inside] + passing) + _FRAME
        top, end = min(tops[one] for one in inside) - 24, max(tops[one] for one in inside) + _HIGH + _FRAME
        picture.parts.append(Rect(left, top, right - left, end - top, None, ARROW, dashed=True))
        picture.parts.append(Words(left + 10, top + 16, f"{count} × {kind}", _SMALL, FAINT, bold=True))


def _arrow(
    link: tuple[int, int], way: list[float], middles: list[float], tops: list[float], rows: list[int]
) -> Arrow:
    one, other = link
    starts = dict(zip(rows, tops, strict=True))
    points = [(middles[one], tops[one] + _HIGH)]
    for step, place in enumerate(way):
        top = starts[rows[one] + 1 + step]
        points += [(place, top), (place, top + _HIGH)]
    points.append((middles[other], tops[other]))
    return Arrow(tuple(points))


def _box(picture: Picture, box: Box, lines: tuple[str, str, str], place: tuple[float, float, float]) -> None:
    left, top, wide = place
    fill, line = colours(box)
    if box.count > 1:  # a pile
        picture.parts.append(Rect(left + 5, top + 5, wide, _HIGH, fill, line))
    picture.parts.append(Rect(left, top, wide, _HIGH, fill, line))
    picture.parts.append(Words(left + _INSET, top + 21, lines[0], _TEXT, INK, bold=True))
    beside = left + _INSET + width_of(lines[0], _TEXT, bold=True) + 10
    picture.parts.append(Words(beside, top + 21, lines[1], _SMALL, INK))
    picture.parts.append(Words(left + _INSET, top + 40, lines[2], _SMALL, FAINT))


def colours(box: Box) -> tuple[Color, Color]:
    """Return the fill and the line of a box."""
    if box.layers[0].path != box.path and box.kind != INPUT:
        return _PART
    low = box.kind.lower().replace("_", "")
    return next(((fill, line) for names, fill, line in _FILLS if any(name in low for name in names)), _PLAIN)
