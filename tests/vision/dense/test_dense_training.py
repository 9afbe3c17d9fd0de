"""Training learns, is the same again by its seed, and goes on where it was stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.vision.dense.drawn_streets import streets

from everyframe.errors import DatasetError, LibraryError, SettingError
from everyframe.vision.dense.changing import Change
from everyframe.vision.dense.design import Design, design
from everyframe.vision.dense.layouts import Dataset
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.training import Learned, Schedule, Trained, train

TINY = "small/8,12,16,16/1,1,1,1"
MADE = Design(TINY, finest=4, width=8)
QUICK = Schedule(epochs=4, count=4, rate=5e-3, every=2, precision="fp32", size=(64, 96))
CHANGE = Change(scale=1.3, turn=3.0)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return streets(tmp_path_factory.mktemp("streets"))


def same(one: Trained, other: Trained) -> bool:
    states = one.network.state_dict(), other.network.state_dict()
    return all(torch.equal(states[0][name], states[1][name]) for name in states[0]) and [
        (row.loss, row.rate, row.mean_iou) for row in one.rows
    ] == [(row.loss, row.rate, row.mean_iou) for row in other.rows]


@pytest.fixture(scope="module")
def whole(drawn: Dataset) -> Trained:
    return train(drawn, MADE, QUICK, CHANGE, device="cpu")


def test_it_learns_what_pixels_show(drawn: Dataset) -> None:
    longer = replace(QUICK, epochs=40, every=40, average=0.9)
    trained = train(drawn, MADE, longer, CHANGE, device="cpu")
    assert trained.rows[-1].loss < 0.35 * trained.rows[0].loss
    assert trained.mean_iou is not None
    assert trained.mean_iou > 0.75


def test_the_same_seed_gives_the_same(drawn: Dataset, whole: Trained) -> None:
    assert same(whole, train(drawn, MADE, QUICK, CHANGE, device="cpu"))
    other = train(drawn, MADE, replace(QUICK, seed=1), CHANGE, device="cpu")
    assert not same(whole, other)


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_what_was_stopped_goes_on_as_if_it_never_had(
    drawn: Dataset, whole: Trained, epochs: int, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.pt"
    done: list[Learned] = []
    train(
        drawn, MADE, QUICK, CHANGE, device="cpu", checkpoint=kept, progress=done.append,
        stop=lambda: len(done) >= epochs - 1,
    )  # fmt: skip
    assert len(done) == epochs
    assert same(whole, train(drawn, MADE, QUICK, CHANGE, device="cpu", checkpoint=kept))


def test_gradients_of_several_batches_are_one_step(drawn: Dataset) -> None:
    trained = train(drawn, MADE, replace(QUICK, count=2, accumulate=3, epochs=2), CHANGE, device="cpu")
    assert len(trained.rows) == 2


def test_half_precision_learns_about_the_same(drawn: Dataset, whole: Trained) -> None:
    half = train(drawn, MADE, replace(QUICK, precision="bf16"), CHANGE, device="cpu")
    assert half.rows[-1].loss == pytest.approx(whole.rows[-1].loss, rel=0.1)


def test_the_rate_rises_and_then_falls_to_nothing(drawn: Dataset) -> None:
    rows = train(drawn, MADE, replace(QUICK, epochs=8, warm=0.3), CHANGE, device="cpu").rows
    rates = [row.rate for row in rows]
    assert max(rates) < 5e-3 * 1.001
    assert rates.index(max(rates)) in (1, 2, 3)
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)


def test_a_checkpoint_of_another_training_is_refused(drawn: Dataset, tmp_path: Path) -> None:
    kept = tmp_path / "kept.pt"
    short = replace(QUICK, epochs=1, every=1)
    train(drawn, MADE, short, CHANGE, device="cpu", checkpoint=kept)
    for other in (replace(MADE, finest=8), replace(MADE, backbone="small/8,8,16,16/1,1,1,1")):
        with pytest.raises(LibraryError, match="is no checkpoint of this training: delete it"):
            train(drawn, other, short, CHANGE, device="cpu", checkpoint=kept)
    kept.write_bytes(kept.read_bytes()[:-100])
    with pytest.raises(LibraryError, match="is no checkpoint of this training: delete it"):
        train(drawn, MADE, short, CHANGE, device="cpu", checkpoint=kept)


def test_an_empty_list_is_refused(drawn: Dataset) -> None:
    with pytest.raises(DatasetError, match="no pictures to learn from"):
        train(replace(drawn, train=()), MADE, QUICK, CHANGE)


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(SettingError, match="at least 1"):
        Schedule(epochs=0)
    with pytest.raises(SettingError, match="precision is 'int4'"):
        Schedule(precision="int4")
    with pytest.raises(SettingError, match="no backbone"):
        Segmenting(design("fcn8s", "resnet19"), 3)
