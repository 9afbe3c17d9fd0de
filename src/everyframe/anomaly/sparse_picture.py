"""The picture of two samples over the learned bases: few bars against many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.drawing import FAINT, LINE, PANEL, PAPER, Color, shorten, width_of, write
from everyframe.types import RGB

_WIDTH = 1_000
_MARGIN = 28
_HEAD = 62  # pixels above the bars of a panel
_BARS = 150
_FOOT = 34
_GAP = 18  # between panels
_BETWEEN = 14  # between the types of bases of one panel
_BASE: tuple[Color, ...] = ((94, 196, 182), (240, 178, 92), (150, 160, 238), (226, 128, 150))
_LEAST = 0.02  # of the tallest bar: shorter ones are not counted


@dataclass(frozen=True, slots=True, eq=False)
class CodedSample:
    """One sample to be drawn.

    Attributes:
        title: What it is, such as ``somebody walks``.
        cost: Its reconstruction cost, 1 being what 99 % of what is normal stays below.
        coefficients: ``(m,)`` over the bases of each type, as ``SparseDetector.coefficients`` returns them.
    """

    title: str
    cost: float
    coefficients: Mapping[str, NDArray[np.float32]]


def draw_coefficients(samples: Sequence[CodedSample]) -> RGB:
    """Draw the coefficients of samples over the bases, one below the other and to the same scale.

    As the figure of Cong, Yuan and Liu (CVPR 2011): what is normal takes few bases, what is not many.

    Args:
        samples: At least one; all over the same types of bases.

    Returns:
        ``(H, W, 3)`` RGB.

    Raises:
        ValueError: If there is no sample.
    """
    if not samples:
        raise ValueError("there is no sample to draw")
    panel = _HEAD + _BARS + _FOOT
    height = 2 * _MARGIN + len(samples) * panel + (len(samples) - 1) * _GAP
    picture: RGB = np.full((height, _WIDTH, 3), PAPER, np.uint8)
    tallest = max(
        (float(np.abs(one).max(initial=0.0)) for sample in samples for one in sample.coefficients.values()),
        default=0.0,
    )
    for number, sample in enumerate(samples):
        _draw_panel(picture, _MARGIN + number * (panel + _GAP), sample, max(tallest, 1e-9))
    return picture


def _draw_panel(picture: RGB, top: int, sample: CodedSample, tallest: float) -> None:
    left, right = _MARGIN, _WIDTH - _MARGIN
    picture[top : top + _HEAD + _BARS + _FOOT, left:right] = PANEL
    used = sum(int((np.abs(one) > _LEAST * tallest).sum()) for one in sample.coefficients.values())
    told = f"cost {sample.cost:.1f} · {used} bases"
    room = right - left - 60 - width_of(told, 17)
    write(picture, shorten(sample.title, 19, room), (left + 20, top + 36), 19, bold=True)
    write(picture, told, (right - 20 - width_of(told, 17), top + 36), 17, FAINT)
    spots = _spots([len(one) for one in sample.coefficients.values()], left + 20, right - 20)
    for number, (name, values) in enumerate(sample.coefficients.items()):
        start, width = spots[number]
        color = _BASE[number % len(_BASE)]
        _draw_bars(picture, (start, top + _HEAD, width), values / tallest, color)
        label = shorten(f"{name} · {len(values)} bases", 14, max(width, 40))
        write(picture, label, (start, top + _HEAD + _BARS + 22), 14, color)


def _spots(counts: Sequence[int], left: int, right: int) -> list[tuple[int, int]]:
    """Share the width among types by how many bases each has; return ``(left, width)`` of each."""
    room = right - left - _BETWEEN * (len(counts) - 1)
    ends = np.rint(np.cumsum([0, *counts]) / max(sum(counts), 1) * room).astype(int)
    return [(left + int(ends[k]) + k * _BETWEEN, int(ends[k + 1] - ends[k])) for k in range(len(counts))]


def _draw_bars(picture: RGB, box: tuple[int, int, int], values: NDArray[np.float32], color: Color) -> None:
    """Draw values in [-1, 1] as bars around a line in ``(left, top, width)``."""
    left, top, width = box
    below = 0.3 * _BARS  # coefficients are negative seldom and little
    zero = round(top + _BARS - below)
    cv2.line(picture, (left, zero), (left + width - 1, zero), LINE, 1)
    edges = left + np.arange(len(values) + 1) * width / max(len(values), 1)
    for number, value in enumerate(np.clip(values, -1.0, 1.0)):
        length = round(float(value) * (_BARS - below if value > 0 else below))
        if length == 0:
            continue
        first, last = round(edges[number]), max(round(edges[number]), round(edges[number + 1]) - 2)
        cv2.rectangle(picture, (first, zero), (last, zero - length), color, -1)
    cv2.line(picture, (left, top), (left, top + _BARS), LINE, 1)
