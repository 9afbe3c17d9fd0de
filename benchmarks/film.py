"""A long film with events in it, assembled from labelled clips between other footage.

There is no long footage with labels here, so this makes some: clips of strokes and of interactions, each
whole, between pieces of what cameras saw. It is assembled: cuts lie where events begin and end, which real
footage does not always have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.highlights import Segment
from everyframe.sources import open_source
from everyframe.types import Frame

WIDTH, HEIGHT, FPS = 384, 216, 25
PIECE = (4.0, 30.0)
"""Seconds of other footage at a time."""

_MOST = 0.25  # share of the film in which something happens

Picture = NDArray[np.uint8]


def between(files: Sequence[Path], chance: np.random.Generator) -> Iterator[list[Picture]]:
    """Yield pieces of other footage, of chance lengths, going on where the last of a file ended."""
    opened = {file: _pictures(file) for file in files}
    while opened:
        file = list(opened)[int(chance.integers(len(opened)))]
        wanted = round(chance.uniform(*PIECE) * FPS)
        piece = [picture for _, picture in zip(range(wanted), opened[file], strict=False)]
        if len(piece) < wanted:
            opened[file] = _pictures(file)
        if len(piece) >= FPS:
            yield piece


def assemble(
    clips: Sequence[tuple[Path, str]], other: Sequence[Path], to: Path, *, minutes: float, seed: int
) -> list[Segment]:
    """Write a film and return what happens in it.

    Args:
        clips: Files and classes, each shown once, in an order of chance; a quarter of the film at most.
        other: Footage in which nothing of that happens.
        to: The film.
        minutes: How long.
        seed: Of the order and the lengths.
    """
    chance = np.random.default_rng(seed)
    order, left = [], _MOST * minutes * 60.0
    for number in chance.permutation(len(clips)):
        left -= _seconds(clips[number][0])
        if left >= 0.0:
            order.append(clips[number])
    events: list[Segment] = []
    pieces = between(other, chance)
    shown = 0
    clip_seconds = sum(_seconds(file) for file, _ in order)
    # Other footage is spread evenly over the film.
    share = max(0.0, minutes * 60.0 - clip_seconds)
    with av.open(str(to), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"

        def show(pictures: Sequence[Picture]) -> None:
            nonlocal shown
            for picture in pictures:
                frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
                frame.pts = shown
                container.mux(stream.encode(frame))
                shown += 1

        elsewhere = 0
        for number, (file, label) in enumerate(order, 1):
            while elsewhere / FPS < share * number / len(order):
                piece = next(pieces)
                show(piece)
                elsewhere += len(piece)
            begin = shown
            show(_bright(list(_pictures(file))))
            if shown - begin >= FPS // 2:
                events.append(Segment(begin / FPS, shown / FPS, label, source=str(to)))
        container.mux(stream.encode())
    return events


def _seconds(file: Path) -> float:
    with closing(open_source(str(file))) as source:
        times = [item.time for item in source if isinstance(item, Frame)]
    return times[-1] - times[0] if times else 0.0


def _pictures(file: Path) -> Iterator[Picture]:
    """Yield a file's pictures at the film's size and rate."""
    with closing(open_source(str(file))) as source:
        frames = (item for item in source if isinstance(item, Frame))
        due = 0.0
        first: float | None = None
        for now, after in pairwise(frames):
            first = now.time if first is None else first
            while due <= after.time - first - 1e-6:
                if due >= now.time - first - 1e-6:
                    yield _fitted(now.luma)
                due += 1.0 / FPS


def _fitted(luma: NDArray[np.uint8]) -> Picture:
    """Return a picture within black borders."""
    scale = min(WIDTH / luma.shape[1], HEIGHT / luma.shape[0])
    size = (min(WIDTH, round(luma.shape[1] * scale)), min(HEIGHT, round(luma.shape[0] * scale)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    whole = np.zeros((HEIGHT, WIDTH), np.uint8)
    left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    whole[top : top + size[1], left : left + size[0]] = small
    return whole


def _bright(pictures: list[Picture]) -> list[Picture]:
    """Return pictures without those at the end that show nothing."""
    while pictures and float(np.mean(pictures[-1] > 24)) < 0.04:
        pictures.pop()
    return pictures
