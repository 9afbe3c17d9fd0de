"""`architecture`: table, tree, graphs, and what cannot be looked into."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from everyframe.cli.app import app
from everyframe.errors import EveryframeError
from everyframe.vision.backbones import operators

pytest.importorskip("torch")
if not operators.installed():
    pytest.skip("torchvision is not installed", allow_module_level=True)

runner = CliRunner()


def test_a_table_says_what_layers_give_and_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    done = runner.invoke(app, ["architecture", "resnet18", "--depth", "2"], catch_exceptions=False)
    assert done.exit_code == 0
    (row,) = [line.split() for line in done.output.splitlines() if "layer4.1" in line]
    assert row[:2] == ["layer4.1", "BasicBlock"]
    assert "435" in row
    assert "11.7 M parameters, 1.81 G multiply-adds" in done.output


def test_files_are_written_and_the_tree_printed(tmp_path: Path) -> None:
    names = [tmp_path / f"out.{kind}" for kind in ("json", "svg", "png")]
    asked = [word for name in names for word in (f"--{name.suffix[1:]}", str(name))]
    done = runner.invoke(app, ["architecture", "motion", *asked], catch_exceptions=False)
    assert done.exit_code == 0
    assert json.loads(names[0].read_text())["name"] == "motion"
    assert names[1].read_text().startswith("<svg")
    assert cv2.imread(str(names[2])) is not None
    told = ["architecture", "fcn8s", "--backbone", "resnet18", "--size", "96x128", "--json", "-"]
    done = runner.invoke(app, told, catch_exceptions=False)
    tree = json.loads(done.stdout)
    assert tree["size"] == [96, 128]
    assert tree["shape"][2:] == [96, 128]
    assert not tree["whole_picture"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["resnet-18"], "resnet18"),
        (["timm/resnet_18"], "timm/resnet18"),
        (["fcn9s"], "strides are"),
        (["resnet18", "--backbone", "vgg16"], "leave --backbone out"),
        (["resnet18", "--size", "wide"], "give height x width in pixels, such as 360x480"),
        (["resnet18", "--size", "0x5"], "give height x width in pixels"),
        (["alexnet", "--size", "8x8"], "alexnet takes no picture of 8 x 8 pixels"),
        (["nothing.onnx"], "nothing.onnx cannot be read"),
        (["resnet18", "--svg", "no/such/folder.svg"], "its folder does not exist"),
    ],
)
def test_what_cannot_be_is_said(arguments: list[str], words: str) -> None:
    done = runner.invoke(app, ["architecture", *arguments])
    assert isinstance(done.exception, EveryframeError)
    assert words in str(done.exception)
