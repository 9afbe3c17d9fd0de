"""Footage as looks at a fixed time step: a small picture, and what moves in it apart from the camera."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.types import Frame, Gap, Luma

STEP = 0.1
"""Seconds between two looks, whatever the frame rate."""

HELD = 128
"""Looks of which it is kept what was reckoned of each alone: more than a window has."""

PIXELS = 20_000
"""Flow is computed on a picture of about so many pixels."""

_LONGEST = 0.5  # seconds; pictures further apart are not compared
_DARK = 24  # luma below which a pixel shows nothing
_SEEN = 0.04  # share of pixels that must show something: a black picture may still carry a watermark
_CUT = 0.8  # share of a picture's contrast that flow leaves unexplained where another shot begins
_CHANGED = 8.0  # luma that it leaves there at least
_LOCAL = 15  # small pixels over which contrast is taken
_SPARSE = 6  # the camera's own motion is fitted to every so many pixels
_ROUNDS = 6  # of reweighting
_MOVING = 0.002  # share of pixels that must move in a window: nothing is taught that stands still
_FAST = 3.0  # small pixels per second from which one moves


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One step.

    Attributes:
        time: Seconds on the source's own clock.
        luma: ``(h, w)`` small picture.
        flow: ``(h, w, 2)`` float16, rightwards and downwards in small pixels per second, without the
            camera's own pan, tilt, zoom and roll.
        whole: Whether it follows on the look before; if not, ``flow`` is zero and means nothing.
    """

    time: float
    luma: Luma
    flow: NDArray[np.float16]
    whole: bool


def looks(items: Iterable[Frame | Gap], *, start: float = 0.0) -> Iterator[Look]:
    """Yield a look for every time step in which there is a picture that shows something.

    Args:
        items: What a source yields, in order of time.
        start: Seconds; steps are counted from here.
    """
    flow = _make_flow()
    past: tuple[float, Luma] | None = None
    due = -np.inf
    for item in items:
        if isinstance(item, Gap):
            if item.reason.breaks:
                past = None
            continue
        if item.time < due - 1e-6:
            continue
        # Counted from the start, so that steps do not drift.
        due = start + (np.floor((item.time - start) / STEP + 1e-6) + 1.0) * STEP
        small = _small(item.luma)
        if np.mean(small > _DARK) < _SEEN:
            past = None
            continue
        if past is not None and (past[1].shape != small.shape or not 0.0 < item.time - past[0] <= _LONGEST):
            past = None
        # Backwards, so that a velocity lies where the thing is now.
        moved = -flow.calc(small, past[1], None) if past is not None else None
        if past is None or moved is None or other_shot(small, past[1], moved):
            yield Look(item.time, small, np.zeros((*small.shape, 2), np.float16), False)
        else:
            speed = own_motion(small, past[1], moved) / np.float32(item.time - past[0])
            yield Look(item.time, small, speed.astype(np.float16), True)
        past = (item.time, small)


def moves(window: Iterable[Look]) -> bool:
    """Return whether anything moves in a window; where nothing does, no event is looked for."""
    return any(_stirs(look) for look in window)


@lru_cache(maxsize=HELD)  # windows overlap
def _stirs(look: Look) -> bool:
    return float(np.mean(np.abs(look.flow[::2, ::2]).max(axis=2) > _FAST)) > _MOVING


def other_shot(now: Luma, past: Luma, flow: NDArray[np.float32]) -> bool:
    """Return whether one picture does not follow on another: flow brings something else there.

    However fast things move, most of a picture is found again in the one before; across a cut, hardly any.
    """
    left = float(np.mean(cv2.absdiff(now, _brought(past, flow))))
    contrast = float(np.mean(cv2.absdiff(now, cv2.blur(now, (_LOCAL, _LOCAL)))))
    return left > max(_CHANGED, _CUT * contrast)


def own_motion(now: Luma, past: Luma, flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a ``(h, w, 2)`` flow without the camera's part, and none where the two pictures then agree.

    On a plain wall flow is made up; there the past picture, moved as the camera moved, equals the present.
    """
    camera = camera_motion(flow)
    differs = cv2.blur(cv2.absdiff(now, _brought(past, camera)), (3, 3)).astype(np.float32)
    noise = float(np.median(differs[::3, ::3]))
    sure = np.clip((differs - 2.0 * noise - 2.0) / 8.0, 0.0, 1.0)
    sure = cv2.blur(cv2.dilate(sure, np.ones((5, 5), np.uint8)), (3, 3))
    return np.asarray((flow - camera) * sure[..., None], np.float32)


def _brought(past: Luma, flow: NDArray[np.float32]) -> Luma:
    """Return the past picture as its flow brings it to the present."""
    rows, columns = np.mgrid[0 : past.shape[0], 0 : past.shape[1]].astype(np.float32)
    return np.asarray(
        cv2.remap(
            past,
            columns - flow[..., 0],
            rows - flow[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def camera_motion(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the ``(h, w, 2)`` affine field that most of a ``(h, w, 2)`` flow follows.

    Iteratively reweighted least squares with Tukey's biweight: what moves by itself is an outlier.
    """
    height, width = flow.shape[:2]
    ys, xs = np.mgrid[0:height:_SPARSE, 0:width:_SPARSE].astype(np.float32)
    base = np.stack([np.ones_like(xs), xs / width - 0.5, ys / height - 0.5], axis=-1).reshape(-1, 3)
    told = flow[::_SPARSE, ::_SPARSE].reshape(-1, 2).astype(np.float64)
    found = np.zeros((3, 2))
    found[0] = np.median(told, axis=0)
    for _ in range(_ROUNDS):
        off = np.linalg.norm(told - base @ found, axis=1)
        bar = max(4.0 * float(np.median(off)), 0.4)
        weight = np.clip(1.0 - (off / bar) ** 2, 0.0, None) ** 2
        heavy = base * weight[:, None]
        found = np.linalg.solve(heavy.T @ base + 1e-3 * np.eye(3), heavy.T @ told)
    across = (np.arange(width, dtype=np.float32) / width - 0.5)[None, :, None]
    down = (np.arange(height, dtype=np.float32) / height - 0.5)[:, None, None]
    told32 = found.astype(np.float32)
    return np.asarray(told32[0] + across * told32[1] + down * told32[2], np.float32)


def _small(luma: Luma) -> Luma:
    height, width = luma.shape
    scale = min(1.0, (PIXELS / (width * height)) ** 0.5)
    size = (max(24, round(width * scale)), max(24, round(height * scale)))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _make_flow() -> Any:
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow.setFinestScale(0)
    flow.setPatchSize(8)
    flow.setPatchStride(4)
    flow.setGradientDescentIterations(12)
    flow.setVariationalRefinementIterations(2)
    return flow
