"""What a reel costs, and how exact it is: ``python -m benchmarks.reel [FILE] [--keep]``.

Exactness first, at 25, 29.97 and a varying number of pictures per second: pictures that are not those that
should be shown, the worst offset between sound and picture, chapters, and by how many frames cut lists are
off (see ``benchmarks.exactness``).

Then seconds of work per minute of reel, on one file and in one run, taking turns: cutting labelled stretches
with packets copied, the same encoded, looking for what stands out and cutting that; beside decoding alone.
Told as seconds on the clock, and as seconds of processor time, which others on the machine change less.
Without a file, three minutes of the drawn park.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import av

from benchmarks import exactness
from benchmarks.kept import Measurement, commit, write
from everyframe.highlights import Segment
from everyframe.highlights.reel import Reel, reel
from everyframe.highlights.reel.footage import open_footage
from everyframe.sources.scene import ParkScene
from everyframe.store import write_clip
from everyframe.types import Frame

EVENTS = 15  # labelled stretches at most, spread evenly
LENGTH = 4.0  # seconds of each


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep what is printed in benchmarks/results")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, Any] = {"exactness": exactness.measure(Path(folder))}
        file = told.file or _drawn(Path(folder) / "park.mp4")
        found["work"] = measure(file, Path(folder) / "reel.mp4", told.repeats)
    print(json.dumps(found, indent=1))
    if told.keep:
        words = f" {file.name}" if told.file else ""
        one = Measurement(
            f"python -m benchmarks.reel{words}", f"{datetime.now(UTC):%Y-%m-%d}", commit(), found
        )
        write(f"reel-{file.stem if told.file else 'drawn-park'}", one)
    return 0


def measure(file: Path, output: Path, repeats: int) -> dict[str, object]:
    """Return seconds of work per minute of reel, by name: the middle of the repetitions.

    Args:
        file: The footage.
        output: Where reels go.
        repeats: How many rounds.
    """
    footage = open_footage(file)
    count = max(1, min(EVENTS, int(footage.length / (2 * LENGTH))))
    step = footage.length / count
    events = [
        Segment(step * (n + 0.5) - LENGTH / 2, step * (n + 0.5) + LENGTH / 2, "event") for n in range(count)
    ]
    makers: dict[str, Callable[[], Reel]] = {
        "labelled": lambda: reel(file, output, labels=events, snap=0.0, before=0.0, after=0.0),
        "labelled_at_shots": lambda: reel(file, output, labels=events, before=0.0, after=0.0),
        "labelled_encoded": lambda: reel(
            file, output, labels=events, snap=0.0, way="encode", before=0.0, after=0.0
        ),
        "unlabelled": lambda: reel(file, output, longest=count * LENGTH),
    }
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in ("decode", *makers)}
    copied = 0.0
    for _ in range(repeats):
        began = _now()
        pictures = _decode(file)
        rounds["decode"].append(_since(began, footage.length))
        for name, make in makers.items():
            began = _now()
            made = make()
            rounds[name].append(_since(began, made.seconds))
            if name == "labelled":
                shown = sum(len(piece.found.stamps) for piece in made.pieces)
                copied = sum(piece.copied for piece in made.pieces) / shown
    found: dict[str, object] = {
        "file": file.name,
        "seconds": round(footage.length, 1),
        "pictures": pictures,
        "size": "x".join(map(str, footage.size)),
        "copied_share": round(copied, 3),
    }
    for name, some in rounds.items():
        found[f"{name}_s_per_min"] = round(statistics.median(wall for wall, _ in some), 3)
        found[f"{name}_cpu_s_per_min"] = round(statistics.median(cpu for _, cpu in some), 3)
    return found | {"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def _now() -> tuple[float, float]:
    return perf_counter(), process_time()


def _since(began: tuple[float, float], seconds: float) -> tuple[float, float]:
    """Return seconds on the clock and of processor time since, per minute of what is ``seconds`` long."""
    return (perf_counter() - began[0]) * 60.0 / seconds, (process_time() - began[1]) * 60.0 / seconds


def _decode(file: Path) -> int:
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"  # as the reel decodes
        return sum(1 for _ in container.decode(stream))


def _drawn(path: Path) -> Path:
    scene = ParkScene(seed=3, duration=180.0, size=(640, 360), fps=10)
    return write_clip((item for item in scene if isinstance(item, Frame)), path, fps=10)


if __name__ == "__main__":
    sys.exit(main())
