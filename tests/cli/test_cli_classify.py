"""``everyframe classify`` as a person uses it, on drawn pictures."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.vision.classify.drawn import TINY, folder

from everyframe.cli.app import app
from everyframe.cli.classify.bar import Bar
from everyframe.errors import EveryframeError
from everyframe.vision.classify import Reached

Run = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
QUICK = ("--backbone", TINY, "--side", "32", "--batch", "8", "--rate", "0.02", "--threads", "1")

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("looking at pictures")]
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]


@needs_torch
def test_from_a_folder_to_what_pictures_show(tmp_path: Path, everyframe: Run) -> None:
    folder(tmp_path / "shapes" / "train", 10)
    folder(tmp_path / "shapes" / "val", 4, seed=1)
    words = (
        "classify",
        "train",
        "shapes",
        "-o",
        "shapes.onnx",
        *QUICK,
        "--epochs",
        "24",
        "--hold-out",
        "0.25",
    )
    done = everyframe(*words, "--curves", "course.png")
    assert done.returncode == 0, done.stderr
    assert "shapes.onnx tells discs (10), stripes (10)" in done.stdout
    assert "8 pictures, neither learned from nor chosen by: " in done.stdout
    assert "fine-tuning: epoch 1 of 24, loss 0." in done.stderr
    assert (tmp_path / "course.csv").read_text().startswith("epoch,loss,held_out,accuracy\n1,0.")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "course.csv",
        "course.png",
        "shapes",
        "shapes.onnx",
    ]

    told = everyframe("classify", "predict", "shapes.onnx", "shapes/val").stdout.splitlines()
    assert len(told) == 8
    assert told[0].startswith("shapes/val/discs/00.png: ")
    assert told[0].endswith("%")
    found = [
        json.loads(line)
        for line in everyframe(
            "classify", "predict", "shapes.onnx", "shapes/val", "--json"
        ).stdout.splitlines()
    ]
    assert sum(one["label"] in one["picture"] for one in found) >= 6
    assert set(found[0]["confidences"]) == {"discs", "stripes"}
    table = everyframe("classify", "predict", "shapes.onnx", "shapes/val", "--csv", "--explain", "why").stdout
    rows = list(csv.DictReader(table.splitlines()))
    assert [row["label"] for row in rows] == [one["label"] for one in found]
    assert float(rows[0]["confidence"]) == pytest.approx(found[0]["confidence"], abs=1e-6)
    assert len(list((tmp_path / "why").iterdir())) == 9

    (tmp_path / "shapes" / "val" / "bad.png").write_bytes(b"no picture")
    done = everyframe("classify", "predict", "shapes.onnx", "shapes/val")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 8)
    assert "bad.png" in done.stderr
    refused(everyframe("classify", "predict", "shapes.onnx", "no-such"), "no-such")
    refused(everyframe("classify", "predict", "shapes.onnx", "shapes", "--csv", "--json"), "--json and --csv")
    refused(everyframe("classify", "predict", "shapes/val/bad.png", "shapes"), "no model that")


@needs_torch
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no-such", "-o", "new.onnx"), "no-such is no folder"),
        (("shapes/discs", "-o", "new.onnx"), "has no folders in it"),
        (("shapes", "-o", "new.pt"), "should end in .onnx"),
        (("shapes", "-o", "new.onnx", "--curves", "c.svg"), "should end in .png"),
        (("shapes", "-o", "new.onnx", "--checkpoint", "new.onnx"), "names of their own"),
        (("shapes", "-o", "no/new.onnx"), "its folder does not exist"),
        (("shapes", "-o", "new.onnx", "--backbone", "resnet-18"), "choose such as resnet18"),
        (("shapes", "-o", "new.onnx", "--weights", "none.pth"), "none.pth cannot be read"),
        (("shapes", "-o", "new.onnx", "--weights", "text.pth"), "text.pth is damaged"),
        (("shapes", "-o", "new.onnx", "--checkpoint", "text.pth"), "text.pth is damaged, or no checkpoint"),
        (("shapes", "-o", "new.onnx", "--side", "4"), "the side is 4 pixels"),
        (("shapes", "-o", "new.onnx", "--folds", "4"), "choose 3 folds or fewer"),
    ],
)
def test_what_people_get_wrong(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "shapes", 3)
    (tmp_path / "text.pth").write_text("text")
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(EveryframeError, match=re.escape(said)):
        app(["classify", "train", *words], standalone_mode=False)
    assert set(tmp_path.rglob("*")) == before


@needs_torch
def test_a_disk_without_room_is_told_before_training(tmp_path: Path, everyframe: Run) -> None:
    folder(tmp_path / "shapes", 3)
    words = ("classify", "train", "shapes", "-o", "new.onnx", *QUICK)
    done = everyframe(*words, limit=200_000)
    refused(done, "Cannot write new.onnx", "would grow larger than the system allows")
    assert "fine-tuning" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shapes"]


@needs_torch
def test_interrupted_it_keeps_what_was_learned(tmp_path: Path, start: Start) -> None:
    folder(tmp_path / "shapes", 12)
    words = (
        "classify",
        "train",
        "shapes",
        "-o",
        "new.onnx",
        *QUICK,
        "--epochs",
        "50000",
        "--patience",
        "50000",
    )
    process = start(*words)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("fine-tuning"):
            break
    process.send_signal(signal.SIGINT)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    assert "Stopped early; what was learned until then: new.onnx" in complained
    assert "Traceback" not in complained
    assert "new.onnx tells discs (12), stripes (12)" in said
    assert (tmp_path / "new.onnx").stat().st_size > 10_000


def test_the_time_left_is_told_once_it_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    bar = Bar(lambda: now[0])
    with bar:
        bar.opening(5, 10)
        bar.opening(10, 10)
        bar(Reached("fine-tuning", 1, 20, 0.7, 0.69, 0.5, 0.05))
        now[0] = 12.0
        bar(Reached("fine-tuning", 5, 20, 0.5, 0.4, 0.75, 0.25))
        now[0] = 13.0
        bar(Reached("fine-tuning", 6, 20, 0.5, 0.4, 0.75, 0.3))  # too soon for another line
    assert capsys.readouterr().err.splitlines() == [
        "looking at pictures: 5 of 10",
        "fine-tuning: epoch 1 of 20, loss 0.700; held out 0.690, 50% right",
        "fine-tuning: epoch 5 of 20, loss 0.500; held out 0.400, 75% right; 45 s left at most",
    ]
