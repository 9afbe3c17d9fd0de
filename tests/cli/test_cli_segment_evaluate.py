"""`segment evaluate` on data that are right, that are wrong, and that are of another network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.vision.dense.small_segmenters import GROUNDS, by_colour
from tests.vision.dense.small_sets import mask, save
from typer.testing import CliRunner

from everyframe.cli.app import app
from everyframe.errors import DatasetError, EveryframeError, ModelError, SettingError, StorageError

runner = CliRunner()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a network and a town, which names its classes in another order."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colour.onnx").write_bytes(by_colour())
    colours = np.array(GROUNDS.colours, np.uint8)
    for split, count in (("train", 4), ("val", 2), ("test", 3)):
        for seed in range(count):
            truth = mask(seed, classes=4, size=(24, 40))
            save(colours[truth], tmp_path / f"town/{split}/images/{seed}.png")
            truth[:, 0] = (truth[:, 0] + 1) % 4  # one column of forty is wrong
            save((3 - truth).astype(np.uint8), tmp_path / f"town/{split}/masks/{seed}.png")
    (tmp_path / "town/classes.txt").write_text("\n".join(GROUNDS.names[::-1]))
    return tmp_path


def evaluate(*arguments: str) -> str:
    done = runner.invoke(app, ["segment", "evaluate", "colour.onnx", *arguments])
    if isinstance(done.exception, Exception):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def figures(*arguments: str) -> Any:
    return json.loads(evaluate(*arguments, "--json"))


def test_the_figures_of_the_test_split(here: Path) -> None:
    told = figures("town")
    assert (told["model"], told["data"], told["split"], told["pictures"]) == (
        "colour.onnx",
        "town",
        "test",
        3,
    )
    assert told["pixel_accuracy"] == pytest.approx(39 / 40)
    assert [each["name"] for each in told["classes"]] == list(GROUNDS.names)  # in the network's order
    assert np.trace(told["matrix"]) == 3 * 24 * 39


def test_a_table_for_people(here: Path) -> None:
    told = evaluate("town")
    assert told.splitlines()[0].split() == ["class", "IoU", "accuracy", "boundary", "F", "pixels"]
    assert told.splitlines()[1].split()[0] == "sky"
    assert f"pixel accuracy                  {39 / 40:.3f}" in told


def test_splits(here: Path) -> None:
    assert figures("town", "--split", "train")["pictures"] == 4
    (here / "town/test").rename(here / "kept")
    assert figures("town")["split"] == "val"
    with pytest.raises(SettingError, match="the split 'test' of this data is empty; choose train or val"):
        evaluate("town", "--split", "test")


def test_a_page(here: Path) -> None:
    evaluate("town", "--report", "page.html")
    page = Path("page.html").read_text("utf-8")
    assert "How well colour segments" in page
    assert "town, test: 3 pictures" in page
    assert "by colour" in page
    assert page.count("data:image/") == 3 * 4


def test_a_fault_is_told_before_anything_is_measured(here: Path) -> None:
    truth = mask(2, classes=4, size=(24, 40))
    truth[5, 7] = 99
    save(truth, here / "town/test/masks/2.png")
    with pytest.raises(DatasetError, match=r"town/test/masks/2\.png has the value 99 \(at x 7, y 5\)"):
        evaluate("town", "--report", "page.html")
    assert not Path("page.html").exists()
    assert figures("town", "--split", "val")["pictures"] == 2  # that fault is none of the other splits'


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (["town", "--split", "dev"], SettingError, "there is no split 'dev'"),
        (["town", "--layout", "ade"], SettingError, "there is no layout 'ade'"),
        (["village"], DatasetError, "village is no folder"),
        (["town", "--report", "no/page.html"], StorageError, "folder does not exist"),
    ],
)
def test_what_a_person_can_mend(
    here: Path, arguments: list[str], error: type[EveryframeError], said: str
) -> None:
    with pytest.raises(error, match=said):
        evaluate(*arguments)


def test_data_and_networks_of_other_classes(here: Path) -> None:
    (here / "town/classes.txt").write_text("sky\nroad\ntree\nbus\n")
    with pytest.raises(
        DatasetError, match="other classes than the network: it lacks car and has besides bus"
    ):
        evaluate("town")
    Path("colour.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"colour\.onnx is damaged"):
        evaluate("town")
