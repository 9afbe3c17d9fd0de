"""Looking at every pair before hours are spent on them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from everyframe.errors import DatasetError
from everyframe.vision.dense.layouts.dataset import Dataset, Pair


def check(
    dataset: Dataset,
    progress: Callable[[int, int], None] | None = None,
    pairs: Sequence[Pair] | None = None,
) -> None:
    """Read every picture and mask of a data set.

    Args:
        dataset: What to look at.
        progress: Told, after each pair, how many are done and how many there are.
        pairs: Which of its pairs; all of them where it is left out.

    Raises:
        DatasetError: A picture or a mask cannot be read, a mask has a value that is no class's, or a mask is
            not as large as its picture; the message names the first file that is wrong and how many are.
    """
    faults = find_faults(dataset, progress, pairs)
    if faults:
        more = len(faults) - 1
        others = "one more pair has faults" if more == 1 else f"{more} more pairs have faults"
        raise DatasetError(faults[0] + (f" ({others})" if more else ""))


def find_faults(
    dataset: Dataset,
    progress: Callable[[int, int], None] | None = None,
    pairs: Sequence[Pair] | None = None,
) -> list[str]:
    """Return a sentence for every pair that has a fault, in the order of the pairs; see ``check``."""
    pairs = (*dataset.train, *dataset.val, *dataset.test) if pairs is None else pairs
    faults: list[str] = []
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        for number, fault in enumerate(pool.map(lambda pair: _fault(dataset, pair), pairs), 1):
            if fault is not None:
                faults.append(fault)
            if progress is not None:
                progress(number, len(pairs))
    return faults


def _fault(dataset: Dataset, pair: Pair) -> str | None:
    try:
        height, width = dataset.picture(pair).shape[:2]
        rows, columns = dataset.mask(pair).shape
    except DatasetError as error:
        return str(error)
    if (height, width) == (rows, columns):
        return None
    told = f"{pair.mask} is {columns} x {rows}, its picture {pair.picture.name} {width} x {height}"
    if (height, width) == (columns, rows):
        return f"{told}: one lies on its side; turn the mask as the picture's EXIF note says"
    return f"{told}; make them equal (masks without smoothing)"
