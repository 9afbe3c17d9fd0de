"""What changed between two pictures."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from everyframe.motion.flow import change_between


@given(st.integers(5, 40), st.integers(5, 40), st.integers(0, 2**32 - 1))
def test_what_changed_is_what_differs_by_more_than_the_median(width: int, height: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    one, other = random.integers(0, random.integers(2, 256), (2, height, width), dtype=np.uint8)
    difference = np.asarray(cv2.blur(cv2.absdiff(one, other), (3, 3)))
    bar = int(2.5 * float(np.median(difference[::4, ::4])) + 3.0)
    assert np.array_equal(change_between(one, other) > 0, difference > bar)
