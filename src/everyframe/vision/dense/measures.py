"""How well told classes agree with true ones: the usual measures of dense prediction, each by its name.

Let ``n[i, j]`` be how many pixels of class ``i`` were told to be of class ``j``. Pixels that are void in
truth count nowhere.

* pixel accuracy: ``sum n[i, i] / sum n``
* mean accuracy: over the classes in truth, the mean of ``n[i, i] / n[i, :].sum()``
* IoU of a class: ``n[i, i] / (n[i, :].sum() + n[:, i].sum() - n[i, i])``, ``nan`` where it is neither
  in truth nor told
* mean IoU: of one matrix over all pictures, over the classes that have an IoU
* frequency-weighted IoU: each class's IoU by its share of the true pixels

(Long, Shelhamer and Darrell, CVPR 2015, section 5.) Two further means begin with the IoU of each class in
each picture, so that large objects do not outweigh small ones (Csurka, Larlus and Perronnin, "What is a good
evaluation measure for semantic segmentation?", BMVC 2013):

* mean IoU per picture: the mean over the classes of a picture, then over the pictures
* mean IoU per class and picture: the mean over the pictures that have a class, then over the classes
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.dense.boundaries import boundary_f
from everyframe.vision.dense.classes import MOST, VOID


class Confusion:
    """Counts which class was told where which was true, picture by picture.

    Args:
        classes: How many there are.
        boundaries: Whether to compare boundaries too, which takes many times as long.

    Attributes:
        matrix: ``(classes, classes)`` pixels; row: true, column: told.

    Raises:
        ValueError: There are no classes, or more than a mask can hold.
    """

    def __init__(self, classes: int, *, boundaries: bool = False) -> None:
        if not 1 <= classes <= MOST:
            raise ValueError(f"{classes} classes; a mask can tell 1 to {MOST} apart")
        self.matrix: NDArray[np.int64] = np.zeros((classes, classes), np.int64)
        self._boundaries = boundaries
        self._ious: list[NDArray[np.float64]] = []
        self._fs: list[NDArray[np.float64]] = []

    @property
    def pictures(self) -> int:
        """How many pictures were added."""
        return len(self._ious)

    def add(self, truth: NDArray[np.uint8], told: NDArray[np.uint8]) -> float:
        """Count one picture.

        Args:
            truth: ``(H, W)`` true classes, ``VOID`` where nothing counts.
            told: ``(H, W)`` told classes; what they are in void does not matter.

        Returns:
            The picture's own mean IoU over the classes that are in it or were told, ``nan`` if all is void.

        Raises:
            ValueError: The sizes differ, or a value is no class.
        """
        counts = _count(truth, told, len(self.matrix))
        ious = _ious(counts)
        self.matrix += counts
        self._ious.append(ious)
        if self._boundaries:
            self._fs.append(boundary_f(truth, told, len(self.matrix)))
        return _mean(ious)

    def merge(self, other: Confusion) -> None:
        """Count all that another one counted as well.

        Raises:
            ValueError: It has other classes, or only one of the two compares boundaries.
        """
        if len(other.matrix) != len(self.matrix) or other._boundaries != self._boundaries:
            raise ValueError("only counts of the same classes and the same measures can be merged")
        self.matrix += other.matrix
        self._ious += other._ious
        self._fs += other._fs

    @property
    def iou(self) -> NDArray[np.float64]:
        """IoU of each class, ``nan`` where it is neither in truth nor told."""
        return _ious(self.matrix)

    @property
    def mean_iou(self) -> float:
        """Mean IoU over the classes."""
        return _mean(self.iou)

    @property
    def pixel_accuracy(self) -> float:
        """Share of the pixels whose class was told rightly."""
        total = int(self.matrix.sum())
        return int(self.matrix.trace()) / total if total else math.nan

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Share of each class's true pixels that was told rightly, ``nan`` where it is not in truth."""
        return _share(self.matrix.diagonal(), self.matrix.sum(axis=1))

    @property
    def mean_accuracy(self) -> float:
        """Mean accuracy over the classes in truth."""
        return _mean(self.accuracy)

    @property
    def frequency_weighted_iou(self) -> float:
        """Mean IoU, each class by its share of the true pixels."""
        pixels = self.matrix.sum(axis=1)
        total = int(pixels.sum())
        if not total:
            return math.nan
        return math.fsum((pixels * np.nan_to_num(self.iou)).tolist()) / total

    @property
    def picture_ious(self) -> tuple[float, ...]:
        """Mean IoU of each picture, in the order in which they were added."""
        return tuple(_mean(ious) for ious in self._ious)

    @property
    def mean_iou_per_picture(self) -> float:
        """Mean over the classes of a picture, then over the pictures."""
        return _mean(self.picture_ious)

    @property
    def class_picture_ious(self) -> NDArray[np.float64]:
        """Mean IoU of each class over the pictures that have it, ``nan`` where none has."""
        return _means(self._ious, len(self.matrix))

    @property
    def mean_iou_per_class_and_picture(self) -> float:
        """Mean over the pictures that have a class, then over the classes."""
        return _mean(self.class_picture_ious)

    @property
    def boundary_f(self) -> NDArray[np.float64]:
        """Boundary F of each class over the pictures that have its boundary; ``nan`` if never compared."""
        return _means(self._fs, len(self.matrix))

    @property
    def mean_boundary_f(self) -> float:
        """Mean boundary F over the classes."""
        return _mean(self.boundary_f)

    def as_json(self, names: Sequence[str]) -> dict[str, Any]:
        """Return all figures as JSON takes them: ``None`` for what there is nothing to say of.

        Args:
            names: Of the classes.

        Raises:
            ValueError: The names are not as many as the classes.
        """
        columns = zip(names, self.iou, self.accuracy, self.class_picture_ious, self.boundary_f, strict=True)
        pixels = self.matrix.sum(axis=1).tolist()
        return {
            "pictures": self.pictures,
            "mean_iou": _or_none(self.mean_iou),
            "pixel_accuracy": _or_none(self.pixel_accuracy),
            "mean_accuracy": _or_none(self.mean_accuracy),
            "frequency_weighted_iou": _or_none(self.frequency_weighted_iou),
            "mean_iou_per_picture": _or_none(self.mean_iou_per_picture),
            "mean_iou_per_class_and_picture": _or_none(self.mean_iou_per_class_and_picture),
            "mean_boundary_f": _or_none(self.mean_boundary_f),
            "classes": [
                {
                    "name": name,
                    "pixels": count,
                    "iou": _or_none(iou),
                    "accuracy": _or_none(accuracy),
                    "iou_per_picture": _or_none(each),
                    "boundary_f": _or_none(f),
                }
                for (name, iou, accuracy, each, f), count in zip(columns, pixels, strict=True)
            ],
            "matrix": self.matrix.tolist(),
        }


