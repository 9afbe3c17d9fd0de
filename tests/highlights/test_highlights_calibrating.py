from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax

from everyframe.highlights.calibrating import bar_of, calibrated, sharpness_of, unseen


def test_sharpness_is_what_scores_were_blunted_by() -> None:
    chance = np.random.default_rng(0)
    logits = chance.normal(0.0, 3.0, (4000, 4))
    probable = np.exp(log_softmax(logits, axis=1))
    kinds = np.array([chance.choice(4, p=row) for row in probable])
    assert sharpness_of(logits / 6.0, kinds) == pytest.approx(6.0, rel=0.1)


def test_the_bar_lies_between_what_is_nothing_and_what_is_something() -> None:
    kinds = np.array([0] * 50 + [1] * 50)
    event = np.concatenate([np.linspace(0.1, 0.4, 50), np.linspace(0.6, 0.9, 50)])
    assert bar_of(np.stack([1.0 - event, event], axis=1), kinds, nothing=0) == pytest.approx(0.5, abs=0.02)
    assert bar_of(np.stack([1.0 - event, event], axis=1), kinds, nothing=None) == 0.5


def test_the_bar_asks_whether_anything_happens_not_what_it_is_called() -> None:
    kinds = np.array([0] * 50 + [1, 2] * 25)
    sure = np.concatenate([np.linspace(0.1, 0.4, 50), np.linspace(0.6, 0.9, 50)])
    told = np.stack([1.0 - sure, sure / 2, sure / 2], axis=1)
    assert bar_of(told, kinds, nothing=0) == pytest.approx(0.5, abs=0.02)


def test_there_is_more_of_nothing_in_footage_than_among_the_examples() -> None:
    """Of 100 of each, 2 of nothing look like an event: with one of nothing for each event that is little."""
    kinds = np.array([0] * 100 + [1] * 100)
    sure = np.concatenate([np.full(98, 0.1), np.full(2, 0.8), np.full(40, 0.7), np.full(60, 0.9)])
    bar = bar_of(np.stack([1.0 - sure, sure], axis=1), kinds, nothing=0)
    assert 0.1 < bar <= 0.7, "two of a hundred are borne to find forty more"
    sure[90:98] = 0.8
    bar = bar_of(np.stack([1.0 - sure, sure], axis=1), kinds, nothing=0)
    assert 0.8 < bar <= 0.9, "ten of a hundred are not"


def test_examples_are_judged_by_what_their_group_did_not_teach() -> None:
    """Each group has a mark of its own: who has seen it knows the class, who has not must guess."""
    chance = np.random.default_rng(1)
    kinds = np.tile([0, 1], 20)
    groups = [str(number // 4) for number in range(40)]
    secret = np.eye(20)[np.array(groups, int) * 2 + kinds] * 8.0
    rows = np.concatenate([secret, chance.normal(0.0, 1.0, (40, 10))], axis=1)[None].astype(np.float32)
    fair = unseen(rows, kinds, groups, [30])
    leaked = unseen(rows, kinds, [str(number) for number in range(40)], [30])
    assert fair is not None
    assert leaked is not None
    assert np.mean(leaked.argmax(axis=1) == kinds) > 0.95
    assert np.mean(fair.argmax(axis=1) == kinds) < 0.75


def test_where_a_class_would_have_no_example_left_the_usual_is_taken() -> None:
    rows = np.random.default_rng(2).normal(size=(1, 10, 6)).astype(np.float32)
    kinds = np.array([0] * 5 + [1] * 5)
    groups = ["a"] * 5 + ["b"] * 5
    assert unseen(rows, kinds, groups, [6]) is None
    told = calibrated(rows, kinds, groups, [6], None)
    assert (told.sharpness, told.bar, told.accuracy) == (16.0, 0.5, None)
