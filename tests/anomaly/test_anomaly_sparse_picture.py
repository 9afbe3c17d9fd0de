"""The picture of few bars against many."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe.anomaly.drawing import PANEL, PAPER
from everyframe.anomaly.sparse_picture import CodedSample, draw_coefficients

TEAL = (94, 196, 182)


def sample(values: NDArray[np.float32], title: str = "somebody walks") -> CodedSample:
    return CodedSample(title, 0.5, {"block": values, "around": np.zeros(30, np.float32)})


def bar_pixels(picture: NDArray[np.uint8], upper: bool) -> int:
    """Count what has the colour of the first type in the bars of the upper or lower panel."""
    half = picture[: picture.shape[0] // 2] if upper else picture[picture.shape[0] // 2 :]
    return int((half[60:-70] == TEAL).all(axis=2).sum())


def test_is_rgb_and_grows_with_the_samples() -> None:
    one = draw_coefficients([sample(np.ones(20, np.float32))])
    two = draw_coefficients([sample(np.ones(20, np.float32))] * 2)
    assert one.dtype == two.dtype == np.uint8
    assert one.shape[1:] == two.shape[1:] == (1_000, 3)
    assert two.shape[0] > one.shape[0] + 200
    assert tuple(one[0, 0]) == PAPER
    assert tuple(one[40, 500]) == PANEL


def test_many_bars_have_more_ink_than_few() -> None:
    few, many = np.zeros(40, np.float32), np.full(40, 0.8, np.float32)
    few[3] = 0.8
    picture = draw_coefficients([sample(few), sample(many)])
    assert bar_pixels(picture, upper=True) * 20 < bar_pixels(picture, upper=False)


def test_samples_share_one_scale() -> None:
    picture = draw_coefficients([sample(np.full(20, 0.25, np.float32)), sample(np.ones(20, np.float32))])
    ratio = bar_pixels(picture, upper=False) / bar_pixels(picture, upper=True)
    assert ratio == pytest.approx(4.0, rel=0.25)


def test_what_is_negative_goes_down() -> None:
    def lowest(value: float) -> int:
        picture = draw_coefficients([sample(np.full(20, value, np.float32))])
        rows = np.flatnonzero((picture[:240] == TEAL).all(axis=2).any(axis=1))
        return int(rows[rows < picture.shape[0] - 28 - 36].max())

    assert lowest(-1.0) > lowest(1.0) + 20


@pytest.mark.parametrize("values", [np.zeros(10, np.float32), np.zeros(0, np.float32)])
def test_nothing_used_is_drawn_as_nothing(values: NDArray[np.float32]) -> None:
    assert bar_pixels(draw_coefficients([sample(values), sample(values)]), upper=True) == 0


def test_a_title_that_is_too_long_stays_inside() -> None:
    picture = draw_coefficients([sample(np.ones(5, np.float32), "somebody " * 60)])
    assert (picture[:, -28:] == PAPER).all()


def test_no_sample_is_no_picture() -> None:
    with pytest.raises(ValueError, match="no sample"):
        draw_coefficients([])