def _count(truth: NDArray[np.uint8], told: NDArray[np.uint8], classes: int) -> NDArray[np.int64]:
    if truth.shape != told.shape or truth.dtype != np.uint8 or told.dtype != np.uint8:
        raise ValueError(
            f"truth is {truth.shape} {truth.dtype} and what was told {told.shape} {told.dtype}; "
            "both must be (H, W) uint8 of one size"
        )
    both = np.left_shift(truth, 8, dtype=np.uint16)
    both |= told
    # All values that there can be, so that one that is no class is seen and not counted as another.
    counts = np.bincount(both.ravel(), minlength=1 << 16).reshape(256, 256)
    if classes < VOID and counts[classes:VOID].any():
        raise ValueError(f"truth has a value that is none of {classes} classes and not void")
    counted = counts[:classes]
    if counted[:, classes:].any():
        raise ValueError(f"what was told has a value that is none of {classes} classes")
    return counted[:, :classes].astype(np.int64)


def _ious(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    right = counts.diagonal()
    return _share(right, counts.sum(axis=1) + counts.sum(axis=0) - right)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def _mean(values: Iterable[float]) -> float:
    """Return the mean of those that are numbers, whatever their order; ``nan`` where none is."""
    known = [float(value) for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _means(rows: Sequence[NDArray[np.float64]], classes: int) -> NDArray[np.float64]:
    if not rows:
        return np.full(classes, np.nan)
    return np.array([_mean(column) for column in np.stack(rows).T])


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
