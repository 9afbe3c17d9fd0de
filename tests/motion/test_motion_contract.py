"""What every way to measure motion has to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from everyframe.errors import SettingError
from everyframe.motion import CodecMotion, Field, FlowMotion, Motion, MotionSettings, open_motion
from everyframe.types import Frame

TOLERANCE = {"flow": 0.15, "codec": 0.25}
ENCODERS = [("libx264", {"bf": "0"}), ("libx264", {}), ("mpeg4", {})]


@pytest.fixture(params=["flow", "codec"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def motion(name: str) -> Motion:
    return open_motion(name)


def measure(motion: Motion, frames: Iterable[Frame]) -> list[Field]:
    return [field for frame in frames if (field := motion.step(frame)) is not None]


def typical(fields: list[Field]) -> tuple[float, float]:
    """Return the median velocity of all that moves, in px/s."""
    moving = [field.velocity[field.moving > 0.5] for field in fields if field.measured]
    right, down = np.median(np.concatenate(moving), axis=0)
    return float(right), float(down)


def share(fields: list[Field]) -> float:
    return float(np.mean([field.moving for field in fields if field.measured]))


@pytest.mark.parametrize(("codec", "options"), ENCODERS, ids=["h264", "h264-b", "mpeg4"])
@pytest.mark.parametrize("velocity", [(60.0, 0.0), (-60.0, 0.0), (0.0, 30.0), (0.0, -30.0)])
def test_velocity_is_in_px_per_second_rightwards_and_downwards(
    scene: Any,
    encode: Any,
    name: str,
    motion: Motion,
    velocity: tuple[float, float],
    codec: str,
    options: Any,
) -> None:
    fields = measure(motion, encode(scene(velocity), codec=codec, **options))
    near = TOLERANCE[name] * max(abs(part) for part in velocity)
    assert typical(fields) == pytest.approx(velocity, abs=near)
    assert share(fields) > 0.05  # of a picture of which the patch is 0.15


@pytest.mark.parametrize("fps", [10, 25])
def test_velocity_is_independent_of_the_frame_rate(
    scene: Any, encode: Any, name: str, motion: Motion, fps: int
) -> None:
    fields = measure(motion, encode(scene((50.0, 0.0), fps=fps), fps=fps, bf="0"))
    assert typical(fields) == pytest.approx((50.0, 0.0), abs=50.0 * TOLERANCE[name])


@pytest.mark.parametrize("every", [2, 3, 5])
def test_frames_that_are_lost_singly_change_no_speed(
    scene: Any,
    encode: Any,
    lose: Callable[[list[Frame], int], list[Frame]],
    name: str,
    motion: Motion,
    every: int,
) -> None:
    frames = encode(scene((60.0, 0.0)), bf="0")
    # The first few tell how far apart pictures usually are.
    kept = frames[:3] + lose(frames[3:], every)
    assert typical(measure(motion, kept)) == pytest.approx((60.0, 0.0), abs=60.0 * TOLERANCE[name])


def test_noise_on_a_still_scene_does_not_move(scene: Any, encode: Any, motion: Motion) -> None:
    fields = measure(motion, encode(scene(noise=3.0), crf="20"))
    assert sum(field.measured for field in fields) >= 3
    assert share(fields) < 0.002
    for field in fields:
        assert not field.velocity[field.moving == 0.0].any()


def test_the_first_picture_is_not_measured(scene: Any, encode: Any, motion: Motion) -> None:
    first, *others = measure(motion, encode(scene((60.0, 0.0)), bf="0"))
    assert not first.measured
    assert not first.velocity.any()
    assert not first.moving.any()
    assert all(field.measured for field in others)


def test_nothing_is_measured_across_a_reset(scene: Any, encode: Any, motion: Motion) -> None:
    here = encode(scene(seconds=1.0), bf="0")
    there = encode(scene(seconds=1.2, seed=7), bf="0")
    measure(motion, here)
    motion.reset()
    # Without the first picture of all, so that the next one comes with vectors.
    after = measure(
        motion, [replace(frame, time=frame.time + 1.0, index=frame.index + 25) for frame in there[3:]]
    )
    assert not after[0].measured
    assert any(field.measured for field in after)
    assert all(not field.moving.any() for field in after)


def test_a_clock_that_starts_again_is_measured_again(scene: Any, encode: Any, motion: Motion) -> None:
    frames = encode(scene((60.0, 0.0), seconds=1.0), bf="0")
    measure(motion, frames)
    motion.reset()
    assert any(field.measured for field in measure(motion, frames))


def test_another_frame_size_is_another_grid(scene: Any, encode: Any, motion: Motion) -> None:
    small = encode(scene((40.0, 0.0), seconds=1.0, size=(160, 96)), bf="0")
    large = encode(scene((40.0, 0.0), seconds=1.0), bf="0")
    later = [replace(frame, time=frame.time + 1.0, index=frame.index + 25) for frame in large]
    fields = measure(motion, [*small, *later])
    sizes = [field.size for field in fields]
    assert sizes == sorted(sizes)
    assert set(sizes) == {(160, 96), (320, 192)}
    assert not fields[sizes.index((320, 192))].measured
    for field in fields:
        columns, rows = MotionSettings().grid_size(field.size)
        assert field.moving.shape == field.luma.shape == (rows, columns)
        assert field.velocity.shape == (rows, columns, 2)


def test_both_see_the_same_brightness_and_come_no_more_often_than_asked(scene: Any, encode: Any) -> None:
    frames = encode(scene((60.0, 0.0)), bf="0")
    flow, codec = measure(FlowMotion(), frames), measure(CodecMotion(), frames)
    assert len(flow) / 2 <= len(codec) <= len(flow)
    assert len(flow) <= 1 + 2.0 * MotionSettings().rate / 0.95
    by_index = {field.index: field for field in flow}
    for field in codec:
        if field.index in by_index:
            assert np.abs(field.luma - by_index[field.index].luma).mean() < 2.0


def test_an_unknown_way_is_refused_with_a_suggestion() -> None:
    with pytest.raises(SettingError, match="did you mean codec"):
        open_motion("codecs")
    with pytest.raises(SettingError, match="write flow or codec"):
        open_motion("magic")
