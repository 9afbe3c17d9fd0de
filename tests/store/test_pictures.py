"""Thumbnails show the heat where it is, leave the rest as it was, and mark the box."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.store.pictures import draw_box, scaled, thumbnail
from everyframe.types import Box, Frame

GREY = Frame(0, 0.0, np.full((240, 320), 90, np.uint8))
FAR = Box(4, 4, 8, 8)


def opened(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture[:, :, ::-1]).astype(int)


def colourful(picture: np.ndarray) -> np.ndarray:
    return np.asarray(picture.max(axis=2) - picture.min(axis=2))


@pytest.mark.parametrize("grid", [(1, 1), (6, 8), (15, 20), (240, 320), (480, 640)])
def test_heat_is_seen_where_it_is_and_nowhere_else(grid: tuple[int, int]) -> None:
    heat = np.zeros(grid, np.float32)
    rows, columns = grid
    heat[rows // 2 :, columns // 2 :] = 1.0
    picture = opened(thumbnail(GREY, None, heat))
    assert picture.shape == (360, 480, 3)
    assert colourful(picture)[260:340, 340:460].min() > 80
    if grid != (1, 1):
        assert np.abs(picture[:100, :140] - 90).max() <= 6


def test_no_heat_changes_nothing() -> None:
    plain, cold = thumbnail(GREY, None), thumbnail(GREY, None, np.zeros((6, 8), np.float32))
    assert np.abs(opened(plain) - opened(cold)).max() <= 3
    assert np.abs(opened(plain) - 90).max() <= 3


def test_more_heat_is_more_visible() -> None:
    seen = [
        colourful(opened(thumbnail(GREY, None, np.full((6, 8), level, np.float32)))).mean()
        for level in (0.1, 0.4, 0.7, 1.0)
    ]
    assert seen == sorted(seen)
    assert seen[-1] > 4 * seen[0]


def test_a_single_hot_cell_stays_hot() -> None:
    heat = np.zeros((12, 16), np.float32)
    heat[6, 8] = 1.0
    assert colourful(opened(thumbnail(GREY, None, heat))).max() > 80


def test_numbers_that_are_none_are_no_heat() -> None:
    heat = np.full((6, 8), np.nan, np.float32)
    assert np.abs(opened(thumbnail(GREY, None, heat)) - 90).max() <= 4


def test_the_box_is_marked_where_it_is_also_when_the_frame_was_scaled() -> None:
    for box, size in ((Box(200, 150, 60, 50), None), (Box(800, 600, 240, 200), (1280, 960))):
        picture = opened(thumbnail(GREY, box, frame_size=size))
        assert colourful(picture)[215:310, 290:400].max() > 100
        assert colourful(picture)[:200].max() < 12


def test_the_sources_picture_is_left_alone() -> None:
    original = np.full((240, 480, 3), 90, np.uint8)  # as wide as the thumbnail: nothing is scaled
    thumbnail(Frame(0, 0.0, original[:, :, 0].copy(), to_rgb=lambda: original), Box(100, 100, 60, 60))
    assert (original == 90).all()


coordinates = st.integers(-500, 500)


@given(x=coordinates, y=coordinates, width=st.integers(0, 500), height=st.integers(0, 500))
def test_boxes_beyond_the_edge_never_fail(x: int, y: int, width: int, height: int) -> None:
    picture = np.zeros((24, 32, 3), np.uint8)
    draw_box(picture, Box(x, y, width, height))
    assert picture.shape == (24, 32, 3)


@given(
    box=st.builds(Box, st.integers(0, 900), st.integers(0, 900), st.integers(1, 300), st.integers(1, 300)),
    factor=st.integers(1, 5),
)
def test_scaling_a_box_up_and_down_brings_it_back(box: Box, factor: int) -> None:
    small, large = (1200, 1200), (1200 * factor, 1200 * factor)
    assert scaled(scaled(box, small, large), large, small) == box
