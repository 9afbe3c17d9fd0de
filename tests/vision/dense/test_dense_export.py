"""What is exported says what PyTorch says; in 8 bits nearly, and in a quarter of the size."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.vision.dense.drawn_streets import street, write_streets

from everyframe.errors import DatasetError, LibraryError, SettingError, StorageError
from everyframe.vision import dense
from everyframe.vision.dense.changing import Change
from everyframe.vision.dense.classes import named
from everyframe.vision.dense.design import MODELS, Design, design
from everyframe.vision.dense.export import CLOSE, describe, difference, to_onnx
from everyframe.vision.dense.kept import read_checkpoint
from everyframe.vision.dense.learning import Model, learn
from everyframe.vision.dense.making import Segmenting
from everyframe.vision.dense.quantising import quantised
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.dense.training import Schedule

TINY = "small/8,12,16,16/1,1,1,1"
CLASSES = named(["sky", "road", "car", "pole"])


def shaken(made: Design) -> Segmenting:
    """Return a network whose normalisations and weights are none of those that it begins with."""
    torch.manual_seed(5)
    network = Segmenting(made, len(CLASSES))
    with torch.no_grad():
        for one in network.network.state_dict().values():
            if one.dtype.is_floating_point:
                one.add_(torch.rand_like(one) * 0.1)
    return network.eval()


@pytest.mark.parametrize("backbone", [TINY, "resnet18", "timm/resnet18"])
def test_onnx_says_what_pytorch_says(backbone: str) -> None:
    network = shaken(design("fcn8s", backbone))
    told = describe(design("fcn8s", backbone), CLASSES, network, (64, 96), {"seed": 1})
    model = to_onnx(network, told)
    assert difference(network, model) <= CLOSE
    about = Segmenter(model).about
    assert (about.name, about.backbone, about.stride, about.size) == ("fcn8s", backbone, 32, (64, 96))
    assert about.notes == {"seed": 1}
    assert about.reach > 32


@pytest.mark.parametrize("model", MODELS)
def test_every_network_can_be_exported(model: str) -> None:
    made = design(model, TINY, "learned")
    network = shaken(made)
    assert to_onnx(network, describe(made, CLASSES, network, (64, 96), {}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streets(tmp_path_factory.mktemp("streets"), test=2)


@pytest.fixture(scope="module")
def learned(folder: Path) -> Model:
    schedule = Schedule(epochs=25, count=4, rate=8e-3, every=25, average=0.9)
    return dense.train(folder, Design(TINY, finest=4, width=8), schedule, Change(scale=1.3, turn=0.0))


def test_three_lines_teach_and_tell(folder: Path, learned: Model, tmp_path: Path) -> None:
    learned.save(tmp_path / "streets.onnx")
    picture, mask = street(np.random.default_rng(99))
    told = dense.Segmenter(tmp_path / "streets.onnx").predict(picture)
    counted = mask != 255
    assert (told[counted] == mask[counted]).mean() > 0.85


def test_in_8_bits_it_says_nearly_the_same(learned: Model) -> None:
    chance = np.random.default_rng(7)
    small = quantised(learned.onnx, [street(chance)[0] for _ in range(8)])
    whole, eight = Segmenter(learned.onnx), Segmenter(small)
    assert eight.about == whole.about
    pictures = [street(chance)[0] for _ in range(4)]
    agree = [(whole.predict(one) == eight.predict(one)).mean() for one in pictures]
    assert np.mean(agree) > 0.97


def test_in_8_bits_it_is_a_quarter_as_large() -> None:
    made = Design()
    network = shaken(made)
    model = to_onnx(network, describe(made, CLASSES, network, (64, 96), {}))
    assert len(quantised(model, [street(np.random.default_rng(0))[0]])) < 0.3 * len(model)


def test_quantising_leaves_the_log_of_others_as_it_was(learned: Model) -> None:
    before = logging.getLogger().level
    quantised(learned.onnx, [street(np.random.default_rng(7))[0]])
    assert logging.getLogger().level == before


def test_quantising_needs_pictures(learned: Model) -> None:
    with pytest.raises(SettingError, match="needs pictures"):
        quantised(learned.onnx, [])


def test_faults_are_told_before_training(folder: Path, tmp_path: Path) -> None:
    broken = write_streets(tmp_path / "broken")
    wrong = broken / "train/images/003.png"
    wrong.write_bytes(wrong.read_bytes()[:200])
    seen: list[object] = []
    with pytest.raises(DatasetError, match=r"003\.png"):
        learn(broken, Design(TINY), Schedule(epochs=1), progress=seen.append)
    assert not seen


def test_a_full_disk_is_told_before_training(folder: Path, tmp_path: Path) -> None:
    seen: list[object] = []
    with pytest.raises(StorageError, match=r"Cannot write .*: "):
        learn(
            folder, Design(TINY), Schedule(epochs=1), output=tmp_path / "x" / "y.onnx", progress=seen.append
        )
    assert not seen


def test_scratch_and_weights_exclude_each_other(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="from scratch is without weights"):
        learn(folder, Design(TINY), weights=tmp_path / "some.pth", from_scratch=True)


def test_a_network_is_had_from_a_checkpoint(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.pt"
    made = Design(TINY, finest=4, width=8)
    schedule = Schedule(epochs=2, count=4, every=1)
    whole = learn(folder, made, schedule, checkpoint=kept, device="cpu")
    found = read_checkpoint(kept)
    assert (found.design, found.classes.names) == (made, ("sky", "road", "car", "pole"))
    assert (found.notes["epochs"], found.side) == (2, 96)
    assert Segmenter(whole.onnx).about.side == 96
    model = to_onnx(found.network, describe(made, found.classes, found.network, found.size, found.notes))
    picture = street(np.random.default_rng(3))[0]
    assert np.array_equal(Segmenter(model).logits(picture), Segmenter(whole.onnx).logits(picture))


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wrong.pt").write_bytes(b"PK\x03\x04 nothing of it")
    with pytest.raises(LibraryError, match="is damaged, or no checkpoint of `everyframe segment train`"):
        read_checkpoint(tmp_path / "wrong.pt")
    with pytest.raises(LibraryError, match="cannot be read"):
        read_checkpoint(tmp_path / "missing.pt")
