"""A network is asked for every pair once to count, and again only for what is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.vision.dense.small_segmenters import GROUNDS, by_colour
from tests.vision.dense.small_sets import mask, save

from everyframe.vision.dense.classes import VOID
from everyframe.vision.dense.evaluating import Samples, evaluate
from everyframe.vision.dense.layouts import Dataset, read_dataset
from everyframe.vision.dense.report import write_report
from everyframe.vision.dense.segmenter import Segmenter


class Counting(Segmenter):
    """A real network that takes note of how often it was asked."""

    asked = 0

    def predict(self, picture: NDArray[np.uint8] | str | Path) -> NDArray[np.uint8]:
        self.asked += 1
        return super().predict(picture)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Return twelve pictures in the colours of their classes, of which the masks name one column wrongly."""
    colours = np.array(GROUNDS.colours, np.uint8)
    for seed in range(12):
        truth = mask(seed, classes=4, size=(24, 40))
        save(colours[truth], tmp_path / f"images/{seed:02d}.png")
        truth[:, 0] = VOID
        truth[:, 1] = (truth[:, 1] + 1) % 4
        save(truth, tmp_path / f"masks/{seed:02d}.png")
    return read_dataset(tmp_path, classes=GROUNDS)


def test_what_is_counted(dataset: Dataset, tmp_path: Path) -> None:
    network = Counting(by_colour())
    pairs = (*dataset.train, *dataset.val)
    told: list[tuple[int, int]] = []
    samples = Samples(network, dataset, pairs)
    counts = evaluate(samples, 4, progress=lambda done, of: told.append((done, of)))
    assert counts.pictures == network.asked == len(samples) == 12
    assert told == [(number, 12) for number in range(1, 13)]
    assert counts.pixel_accuracy == pytest.approx(38 / 39)
    assert counts.mean_boundary_f > 0
    write_report(tmp_path / "page.html", counts, samples, GROUNDS)
    assert network.asked == 12 + 9


def test_boundaries_may_be_left_out(dataset: Dataset) -> None:
    samples = Samples(Segmenter(by_colour()), dataset, dataset.val)
    counts = evaluate(samples, 4, boundaries=False)
    assert np.isnan(counts.boundary_f).all()
    assert len(samples[:1]) == 1
    assert samples[:1][0].name == samples[0].name
