"""The curves of a training are where the figures say."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from everyframe.vision import curves
from everyframe.vision.curves import ticks_of
from everyframe.vision.dense.curves import Epoch, draw_curves


def drawn(epochs: list[Epoch]) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(draw_curves(epochs))).convert("RGB"), np.uint8)


def rows_of(picture: NDArray[np.uint8], colour: tuple[int, int, int], column: int) -> list[int]:
    """Return the rows in which a column is of a colour, but for the smooth sides of lines."""
    near = (np.abs(picture[:, column].astype(int) - colour) <= 3).all(axis=-1)
    return [int(row) for row in np.flatnonzero(near)]


def test_curves_fall_and_rise_as_they_are_told() -> None:
    epochs = [Epoch(n, 1.0 - 0.05 * n, 1e-3, 1.2 - 0.05 * n, 0.03 * n) for n in range(1, 16)]
    picture = drawn(epochs)
    left, right = curves._LEFT + 10, curves._WIDE - curves._RIGHT - 10
    loss = [np.mean(rows_of(picture, curves.FIRST, column)) for column in (left, right)]
    assert loss[0] + 50 < loss[1]  # falls: further down is a larger row
    top, panel = curves._ABOVE + 30, curves._PANEL
    iou_top = top + panel + curves._BELOW + 40
    iou = [
        np.mean([row for row in rows_of(picture, curves.SECOND, column) if row > iou_top - 5])
        for column in (left, right)
    ]
    assert iou[0] > iou[1] + 50
    # 0.45 of a scale from 0 to 0.5 at the end.
    assert iou[1] == pytest.approx(iou_top + panel * 0.1, abs=6)


def test_what_was_not_measured_has_no_panel() -> None:
    with_all = drawn([Epoch(1, 1.0, 1e-3, 1.0, 0.3), Epoch(2, 0.9, 1e-3)])
    without = drawn([Epoch(1, 1.0, 1e-3), Epoch(2, math.nan, 1e-3, None, math.nan)])
    assert with_all.shape[0] - without.shape[0] == curves._PANEL + curves._BELOW + 40
    assert not (without == np.array(curves.SECOND)).all(axis=-1).any()


def test_one_epoch_is_a_point() -> None:
    picture = drawn([Epoch(1, 0.7, 1e-3, 0.8, 0.25)])
    assert rows_of(picture, curves.FIRST, curves._LEFT)
    with pytest.raises(ValueError, match="no epoch"):
        draw_curves([])


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.booleans())
def test_ticks_are_round_even_and_around(low: float, span: float, whole: bool) -> None:
    ticks = ticks_of(low, low + span, whole=whole)
    steps = np.diff(ticks)
    assert 2 <= len(ticks) <= 8
    assert np.allclose(steps, steps[0])
    assert steps[0] > 0
    assert f"{float(f'{steps[0]:.6g}'):e}"[0] in "125"
    slack = steps[0] * 1e-6
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + span - slack
    assert not whole or all(tick == round(tick) for tick in ticks)
