"""Pictures and masks are changed alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.vision.dense.changing import Change, changed, colours
from everyframe.vision.dense.classes import VOID

STILL = Change(scale=1.0, turn=0.0, flip=False, colour=0.0)


def test_nothing_changes_where_nothing_should() -> None:
    chance = np.random.default_rng(0)
    picture = chance.integers(0, 256, (40, 60, 3), np.uint8)
    mask = chance.integers(0, 5, (40, 60), np.uint8)
    seen, told, colour = changed(picture, mask, (40, 60), STILL, np.random.default_rng(1))
    assert np.array_equal(seen, picture)
    assert np.array_equal(told, mask)
    assert np.allclose(colour, np.eye(3, 4))


@settings(max_examples=60)
@given(
    height=st.integers(8, 80), width=st.integers(8, 80), rows=st.integers(8, 60), columns=st.integers(8, 60),
    scale=st.floats(1.0, 4.0), turn=st.floats(0.0, 45.0), seed=st.integers(0, 1000),
)  # fmt: skip
def test_pictures_and_masks_stay_together(
    height: int, width: int, rows: int, columns: int, scale: float, turn: float, seed: int
) -> None:
    """A mask that is its picture's brightness still is, wherever it is not smoothed."""
    down, right = np.mgrid[:height, :width]
    mask = ((down // 8 + right // 8) % 2).astype(np.uint8)
    picture = np.repeat((mask * 200)[:, :, None], 3, axis=2).astype(np.uint8)
    seen, told, _ = changed(picture, mask, (rows, columns), Change(scale, turn), np.random.default_rng(seed))
    assert seen.shape == (rows, columns, 3)
    assert told.shape == (rows, columns)
    assert set(np.unique(told)) <= {0, 1, VOID}
    dark, light = seen[:, :, 0] <= 10, seen[:, :, 0] >= 190
    inside = told != VOID
    if scale <= 1.4:  # further apart cells melt into one another where pictures are made smaller
        assert (told[dark & inside] == 0).mean() > 0.9 if (dark & inside).any() else True
        assert (told[light & inside] == 1).mean() > 0.9 if (light & inside).any() else True


def test_chance_alone_decides() -> None:
    picture, mask = np.zeros((30, 40, 3), np.uint8), np.zeros((30, 40), np.uint8)
    picture[5:20, 8:30] = 255
    one, same, other = (
        changed(picture, mask, (30, 40), Change(), np.random.default_rng(seed)) for seed in (4, 4, 5)
    )
    assert np.array_equal(one[0], same[0])
    assert np.array_equal(one[1], same[1])
    assert np.array_equal(one[2], same[2])
    assert not np.array_equal(one[0], other[0])


def test_half_of_the_pictures_are_mirrored() -> None:
    picture, mask = np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20), np.uint8)
    mask[:, :5] = 1
    change = Change(scale=1.0, turn=0.0, flip=True, colour=0.0)
    chance = np.random.default_rng(2)
    left = [changed(picture, mask, (20, 20), change, chance)[1][10, 1] == 1 for _ in range(200)]
    assert 70 < sum(left) < 130


@given(amount=st.floats(0.0, 0.9), seed=st.integers(0, 10_000))
def test_grey_stays_grey_but_for_a_tint(amount: float, seed: int) -> None:
    matrix = colours(amount, np.random.default_rng(seed))
    grey = matrix[:, :3] @ np.ones(3)
    assert grey.max() / grey.min() <= (1.0 + 0.3 * amount) / (1.0 - 0.3 * amount) + 1e-5


@pytest.mark.parametrize("wrong", [{"scale": 0.5}, {"turn": 90.0}, {"colour": 2.0}])
def test_what_is_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError, match="scale is 1 to 8"):
        Change(**wrong)  # type: ignore[arg-type]
