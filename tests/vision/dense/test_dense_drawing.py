from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from tests.vision.dense.small_segmenters import GROUNDS

from everyframe.vision.dense.classes import CAMVID, VOID, named
from everyframe.vision.dense.drawing import overlay, palette_png, shares, with_legend

MASKS = arrays(
    np.uint8,
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    elements=st.sampled_from([0, 1, 2, 3, VOID]),
)


@given(MASKS)
def test_a_mask_is_read_back_as_it_was_by_value_and_by_colour(mask: np.ndarray) -> None:
    data = palette_png(mask, GROUNDS)
    read = Image.open(io.BytesIO(data))
    assert read.mode == "P"
    np.testing.assert_array_equal(np.asarray(read), mask)
    colours = np.array([*GROUNDS.colours, (224, 224, 192)])
    seen = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    np.testing.assert_array_equal(seen, colours[np.where(mask == VOID, 4, mask)])


def test_a_mask_of_two_hundred_classes_keeps_its_values() -> None:
    classes = named([f"class {number}" for number in range(200)])
    mask = np.arange(200, dtype=np.uint8).reshape(10, 20)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(palette_png(mask, classes)))), mask)


@given(MASKS, st.floats(0.0, 1.0))
def test_an_overlay_lies_between_the_picture_and_the_colours(mask: np.ndarray, opacity: float) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*mask.shape, 3)).astype(np.uint8)
    drawn = overlay(picture, mask, GROUNDS, opacity)
    colours = np.array([*GROUNDS.colours, (0, 0, 0)])[np.where(mask == VOID, 4, mask)]
    wanted = picture * (1 - opacity) + colours * opacity
    wanted[mask == VOID] = picture[mask == VOID]
    assert np.abs(drawn - wanted).max() <= 1.0


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="has a mask of"):
        overlay(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5), np.uint8), GROUNDS)


@given(MASKS)
def test_shares_are_of_what_is_not_void(mask: np.ndarray) -> None:
    told = shares(mask, GROUNDS)
    known = mask[mask != VOID]
    assert told.sum() == pytest.approx(1.0 if known.size else 0.0)
    for number in range(4):
        assert told[number] == pytest.approx((known == number).mean() if known.size else 0.0)


@pytest.mark.parametrize("width", [8, 120, 480, 1600])
def test_a_legend_stands_below_and_names_what_is_there(width: int) -> None:
    mask = np.zeros((60, width), np.uint8)
    mask[30:] = 3
    mask[:, : width // 3] = 8
    picture = np.full((60, width, 3), 200, np.uint8)
    drawn = with_legend(picture, mask, CAMVID)
    np.testing.assert_array_equal(drawn[:60], picture)
    assert drawn.shape[1] == width
    if width == 8:
        assert len(drawn) == 60  # no room for words
        return
    below = drawn[60:].reshape(-1, 3)
    there = {tuple(int(v) for v in colour) for colour in np.unique(below, axis=0)}
    for number, colour in enumerate(CAMVID.colours):
        assert (colour in there) == (number in (0, 3, 8)) or colour == (128, 128, 128)
