"""Measurements that are kept, and the page that is made of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from benchmarks import kept
from benchmarks.kept import Measurement, measure, read, slug, write
from benchmarks.page import page
from benchmarks.run import peak_megabytes

from everyframe.errors import EveryframeError

SPEED = Measurement(
    "everyframe bench speed yard.mp4 --json",
    "2026-01-02",
    "abc1234",
    {"decode_fps": 1000.0, "watch_fps": 300.0, "watch_codec_fps": 600.0, "mog2_fps": 100.0},
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    write("speed-Yard 1", SPEED, tmp_path)
    assert read(tmp_path) == {"speed-yard-1": SPEED}


def test_the_page_has_the_ratios_and_who_made_them(tmp_path: Path) -> None:
    text = page({"speed-yard": SPEED}, "make bench")
    assert "| yard.mp4 | 1,000 | 300 | 600 | 100 | 3.00 | 0.60 |" in text
    assert "Made by `make bench` on 2026-01-02" in text
    assert "abc1234" in text
    assert "## Memory" not in text


def test_live_figures_have_their_command() -> None:
    found = {"cameras": 16, "worst_lag_s": 0.37, "told": ["a word"]}
    text = page({"live-load": Measurement("python -m live", "2026-01-02", "abc1234", found)}, "make bench")
    assert "| `python -m live` | worst lag s | 0.37 |" in text
    assert "a word" not in text


def test_reels_have_their_worst_figures() -> None:
    exact = {"wrong_pictures": 0, "pictures": 397, "worst_offset_ms": 0.1, "worst_chapter_ms": 0.5}
    lists = {"edl_error_frames": 0, "fcpxml_error_frames": 1, "otio_error_frames": 0, "ffprobe": "ok"}
    names = ("decode", "labelled", "labelled_at_shots", "labelled_encoded", "unlabelled")
    work = {"file": "park.mp4", **{f"{name}_cpu_s_per_min": 2.5 for name in names}}
    found = {"exactness": {"25": exact | lists}, "work": work}
    text = page({"reel-park": Measurement("python -m benchmarks.reel", "2026-01-02", "abc", found)}, "make")
    assert "| 25 | 0 of 397 | 0.1 ms | 0.5 ms | 1 | ok |" in text
    assert "| park.mp4 | 2.50 | 2.50 | 2.50 | 2.50 | 2.50 |" in text


def test_what_was_taught_and_spotted_is_told_with_its_command() -> None:
    taught = {"groups": 9, "accuracy": {"likeness": 0.9778, "all": 0.9889}}
    added = {"new_f1": 0.931, "others_before": 0.9167, "others_after": 0.91}
    spotted = {"average mAP": 0.5, "condensed": {"events kept": 0.9}}
    text = page(
        {
            "taught-a": Measurement("python -m taught a", "2026-01-02", "abc", taught),
            "taught-a-adding": Measurement("python -m taught a --adding", "2026-01-02", "abc", added),
            "spotted-film": Measurement("python -m spotted", "2026-01-02", "abc", spotted),
        },
        "make",
    )
    assert "| `python -m taught a` | 9 | – | – | – | 0.978 | 0.989 |" in text
    assert "| `python -m taught a --adding` | 0.931 | 0.9167 | 0.9100 |" in text
    assert "| average mAP | 0.5 |" in text
    assert "| condensed: events kept | 0.9 |" in text


def test_what_the_clock_is_worth_stands_beside_what_it_is_without() -> None:
    def upcam(clock: bool, alerts: int) -> Measurement:
        count = {
            "budget": "3/day",
            "alerts": alerts,
            "hours": 8.0,
            "per_day": 3.0 * alerts,
            "low": 0,
            "high": 9,
        }
        accuracy = {"auc_micro": 0.9, "auc_micro_rescaled": 0.9, "eer": 0.1, "auc_pixel": None}
        speed = {"fps_learn": 100.0, "fps_score": 100.0, "decode_fps": 900.0, "baseline_bytes": 2_000_000}
        found = {"stretches": 5, "stretches_found": 3, "stray_alerts": 0, "attributes": [], "watch": [count]}
        names = {"dataset": "upcam", "detector": "density", "clock": clock}
        return Measurement(
            "everyframe bench anomaly upcam", "2026-01-02", "abc1234", {**names, **accuracy, **speed, **found}
        )

    text = page({"accuracy-upcam-density": upcam(True, 1), "contexts-upcam": upcam(False, 7)}, "make bench")
    told = text[text.index("## Time of day") :]
    assert "| upcam | by the hour | 3/day | 1 | 0.9000 | 3 of 5 |" in told
    assert "| upcam | one for all hours | 3/day | 7 | 0.9000 | 3 of 5 |" in told
    assert text.count("one for all hours") == 1


def test_a_measurement_keeps_its_command_without_the_place_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "everyframe", lambda *_: {"decode_fps": 1.0, "per_clip": [1, 2]})
    (tmp_path / "yard.mp4").touch()
    one = measure("speed-yard", "bench", "speed", str(tmp_path / "yard.mp4"), folder=tmp_path / "kept")
    assert one.command == "everyframe bench speed yard.mp4 --json"
    assert one.found == {"decode_fps": 1.0}
    assert read(tmp_path / "kept")["speed-yard"] == one


def test_a_command_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(EveryframeError, match=r"bench speed .* failed"):
        measure("speed-none", "bench", "speed", str(tmp_path / "none.mp4"), folder=tmp_path)


def test_names_are_files_everywhere() -> None:
    assert slug("accuracy-ped2-density+sparse") == "accuracy-ped2-density-sparse"


def test_the_peak_is_that_of_the_process_and_not_of_its_parent() -> None:
    ballast = bytearray(120_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])  # all of it is in memory now
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        time.sleep(0.5)
        peak = peak_megabytes(child.pid)
        child.communicate(b"\n")
    assert 1.0 < peak < 60.0
    assert peak_megabytes(os.getpid()) > 120.0
    assert peak_megabytes(child.pid) == 0.0
    del ballast


def test_classifiers_are_told_and_what_was_skipped_with_its_reason() -> None:
    found: dict[str, Any] = {
        "row": "from scratch",
        "options": "--epochs 40",
        "epochs": 31,
        "cross_validated": 0.7,
        "val": 0.75,
        "ece": 0.05,
        "ece_uncalibrated": 0.1,
        "minutes": 4.5,
    }
    skipped: dict[str, Any] = {"row": "published", "skipped": "no weights at hand"}
    kept = {
        f"classify-{number}": Measurement("python -m benchmarks.classify", "2026-01-02", "abc", told)
        for number, told in enumerate((found, skipped))
    }
    text = page(kept, "make bench")
    assert "| from scratch | `--epochs 40` | 31 | 0.700 | 0.750 | 0.050 (0.100) | 4.5 |" in text
    assert "published: no weights at hand." in text


def test_segmented_footage_and_tiles_are_on_the_page() -> None:
    clip = {"0 s": 0.0456, "0.4 s": 0.0097, "ms of network": 33.4}
    tiles = {kind: {"margin 192": {"differs": 0.00064, "work": 1.62}} for kind in ("mosaic", "enlarged")}
    kept = {
        "segmented-flicker": Measurement("python -m flicker", "2026-01-02", "abc", {"yard": clip}),
        "segmented-tiles": Measurement("python -m tiles", "2026-01-02", "abc", tiles),
    }
    text = page(kept, "make results")
    assert "| clip | 0 s | 0.4 s |" in text
    assert "| yard | 4.56% | 0.97% |" in text
    assert "| margin 192 | 1.62 | 0.064% | 0.064% |" in text
