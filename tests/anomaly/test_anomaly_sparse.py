"""The detector ``sparse``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from everyframe.anomaly.detector import Detector, Scene
from everyframe.anomaly.mhof import COLUMNS, TYPES
from everyframe.anomaly.sparse import SparseDetector
from everyframe.anomaly.windows import Windows
from everyframe.motion.field import Field
from everyframe.motion.perspective import Perspective

SIZE = (160, 120)
GRID = (80, 60)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Matrices this small are slower on many threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def windows() -> Windows:
    return Windows(Perspective(20.0, 0.0, 6.0, 60.0), GRID, SIZE)


def crossing(
    windows: Windows, speed: float, seed: int, *, down: float = 0.0, wide: int = 5, fields: int = 24
) -> NDArray[np.float32]:
    """Return the rows of somebody who crosses the picture from left to right, ``speed`` in px/s."""
    random = np.random.default_rng(seed)
    look = SparseDetector.look(windows)
    row, blank, found = int(random.integers(24, 34)), np.zeros(GRID[::-1], np.float32), []
    first = int(random.integers(8, 40))
    for number in range(fields):
        left = round(first + number * speed / 5 / 2) % (GRID[0] - wide)
        velocity, moving = np.zeros((*GRID[::-1], 2), np.float32), np.zeros(GRID[::-1], np.float32)
        body = (slice(row - 5, row + 5), slice(left, left + wide))
        velocity[body] = np.array([speed, down]) + random.normal(0, 1.5, (10, wide, 2))
        moving[body] = 1.0
        field = Field(number, number / 5, None, velocity, moving, blank, SIZE)
        rows = look.rows(Scene(field, blank, blank, float("nan")))
        assert rows is not None
        found.append(rows)
    return np.concatenate(found)


@pytest.fixture(scope="module")
def walkers(windows: Windows) -> NDArray[np.float32]:
    return np.concatenate([crossing(windows, 12.0 + seed % 3, seed) for seed in range(30)])


@pytest.fixture(scope="module")
def detector(walkers: NDArray[np.float32]) -> SparseDetector:
    return SparseDetector().fit(walkers)


def test_is_a_detector_and_what_makes_its_rows_fits(detector: SparseDetector, windows: Windows) -> None:
    assert isinstance(detector, Detector)
    fresh = SparseDetector.fresh(windows)
    assert fresh.attribute_scores(crossing(windows, 12.0, 1)).max() == 0.0


def test_what_is_normal_costs_about_one_at_most(detector: SparseDetector, windows: Windows) -> None:
    unseen = np.concatenate([crossing(windows, 12.0 + seed % 3, 1_000 + seed) for seed in range(8)])
    assert np.quantile(detector.decision_function(unseen), 0.9) < 1.2


@pytest.mark.parametrize(
    ("kind", "speed", "down", "wide"),
    [("fast", 40.0, 0.0, 5), ("another way", 0.0, -13.0, 5), ("back", -13.0, 0.0, 5)],
)
def test_what_was_never_seen_costs_more(
    detector: SparseDetector, windows: Windows, kind: str, speed: float, down: float, wide: int
) -> None:
    normal = detector.decision_function(crossing(windows, 13.0, 77))
    odd = detector.decision_function(crossing(windows, speed, 77, down=down, wide=wide))
    assert np.median(odd) > 2 * np.median(normal), kind
    assert odd.max() > 1.5, kind


def test_each_type_of_basis_has_a_cost_and_the_score_is_their_mean(
    detector: SparseDetector, windows: Windows
) -> None:
    rows = crossing(windows, 30.0, 5)
    costs = detector.costs(rows)
    assert set(costs) == set(TYPES)
    np.testing.assert_allclose(
        np.mean([*costs.values()], axis=0), detector.attribute_scores(rows)[:, 0], rtol=1e-5
    )


def test_what_is_normal_takes_few_bases_and_what_is_not_takes_more_weight(
    detector: SparseDetector, windows: Windows
) -> None:
    def total(rows: NDArray[np.float32]) -> float:
        row = rows[np.argsort(detector.decision_function(rows))[len(rows) // 2]]
        return sum(float(np.abs(one).sum()) for one in detector.coefficients(row).values())

    normal, odd = crossing(windows, 13.0, 3), crossing(windows, 40.0, 3)
    assert total(odd) > 1.5 * total(normal)
    for name, one in detector.coefficients(normal[0]).items():
        assert one.shape == (len(detector.dictionaries()[name].bases),)
        assert 0 < (np.abs(one) > 1e-4).sum() < len(one) or len(one) < 4


def test_nothing_learned_has_no_costs_and_no_coefficients(windows: Windows) -> None:
    rows = crossing(windows, 13.0, 3)
    assert SparseDetector().costs(rows) == {}
    assert SparseDetector().coefficients(rows[0]) == {}


def test_it_is_told_with_its_numbers(detector: SparseDetector, windows: Windows) -> None:
    rows = crossing(windows, 40.0, 3)
    row = rows[detector.decision_function(rows).argmax()]
    told = detector.tell(0, row, 9.0, windows)
    assert told.attribute == "composition"
    assert told.value == pytest.approx(float(detector.decision_function(row[None])[0]))
    assert told.normal == 1.0
    assert f"{told.value:.1f} times" in told.text
    assert told.score == 9.0


@given(st.floats(1.5, 4.0), st.integers(0, 2**16))
@settings(max_examples=15, deadline=None)
def test_the_more_there_is_of_what_is_fast_the_higher_the_cost(
    detector: SparseDetector, walkers: NDArray[np.float32], factor: float, seed: int
) -> None:
    rows = walkers[np.random.default_rng(seed).integers(0, len(walkers), 20)]
    more = rows.copy()
    more[:, 3:] *= np.float32(factor)
    assert np.all(detector.decision_function(more) > detector.decision_function(rows) - 1e-3)


def test_dictionaries_follow_what_is_new(walkers: NDArray[np.float32], windows: Windows) -> None:
    learned = SparseDetector().fit(walkers)
    down = np.concatenate([crossing(windows, 0.0, seed, down=13.0) for seed in range(6)])
    before = np.median(learned.decision_function(down))
    bases = learned.model_["block.bases"].copy()
    learned.update(down[::3])
    assert not np.array_equal(learned.model_["block.bases"], bases)
    assert np.median(learned.decision_function(down)) < 0.8 * before
    assert np.quantile(learned.decision_function(walkers), 0.95) < 1.3


def test_partial_fit_updates_between_two_fits(walkers: NDArray[np.float32]) -> None:
    learned = SparseDetector(capacity=1_000).fit(walkers[:1_000])
    fitted, bases = learned.fitted_at_, learned.model_["block.bases"]
    learned.partial_fit(walkers[1_000:1_200])
    assert learned.model_["block.bases"] is bases  # too little to follow
    learned.partial_fit(walkers[1_200:1_300])
    assert learned.model_["block.bases"] is not bases
    assert learned.fitted_at_ == fitted
    learned.partial_fit(walkers[1_300:2_100])
    assert learned.fitted_at_ == 2_100


def test_forgetting_brings_the_next_update_nearer(walkers: NDArray[np.float32]) -> None:
    learned = SparseDetector(capacity=500).fit(walkers[:2_000])
    learned.forget(0.7)
    bases = learned.model_["block.bases"]
    learned.partial_fit(walkers[:200])
    assert learned.model_["block.bases"] is not bases


def test_merging_learns_both(windows: Windows, walkers: NDArray[np.float32]) -> None:
    down = np.concatenate([crossing(windows, 0.0, seed, down=13.0) for seed in range(12)])
    both = SparseDetector().fit(walkers).merge(SparseDetector().fit(down))
    assert both.pool_.seen == len(walkers) + len(down)
    assert np.quantile(both.decision_function(np.concatenate([walkers, down])), 0.95) < 1.2
    assert SparseDetector().merge(SparseDetector()).decision_function(down).max() == 0.0


def test_what_was_saved_and_taken_back_scores_the_same_and_learns_on(
    detector: SparseDetector, windows: Windows, walkers: NDArray[np.float32]
) -> None:
    state = detector.state()
    assert all(isinstance(value, np.ndarray) and value.dtype != object for value in state.values())
    assert sum(value.nbytes for value in state.values()) < 2e6
    again = SparseDetector()
    again.restore(state)
    probe = crossing(windows, 25.0, 9)
    np.testing.assert_array_equal(again.attribute_scores(probe), detector.attribute_scores(probe))
    again.partial_fit(walkers[:10])
    assert again.pool_.seen == detector.pool_.seen + 10


def test_what_lacks_an_array_or_has_other_columns_is_not_taken_back(detector: SparseDetector) -> None:
    for state in (
        {name: value for name, value in detector.state().items() if name != "model.around.use"},
        {**detector.state(), "model.block.bases": np.zeros((5, 7), np.float32)},
        {**detector.state(), "pool.rows": np.zeros((5, 7), np.float16)},
    ):
        with pytest.raises(ValueError, match=r"shape|lacks"):
            SparseDetector().restore(state)


def test_learning_is_the_same_each_time(walkers: NDArray[np.float32]) -> None:
    one, other = SparseDetector().fit(walkers[:900]), SparseDetector().fit(walkers[:900])
    for name, value in one.state().items():
        np.testing.assert_array_equal(other.state()[name], value)


@pytest.mark.parametrize("shape", [(COLUMNS + 3,), (4, 8), (2, 4, 2)])
def test_refuses_what_is_not_rows(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 131\)"):
        SparseDetector().fit(np.zeros(shape, np.float32))


def test_a_clone_has_learned_nothing(detector: SparseDetector) -> None:
    fresh = clone(detector)
    assert fresh.capacity == detector.capacity
    assert not hasattr(fresh, "pool_")


def test_no_rows_are_no_scores(detector: SparseDetector) -> None:
    nothing = np.zeros((0, 3 + COLUMNS), np.float32)
    assert detector.attribute_scores(nothing).shape == (0, 1)
    assert detector.decision_function(nothing).shape == (0,)
    assert detector.partial_fit(nothing) is detector
