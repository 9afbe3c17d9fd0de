"""Data sets for dense prediction, in the layouts that they are passed around in."""

from everyframe.vision.dense.layouts.checking import check, find_faults
from everyframe.vision.dense.layouts.dataset import SPLITS, Dataset, Pair
from everyframe.vision.dense.layouts.opening import LAYOUTS, read_dataset

__all__ = ["LAYOUTS", "SPLITS", "Dataset", "Pair", "check", "find_faults", "read_dataset"]
