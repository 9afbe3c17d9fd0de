"""``bench anomaly``: accuracy on a labelled set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from everyframe.bench.anomaly import Result, run
from everyframe.errors import DatasetError, EveryframeError
from everyframe.sources.scene import write_dataset

pytestmark = pytest.mark.xdist_group("bench")  # what they share is made once

ASKED = {
    "dataset", "detector", "auc_micro", "auc_micro_rescaled", "eer", "auc_pixel", "fps_learn", "fps_score",
    "decode_fps", "baseline_bytes", "look_ahead_s",
}  # fmt: skip


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes of normal footage, and a cyclist."""
    folder = tmp_path_factory.mktemp("bench") / "park"
    write_dataset(folder, seed=2, train_minutes=2.0, fps=5, script="cyclist")
    return folder


@pytest.fixture(scope="module")
def result(park: Path) -> Result:
    return run(park)


def test_says_what_is_asked_for_as_json(result: Result) -> None:
    told = json.loads(json.dumps(result.as_json()))
    assert set(told) >= ASKED
    assert told["dataset"] == "synthetic-park"
    assert told["detector"] == "density"
    assert told["look_ahead_s"] <= 1.0
    assert told["baseline_bytes"] > 1_000
    assert min(told["fps_learn"], told["fps_score"], told["decode_fps"]) > 0


def test_finds_the_cyclist(result: Result) -> None:
    assert result.auc_micro > 0.9
    assert result.auc_micro_rescaled > 0.9
    assert result.eer < 0.2
    assert (result.stretches, result.stretches_found) == (1, 1)
    assert result.stray_alerts <= 1
    assert [row["name"] for row in result.per_clip] == ["01"]


def test_says_where_the_cyclist_is(result: Result) -> None:
    assert result.auc_pixel is not None
    assert result.auc_pixel > 0.8


@pytest.mark.parametrize("burst", [1.0, 5.0])
def test_missing_frames_cost_little(park: Path, result: Result, burst: float) -> None:
    missing = run(park, missing=0.3, burst=burst, seed=3)
    assert missing.missing == 0.3
    assert missing.auc_micro == pytest.approx(result.auc_micro, abs=0.05)


def test_scores_depend_on_nothing_but_the_footage(park: Path, result: Result) -> None:
    again = run(park)
    assert again.auc_micro == result.auc_micro
    assert again.per_clip == result.per_clip


def test_a_folder_without_a_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        run(tmp_path)


def test_an_unknown_detector_is_refused_before_anything_is_scored(park: Path) -> None:
    with pytest.raises(EveryframeError, match="magic"):
        run(park, detector="magic")


@pytest.fixture(scope="module")
def other(park: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The same footage, its labels shuffled and its masks gone."""
    folder = tmp_path_factory.mktemp("bench") / "other"
    shutil.copytree(park, folder)
    about = json.loads((folder / "dataset.json").read_text())
    for entry in about["test"]:
        del entry["masks"]
    (folder / "dataset.json").write_text(json.dumps(about))
    shutil.rmtree(folder / "masks")
    (path,) = (folder / "labels").iterdir()
    labels = path.read_text().split()
    path.write_text("\n".join(np.random.default_rng(0).permutation(labels)) + "\n")
    return run(folder)


def test_without_masks_there_is_no_pixel_auc(other: Result) -> None:
    assert other.auc_pixel is None


def test_labels_that_are_shuffled_are_not_found(other: Result) -> None:
    # The score knows nothing of the labels: with others it is worth no more than chance.
    assert 0.3 < other.auc_micro < 0.7
