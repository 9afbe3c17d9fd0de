"""What a reel costs: ``python -m benchmarks.reel [FILE]``.

Seconds of work per minute of reel, on one file and in one run, taking turns: cutting labelled stretches with
packets copied, the same encoded, looking for what stands out and cutting that; beside decoding alone. Told as
seconds on the clock, and as seconds of processor time, which others on the machine change less. Without a
file, ten minutes of the drawn park.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import av

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
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = told.file or _drawn(Path(folder) / "park.mp4")
        print(json.dumps(measure(file, Path(folder) / "reel.mp4", told.repeats), indent=1))
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
    scene = ParkScene(seed=3, duration=600.0, size=(640, 360), fps=10)
    return write_clip((item for item in scene if isinstance(item, Frame)), path, fps=10)


if __name__ == "__main__":
    sys.exit(main())
