"""Dictionary selection and sparse coding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.decomposition import sparse_encode
from threadpoolctl import threadpool_limits

from everyframe.anomaly.coding import costs, encode
from everyframe.anomaly.dictionary import Dictionary
from everyframe.anomaly.selection import chosen, row_norms


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Matrices this small are slower on many threads."""
    with threadpool_limits(1):
        yield


def mixtures(count: int, seed: int = 0, kinds: int = 3, width: int = 12) -> NDArray[np.float32]:
    """Return samples that lie near a few directions."""
    kinds_of = np.eye(width, dtype=np.float32)[:kinds]
    random = np.random.default_rng(seed)
    size = random.uniform(0.8, 1.2, count)[:, None]
    noise = random.normal(0, 0.02, (count, width))
    return (kinds_of[random.integers(0, kinds, count)] * size + noise).astype(np.float32)


# The reference stops at a gap that is far smaller than what is compared here, and warns of it.
@pytest.mark.filterwarnings("ignore:Objective did not converge")
@given(st.integers(0, 1_000), st.floats(0.02, 0.5))
@settings(max_examples=20)
def test_coding_finds_what_scikit_learn_finds(seed: int, strength: float) -> None:
    random = np.random.default_rng(seed)
    bases = random.random((15, 8)).astype(np.float32)
    values = random.random((5, 8)).astype(np.float32)
    price = (strength * random.uniform(0.5, 2.0, 15)).astype(np.float32)
    ours = costs(values, bases, price, encode(values, bases, price, 500))
    # A price of its own for each base is the same as bases divided by it.
    weighed = (bases / price[:, None]).astype(np.float64)
    theirs = sparse_encode(
        values.astype(np.float64), weighed, algorithm="lasso_cd", alpha=1.0, max_iter=20_000
    )
    reference = costs(values, bases, price, (theirs / price).astype(np.float32))
    np.testing.assert_allclose(ours, reference, rtol=2e-3, atol=1e-4)


@given(st.integers(0, 1_000))
@settings(max_examples=20)
def test_the_cost_is_never_above_that_of_doing_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    bases = random.normal(size=(20, 6)).astype(np.float32)
    values = random.normal(size=(9, 6)).astype(np.float32)
    price = np.full(20, 0.1, np.float32)
    found = costs(values, bases, price, encode(values, bases, price))
    assert np.all(found <= 0.5 * (values**2).sum(axis=1) + 1e-5)
    assert np.all(found >= 0)


def test_what_is_dear_is_avoided() -> None:
    bases = np.array([[1, 0], [1, 0.01]], np.float32)
    value = np.array([[1, 0.005]], np.float32)
    cheap_first = encode(value, bases, np.array([0.01, 0.3], np.float32), 300)[0]
    cheap_last = encode(value, bases, np.array([0.3, 0.01], np.float32), 300)[0]
    assert cheap_first[0] > 0.9 > 0.1 > abs(cheap_first[1])
    assert cheap_last[1] > 0.9 > 0.1 > abs(cheap_last[0])


def test_a_sample_does_not_depend_on_its_company() -> None:
    bases, values = mixtures(20, 1), mixtures(30, 2)
    price = np.full(20, 0.1, np.float32)
    together, alone = encode(values, bases, price), encode(values[7:8], bases, price)
    np.testing.assert_allclose(together[7], alone[0], atol=1e-5)


def test_selection_solves_its_problem() -> None:
    samples = mixtures(40, 3)
    share = 0.2
    norms = row_norms(samples, share)
    kept = chosen(norms, 40)
    assert 3 <= len(kept) < 40
    # All three directions are among the bases.
    assert set(np.abs(samples[kept]).argmax(axis=1)) == {0, 1, 2}


def test_nothing_is_kept_where_everything_is_too_dear_and_something_below() -> None:
    samples = mixtures(30, 4)
    assert len(chosen(row_norms(samples, 1.001), 30)) == 0
    assert len(chosen(row_norms(samples, 0.9), 30)) > 0


@given(st.floats(0.05, 0.3))
@settings(max_examples=10)
def test_more_is_kept_where_it_is_cheaper(share: float) -> None:
    samples = mixtures(40, 5)
    dear, cheap = (len(chosen(row_norms(samples, s), 40)) for s in (share * 3, share))
    assert cheap >= dear


def test_samples_that_are_all_zero_need_no_base() -> None:
    assert row_norms(np.zeros((5, 4), np.float32), 0.1).tolist() == [0.0] * 5


def test_what_is_often_needed_has_more_use() -> None:
    samples = np.concatenate([mixtures(190, 6, kinds=1), np.roll(mixtures(10, 7, kinds=1), 5, axis=1)])
    learned = Dictionary.chosen_from(np.random.default_rng(0).permutation(samples))
    kind = np.abs(learned.bases).argmax(axis=1)
    assert set(kind) == {0, 5}
    assert learned.use[kind == 0].sum() > 1.5 * learned.use[kind == 5].sum()


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=30))
def test_what_has_more_use_is_cheaper_within_bounds(use: list[float]) -> None:
    one = Dictionary(np.eye(len(use), dtype=np.float32), np.array(use, np.float32), 1.0)
    price = one.price[np.argsort(one.use)]
    assert np.all(np.diff(price) <= 1e-7)
    assert price[0] <= 9.01 * price[-1]
    assert price[-1] > 0


def test_a_dictionary_follows_what_is_new_and_keeps_what_was() -> None:
    old, new = mixtures(200, 8, kinds=2), np.roll(mixtures(100, 9, kinds=1), 7, axis=1)
    before = Dictionary.chosen_from(old)
    after = before.updated(new, history=4.0)
    assert after.costs(new[:20]).mean() < 0.8 * before.costs(new[:20]).mean()
    assert after.size == pytest.approx(before.size, rel=0.05)
    assert after.costs(old).mean() == pytest.approx(before.costs(old).mean(), rel=0.3)
