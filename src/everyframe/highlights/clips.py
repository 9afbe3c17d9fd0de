"""From a segment of footage to steps: what a network sees of it, whatever the frame rate and the size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import LabelError
from everyframe.highlights.actor import Squares, follow
from everyframe.highlights.looking import STEP, Look, looks
from everyframe.highlights.segments import Segment
from everyframe.sources import open_source
from everyframe.types import Frame, Gap, Replayable
from everyframe.vision.front import edges, motions

SIDE = 30
"""Pixels of the square's side."""

MOST = 64
"""Steps of one window; longer segments are seen in several."""

SQUARE = 112
"""Pixels of the square's side as a published network sees it."""

EVERY = 3
"""Steps from one that it sees to the next."""

See = Callable[[NDArray[np.uint8]], NDArray[np.float16]]
"""How a published network sees ``(n, SQUARE, SQUARE)`` luma: ``(views, n, width)``; see ``Library.see``."""

_AROUND = 9  # pixels over which a picture's own brightness and contrast are taken
_FAINT = 10.0  # luma: less contrast is not made more


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """What happens where the action is, at ``STEP`` seconds a step.

    Attributes:
        maps: ``(T, channels, GRID, GRID)`` float16 of each stream; see ``vision.front``.
        times: ``(T,)`` seconds on the source's own clock.
        seen: ``(views, n, width)`` what a published network sees in every ``EVERY``-th of them, as it is and,
            where sides mean nothing, mirrored; where there is one.
    """

    maps: Mapping[str, NDArray[np.float16]]
    times: NDArray[np.float64]
    seen: NDArray[np.float16] | None = None

    def __len__(self) -> int:
        return len(self.times)


def steps_of(segment: Segment, see: See | None = None) -> list[Steps]:
    """Return the windows of a segment, each of at most ``MOST`` steps: one, unless it is long.

    Args:
        segment: Where to look.
        see: How a published network sees it: that of the library which is to read the steps.

    Raises:
        SourceError: Its footage cannot be read.
        LabelError: There is nothing to see in it.
    """
    found = [crop(window, see) for window in windows(looks_of(segment))]
    if not found:
        raise LabelError(
            f"{segment.label} in {segment.source} from {segment.start:g} to {segment.end:g} s shows nothing:"
            " it is dark, or shorter than two steps"
        )
    return found


def looks_of(segment: Segment) -> Iterator[Look]:
    """Yield the looks of a segment.

    Raises:
        SourceError: Its footage cannot be read.
    """
    with closing(open_source(segment.source)) as source:
        if segment.start > 0.0 and isinstance(source, Replayable):
            items: Iterable[Frame | Gap] = source.between(segment.start, segment.end)
        else:
            items = _until(source, segment.end)
        yield from looks(items, start=segment.start)


def _until(source: Iterable[Frame | Gap], end: float) -> Iterator[Frame | Gap]:
    for item in source:
        if isinstance(item, Frame) and item.time > end:
            return
        yield item


def windows(found: Iterable[Look], most: int = MOST, stride: int | None = None) -> Iterator[list[Look]]:
    """Yield windows of looks in order, holding no more than one of them in memory.

    Args:
        found: Looks in order of time.
        most: Steps of a window.
        stride: Steps from one window to the next; by default they follow on each other.
    """
    stride = stride or most
    kept: list[Look] = []
    fresh = 0
    for look in found:
        kept.append(look)
        fresh += 1
        if len(kept) == most:
            yield kept
            kept, fresh = kept[stride:], 0
    if fresh and len(kept) >= 2 and (fresh >= most // 4 or fresh == len(kept)):
        yield kept


def crop(window: Sequence[Look], see: See | None = None) -> Steps:
    """Return what a window of looks shows within the square that follows its action."""
    squares = follow(window)
    frames, flow = pictures(window, squares)
    return Steps(
        {"frames": edges(frames, flow), "flow": motions(flow)},
        np.array([look.time for look in window]),
        see(large(window, squares)) if see is not None else None,
    )


def large(window: Sequence[Look], squares: Squares) -> NDArray[np.uint8]:
    """Return ``(n, SQUARE, SQUARE)`` luma within the squares of every ``EVERY``-th look."""
    places = (_place(centre, squares.side, SQUARE) for centre in squares.centre[::EVERY])
    found = [
        _cut(look.luma.astype(np.float32), place, cv2.BORDER_REPLICATE, SQUARE)
        for look, place in zip(window[::EVERY], places, strict=True)
    ]
    return np.clip(np.rint(np.stack(found)), 0, 255).astype(np.uint8)


def pictures(window: Sequence[Look], squares: Squares) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what lies within the square that follows a window's action.

    Returns:
        ``(T, SIDE, SIDE)`` brightness against its surroundings, in local contrasts, and
        ``(T, 2, SIDE, SIDE)`` flow, rightwards and downwards in sides of the square per second.
    """
    frames = np.empty((len(window), SIDE, SIDE), np.float32)
    flow = np.empty((len(window), 2, SIDE, SIDE), np.float32)
    for number, look in enumerate(window):
        place = _place(squares.centre[number], squares.side)
        frames[number] = _contrast(_cut(look.luma.astype(np.float32), place, cv2.BORDER_REPLICATE))
        cut = _cut(look.flow.astype(np.float32), place, cv2.BORDER_CONSTANT)
        flow[number] = np.moveaxis(cut, 2, 0) / np.float32(squares.side)
    return frames, flow


def _place(centre: NDArray[np.float64], side: float, pixels: int = SIDE) -> NDArray[np.float64]:
    scale = side / pixels
    left, top = centre - side / 2.0 + scale / 2.0
    return np.array([[scale, 0.0, left], [0.0, scale, top]])


def _cut(
    picture: NDArray[np.float32], place: NDArray[np.float64], border: int, pixels: int = SIDE
) -> NDArray[np.float32]:
    blur = 0.4 * float(place[0, 0])
    if blur > 0.5:  # or fine detail would become coarse noise
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (pixels, pixels)
    return np.asarray(cv2.warpAffine(picture, place, size, flags=how, borderMode=border), np.float32)


def _contrast(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return brightness against its surroundings: neither light nor colour says what happens."""
    size = (_AROUND, _AROUND)
    mean = cv2.blur(picture, size)
    spread = cv2.blur((picture - mean) ** 2, size)
    return np.asarray((picture - mean) / np.sqrt(spread + _FAINT**2), np.float32)


def seconds(steps: Steps) -> float:
    """Return how long steps last."""
    return len(steps) * STEP
