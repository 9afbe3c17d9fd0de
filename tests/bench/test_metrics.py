import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from everyframe.bench.metrics import (
    alert_rate,
    auc,
    auc_micro,
    auc_micro_rescaled,
    eer,
    equal_error_rate,
    per_clip,
    roc,
)
from everyframe.errors import DatasetError

# Few distinct scores, so that ties are common.
FRAMES = st.lists(st.tuples(st.integers(-4, 4).map(float), st.booleans()), min_size=2, max_size=60)


def split(frames: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    scores, labels = zip(*frames, strict=True)
    assume(len(set(labels)) == 2)
    return list(scores), list(labels)


def test_by_hand() -> None:
    # Pairs (abnormal, normal): 3>1, 3>2, 2>1, 2=2 -> 3.5 of 4.
    assert auc([3, 2, 1, 2], [True, True, False, False]) == 0.875


@given(FRAMES)
def test_agrees_with_scikit_learn(frames: list[tuple[float, bool]]) -> None:
    scores, labels = split(frames)
    assert auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
    false, true = roc(scores, labels)
    their_false, their_true, _ = roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(false, their_false)
    np.testing.assert_allclose(true, their_true)


@given(FRAMES)
def test_equal_error_rate_is_on_the_curve(frames: list[tuple[float, bool]]) -> None:
    scores, labels = split(frames)
    rate = equal_error_rate(scores, labels)
    false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
    excess = false + true - 1
    after = next(i for i, value in enumerate(excess) if value >= -1e-12)
    assert false[after - 1] - 1e-9 <= rate <= false[after] + 1e-9
    assert 1 - true[after] - 1e-9 <= rate <= 1 - true[after - 1] + 1e-9
    # Turning the scores over swaps what is missed and what is false.
    assert equal_error_rate([-s for s in scores], labels) == pytest.approx(1 - rate)


def test_equal_error_rate_by_hand() -> None:
    assert eer([[0, 1], [2, 3]], [[False, False], [True, True]]) == 0.0
    assert eer([[3, 2], [1, 0]], [[False, False], [True, True]]) == 1.0
    # (0, 0) (0, 1/2) (1/3, 1/2) (1/3, 1) (1, 1): crosses 1 - x between (1/3, 1/2) and (1/3, 1).
    assert equal_error_rate([5, 4, 3, 2, 1], [True, False, True, False, False]) == pytest.approx(1 / 3)
    # All equal: the diagonal.
    assert equal_error_rate([1, 1, 1], [True, False, False]) == pytest.approx(0.5)


def test_micro_has_one_threshold_for_all_clips_and_rescaling_has_one_each() -> None:
    # The second camera's scores are a hundred times those of the first, in the right order within each.
    scores = [[1, 2, 3], [100, 200, 300]]
    labels = [[False, False, True], [False, False, True]]
    assert auc_micro(scores, labels) == pytest.approx(6 / 8)
    assert auc_micro_rescaled(scores, labels) == 1.0


@given(st.lists(FRAMES, min_size=1, max_size=4))
def test_micro_is_the_auc_of_all_frames(clips: list[list[tuple[float, bool]]]) -> None:
    scores, labels = split([frame for clip in clips for frame in clip])
    assert auc_micro([[s for s, _ in c] for c in clips], [[m for _, m in c] for c in clips]) == pytest.approx(
        roc_auc_score(labels, scores)
    )


def test_a_clip_of_equal_scores_rescales_to_zeros() -> None:
    assert auc_micro_rescaled([[7, 7], [0, 1]], [[False, False], [False, True]]) == 1.0
    huge = 1.7e308
    assert auc_micro_rescaled([[-huge, huge]], [[False, True]]) == 1.0


@pytest.mark.parametrize(("labels", "said"), [([True, True], "abnormal"), ([False, False], "normal")])
def test_labels_of_one_kind_are_refused(labels: list[bool], said: str) -> None:
    with pytest.raises(DatasetError, match=f"every labelled frame is {said}"):
        auc([1, 2], labels)
    with pytest.raises(DatasetError, match="no labelled clip"):
        auc_micro([], [])


def test_broken_scores_are_bugs() -> None:
    with pytest.raises(ValueError, match="not finite"):
        auc([1, float("nan")], [True, False])
    with pytest.raises(ValueError, match=r"\(n,\)"):
        auc([1, 2, 3], [True, False])
    with pytest.raises(ValueError, match="as many labels"):
        auc_micro([[1, 2], [3]], [[True], [False, True]])


def test_per_clip() -> None:
    mixed, normal = per_clip(["01", "02"], [[1, 5, 3], [4, 4]], [[False, True, False], [False, False]])
    assert (mixed.name, mixed.frames, mixed.abnormal, mixed.auc) == ("01", 3, 1, 1.0)
    assert (mixed.low, mixed.median, mixed.high) == (1, 3, 5)
    assert normal.auc is None
    with pytest.raises(ValueError, match="02 has no scores"):
        per_clip(["02"], [[]], [[]])


@pytest.mark.parametrize(
    # Garwood's table, 95 %.
    ("alerts", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (10, 4.795, 18.39)],
)
def test_alert_rate_has_the_exact_interval(alerts: int, low: float, high: float) -> None:
    rate = alert_rate(alerts, 86_400)
    assert [rate.low, rate.high] == pytest.approx([low, high], abs=5e-3)
    third = alert_rate(alerts, 86_400 / 3)
    assert third.per_day == pytest.approx(3 * alerts)
    assert third.high == pytest.approx(3 * rate.high)


@pytest.mark.parametrize(("alerts", "seconds", "confidence"), [(-1, 1, 0.9), (1, 0, 0.9), (1, 1, 1.0)])
def test_no_rate_without_footage(alerts: int, seconds: float, confidence: float) -> None:
    with pytest.raises(ValueError, match="no rate"):
        alert_rate(alerts, seconds, confidence)
