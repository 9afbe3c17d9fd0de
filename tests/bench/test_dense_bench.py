"""What measures segmenting networks runs, on a few drawn streets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import dense
from tests.vision.dense.drawn_streets import write_streets

from everyframe.errors import EveryframeError


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streets(tmp_path_factory.mktemp("data") / "streets", train=4, val=1, test=2)


def test_every_part_is_in_the_ablation_once() -> None:
    found = dense.cells()
    assert len(found) == len(set(found.values())) == 15
    assert sum(one.skips for one in found.values()) == 9  # those of stride 32 have none to lose
    assert {one.upsample for one in found.values()} == {"bilinear", "learned", "resize"}


def test_what_is_done_of_the_ablation_is_not_done_again(streets: Path, tmp_path: Path) -> None:
    names = ["32s no skips bilinear", "8s skips learned"]
    words = ["--epochs", "1", "--batch", "2", "--side", "32"]
    (tmp_path / "32s-no-skips-bilinear.json").write_text('{"test": 0.5}')
    found = dense.ablation(streets, names, words, tmp_path, 2)
    assert list(found) == names
    assert found[names[0]]["multiply_adds"] < found[names[1]]["multiply_adds"]
    assert found[names[0]]["test"] == 0.5
    assert 0.0 <= found[names[1]]["test"] <= 1.0
    assert json.loads((tmp_path / "8s-skips-learned.json").read_text()).items() <= found[names[1]].items()
    with pytest.raises(EveryframeError, match="16s skips resize failed"):
        dense.ablation(tmp_path / "nowhere", ["16s skips resize"], words, tmp_path, 1)


def test_speeds_are_those_of_four_trainings(streets: Path) -> None:
    found = dense.speed(streets, 2, (32, 32), 1)
    assert next(iter(found)) == "torchvision fcn_resnet50, plain loop"
    assert len(found) == 4
    assert min(found.values()) > 0.0
