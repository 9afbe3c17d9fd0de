from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks import segmented
from tests.vision.dense.small_segmenters import GROUNDS, at_random, by_colour

from everyframe.store import write_clip
from everyframe.types import Frame


def test_flicker_of_clips_is_measured_with_averaging_and_without(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = np.random.default_rng(0)
    texture = np.repeat(np.repeat(chance.normal(0, 14, (24, 32, 1)), 5, axis=0), 5, axis=1)
    # Between two classes, so that noise decides.
    grey = np.mean([GROUNDS.colours[1], GROUNDS.colours[2]], axis=0) + texture

    def seen(number: int) -> Frame:
        rgb = np.clip(grey + chance.normal(0, 6, (120, 160, 3)), 0, 255).astype(np.uint8)
        luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
        return Frame(number, number / 10, luma, to_rgb=lambda: rgb)

    write_clip((seen(number) for number in range(12)), tmp_path / "still.mp4", fps=10)
    (tmp_path / "colour.onnx").write_bytes(by_colour())
    segmented.main(["flicker", str(tmp_path), "--model", str(tmp_path / "colour.onnx"), "--pictures", "12"])
    told = json.loads(capsys.readouterr().out)["still"]
    assert 0 < told["0.8 s"] < told["0.2 s"] < told["0 s"] < 0.5
    assert told["ms of network"] >= 0.0


def test_tiles_differ_less_the_wider_their_margin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmented, "MARGINS", (0, 64))
    (tmp_path / "random.onnx").write_bytes(at_random(channels=4))
    pictures = list(np.random.default_rng(1).integers(0, 256, (2, 500, 700, 3)).astype(np.uint8))
    found = segmented.tiles(pictures, str(tmp_path / "random.onnx"), (1600, 2100))
    assert set(found) == {"mosaic", "enlarged"}
    for told in found.values():
        assert told["margin 64"]["differs"] < 1e-4
        assert told["margin 0"]["differs"] > told["margin 64"]["differs"]
        assert told["margin 64"]["work"] > told["margin 0"]["work"] == 1.0
