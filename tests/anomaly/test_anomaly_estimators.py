"""Detectors are scikit-learn estimators, but for what is listed here with its reason."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from sklearn.utils.estimator_checks import check_estimator

from everyframe.anomaly.detector import Detector
from everyframe.anomaly.registry import kinds_of, names

KINDS = sorted({kind for name in names() for kind in kinds_of(name)}, key=lambda kind: kind.__name__)

ROWS_ONLY = "Its input is rows as its own look makes them; this check feeds another number of columns."
NOT_ROWS = "It refuses what is not rows of its columns in words of its own."
EXPECTED_FAILURES = {
    **dict.fromkeys(
        (
            "check_dict_unchanged",
            "check_dont_overwrite_parameters",
            "check_dtype_object",
            "check_estimators_dtypes",
            "check_estimators_fit_returns_self",
            "check_estimators_overwrite_params",
            "check_estimators_pickle",
            "check_f_contiguous_array_estimator",
            "check_fit2d_predict1d",
            "check_fit_check_is_fitted",
            "check_fit_idempotent",
            "check_fit_score_takes_y",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
            "check_n_features_in",
            "check_n_features_in_after_fitting",
            "check_pipeline_consistency",
            "check_positive_only_tag_during_fit",
            "check_readonly_memmap_input",
        ),
        ROWS_ONLY,
    ),
    **dict.fromkeys(
        (
            "check_complex_data",
            "check_estimator_sparse_array",
            "check_estimator_sparse_matrix",
            "check_estimator_sparse_tag",
            "check_fit2d_1feature",
            "check_fit2d_1sample",
        ),
        NOT_ROWS,
    ),
    "check_estimators_empty_data_messages": "No rows are an observation too: nothing moved.",
    "check_estimators_nan_inf": "NaN is a value: the hour where there is no clock.",
    "check_estimators_unfitted": "Unfitted it scores, too: nothing is normal yet.",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_is_a_scikit_learn_estimator_but_for_what_is_listed(kind: type[Detector]) -> None:
    results: list[dict[str, Any]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(
            kind(), expected_failed_checks=EXPECTED_FAILURES, on_fail=None, on_skip=None
        )
    named: dict[str, set[str]] = {}
    for result in results:
        named.setdefault(result["status"], set()).add(result["check_name"])
    assert named.get("failed", set()) == set()
    # Nothing is excused that would pass (not every version of scikit-learn has every check).
    assert set(EXPECTED_FAILURES) & set().union(*named.values()) == named["xfail"]
    assert {"check_estimator_cloneable", "check_get_params_invariance", "check_set_params"} <= named["passed"]
