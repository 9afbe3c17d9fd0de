"""Games that are drawn, with a scoreboard as broadcasts have it: what it said when is known.

The picture pans over a field on which players move before advertisements, and cuts now and then; during a
replay there is no board. A broadcaster's mark stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Layout = Literal["line", "stack", "tennis"]
Score = tuple[tuple[str, ...], tuple[str, ...]]

PILLOWS = ("aileron", "DejaVuSansCondensed-Bold.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansMono.ttf")
"""Fonts that Pillow draws; those that are files must be installed."""

NAMES = (
    "LIONS",
    "BEARS",
    "TORINO",
    "VIKINGS",
    "A. NOVAK",
    "J. SMITH",
    "HAWKS",
    "KOBE",
    "L. MARIN",
    "P. DIAZ",
)

ADVERTISED = ("DRINK 2 GO", "24/7 BANK", "AIR NORTH", "TYRES 4 YOU")


@dataclass(frozen=True, slots=True)
class Style:
    """How a board looks.

    Attributes:
        name: What to call it.
        layout: One line, two rows with a clock beside them, or two rows with sets, games and points.
        font: ``sans``, ``italic``, ``uni`` (OpenCV's own), or one of ``PILLOWS``.
        height: Pixels of a capital letter, in a picture 360 pixels high.
        colours: Of the ground and the text, RGB.
        opacity: Of the ground.
        corner: ``"tl"``, ``"tr"``, ``"bl"``, ``"br"``.
        period: How the period is written, with ``{n}`` or ``{nth}``; empty where it is not shown.
        dash: What stands between two scores of one line; empty where names do.
        up: Whether the clock counts up.
        weight: Of the font, from 400 to 800.
        shot: Whether there is a shot clock, too, which counts down from 24 and means nothing here.
    """

    name: str
    layout: Layout
    font: str = "sans"
    height: int = 12
    colours: tuple[tuple[int, int, int], tuple[int, int, int]] = ((18, 28, 64), (245, 245, 245))
    opacity: float = 0.85
    corner: str = "tl"
    period: str = "Q{n}"
    dash: str = ""
    up: bool = False
    weight: int = 600
    shot: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What a board says.

    Attributes:
        score: Of either side; sets, games and points in tennis.
        period: As it is written.
        clock: Whole seconds, ``None`` without one.
        shown: Whether the board is in the picture.
    """

    score: Score
    period: str
    clock: int | None
    shown: bool = True


@dataclass
class Game:
    """A drawn game.

    Attributes:
        style: Of its board.
        seconds: How long it lasts.
        seed: What happens.
        size: ``(width, height)``.
        fps: Pictures per second.
        changes: Seconds at which the score that the board shows changes, and from what to what.
    """

    style: Style
    seconds: float = 60.0
    seed: int = 0
    size: tuple[int, int] = (640, 360)
    fps: Fraction | int = 25
    changes: list[tuple[float, Score, Score]] = field(default_factory=list)
    _states: list[State] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        play = _tennis if self.style.layout == "tennis" else _clocked
        count = int(self.seconds * 10) + 1
        states = play(self.style, rng, count)
        hidden = np.zeros(count, bool)
        at = rng.uniform(12, 20)
        while at < self.seconds - 8:
            length = rng.uniform(3, 6)
            hidden[int(at * 10) : int((at + length) * 10)] = True
            at += length + rng.uniform(15, 30)
        self._cuts = sorted({*np.flatnonzero(np.diff(hidden.astype(int))).tolist(), *range(70, count, 110)})
        self._states = [
            State(one.score, one.period, one.clock, not hide)
            for one, hide in zip(states, hidden, strict=True)
        ]
        shown = [(number / 10, one) for number, one in enumerate(self._states) if one.shown]
        for (_, before), (time, after) in pairwise(shown):
            if before.score != after.score:
                self.changes.append((time, before.score, after.score))
        names = rng.permutation(len(NAMES))[:2]
        self.names = (NAMES[names[0]], NAMES[names[1]])

    def at(self, time: float) -> State:
        """Return what the board says at a time."""
        return self._states[min(int(time * 10 + 1e-6), len(self._states) - 1)]

    def pictures(self) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield seconds and ``(H, W, 3)`` RGB pictures."""
        rng = np.random.default_rng(self.seed + 1)
        width, height = self.size
        fields = [_field(rng, width, height) for _ in range(4)]
        kept: dict[State, tuple[int, int, NDArray[np.float32], NDArray[np.float32]]] = {}
        players = rng.uniform(0, 1, (8, 2))
        speeds = rng.uniform(-0.08, 0.08, (8, 2))
        for number in range(round(self.seconds * float(self.fps))):
            time = number / float(self.fps)
            shot = int(np.searchsorted(self._cuts, time * 10))
            ground = fields[shot % len(fields)]
            pan = int((0.5 + 0.5 * np.sin(0.35 * time + shot)) * (ground.shape[1] - width - 1))
            picture = np.ascontiguousarray(ground[:, pan : pan + width])
            for at, speed in zip(players, speeds, strict=True):
                x, y = ((at + speed * time) % 1.0) * (width, height)
                cv2.ellipse(
                    picture, (int(x), int(y)), (height // 40, height // 16), 0, 0, 360, (210, 60, 50), -1
                )
            _logo(picture, self.style.corner)
            state = self.at(time)
            if state.shown:
                if state not in kept:
                    kept.clear()
                    kept[state] = _board(self.style, state, self.names, self.size)
                top, left, over, share = kept[state]
                place = np.s_[top : top + over.shape[0], left : left + over.shape[1]]
                picture[place] = picture[place] * (1.0 - share) + over * share
            yield time, picture

    def write(self, path: Path, *, crf: int = 23) -> Path:
        """Write it as H.264; a larger ``crf`` makes it smaller and worse."""
        with av.open(str(path), "w") as output:
            stream: Any = output.add_stream(
                "libx264", rate=self.fps, options={"crf": str(crf), "preset": "veryfast"}
            )
            stream.width, stream.height = self.size
            stream.pix_fmt = "yuv420p"
            for _, picture in self.pictures():
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            output.mux(stream.encode(None))
        return path


def _clocked(style: Style, rng: np.random.Generator, count: int) -> list[State]:
    clock = 44 * 60 + 20.0 if style.up else float(rng.integers(60, 720))
    score, period = [int(rng.integers(0, 30)), int(rng.integers(0, 30))], 1
    if style.dash:
        score = [int(rng.integers(0, 4)), int(rng.integers(0, 4))]
    next_score, running, toggle = rng.uniform(5, 12), True, rng.uniform(8, 20)
    half = count // 10 * 0.62
    states = []
    for number in range(count):
        time = number / 10
        if time > next_score:
            step = 1 if style.dash else int(rng.choice([1, 2, 3, 6]))
            score[int(rng.integers(2))] += step
            next_score = time + rng.uniform(8, 20)
        if time > toggle and not style.up:
            running, toggle = not running, time + (rng.uniform(3, 7) if running else rng.uniform(8, 20))
        if time > half and period == 1:
            period, clock = 2, (45 * 60.0 if style.up else 720.0)
        if running:
            clock = clock + 0.1 if style.up else max(0.0, clock - 0.1)
        told = style.period.format(n=period, nth=("1ST", "2ND")[period - 1])
        whole = int(clock) if style.up else int(np.ceil(clock - 1e-6))
        states.append(State(((str(score[0]),), (str(score[1]),)), told, whole))
    return states


def _tennis(style: Style, rng: np.random.Generator, count: int) -> list[State]:
    del style
    names = ("0", "15", "30", "40")
    sets, games, points = (6, 3), [int(rng.integers(0, 4)), int(rng.integers(0, 4))], [0, 0]
    due = rng.uniform(4, 8)
    states = []
    for number in range(count):
        if number / 10 > due:
            due = number / 10 + rng.uniform(6, 14)
            side = int(rng.integers(2))
            points[side] += 1
            if points[side] >= 4 and points[side] >= points[1 - side] + 2:
                games[side] += 1
                points = [0, 0]
        told = []
        for side in (0, 1):
            mine, other = points[side], points[1 - side]
            deuce = mine >= 3 and other >= 3
            word = ("AD" if mine > other else "40") if deuce else names[min(mine, 3)]
            told.append((str(sets[side]), str(games[side]), word))
        states.append(State((told[0], told[1]), "", None))
    return states


def _field(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Return a ground of rough colour, wider than the picture."""
    base = rng.integers(40, 170, 3)
    rough = rng.normal(0, 22, (height // 12, width // 6, 3)) + base
    fine = rng.normal(0, 9, (height, 2 * width, 1))
    picture = cv2.resize(rough.astype(np.float32), (2 * width, height), interpolation=cv2.INTER_CUBIC) + fine
    made = np.clip(picture, 0, 255).astype(np.uint8)
    for x in range(0, 2 * width, width // 5):
        cv2.line(made, (x, 0), (x + height // 3, height), (220, 220, 220), 2)
    top, tall = height // 4, height // 14  # boards with advertisements, which move with the field
    made[top : top + tall] = rng.integers(20, 90, 3)
    for x in range(0, 2 * width, width // 3):
        words = ADVERTISED[int(rng.integers(len(ADVERTISED)))]
        cv2.putText(made, words, (x, top + tall - 8), (240, 240, 240), _face("sans"), round(0.7 * tall), 800)
    return made


def _logo(picture: NDArray[np.uint8], corner: str) -> None:
    """Draw the mark of a broadcaster, with a number in it, in the corner that is across from the board."""
    height, width = picture.shape[:2]
    x = width // 30 if corner[1] == "r" else width - width // 7
    y = height // 10 if corner[0] == "b" else height - height // 20
    cv2.putText(picture, "ONE 5", (x, y), (230, 230, 230), _face("italic"), height // 20, 700)


def _board(
    style: Style, state: State, names: tuple[str, str], size: tuple[int, int]
) -> tuple[int, int, NDArray[np.float32], NDArray[np.float32]]:
    """Return where a board lies (top and left), its picture, and how opaque it is, from 0 to 1."""
    width, height = size
    scale = height / 360
    tall = max(6, round(style.height * scale))
    row, space = round(tall * 1.9), round(tall * 0.9)
    clock = "" if state.clock is None else f"{state.clock // 60:02d}:{state.clock % 60:02d}"
    wide = max(_width(style, tall, name) for name in names)
    if style.layout == "line":
        if style.dash:
            middle = f"{state.score[0][0]}{style.dash}{state.score[1][0]}"
            cells = [(names[0], 0), (middle, 0), (names[1], 0), (clock, 0), (state.period, 0)]
        else:
            cells = [(names[0], 0), (state.score[0][0], 0), (names[1], 0), (state.score[1][0], 0)]
            cells += [(state.period, 0), (clock, 0)]
        if style.shot and state.clock is not None:
            cells.append((str(state.clock % 24), 2 * tall))
        rows = [cells]
    else:
        rows = [[(names[side], wide), *((one, 2 * tall) for one in state.score[side])] for side in (0, 1)]
        if style.layout == "stack":
            rows[0].append((clock, 0))
            rows[1].append((state.period, 0))
    widths = [
        sum(max(least, _width(style, tall, text)) + space for text, least in cells if text) + space
        for cells in rows
    ]
    # As broad as it may become, so that it stays where it is.
    whole = max(widths) + (2 * tall if style.layout != "tennis" else 0)
    margin = round(18 * scale)
    left = margin if style.corner[1] == "l" else width - margin - whole
    top = margin if style.corner[0] == "t" else height - margin - row * len(rows)
    over = np.zeros((height, width, 3), np.uint8)
    share = np.zeros((height, width, 1), np.float32)
    over[top : top + row * len(rows), left : left + whole] = style.colours[0]
    share[top : top + row * len(rows), left : left + whole] = style.opacity
    before = over.copy()
    for number, cells in enumerate(rows):
        x = left + space
        for text, least in cells:
            if text:
                over = _write(style, over, text, (x, top + number * row + round(0.72 * row)), tall)
                x += max(least, _width(style, tall, text)) + space
    share[np.any(over != before, axis=2)] = 1.0
    place = np.s_[top : top + row * len(rows), left : left + whole]
    return top, left, over[place].astype(np.float32), share[place]


@cache
def _face(name: str) -> Any:
    return cv2.FontFace(name)


@cache
def _pillow(font: str, tall: int) -> Any:
    from PIL import ImageFont

    return (
        ImageFont.truetype(font, tall * 1.4) if font.endswith(".ttf") else ImageFont.load_default(tall * 1.4)
    )


@cache
def _width(style: Style, tall: int, text: str) -> int:
    if style.font in PILLOWS:
        return int(_pillow(style.font, tall).getlength(text)) + 1
    box = cv2.getTextSize((4096, 512), text, (0, 256), _face(style.font), round(tall * 1.35), style.weight)
    return int(box[2])


def _write(
    style: Style, picture: NDArray[np.uint8], text: str, at: tuple[int, int], tall: int
) -> NDArray[np.uint8]:
    colour = style.colours[1]
    if style.font in PILLOWS:
        from PIL import Image, ImageDraw

        image = Image.fromarray(picture)
        ImageDraw.Draw(image).text(at, text, font=_pillow(style.font, tall), fill=colour, anchor="ls")
        return np.asarray(image).copy()
    cv2.putText(picture, text, at, colour, _face(style.font), round(tall * 1.35), style.weight)
    return picture
