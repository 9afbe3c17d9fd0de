from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.vision.dense.small_segmenters import at_random

from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.dense.tiles import WHOLE, plan

SIDES = st.integers(1, 260)


@given(SIDES, SIDES, st.sampled_from((1, 8, 32)), st.integers(0, 40), st.integers(1_000, 30_000))
def test_tiles_cover_each_pixel_once_and_begin_at_multiples_of_the_stride(
    height: int, width: int, stride: int, margin: int, most: int
) -> None:
    covered = np.zeros((height, width), np.uint8)
    for tile in plan((height, width), stride, margin, most):
        covered[tile.rows, tile.columns] += 1
        for asked, seen, length in (
            (tile.rows, tile.seen_rows, height),
            (tile.columns, tile.seen_columns, width),
        ):
            assert seen.start % stride == 0
            assert seen.start == 0 or asked.start - seen.start >= margin
            assert seen.stop == length or seen.stop - asked.stop >= margin
            assert 0 <= seen.start <= asked.start < asked.stop <= seen.stop <= length
            smallest = stride + 2 * (margin + stride)
            assert seen.stop - seen.start <= max(np.sqrt(most), smallest)
    assert (covered == 1).all()


@given(st.integers(40, 150), st.integers(40, 150), st.integers(0, 3))
def test_tiles_that_see_the_networks_reach_equal_the_whole(height: int, width: int, seed: int) -> None:
    network = NETWORKS[seed % len(NETWORKS)]
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    whole = network.logits(picture)
    for tile in plan((height, width), network.about.stride, network.about.reach, 6_000):
        part = network.logits(np.ascontiguousarray(picture[tile.seen_rows, tile.seen_columns]))
        # Of sums in another order, no more.
        np.testing.assert_allclose(
            part[:, tile.kept[0], tile.kept[1]], whole[:, tile.rows, tile.columns], atol=1e-4
        )


def test_twelve_million_pixels_equal_the_whole_within_a_hundredth() -> None:
    network = Segmenter(at_random(channels=4, classes=3))
    chance = np.random.default_rng(4)
    coarse = chance.integers(0, 256, (30, 40, 3)).astype(np.uint8)
    picture = np.repeat(np.repeat(coarse, 100, axis=0), 100, axis=1)
    assert picture.shape[:2] == (3000, 4000)
    assert picture.shape[0] * picture.shape[1] > WHOLE
    whole = network.logits(picture).argmax(axis=0)
    told = network.predict(picture)
    assert len(np.unique(whole)) > 1
    assert (told != whole).mean() < 1e-4


@pytest.mark.parametrize("most", [WHOLE, 100_000])
def test_work_is_not_repeated_more_than_margins_ask(most: int) -> None:
    tiles = plan((3000, 4000), 32, 64, most)
    seen = sum(
        (t.seen_rows.stop - t.seen_rows.start) * (t.seen_columns.stop - t.seen_columns.start) for t in tiles
    )
    side = np.sqrt(most)
    assert seen / 12e6 < 1.15 * (side / (side - 128 - 32)) ** 2


NETWORKS = [Segmenter(at_random(seed)) for seed in range(2)]
