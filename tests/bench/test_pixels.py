import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import roc_auc_score

from everyframe.bench.pixels import PixelAuc
from everyframe.errors import DatasetError

SEEDS = st.integers(0, 2**32 - 1)


def test_by_hand() -> None:
    counted = PixelAuc()
    counted.add([[3.0, 1.0]], [[True, False]])
    counted.add([[2.0, 2.0]], [[True, False]])
    assert counted.result() == 0.875
    assert counted.bound == 0.125  # the tie, which is real, but the bins cannot know
    assert counted.pixels == (2, 2)


@given(hnp.arrays(np.float32, (2, 5, 7), elements=st.floats(-(2.0**99), 2.0**99, width=32)), SEEDS)
def test_never_further_from_exact_than_it_says(scores: np.ndarray, seed: int) -> None:
    masks = np.random.default_rng(seed).random(scores.shape) < 0.3
    masks[0, 0, :2] = [True, False]
    counted = PixelAuc()
    for values, mask in zip(scores, masks, strict=True):
        counted.add(values, mask)
    exact = roc_auc_score(masks.ravel(), scores.ravel())
    assert abs(counted.result() - exact) <= counted.bound + 1e-9


@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e6])
def test_exact_to_a_thousandth_at_any_scale(spread: float) -> None:
    draw = np.random.default_rng(5)
    masks = draw.random((40, 24, 36)) < 0.05
    scores = (draw.gamma(2.0, size=masks.shape) + 1.5 * masks) * spread - spread
    counted = PixelAuc()
    for values, mask in zip(scores, masks, strict=True):
        counted.add(values, mask)
    assert counted.bound < 1e-3
    assert counted.result() == pytest.approx(roc_auc_score(masks.ravel(), scores.ravel()), abs=1e-3)


@given(SEEDS)
def test_a_coarse_grid_is_brought_to_the_size_of_the_mask(seed: int) -> None:
    draw = np.random.default_rng(seed)
    grid = draw.random((3, 4), dtype=np.float32)
    mask = draw.random((24, 32)) < 0.4
    coarse, fine = PixelAuc(), PixelAuc()
    coarse.add(grid, mask)
    fine.add(cv2.resize(grid, (32, 24), interpolation=cv2.INTER_LINEAR), mask)
    assert coarse.result() == fine.result()
    assert sum(coarse.pixels) == 24 * 32


def test_order_holds_across_zero() -> None:
    values = np.array([[-np.float32(3e38), -1.0, -1e-30, -0.0, 0.0, 1e-30, 1.0, 3e38]])
    for cut in (1, 2, 3, 5, 6, 7):
        counted = PixelAuc()
        counted.add(values, np.arange(8)[None] >= cut)
        assert counted.result() == 1.0
    zeros = PixelAuc()
    zeros.add([[-0.0, 0.0]], [[False, True]])
    assert zeros.result() == 0.5


def test_masks_of_one_kind_are_refused() -> None:
    counted = PixelAuc()
    counted.add(np.ones((2, 2)), np.zeros((2, 2), bool))
    with pytest.raises(DatasetError, match="every mask is black"):
        counted.result()


def test_broken_scores_are_bugs() -> None:
    with pytest.raises(ValueError, match="not finite"):
        PixelAuc().add([[np.inf]], [[True]])
    with pytest.raises(ValueError, match=r"\(h, w\)"):
        PixelAuc().add([1.0], [[True]])
