"""Motion from the encoder's vectors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.errors import SettingError
from everyframe.motion import CodecMotion, Field, MotionSettings
from everyframe.motion.lattice import Lattice
from everyframe.motion.shrinking import shrunk
from everyframe.sources.pictures import MOTION_VECTOR
from everyframe.types import Frame

SIZE = (320, 192)
Block = tuple[int, int, int, int]


def told(blocks: list[Block], motion: tuple[int, int], scale: int = 4) -> NDArray[np.void]:
    """Return FFmpeg's vectors for blocks ``(x, y, width, height)``, with garbage where it leaves some."""
    vectors = np.zeros(len(blocks), MOTION_VECTOR)
    vectors.view(np.uint8)[:] = 0xA5
    vectors["source"], vectors["motion_scale"] = -1, scale
    vectors["motion_x"], vectors["motion_y"] = motion
    for vector, (x, y, width, height) in zip(vectors, blocks, strict=True):
        vector["w"], vector["h"] = width, height
        vector["dst_x"], vector["dst_y"] = x + width // 2, y + height // 2
    return vectors


def square(left: int, top: int, side: int) -> list[Block]:
    """Return blocks of 16 x 16."""
    return [(x, y, 16, 16) for y in range(top, top + side, 16) for x in range(left, left + side, 16)]


def frames(
    count: int, vectors: NDArray[np.void], fps: float = 25.0, kinds: str = "IPPPPPPPPPPP"
) -> list[Frame]:
    """Return pictures in which a bright square flickers, so that something changes where vectors are."""
    made = []
    for number in range(count):
        luma = np.full((SIZE[1], SIZE[0]), 90, np.uint8)
        luma[48:112, 96:160] = 100 + 37 * number % 120
        kind = kinds[number % len(kinds)]
        given_vectors = None if kind == "I" else vectors
        made.append(Frame(number, number / fps, luma, None, given_vectors, kind))
    return made


def measure(motion: CodecMotion, items: list[Frame]) -> list[Field]:
    return [field for frame in items if (field := motion.step(frame)) is not None and field.measured]


