"""The picture of what hidden units look for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe.anomaly.drawing import PAPER, hue
from everyframe.anomaly.patterns import VALUES
from everyframe.anomaly.rbm import RbmDetector
from everyframe.anomaly.rbm_picture import draw_units


def learned(units: int, seed: int = 0) -> RbmDetector:
    random = np.random.default_rng(seed)
    rows = random.normal(0, 0.3, (500, 3 + VALUES)).astype(np.float32)
    return RbmDetector(hidden=units).fit(rows)


def one_way(angle: float) -> NDArray[np.uint8]:
    """Return the picture of a single unit that adds motion along an angle everywhere."""
    detector = learned(1)
    weights = np.zeros((3, VALUES // 3), np.float32)
    weights[0], weights[1] = np.cos(angle), np.sin(angle)
    detector.model_["weights0"] = weights.reshape(-1, 1)
    return draw_units(detector)


def test_is_an_rgb_picture_that_grows_with_the_units() -> None:
    few, many = draw_units(learned(8)), draw_units(learned(9))
    assert few.dtype == np.uint8
    assert few.ndim == 3
    assert few.shape[2] == 3
    assert many.shape[0] > few.shape[0]
    assert many.shape[1] == few.shape[1]


def test_nothing_learned_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="let the detector learn"):
        draw_units(RbmDetector())


@pytest.mark.parametrize("angle", [0.0, np.pi / 2, np.pi])
def test_a_tile_has_the_colour_of_its_way(angle: float) -> None:
    tile = one_way(angle)[76 : 76 + 132, 24 : 24 + 88].astype(int)
    corner = tile[2, 2]  # beside the arrow of the first cell
    away = [np.abs(corner - hue(other).astype(int)).sum() for other in (0.0, np.pi / 2, np.pi)]
    assert int(np.argmin(away)) == round(angle / (np.pi / 2))


def test_the_unit_that_is_on_most_often_comes_first() -> None:
    detector = learned(2)
    weights = np.zeros((3, VALUES // 3, 2), np.float32)
    weights[0, :, 0], weights[0, :, 1] = -1.0, 1.0
    pictures = []
    for on in ([3.0, -3.0], [-3.0, 3.0]):
        # Nothing switches them but their biases: the same on all rows.
        detector.pool_.rows[:] = 0.0
        detector.model_["mean"][:] = 0.0
        detector.model_["weights0"] = weights.reshape(-1, 2)
        detector.model_["hidden0"] = np.array(on, np.float32)
        pictures.append(draw_units(detector)[76 : 76 + 132].astype(int))
    first, second = (slice(24, 24 + 88), slice(24 + 104, 24 + 104 + 88))
    np.testing.assert_array_equal(pictures[0][:, first], pictures[1][:, second])
    assert not np.array_equal(pictures[0][:, first], pictures[0][:, second])


def test_the_paper_between_tiles_stays_clean() -> None:
    picture = draw_units(learned(16))
    assert (picture[:, :24] == PAPER).all()
    assert (picture[76 : 76 + 132, 24 + 88 : 24 + 104] == PAPER).all()
