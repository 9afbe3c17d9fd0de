"""What every detector keeps to, those that are combined as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from everyframe.anomaly import Baseline, Learner, Scored, Scorer
from everyframe.anomaly.detector import Detector, Scene
from everyframe.anomaly.explain import picture_of
from everyframe.anomaly.registry import kinds_of, names
from everyframe.anomaly.windows import Windows
from everyframe.errors import SettingError
from everyframe.motion.background import Background
from everyframe.motion.perspective import Perspective

if TYPE_CHECKING:
    from tests.anomaly.conftest import Yard

KINDS = sorted({kind for name in names() for kind in kinds_of(name)}, key=lambda kind: kind.__name__)
# Each detector is taught once for all of them, so all run in one process.
pytestmark = pytest.mark.xdist_group("detectors")
each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def windows() -> Windows:
    return Windows(Perspective(20.0, 0.0, 6.0, 60.0), (80, 60), (160, 120))


def scenes(yard: Yard, seconds: float, *, seed: int = 0, fast: bool = False) -> Iterator[Scene]:
    background = Background(20)
    extra = (yard.body(5.0, 120.0), yard.body(9.0, 120.0)) if fast else ()
    for field in yard.fields(seconds, extra, seed=seed):
        stayed = background.step(field)
        background.learn(0.2)
        assert background.settled is not None
        yield Scene(field, stayed, background.settled.copy(), float("nan"))


_TAUGHT: dict[type[Detector], Detector] = {}


def taught(kind: type[Detector], yard: Yard, windows: Windows) -> Detector:
    """Return what learned a minute of the yard; do not change it."""
    if kind not in _TAUGHT:
        _TAUGHT[kind] = _teach(kind, yard, windows)
    return _TAUGHT[kind]


def _teach(kind: type[Detector], yard: Yard, windows: Windows) -> Detector:
    detector, look = kind.fresh(windows), kind.look(windows)
    for scene in scenes(yard, 60.0):
        rows = look.rows(scene)
        if rows is not None:
            detector.observe(rows, scene.hour)
    return detector.merge(kind.fresh(windows))


def seen(
    kind: type[Detector], yard: Yard, windows: Windows, *, fast: bool = False
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    look = kind.look(windows)
    found = [
        rows for scene in scenes(yard, 15.0, seed=5, fast=fast) if (rows := look.rows(scene)) is not None
    ]
    return np.concatenate(found)


@each
def test_is_a_detector(kind: type[Detector], windows: Windows) -> None:
    assert isinstance(kind.fresh(windows), Detector)
    assert kind.attributes
    assert len({one.name for one in kind.attributes}) == len(kind.attributes)


@each
def test_rows_say_where_they_are(kind: type[Detector], yard: Yard, windows: Windows) -> None:
    rows = seen(kind, yard, windows)
    assert rows.dtype == np.float32
    assert ((rows[:, :2] >= 0.0) & (rows[:, :2] <= 1.0)).all()
    assert np.isnan(rows[:, 2]).all()
    where = taught(kind, yard, windows).where(rows)
    assert where.shape == (len(rows), 2)
    assert ((where >= 0.0) & (where <= 1.0)).all()


@each
def test_scores_are_finite_and_one_for_each_row_and_attribute(
    kind: type[Detector], yard: Yard, windows: Windows
) -> None:
    rows = seen(kind, yard, windows)
    scores = taught(kind, yard, windows).attribute_scores(rows)
    assert scores.shape == (len(rows), len(kind.attributes))
    assert np.isfinite(scores).all()
    assert taught(kind, yard, windows).attribute_scores(rows[:0]).shape == (0, len(kind.attributes))


@each
def test_a_detector_that_learned_nothing_says_nothing(
    kind: type[Detector], yard: Yard, windows: Windows
) -> None:
    scores = kind.fresh(windows).attribute_scores(seen(kind, yard, windows))
    assert np.isfinite(scores).all()


@each
def test_what_was_saved_and_taken_back_scores_the_same(
    kind: type[Detector], yard: Yard, windows: Windows
) -> None:
    rows, detector = seen(kind, yard, windows, fast=True), taught(kind, yard, windows)
    again = kind.fresh(windows)
    again.restore(detector.state())
    np.testing.assert_allclose(
        again.attribute_scores(rows), detector.attribute_scores(rows), rtol=0.02, atol=0.01
    )


@each
def test_merging_and_forgetting_leave_it_able_to_score(
    kind: type[Detector], yard: Yard, windows: Windows
) -> None:
    both = taught(kind, yard, windows).merge(taught(kind, yard, windows))
    both.forget(0.1)
    look = kind.look(windows)
    for scene in scenes(yard, 5.0, seed=3):
        rows = look.rows(scene)
        if rows is not None:
            both.observe(rows, scene.hour)
    assert np.isfinite(both.attribute_scores(seen(kind, yard, windows))).all()


@each
def test_every_reason_has_a_number(kind: type[Detector], yard: Yard, windows: Windows) -> None:
    detector, rows = taught(kind, yard, windows), seen(kind, yard, windows, fast=True)
    scores = detector.attribute_scores(rows)
    for number, attribute in enumerate(kind.attributes):
        told = detector.tell(number, rows[int(scores[:, number].argmax())], 7.0, windows)
        assert told.attribute == attribute.name
        assert told.score == 7.0
        assert np.isfinite([told.value, told.normal]).all()
        assert told.text
        assert "\n" not in told.text


@each
def test_a_picture_of_why_is_one_or_none(kind: type[Detector], yard: Yard, windows: Windows) -> None:
    rows = seen(kind, yard, windows, fast=True)
    picture = taught(kind, yard, windows).picture(rows[0])
    assert picture is None or (picture.ndim == 3 and picture.shape[2] == 3 and picture.dtype == np.uint8)
    assert (picture is not None) == (kind.__name__ == "SparseDetector")
    assert kind.fresh(windows).picture(rows[0]) is None


@pytest.mark.parametrize("name", ["density", "sparse", "ica", "rbm", "density+sparse"])
def test_who_runs_is_found_and_the_baseline_keeps_it(name: str, yard: Yard) -> None:
    learner = Learner(detector=name)
    learner.begin(yard.info)
    for field in yard.fields(150.0):
        learner.step(field)
    baseline = Baseline.from_bytes(learner.finish().to_bytes())
    assert baseline.about.detector == name
    assert baseline.detector.exposure_.sum() > 0  # the map of what is normal is there with any of them

    def peak(*speeds: float) -> Scored:
        scorer = Scorer(baseline)
        bodies = tuple(yard.body(10.0, speed) for speed in speeds)
        fields = yard.fields(25.0, bodies, seed=4)
        found = [one for field in fields for one in scorer.step(field)] + scorer.flush()
        return max(found, key=lambda one: (one.seen.best.max() > 0, one.score))

    runner = peak(120.0)
    assert runner.score > peak().score + 1.0
    assert (picture_of(runner, baseline) is not None) == ("sparse" in name)


def test_an_unknown_detector_is_refused_with_a_suggestion() -> None:
    with pytest.raises(SettingError, match="did you mean sparse"):
        kinds_of("density+sprase")


def test_a_detector_named_twice_is_there_once() -> None:
    assert kinds_of("density+density") == kinds_of("density")
