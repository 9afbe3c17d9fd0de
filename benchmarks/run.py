"""Measure, keep each measurement in ``benchmarks/results``, and make ``benchmarks/RESULTS.md`` of them all.

``make bench`` measures everything on real footage, ``make bench-small`` a little on drawn footage.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import av

from benchmarks.kept import Measurement, commit, measure, read, write
from benchmarks.page import page
from everyframe.bench import synthetic
from everyframe.errors import EveryframeError
from everyframe.sources.scene import write_dataset

HERE = Path(__file__).parent
PARTS = ("accuracy", "drawn", "contexts", "missing", "speed", "memory")
DETECTORS = ("density", "sparse", "ica", "rbm", "density+sparse+ica+rbm")
CLIPS = (
    "traffic_jetyey.mp4",
    "intel_car-detection.mp4",
    "intel_one-by-one-person-detection.mp4",
    "vtest_tiodh.mp4",
)
BUDGET = "3/day"
BUDGETS = ("1/day", BUDGET, "10/day")
LARGE = ("100/day", "200/day")  # so that there are alerts to compare
LOST: tuple[tuple[str, ...], ...] = (
    (),
    ("--missing", "0.3"),
    ("--missing", "0.3", "--burst", "5"),
)


def accuracy(folder: Path, detector: str, kept: Path) -> None:
    """Measure a detector on a set; only the default one at every budget, as each is hours of footage anew."""
    budgets = (*BUDGETS, *LARGE) if detector == DETECTORS[0] else (BUDGET,)
    words = (*_anomaly(folder, budgets), "--detector", detector)
    measure(f"accuracy-{folder.name}-{detector}", *words, folder=kept)


def drawn(place: Path, kept: Path) -> None:
    """Measure the default detector on a drawn park with one anomaly of each kind, attribute by attribute.

    Half an hour of normal is learned: in minutes nobody knows where nobody goes.
    """
    folder = write_dataset(place / "drawn-park", seed=5, train_minutes=30.0, size=(320, 180)).parent
    measure("accuracy-drawn-park-density", *_anomaly(folder, ()), folder=kept)


def contexts(folder: Path, kept: Path) -> None:
    """Measure the default detector without the time of day; with it, it is measured for its accuracy."""
    measure(f"contexts-{folder.name}", *_anomaly(folder, LARGE), "--no-clock", folder=kept)


def _anomaly(folder: Path, budgets: tuple[str, ...]) -> tuple[str, ...]:
    words = [word for budget in budgets for word in ("--watch-budget", budget)]
    return ("bench", "anomaly", str(folder), "--budget", BUDGET, *words)


def missing(folder: Path, kept: Path) -> None:
    """Measure what lost frames cost."""
    for number, words in enumerate(LOST):
        measure(f"missing-{folder.name}-{number}", "bench", "anomaly", str(folder), *words, folder=kept)


def speed(file: Path, kept: Path) -> None:
    """Measure speeds side by side."""
    measure(f"speed-{file.stem}", "bench", "speed", str(file), folder=kept)


def memory(folder: Path, times: int = 12) -> None:
    """Measure the peak memory of watching a film of five minutes and one of an hour."""
    short, long = folder / "park-5.mp4", folder / "park-60.mp4"
    synthetic.write_clip(short, seconds=300.0, fps=10, size=(640, 360))
    repeat(short, times, long)
    baseline = folder / "park.baseline"
    run_plain("learn", str(short), "-o", str(baseline))
    for file, minutes in ((short, 5), (long, 5 * times)):
        words = ("watch", str(file), "-b", str(baseline), "--store", str(folder / "store"))
        film = f"{minutes} min, 640x360" + (" (the same, over and over)" if file == long else "")
        found = {"film": film, "peak": run_plain(*words)}
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        write(f"memory-{minutes:02}", Measurement("everyframe watch FILE -b BASELINE", day, commit(), found))


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
    peak = 0.0
    while True:
        peak = max(peak, peak_megabytes(child.pid))
        try:
            _, told = child.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            continue
    if child.returncode:
        raise EveryframeError(f"everyframe {' '.join(words)} failed: {told.decode().strip()[-300:]}")
    return peak


def peak_megabytes(pid: int) -> float:
    """Return the peak memory of a running process in MB; 0 where it has ended.

    Of its own memory map: what the kernel tells when a process has ended counts its parent's, too.
    """
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found.group(1)) * 1024 / 1e6 if found else 0.0


def small(place: Path) -> None:
    """Measure a little on drawn footage, and print the page."""
    drawn = write_dataset(place / "park", script="cyclist,cart,runner").parent
    kept = place / "results"
    for detector in DETECTORS[:-1]:
        accuracy(drawn, detector, kept)
    missing(drawn, kept)
    speed(synthetic.write_clip(place / "park.mp4"), kept)
    print(page(read(kept), "make bench-small"))


def real(place: Path, told: argparse.Namespace) -> None:
    """Measure on real footage what was asked for, and write the page.

    Raises:
        EveryframeError: There is no footage, or a command failed.
    """
    data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
    sets = sorted(path.parent for path in data.glob("*/dataset.json"))
    sets = [folder for folder in sets if told.sets is None or folder.name in told.sets]
    if not sets:
        raise EveryframeError(f"no sets in {data}: see CONTRIBUTING.md for where real footage goes")
    kept = HERE / "results"
    for folder in sets if "accuracy" in told.parts else ():
        for detector in told.detectors:
            accuracy(folder, detector, kept)
    if "drawn" in told.parts:
        drawn(place, kept)
    for folder in sets:
        if folder.name == "upcam" and "contexts" in told.parts:
            contexts(folder, kept)
        if folder.name == "ped2" and "missing" in told.parts:
            missing(folder, kept)
    for name in CLIPS if "speed" in told.parts else ():
        if (data / "clips" / name).exists():
            speed(data / "clips" / name, kept)
    if "memory" in told.parts:
        memory(place)
    (HERE / "RESULTS.md").write_text(page(read(kept), "make bench"))
    print(HERE / "RESULTS.md")


def main() -> int:
    """Measure and write; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="drawn footage only; prints, writes nothing")
    parser.add_argument("--sets", nargs="+", metavar="SET", help="only these sets (folder names)")
    parser.add_argument("--detectors", nargs="+", default=DETECTORS, metavar="NAME", help="only these")
    parser.add_argument("--parts", nargs="*", default=PARTS, choices=PARTS, help="only these; none: the page")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            if told.small:
                small(Path(scratch))
            else:
                real(Path(scratch), told)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
