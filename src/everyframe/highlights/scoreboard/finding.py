"""Where in the picture the scoreboard is: text that stays where it is, while the rest changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.highlights.scoreboard.engine import Engine, Word
from everyframe.highlights.scoreboard.places import (
    Rectangle,
    around,
    middle,
    near,
    same_line,
    same_row,
    share_within,
    together,
)
from everyframe.highlights.scoreboard.texts import parse
from everyframe.types import RGB, Box, Frame, Gap, Luma, Replayable, Source

_SAMPLES = 24  # pictures that are looked at
_MEMORY = 200e6  # bytes that they may take
_APART = 2.0  # seconds between two of them, at least
_STAYS = 0.35  # share of pictures in which a text must be where it is
_TALL = 34.0  # pixels: as tall a line is shown to the reader
_MOST = 4  # groups of texts that are read to see whether they are a board
_STEADY = 8.0  # luma by which a pixel of the board itself may vary
_THERE = 0.3  # correlation with the board above which it is in the picture; numbers may have moved it a bit
_SURELY = 0.6  # correlation above which it is not looked for a bit beside
_SHIFT = 10  # pixels that it may have moved
_ONCE = 0.3  # share of pictures in which two words may both be that are one, seen at two places


@dataclass(frozen=True, slots=True)
class Cell:
    """A word of a board, which may say something else later.

    Attributes:
        box: Where it is in the picture.
        row: Of the board, from 0.
        ticks: Whether it is the clock, or may be: it is read at another pace.
    """

    box: Box
    row: int
    ticks: bool


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """A scoreboard.

    Attributes:
        box: Where it is in the picture.
        cells: What is to be read of it.
        face: ``(h, w)`` luma as it usually is, without its coarse brightness.
        steady: ``(h, w)`` where that stays as it is.
    """

    box: Box
    cells: tuple[Cell, ...]
    face: NDArray[np.float32]
    steady: NDArray[np.bool_]

    def shift(self, luma: Luma) -> int | None:
        """Return by how many pixels the board is to the right of its place in an ``(H, W)`` picture.

        ``None`` where it is not in the picture: a replay, another view. A board that grows with its numbers
        and ends at the right moves to the left.
        """
        box = self.box
        low = -min(_SHIFT, box.x)
        high = min(_SHIFT, luma.shape[1] - box.x - box.width)
        wide = detail(cut(luma, Box(box.x + low, box.y, box.width + high - low, box.height)))
        best, at = self._alike(wide, -low), 0
        if best < _SURELY:
            shifts = range(low, high + 1)
            best, at = max((self._alike(wide, shift - low), shift) for shift in shifts)
        return at if best > _THERE else None

    def _alike(self, wide: NDArray[np.float32], left: int) -> float:
        """Return the correlation of the usual board with what begins at a column."""
        here = wide[:, left : left + self.box.width][self.steady]
        usual = self.face[self.steady]
        scale = float(np.linalg.norm(here) * np.linalg.norm(usual))
        return float(here @ usual) / scale if scale > 0.0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture that is looked at to find the board."""

    luma: Luma
    rgb: RGB


def samples(source: Source) -> list[Sample]:
    """Return some pictures from all over a source; none of one that has no picture."""
    info = source.info
    most = int(max(6, min(_SAMPLES, _MEMORY / (3.0 * info.width * info.height))))
    if info.duration is None or not isinstance(source, Replayable):
        return _thinned(source, most)
    count = max(6, min(most, int(info.duration / _APART)))
    found = []
    for number in range(count):
        start = (number + 0.5) * info.duration / count
        frame = next(iter(source.between(start, info.duration)), None)
        if frame is not None:
            found.append(Sample(frame.luma.copy(), frame.rgb()))
    return found


def find(engine: Engine, pictures: Sequence[Sample]) -> Board | None:
    """Find the board in pictures of one film; ``None`` where no text is one."""
    best: tuple[float, Board] | None = None
    for region in _regions(engine, pictures):
        board, worth = _look(engine, pictures, region)
        if board is not None and (best is None or worth > best[0]):
            best = (worth, board)
    return best[1] if best is not None else None


def find_in(engine: Engine, pictures: Sequence[Sample], box: Box) -> Board | None:
    """Find what the board says that lies in a box; ``None`` where nothing there is a score or a clock.

    Raises:
        SettingError: The box is outside of the picture.
    """
    height, width = pictures[0].luma.shape
    if box.x < 0 or box.y < 0 or box.x + box.width > width or box.y + box.height > height:
        raise SettingError(
            f"the board at {box.x},{box.y},{box.width},{box.height} is outside of the picture,"
            f" which is {width} by {height} pixels: give left, top, width and height within it"
        )
    if box.width < 8 or box.height < 6:
        raise SettingError(f"a board of {box.width} by {box.height} pixels is too small to read")
    return _look(engine, pictures, box)[0]


def cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return what an ``(H, W)`` or ``(H, W, 3)`` picture shows in a box."""
    return picture[box.y : box.y + box.height, box.x : box.x + box.width]


def detail(luma: Luma) -> NDArray[np.float32]:
    """Return ``(H, W)`` luma without its coarse brightness: what is behind glass counts for less."""
    whole = luma.astype(np.float32)
    return np.asarray(whole - cv2.blur(whole, (15, 15), borderType=cv2.BORDER_REFLECT), np.float32)


def _thinned(source: Iterable[Frame | Gap], most: int) -> list[Sample]:
    """Return pictures of a source that cannot say how long it is: of many, every other one goes."""
    kept: list[Sample] = []
    apart, due = _APART, -np.inf
    for item in source:
        if isinstance(item, Frame) and item.time >= due:
            kept.append(Sample(item.luma.copy(), item.rgb()))
            due = item.time + apart
            if len(kept) > 2 * most:
                kept, apart = kept[::2], 2.0 * apart
    return kept


def _regions(engine: Engine, pictures: Sequence[Sample]) -> list[Box]:
    """Return where lines of text stay, near ones as one, those that are seen most first."""
    found = [(number, line) for number, one in enumerate(pictures) for line in engine.lines(one.rgb)]
    need = max(3, round(_STAYS * len(pictures)))
    lines: list[tuple[int, Rectangle]] = []
    for group in together([line for _, line in found], same_line):
        # What is one line in one picture may be several in another: their union is what stays.
        whole: dict[int, list[Rectangle]] = {}
        for place in group:
            whole.setdefault(found[place][0], []).append(found[place][1])
        if len(whole) >= need:
            lines.append((len(whole), middle([around(parts) for parts in whole.values()])))
    groups = together([line for _, line in lines], near)
    ranked = sorted(groups, key=lambda group: -sum(lines[place][0] for place in group))
    height, width = pictures[0].luma.shape
    return [_region([lines[place][1] for place in group], width, height) for group in ranked[:_MOST]]


def _look(engine: Engine, pictures: Sequence[Sample], region: Box) -> tuple[Board | None, float]:
    """Read a region in all pictures; return it as a board where it is one, and how much speaks for that."""
    words: list[tuple[int, Word]] = []
    scale = 2.0
    for number, one in enumerate(pictures):
        found, scale = _words(engine, cut(one.rgb, region), scale)
        words += [(number, word) for word in found]
    there = [number for number in range(len(pictures)) if any(who == number for who, _ in words)]
    need = max(2, round(0.25 * len(there)))
    cells, worth = _cells(words, need, region)
    if not cells:
        return None, 0.0
    stack = np.stack([cut(pictures[number].luma, region) for number in there]).astype(np.float32)
    usual = np.median(stack, axis=0)
    steady = np.median(np.abs(stack - usual), axis=0) < _STEADY
    if steady.mean() < 0.02:
        steady = np.ones_like(steady)
    return Board(region, tuple(cells), detail(usual.astype(np.uint8)), steady), worth


def _words(engine: Engine, picture: RGB, scale: float) -> tuple[list[Word], float]:
    """Return the words of a region, in its own pixels, and how much to enlarge the next."""
    large = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    words = [
        Word(word.text, word.confidence, (left / scale, top / scale, right / scale, bottom / scale))
        for word in engine.words(large)
        for left, top, right, bottom in [word.box]
    ]
    if not words:
        return [], scale
    tall = float(np.median([word.box[3] - word.box[1] for word in words]))
    return words, float(np.clip(_TALL / tall, 1.0, 4.0))


def _cells(words: Sequence[tuple[int, Word]], need: int, region: Box) -> tuple[list[Cell], float]:
    """Return the cells that hold numbers, a clock or a period, and how much speaks for a board."""
    places = _places([(who, word.box) for who, word in words], need)
    rows = _rows([box for box, _ in places])
    cells, numbers, clocks, periods = [], 0, 0, 0
    for (box, members), row in zip(places, rows, strict=True):
        told = [parse(words[place][1].text) for place in members]
        half = len(told) / 2
        ticking = sum(one.clock is not None for one in told) > half
        counting = sum(bool(one.numbers) for one in told) > half
        named = sum(bool(one.period) for one in told) > half
        if not (ticking or counting or named):
            continue
        if counting and all(max(map(_size, one.numbers), default=0) > 200 for one in told):
            continue  # a year, a channel
        clocks += ticking
        numbers += max(len(one.numbers) for one in told) if counting else 0
        periods += named
        others = [
            other for (other, _), line in zip(places, rows, strict=True) if line == row and other != box
        ]
        cells.append(Cell(_roomy(box, others, region), row, ticking))
    if not clocks and numbers < 2:
        return [], 0.0
    cells += _missing(cells)
    cells.sort(key=lambda cell: (cell.row, cell.box.x))
    return cells, 3.0 * min(clocks, 1) + min(periods, 1) + min(numbers, 2) + 0.1 * len(cells)


def _missing(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells that should be there: below one of the upper of two rows, above one of the lower.

    A digit next to a name is hard to find, and easy to read where one knows of it.
    """
    rows = {row: [cell.box for cell in cells if cell.row == row] for row in {cell.row for cell in cells}}
    found = []
    for cell in cells:
        for row, boxes in rows.items():
            box = cell.box
            beside = any(one.x < box.x + box.width / 2 < one.x + one.width for one in boxes)
            if abs(row - cell.row) != 1 or beside or cell.ticks:
                continue
            top = round(float(np.median([one.y for one in boxes])))
            height = round(float(np.median([one.height for one in boxes])))
            found.append(Cell(Box(box.x, top, box.width, height), row, False))
    return found


