"""`segment train` and `segment export`: from drawn streets to a network, and what people get wrong."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from tests.vision.dense.drawn_streets import write_streets
from typer.testing import CliRunner

from everyframe.cli.app import app
from everyframe.errors import EveryframeError
from everyframe.vision.dense.segmenter import Segmenter
from everyframe.vision.pictures import read_picture

runner = CliRunner()
TINY = ["--backbone", "small/8,8,8,8/1,1,1,1", "--batch", "4", "--every", "1", "--precision", "fp32"]


@pytest.fixture(scope="module")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_streets(tmp_path_factory.mktemp("data") / "streets")


def segment(*words: str) -> str:
    done = runner.invoke(app, ["segment", *words])
    if isinstance(done.exception, Exception):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_folder_becomes_a_network_with_its_curves(streets: Path, tmp_path: Path) -> None:
    model, curves = tmp_path / "streets.onnx", tmp_path / "curves.png"
    words = ["--epochs", "3", "-o", str(model), "--curves", str(curves), "--json"]
    said = json.loads(segment("train", str(streets), *TINY, *words).splitlines()[-1])
    assert said["epochs"] == 3
    assert 0.0 < said["mean_iou"] < 1.0
    assert said["bytes"] == model.stat().st_size
    assert read_picture(curves).shape[1] == 1200
    rows = list(csv.DictReader(curves.with_suffix(".csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["loss"]) == pytest.approx(said["loss"], abs=1e-5)
    about = Segmenter(model).about
    assert (about.name, about.size) == ("fcn8s", (64, 96))


def test_killed_in_the_middle_it_goes_on_to_the_same_network(streets: Path, tmp_path: Path) -> None:
    """`kill -9` of a real training; the weights are those of one that was never stopped."""
    whole, again, kept = tmp_path / "whole.onnx", tmp_path / "again.onnx", tmp_path / "kept.pt"
    words = [str(streets), *TINY, "--epochs", "12"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "everyframe", "segment", "train", *words]
    begun = subprocess.Popen(
        [*command, "-o", str(again), "--checkpoint", str(kept)], env=environment, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 120
    while not kept.exists() and begun.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    assert not again.exists()
    assert kept.exists()
    for place in ([again, "--checkpoint", str(kept)], [whole]):
        subprocess.run([*command, "-o", *map(str, place)], env=environment, check=True, capture_output=True)
    initializers = [
        {one.name: one.raw_data for one in onnx.load(path).graph.initializer} for path in (whole, again)
    ]
    assert initializers[0] == initializers[1]


def test_a_checkpoint_becomes_a_network_and_that_one_of_8_bits(streets: Path, tmp_path: Path) -> None:
    model, kept = tmp_path / "a.onnx", tmp_path / "kept.pt"
    segment("train", str(streets), *TINY, "--epochs", "2", "-o", str(model), "--checkpoint", str(kept))
    said = json.loads(segment("export", str(kept), "-o", str(tmp_path / "b.onnx"), "--json"))
    assert said["difference"] < 1e-4
    small = tmp_path / "small.onnx"
    images = str(streets / "train/images")
    segment("export", str(tmp_path / "b.onnx"), "--int8", "--pictures", images, "-o", str(small))
    picture = read_picture(streets / "val/images/000.png")
    one, other = Segmenter(model), Segmenter(small)
    assert np.array_equal(one.logits(picture), Segmenter(tmp_path / "b.onnx").logits(picture))
    assert (one.predict(picture) == other.predict(picture)).mean() > 0.9


WRONG = [
    (["train", "nowhere", "-o", "x.onnx"], "nowhere is no folder"),
    (["train", "DATA", "-o", "x.pt"], "x.pt should end in .onnx"),
    (["train", "DATA", "-o", "x.onnx", "--curves", "x.svg"], "x.svg should end in .png"),
    (["train", "DATA", "-o", "x.onnx", "--model", "unet"], "there is no network 'unet'"),
    (["train", "DATA", "-o", "x.onnx", "--backbone", "resnet19"], "there is no backbone 'resnet19'"),
    (["train", "DATA", "-o", "x.onnx", "--size", "big"], "the size is 'big'; give height x width"),
    (["train", "DATA", "-o", "x.onnx", "--upsample", "cubic"], "upsampling is 'cubic'"),
    (["train", "DATA", "-o", "x.onnx", "--loss", "hinge"], "loss is 'hinge'"),
    (["train", "DATA", "-o", "x.onnx", "--precision", "int4"], "precision is 'int4'"),
    (["train", "DATA", "-o", "x.onnx", "--layout", "zip"], "there is no layout 'zip'"),
    (["train", "DATA", "-o", "nowhere/x.onnx"], "its folder does not exist"),
    (
        ["train", "DATA", "-o", "x.onnx", "--checkpoint", "DATA/classes.txt"],
        "is no checkpoint of this training",
    ),
    (["train", "DATA", "-o", "x.onnx", "--checkpoint", "x.onnx"], "need names of their own"),
    (["export", "DATA/classes.txt", "-o", "x.onnx"], "is damaged, or no checkpoint"),
    (["export", "street", "-o", "x.onnx", "--int8"], "--int8 and --pictures belong together"),
    (["export", "nothing.onnx", "-o", "x.onnx"], "there is no such model"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[message[:24] for _, message in WRONG])
def test_what_people_get_wrong_is_told_in_one_line(
    streets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EveryframeError) as told:
        segment(*(word.replace("DATA", str(streets)) for word in words))
    assert message in str(told.value)
    assert "\n" not in str(told.value)
    assert not Path("x.onnx").exists()


def test_a_fault_in_the_data_is_told_before_anything_is_learned(tmp_path: Path) -> None:
    broken = write_streets(tmp_path / "streets")
    mask = np.array(Image.open(broken / "train/masks/003.png"))
    mask[10, 20] = 77
    Image.fromarray(mask).save(broken / "train/masks/003.png")
    with pytest.raises(EveryframeError, match=r"003\.png.*77"):
        segment("train", str(broken), *TINY, "-o", str(tmp_path / "x.onnx"))
