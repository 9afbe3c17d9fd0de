"""What a reel costs: ``python -m benchmarks.reel [FILE]``.

Seconds of work per minute of reel, on one file and in one run, taking turns: cutting labelled stretches with
packets copied, the same encoded, looking for what stands out and cutting that; beside decoding alone all of the
file, and the stretches that are shown. Without a file, ten minutes of the drawn park.
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
from time import perf_counter

import av

from everyframe.highlights import Segment
from everyframe.highlights.reel import Reel, reel
from everyframe.highlights.reel.footage import open_footage
from everyframe.sources.scene import ParkScene
from everyframe.store import write_clip
from everyframe.types import Frame

EVENTS = 15  # labelled stretches, spread evenly
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
    step = footage.length / EVENTS
    events = [
        Segment(step * (n + 0.5) - LENGTH / 2, step * (n + 0.5) + LENGTH / 2, "event") for n in range(EVENTS)
    ]
    around = {"before": 0.0, "after": 0.0}
    makers: dict[str, Callable[[], Reel]] = {
        "labelled_s_per_min": lambda: reel(file, output, labels=events, snap=0.0, **around),
        "labelled_at_shots_s_per_min": lambda: reel(file, output, labels=events, **around),
        "labelled_encoded_s_per_min": lambda: reel(
            file, output, labels=events, snap=0.0, way="encode", **around
        ),
        "unlabelled_s_per_min": lambda: reel(file, output, longest=EVENTS * LENGTH),
    }
    rounds: dict[str, list[float]] = {
        name: [] for name in ("decode_all_s", "decode_shown_s_per_min", *makers)
    }
    copied = 0.0
    for _ in range(repeats):
        began = perf_counter()
        pictures = _decode(file)
        rounds["decode_all_s"].append(perf_counter() - began)
        rounds["decode_shown_s_per_min"].append(rounds["decode_all_s"][-1] * 60.0 / footage.length)
        for name, make in makers.items():
            began = perf_counter()
            made = make()
            rounds[name].append((perf_counter() - began) * 60.0 / made.seconds)
            if name == "labelled_s_per_min":
                shown = sum(len(piece.found.stamps) for piece in made.pieces)
                copied = sum(piece.copied for piece in made.pieces) / shown
    return {
        "file": file.name,
        "seconds": round(footage.length, 1),
        "pictures": pictures,
        "size": "x".join(map(str, footage.size)),
        "copied_share": round(copied, 3),
        **{name: round(statistics.median(some), 3) for name, some in rounds.items()},
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


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
