"""Make ``benchmarks/RESULTS.md`` anew: ``make bench`` on real footage, ``bench-small`` on drawn footage."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av

from everyframe import __version__
from everyframe.bench import synthetic
from everyframe.errors import EveryframeError

HERE = Path(__file__).parent
CLIPS = (
    "traffic_jetyey.mp4",
    "intel_car-detection.mp4",
    "intel_one-by-one-person-detection.mp4",
    "vtest_tiodh.mp4",
)
BUDGETS = ("3/day",)
LOST = (
    ("all frames", ()),
    ("30 % missing singly", ("--missing", "0.3")),
    ("30 % missing in bursts of 5", ("--missing", "0.3", "--burst", "5")),
)
PUBLISHED = (
    "Published on UCSD Ped2, frame-level AUC (micro): mean of frame differences 0.799; Conv-AE (2016) 0.900;"
    " future-frame prediction (2018, GPU) 0.954; MNAD (2020, GPU) 0.970; optical-flow speed over a linear"
    " perspective 0.972 to 0.978; AI-VAD (GPU, a detector trained on COCO) 0.991; HF2-VAD (2021, GPU) 0.993;"
    " CIL (2022, GPU) 0.994."
)


def everyframe(*words: str) -> dict[str, Any]:
    """Run one of the project's own commands with ``--json`` and return what it printed."""
    command = [sys.executable, "-m", "everyframe", *words, "--json"]
    print("  everyframe", *words, "--json", flush=True)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EveryframeError(f"everyframe {' '.join(words)} failed: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]


def number(value: Any, places: int = 3) -> str:
    """Return a figure as people write it, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{places}f}"


def accuracy(sets: list[Path]) -> list[str]:
    """Measure every set; return the section."""
    rows, alerts = [], []
    for folder in sets:
        budgets = [word for budget in BUDGETS for word in ("--watch-budget", budget)]
        found = everyframe("bench", "anomaly", str(folder), "--budget", "3/day", *budgets)
        rows.append(
            [
                found["dataset"],
                found["detector"],
                number(found["auc_micro"], 4),
                number(found["auc_micro_rescaled"], 4),
                number(found["eer"]),
                number(found["auc_pixel"]),
                number(found["fps_learn"], 0),
                number(found["fps_score"], 0),
                number(found["decode_fps"], 0),
                f"{found['baseline_bytes'] / 1e6:.1f} MB",
                f"{found['look_ahead_s']:g} s",
                f"{found['stretches_found']} of {found['stretches']} ({found['stray_alerts']} stray)",
            ]
        )
        alerts += [
            [
                found["dataset"],
                count["budget"],
                str(count["alerts"]),
                number(count["hours"], 1),
                f"{count['per_day']:.1f} ({count['low']:.1f} to {count['high']:.1f})",
            ]
            for count in found["watch"]
        ]
    head = ["set", "detector", "AUC micro", "rescaled per clip (has seen the future)", "EER", "AUC pixel"]
    head += [
        "learn fps",
        "watch fps",
        "decode fps",
        "baseline",
        "look-ahead",
        "abnormal stretches alerted at 3/day",
    ]
    lines = ["## Accuracy", "", "`everyframe bench anomaly SET --json`, one thread, decoding included.", ""]
    lines += table(head, rows)
    if alerts:
        lines += ["Alerts on further normal footage, with the exact 95 % Poisson interval:", ""]
        lines += table(["set", "budget", "alerts", "hours", "alerts per camera-day"], alerts)
    return [*lines, PUBLISHED, ""]


def missing(folder: Path) -> list[str]:
    """Measure what lost frames cost; return the section."""
    rows = []
    for name, words in LOST:
        found = everyframe("bench", "anomaly", str(folder), *words)
        rows.append([name, number(found["auc_micro"], 4), str(found["stray_alerts"])])
    command = (
        "`everyframe bench anomaly SET --missing 0.3 --burst 5 --json`; every frame counts, the missing too."
    )
    return ["## Missing data", "", command, "", *table(["frames", "AUC micro", "stray alerts"], rows)]


def speed(files: list[Path]) -> list[str]:
    """Measure speeds side by side; return the section."""
    rows = []
    for file in files:
        found = everyframe("bench", "speed", str(file))
        decode, mog2 = found["decode_fps"], found["mog2_fps"]
        rows.append(
            [
                file.name,
                number(decode, 0),
                number(found["watch_fps"], 0),
                number(found["watch_codec_fps"], 0),
                number(mog2, 0),
                f"{found['watch_fps'] / mog2:.2f}",
                f"{found['watch_codec_fps'] / decode:.2f}",
            ]
        )
    head = [
        "file",
        "decode fps",
        "watch fps",
        "watch (codec) fps",
        "MOG2 by hand fps",
        "watch / MOG2",
        "codec / decode",
    ]
    lines = [
        "## Speed",
        "",
        "`everyframe bench speed FILE --json`: one thread, all in turn in one run, median of 3.",
        "",
    ]
    return [*lines, *table(head, rows)]


def memory(folder: Path, times: int = 12) -> list[str]:
    """Measure the peak memory of watching a film of five minutes and one of an hour; return the section."""
    short, long = folder / "park-5.mp4", folder / "park-60.mp4"
    synthetic.write_clip(short, seconds=300.0, fps=10, size=(640, 360))
    repeat(short, times, long)
    baseline = folder / "park.baseline"
    run_plain("learn", str(short), "-o", str(baseline))
    rows = []
    for file, name in ((short, "5 min"), (long, f"{5 * times} min (the same, over and over)")):
        peak = run_plain("watch", str(file), "-b", str(baseline), "--store", str(folder / "store"))
        rows.append([f"{name}, 640x360", f"{peak:.0f} MB"])
    command = "Peak of `everyframe watch FILE -b BASELINE`, events, scores and store included."
    return ["## Memory", "", command, "", *table(["film", "peak"], rows)]


def repeat(file: Path, times: int, long: Path) -> None:
    """Write a film that shows another one over and over, without encoding it again."""
    with av.open(str(long), "w") as target:
        stream, offset = None, 0
        for _ in range(times):
            with av.open(str(file)) as source:
                video = source.streams.video[0]
                if stream is None:
                    stream = target.add_stream_from_template(video)
                    stream.time_base = video.time_base
                for packet in source.demux(video):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts += offset
                    packet.pts += offset
                    packet.stream = stream
                    target.mux(packet)
                offset += video.duration or 0


def run_plain(*words: str) -> float:
    """Run a command in a process of its own; return its peak memory in MB."""
    print("  everyframe", *words, flush=True)
    child = subprocess.Popen(
        [sys.executable, "-m", "everyframe", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert child.stderr is not None
    told = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode:
        raise EveryframeError(f"everyframe {' '.join(words)} failed: {told.decode().strip()[-300:]}")
    return peak_megabytes(usage)


def peak_megabytes(usage: resource.struct_rusage) -> float:
    """Return peak memory of a finished process in MB; Linux counts in KiB, macOS in bytes."""
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def heading(command: str) -> list[str]:
    """Return the first lines: what made the page, on what, when."""
    cores = os.cpu_count()
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    return [
        "# Results",
        "",
        f"Made by `{command}` on {made} with Everyframe {__version__}, Python {platform.python_version()},"
        f" {cores} cores ({platform.machine()}). Speeds compare only within one run; look at the ratios.",
        "",
    ]


def main() -> int:
    """Measure and write; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="drawn footage only; prints, writes nothing")
    parser.add_argument("--sets", nargs="+", metavar="SET", help="only these sets (folder names)")
    told = parser.parse_args()
    small, only = told.small, told.sets
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        try:
            if small:
                drawn = synthetic.write_dataset(place / "park")
                clip = synthetic.write_clip(place / "park.mp4")
                lines = heading("make bench-small") + accuracy([drawn]) + missing(drawn) + speed([clip])
                print("\n".join(lines))
                return 0
            data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
            sets = sorted(path.parent for path in data.glob("*/dataset.json"))
            sets = [folder for folder in sets if only is None or folder.name in only]
            files = [data / "clips" / name for name in CLIPS if (data / "clips" / name).exists()]
            if not sets:
                print(f"no sets in {data}: see CONTRIBUTING.md for where real footage goes", file=sys.stderr)
                return 2
            command = "make bench" if only is None else f"python -m benchmarks.run --sets {' '.join(only)}"
            lines = heading(command) + accuracy(sets)
            for folder in sets:
                if folder.name == "ped2":
                    lines += missing(folder)
            lines += speed(files) + memory(place)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    (HERE / "RESULTS.md").write_text("\n".join(lines))
    print(HERE / "RESULTS.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
