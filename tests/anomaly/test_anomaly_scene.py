"""``scene``: the picture as a whole against the nearest that was normal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from everyframe.anomaly import scene
from everyframe.anomaly.detector import Scene
from everyframe.anomaly.pooled import PLACED
from everyframe.anomaly.scene import SceneDetector, SceneLook
from everyframe.motion.field import Field

CELLS = (16, 32)  # of a picture twice as wide as high
Floats = NDArray[np.float32]


def rows(*pictures: Floats) -> Floats:
    """Return pictures ``(16, 32)`` as rows."""
    flat = np.stack([picture.ravel() for picture in pictures])
    return np.concatenate([np.full((len(flat), PLACED), 0.5), flat], axis=1).astype(np.float32)


def room(seed: int, *, desk: bool = False, screen: bool = False) -> Floats:
    """Return a room as local contrast, somebody at the desk and the screen alight or not, with some noise."""
    picture = np.random.default_rng(7).normal(0, 0.3, CELLS) + np.random.default_rng(seed).normal(
        0, 0.01, CELLS
    )
    if desk:
        picture[4:8, 8:12] += 0.8
    if screen:
        picture[4:8, 16:20] += 0.8
    return picture.astype(np.float32)


@pytest.fixture(scope="module")
def detector() -> SceneDetector:
    learned = SceneDetector(4)
    for seed in range(60):
        learned.partial_fit(rows(room(seed)))
        learned.partial_fit(rows(room(seed, desk=True, screen=True)))
    return learned


def score(detector: SceneDetector, picture: Floats) -> float:
    return float(detector.decision_function(rows(picture))[0])


def test_what_was_each_seen_but_never_together_is_strange(detector: SceneDetector) -> None:
    usual = max(score(detector, room(99)), score(detector, room(98, desk=True, screen=True)))
    assert score(detector, room(99, desk=True)) > 3 * usual
    assert score(detector, room(99, screen=True)) > 3 * usual


def looked(*moments: tuple[float, Floats]) -> list[tuple[float, Floats]]:
    """Return when a look came and the picture it gave, of pictures at their times."""
    look, found = SceneLook(4), []
    nothing = np.zeros(CELLS, np.float32)
    for number, (time, picture) in enumerate(moments):
        field = Field(number, time, None, np.dstack([nothing, nothing]), nothing, nothing, (320, 160))
        seen = look.rows(Scene(field, nothing, picture, 9.0))
        if seen is not None:
            found.append((time, seen[0, PLACED:].reshape(CELLS)))
    return found


def test_who_passes_by_at_the_very_start_is_hardly_in_the_first_look() -> None:
    still, passing = np.zeros(CELLS, np.float32), np.zeros(CELLS, np.float32)
    passing[4:12, 8:12] = 1.0
    fields = [(k / 5, passing if k < 5 else still) for k in range(60)]
    first, *later = looked(*fields)
    assert first[0] >= 5.0
    assert first[1].max() < 0.15
    assert [round(b - a, 1) for (a, _), (b, _) in pairwise([first, *later])] == [2.0] * len(later)


def test_the_first_look_is_the_plain_mean_of_what_was_seen() -> None:
    still = np.zeros(CELLS, np.float32)
    half = [(k / 5, still + (k % 2)) for k in range(40)]
    assert looked(*half)[0][1].mean() == pytest.approx(0.5, abs=0.05)


def test_after_a_pause_the_next_look_is_a_first_one() -> None:
    still, passing = np.zeros(CELLS, np.float32), np.ones(CELLS, np.float32)
    before = [(k / 5, still) for k in range(60)]
    after = [(60.0 + k / 5, passing if k < 5 else still) for k in range(60)]
    later = [(time, picture) for time, picture in looked(*before, *after) if time >= 60.0]
    assert later[0][0] >= 65.0
    assert later[0][1].max() < 0.15


def test_says_where_it_is(detector: SceneDetector) -> None:
    picture = room(99)
    picture[12:16, 24:28] += 1.0
    x, y = detector.where(rows(picture))[0]
    assert (x, y) == pytest.approx(((24 + 2) / 32, (12 + 2) / 16))


def test_the_same_picture_is_kept_once() -> None:
    learned = SceneDetector(4).fit(rows(*[room(0)] * 50))
    assert learned.exemplars_.shape[1] == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "_CAPACITY", 20)
    random = np.random.default_rng(0)
    learned = SceneDetector(4)
    for _ in range(200):
        learned.partial_fit(rows(random.normal(0, 0.5, CELLS).astype(np.float32)))
    assert learned.exemplars_.shape[1] <= 20
    assert learned.radius_ > scene._RADIUS


def test_a_part_that_is_never_still_counts_for_less() -> None:
    calm, restless = SceneDetector(4), SceneDetector(4)
    random = np.random.default_rng(1)
    for seed in range(300):
        calm.partial_fit(rows(room(seed)))
        picture = room(seed)
        picture[:4, :4] += np.float32(random.normal(0, 0.5))
        restless.partial_fit(rows(picture))
    odd = room(999)
    odd[:4, :4] += 3.0
    assert score(restless, odd) < 0.8 * score(calm, odd)


@given(st.integers(0, 2**31))
def test_nothing_is_nearer_than_itself(seed: int) -> None:
    picture = np.random.default_rng(seed).normal(size=CELLS).astype(np.float32)
    assert score(SceneDetector(4).fit(rows(picture)), picture) == pytest.approx(0.0, abs=2e-3)


def test_rows_of_another_form_are_refused() -> None:
    with pytest.raises(ValueError, match=r"rows have the shape \(n, 515\), not \(2, 8\)"):
        SceneDetector(4).fit(np.zeros((2, 8), np.float32))
