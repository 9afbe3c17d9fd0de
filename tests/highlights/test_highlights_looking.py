from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.highlights.movers import write_mover

from everyframe.highlights import Segment, steps_of
from everyframe.highlights.actor import follow
from everyframe.highlights.clips import windows
from everyframe.highlights.looking import STEP, Look, camera_motion, looks
from everyframe.sources import open_source
from everyframe.types import Frame
from everyframe.vision.front import FLOW_WAYS, GRID, edges, mirrored, motions


@pytest.mark.parametrize("fps", [10, 25, 30, 50])
def test_steps_are_the_same_time_apart_whatever_the_frame_rate(tmp_path: Path, fps: int) -> None:
    clip = write_mover(tmp_path / "clip.mp4", "across", 1, fps=fps)
    (steps,) = steps_of(Segment(0.0, 1.6, "across", source=str(clip)))
    assert len(steps) == pytest.approx(16, abs=1)
    assert np.diff(steps.times).mean() == pytest.approx(STEP, rel=0.1)


def test_flow_is_the_speed_of_what_moves(tmp_path: Path) -> None:
    clip = write_mover(tmp_path / "clip.mp4", "across", 4)
    found = list(looks(open_source(clip)))
    fast = [np.abs(look.flow[..., 0].astype(float)) for look in found[4:-4]]
    assert 25.0 < float(np.median([np.median(one[one > 10.0]) for one in fast])) < 60.0


def test_black_pictures_are_no_steps_even_with_a_watermark() -> None:
    black = np.zeros((90, 160), np.uint8)
    black[80:85, 130:150] = 200
    noise = np.random.default_rng(0).integers(0, 255, (90, 160)).astype(np.uint8)
    pictures = [noise] * 5 + [black] * 5
    frames = [Frame(number, number * STEP, picture) for number, picture in enumerate(pictures)]
    assert len(list(looks(frames))) == 5


def test_a_cut_is_no_motion() -> None:
    pictures = [
        np.random.default_rng(number).integers(0, 255, (90, 160)).astype(np.uint8) for number in (0, 0, 1, 1)
    ]
    found = list(looks(Frame(number, number * STEP, picture) for number, picture in enumerate(pictures)))
    assert [look.whole for look in found] == [False, True, False, True]
    assert not np.any(found[2].flow)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-0.1, 0.1))
def test_the_cameras_motion_is_found_behind_an_actor(across: float, down: float, zoom: float) -> None:
    ys, xs = np.mgrid[0:80, 0:120].astype(np.float32)
    field = np.stack([across + zoom * (xs - 60), down + zoom * (ys - 40)], axis=-1).astype(np.float32)
    flow = field.copy()
    flow[20:60, 50:70] += 15.0
    assert np.abs(camera_motion(flow) - field).max() < 0.3


def test_the_square_follows_what_moves() -> None:
    found = []
    for number in range(20):
        flow = np.zeros((96, 160, 2), np.float16)
        left = 10 + 6 * number
        flow[40:64, left : left + 16] = 40.0
        found.append(Look(number * STEP, np.zeros((96, 160), np.uint8), flow, True))
    squares = follow(found)
    assert np.abs(squares.centre[3:-3, 0] - (17.5 + 6 * np.arange(3, 17))).max() < 8.0
    assert np.abs(squares.centre[:, 1] - 51.5).max() < 4.0
    assert 24.0 <= squares.side < 96.0


def test_where_nothing_moves_the_square_is_in_the_middle() -> None:
    still = [
        Look(n * STEP, np.zeros((96, 160), np.uint8), np.zeros((96, 160, 2), np.float16), True)
        for n in range(3)
    ]
    squares = follow(still)
    assert np.array_equal(squares.centre, [[80.0, 48.0]] * 3)


def test_maps_of_mirrored_footage_are_mirrored_maps() -> None:
    chance = np.random.default_rng(0)
    frames, flow = (
        chance.normal(size=(4, 30, 30)).astype(np.float32),
        chance.normal(size=(4, 2, 30, 30)).astype(np.float32),
    )
    turned = flow[..., ::-1].copy()
    turned[:, 0] *= -1.0
    for name, plain, other in (
        ("flow", motions(flow), motions(turned)),
        ("frames", edges(frames, flow), edges(frames[..., ::-1].copy(), turned)),
    ):
        assert np.allclose(mirrored(name, plain), other, atol=2e-3)


def test_what_moves_rightwards_is_in_the_first_map() -> None:
    flow = np.zeros((2, 2, 30, 30), np.float32)
    flow[:, 0] = 1.0
    found = motions(flow).astype(float)
    assert found.shape == (2, 2 * FLOW_WAYS, GRID, GRID)
    assert found[:, :FLOW_WAYS].mean(axis=(0, 2, 3)).argmax() == 0
    assert found[:, FLOW_WAYS // 2].max() < 1e-3


@given(st.integers(2, 200), st.integers(4, 40), st.integers(1, 40))
def test_windows_hold_every_step_and_are_never_too_long(count: int, most: int, stride: int) -> None:
    blank, still = np.zeros((2, 2), np.uint8), np.zeros((2, 2, 2), np.float16)
    every = [Look(float(n), blank, still, True) for n in range(count)]
    stride = min(stride, most)
    found = list(windows(iter(every), most, stride))
    assert all(len(window) <= most for window in found)
    times = {look.time for window in found for look in window}
    assert len(times) >= count - most // 4  # a short rest is left out