def centre(field: Field) -> list[float]:
    """Return the velocity in the middle of the square."""
    wide, high = field.cell
    return [float(v) for v in field.velocity[round(80 / high), round(128 / wide)]]


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_vector_points_to_where_the_block_came_from(scale: int) -> None:
    vectors = told(square(96, 48, 64), (-8 * scale // 4, 4 * scale // 4), scale)
    fields = measure(CodecMotion(MotionSettings(rate=25.0)), frames(10, vectors))
    assert fields
    for field in fields:
        assert centre(field) == pytest.approx([50.0, -25.0], rel=0.01)  # 2 and -1 px in 0.04 s


@pytest.mark.parametrize("kinds", ["IPPPPPPPPPPP", "IBBPBBPBBPBB"])
def test_a_p_picture_refers_to_the_one_before_that_is_not_b(kinds: str) -> None:
    distance = 3 if "B" in kinds else 1
    vectors = told(square(96, 48, 64), (-8 * distance, 0))
    made = frames(12, vectors, kinds=kinds)
    nonsense = told(square(96, 48, 64), (99, -99))
    made = [replace(frame, vectors=nonsense) if frame.picture == "B" else frame for frame in made]
    fields = measure(CodecMotion(MotionSettings(rate=25.0)), made)
    assert fields
    for field in fields:
        assert centre(field) == pytest.approx([50.0, 0.0], rel=0.01)


def test_blocks_where_the_picture_does_not_change_do_not_move() -> None:
    everywhere = square(0, 0, 192)
    for field in measure(CodecMotion(), frames(12, told(everywhere, (-8, 0)))):
        wide, high = field.cell
        moves = field.moving > 0.5
        assert moves[round(60 / high) : round(100 / high), round(108 / wide) : round(148 / wide)].all()
        moves[round(32 / high) : round(128 / high), round(80 / wide) : round(176 / wide)] = False
        assert not moves.any()


def test_a_lone_block_is_noise() -> None:
    fields = measure(CodecMotion(), frames(12, told(square(112, 64, 16), (-40, 12))))
    assert fields
    assert all(not field.moving.any() for field in fields)


def test_blocks_that_were_coded_anew_move_with_their_neighbours() -> None:
    blocks = [block for block in square(96, 48, 64) if block[:2] not in {(112, 80), (128, 80)}]
    fields = measure(CodecMotion(), frames(12, told(blocks, (-8, 0))))
    assert fields
    for field in fields:
        wide, high = field.cell
        hole = field.velocity[round(84 / high) : round(92 / high), round(116 / wide) : round(140 / wide), 0]
        assert hole == pytest.approx(np.full(hole.shape, 50.0), rel=0.01)


def test_vectors_that_go_back_across_a_reset_are_left_out() -> None:
    made = frames(24, told(square(96, 48, 64), (-8, 0)))
    wild = told(square(96, 48, 64), (-80, 80))
    motion = CodecMotion(MotionSettings(rate=25.0))
    measure(motion, made[:6])
    motion.reset()
    fields = measure(motion, [replace(made[6], vectors=wild), *made[7:]])
    assert fields
    for field in fields:
        assert centre(field) == pytest.approx([50.0, 0.0], rel=0.01)


def test_pictures_far_apart_are_not_compared() -> None:
    vectors = told(square(96, 48, 64), (-8, 0))
    assert not measure(CodecMotion(), frames(10, vectors, fps=1.0))


def test_a_source_without_vectors_is_refused_in_one_line(scene: Any, encode: Any) -> None:
    plain = [replace(frame, vectors=None) for frame in encode(scene((60.0, 0.0)), bf="0")]
    motion = CodecMotion()
    with pytest.raises(SettingError, match=r"no motion vectors.*use --motion flow") as caught:
        measure(motion, plain)
    assert "\n" not in str(caught.value)


def test_key_pictures_are_no_lack_of_vectors(scene: Any, encode: Any) -> None:
    coded = encode(scene((60.0, 0.0), seconds=6.0), bf="0", g="5", keyint_min="5")
    assert sum(frame.vectors is None for frame in coded) >= 25
    assert len(measure(CodecMotion(), coded)) > 10


def test_a_wild_place_does_no_harm() -> None:
    vectors = told(square(96, 48, 64), (-8, 0))
    vectors["dst_x"][:4] = [-30_000, 30_000, 0, -1]
    vectors["dst_y"][:4] = [30_000, -30_000, -1, 0]
    vectors["motion_scale"][4] = 0
    for field in measure(CodecMotion(), frames(12, vectors)):
        assert np.isfinite(field.velocity).all()


@given(st.integers(0, 2**32 - 1))
def test_however_a_picture_is_cut_into_blocks_the_velocity_is_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    blocks: list[Block] = []
    for x, y, *_ in square(0, 0, 64):
        wide, high = (int(side) for side in random.choice([8, 16], 2))
        blocks += [(x + a, y + b, wide, high) for a in range(0, 16, wide) for b in range(0, 16, high)]
    lattice = Lattice((64, 64), (32, 32))
    sums = lattice.sums([(told(blocks, (-6, 10)), 0.04), (told(blocks, (-10, 6)), 0.04)])
    assert sums.span == pytest.approx(0.08)
    assert sums.planes[0] == pytest.approx(np.full((8, 8), 4.0))
    assert sums.planes[1] == pytest.approx(np.full((8, 8), -4.0))
    assert sums.planes[2] == pytest.approx(np.full((8, 8), 0.08))


@given(st.integers(16, 4000), st.integers(16, 3000))
def test_the_lattice_covers_the_grid_of_any_size(width: int, height: int) -> None:
    columns, rows = MotionSettings().grid_size((width, height))
    lattice = Lattice((width, height), (columns, rows))
    across = np.tile(np.arange(lattice.columns, dtype=np.float32) * 8 + 4, (lattice.rows, 1))
    placed = lattice.on_grid(across)
    assert placed.shape == (rows, columns)
    middles = (np.arange(columns) + 0.5) * width / columns
    assert np.abs(placed - middles).max() <= 4.001


@given(st.integers(16, 500), st.integers(16, 400), st.integers(0, 255), st.floats(0.05, 1.0))
def test_a_smaller_picture_is_as_bright(width: int, height: int, level: int, scale: float) -> None:
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = shrunk(np.full((height, width), level, np.uint8), size)
    assert small.shape == (size[1], size[0])
    assert (small == level).all()
