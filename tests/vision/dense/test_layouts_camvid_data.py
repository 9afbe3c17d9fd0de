"""CamVid itself, where it is: see CONTRIBUTING.md."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from everyframe.vision.dense.classes import CAMVID
from everyframe.vision.dense.layouts import Dataset, check, read_dataset
from everyframe.vision.dense.measures import Confusion

DATA = Path(os.environ.get("EVERYFRAME_DATA", Path(__file__).parents[4] / "shared" / "data")) / "camvid"

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def camvid() -> Dataset:
    if not DATA.is_dir():
        pytest.skip(f"CamVid is not at {DATA}")
    return read_dataset(DATA)


def test_its_splits_and_classes(camvid: Dataset) -> None:
    assert [len(split) for split in (camvid.train, camvid.val, camvid.test)] == [367, 101, 233]
    assert camvid.classes == CAMVID


def test_nothing_is_wrong_with_what_it_is_tested_on(camvid: Dataset) -> None:
    check(camvid, pairs=camvid.val)


def test_the_truth_measured_against_itself(camvid: Dataset) -> None:
    counts = Confusion(len(CAMVID), boundaries=True)
    for pair in camvid.val[::5]:
        truth = camvid.mask(pair)
        assert truth.shape == camvid.picture(pair).shape[:2] == (360, 480)
        counts.add(truth, np.minimum(truth, len(CAMVID) - 1).astype(np.uint8))
    assert counts.mean_iou == counts.pixel_accuracy == counts.mean_boundary_f == 1
    pixels = counts.matrix.sum(axis=1)
    assert CAMVID.names[int(pixels.argmax())] in ("road", "building")
    assert (pixels > 0).all()