def _places(words: Sequence[tuple[int, Rectangle]], need: int) -> list[tuple[Rectangle, list[int]]]:
    """Return where words are, and which.

    A word that spans several places in which others are is left out: two that were read as one. Words that
    overlap but are hardly ever in the same picture are one, of which the edges were not always found alike.
    """
    found: list[tuple[Rectangle, list[int]]] = []
    for group in _by_width([box for _, box in words]):
        pictures = {words[place][0] for place in group}
        if len(pictures) < need:
            continue
        box = middle([words[place][1] for place in group], outer=True)
        inside = [one for one in found if max(share_within(one[0], box), share_within(box, one[0])) > 0.5]
        if not inside:
            found.append((box, group))
        elif len(inside) == 1:
            others = {words[place][0] for place in inside[0][1]}
            if len(pictures & others) <= _ONCE * min(len(pictures), len(others)):
                both = [*inside[0][1], *group]
                found[found.index(inside[0])] = (
                    middle([words[place][1] for place in both], outer=True),
                    both,
                )
    return sorted(found, key=lambda one: (one[0][1], one[0][0]))


def _by_width(boxes: Sequence[Rectangle]) -> list[list[int]]:
    """Return groups of boxes at the same place and of about the same width, the narrow ones first."""
    order = sorted(range(len(boxes)), key=lambda place: boxes[place][2] - boxes[place][0])
    groups: list[list[int]] = []
    for place in order:
        for group in groups:
            other = boxes[group[len(group) // 2]]
            if share_within(boxes[place], other) > 0.5 and share_within(other, boxes[place]) > 0.35:
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _roomy(box: Rectangle, others: Sequence[Rectangle], region: Box) -> Box:
    """Return a cell with room for one more digit, as far as its neighbours let it."""
    left, top, right, bottom = box
    room = 0.45 * (bottom - top)
    for other in others:  # edges are not always found alike: where two words overlap, they meet in the middle
        if other[0] < left < other[2] < right:
            left = (left + other[2]) / 2.0
        if left < other[0] < right < other[2]:
            right = (right + other[0]) / 2.0
    before = max((other[2] for other in others if other[2] <= left + 2.0), default=0.0)
    after = min((other[0] for other in others if other[0] >= right - 2.0), default=float(region.width))
    left = max(left - room, min(left - 1.0, (left + before) / 2.0), 0.0)
    right = min(right + room, max(right + 1.0, (right + after) / 2.0), float(region.width))
    top, bottom = max(top - 1.0, 0.0), min(bottom + 1.0, float(region.height))
    x, y = int(left), int(top)
    return Box(region.x + x, region.y + y, max(4, round(right) - x), max(6, round(bottom) - y))


def _rows(boxes: Sequence[Rectangle]) -> list[int]:
    """Return the row of each box, from the top."""
    groups = together(boxes, same_row)
    order = sorted(groups, key=lambda group: float(np.mean([boxes[place][1] for place in group])))
    row = dict.fromkeys(range(len(boxes)), 0)
    for number, group in enumerate(order):
        row.update(dict.fromkeys(group, number))
    return [row[place] for place in range(len(boxes))]


def _region(lines: Sequence[Rectangle], width: int, height: int) -> Box:
    tall = float(np.median([line[3] - line[1] for line in lines]))
    left = max(0, int(min(line[0] for line in lines) - tall))
    top = max(0, int(min(line[1] for line in lines) - 0.4 * tall))
    right = min(width, int(max(line[2] for line in lines) + tall) + 1)
    bottom = min(height, int(max(line[3] for line in lines) + 0.4 * tall) + 1)
    return Box(left, top, right - left, bottom - top)


def _size(number: str) -> int:
    return int(number) if number.isdigit() else 0
