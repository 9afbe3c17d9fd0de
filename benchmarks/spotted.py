"""Spot strokes and interactions in half an hour of film, assembled from clips that were not learned from.

Learned from: `tennis7` folds 2 to 4, `ut_interaction` sequences 4 to 10, and the indoor camera of `upcam` as
examples of nothing. Shown: folds 0 and 1, sequences 1 to 3, between footage of four other cameras.

::

    python -m benchmarks.spotted --keep
    python -m benchmarks.spotted --minutes 5
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.film import assemble
from benchmarks.kept import FOLDER, Measurement, commit, today, write
from benchmarks.taught import listed
from everyframe.errors import EveryframeError
from everyframe.highlights import Library, Segment, teach
from everyframe.highlights.measuring import TOLERANCES, mean_average_precision, spotted
from everyframe.highlights.nothing import length_of
from everyframe.highlights.spotting import spot, suppress
from everyframe.sources import open_source
from everyframe.types import Frame

HERE = Path(__file__).parent
SHOWN = {"tennis7": ("0", "1"), "ut_interaction": ("1", "2", "3")}
"""Groups of each set that the film shows; the others are learned from."""

HOURS = slice(6, 22, 3)  # of the camera's day that are learned as nothing
NEAR = 2.0  # seconds of tolerance at which precision and recall are told


def learned(data: Path, epochs: int) -> Library:
    """Return a library of what the film does not show."""
    lessons = []
    for name, shown in SHOWN.items():
        for file, label, group in listed(data / name):
            if group not in shown:
                about = {"group": f"{name} {group}"}
                lessons.append(Segment(0.0, length_of(file), label, source=str(file), about=about))
    other = sorted((data / "upcam" / "train").glob("*.mp4"))[HOURS]
    return teach(lessons, nothing=other, epochs=epochs)


def judge(told: Sequence[Segment], truth: Sequence[Segment], library: Library) -> dict[str, Any]:
    """Return how well events were spotted; ``told`` has everything, with its confidence."""
    found: dict[str, Any] = {
        f"mAP at {tolerance:g} s": round(mean_average_precision(told, truth, tolerance), 4)
        for tolerance in TOLERANCES
    }
    found["average mAP"] = round(sum(found.values()) / len(found), 4)
    sure = sorted((one for one in told if one.confidence >= library.bar), key=lambda one: one.start)
    once = list(suppress(sure))
    for named, how in ((True, "named"), (False, "whatever it is called")):
        one = spotted(once, truth, NEAR, named=named)
        found[how] = {
            "precision": round(one.precision, 4),
            "recall": round(one.recall, 4),
            "f1": round(one.f1, 4),
        }
    return found


def decoding(film: Path) -> float:
    """Return the processor seconds that reading every picture takes."""
    began = time.process_time()
    with closing(open_source(str(film))) as source:
        for item in source:
            if isinstance(item, Frame):
                item.luma.ravel()[::4096].sum()
    return time.process_time() - began


def main() -> int:
    """Assemble, learn, spot, judge, print and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--epochs", type=int, default=0, help="of a network beside the reading by likeness")
    parser.add_argument("--seed", type=int, default=0, help="of the film")
    parser.add_argument("--film", type=Path, help="where the film is put; else it is gone afterwards")
    parser.add_argument("--keep", action="store_true", help="keep the figures for the page of results")
    told = parser.parse_args()
    data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
    clips = [
        (file, label)
        for name, shown in SHOWN.items()
        for file, label, group in listed(data / name)
        if group in shown
    ]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            film = told.film or Path(scratch) / "film.mp4"
            other = sorted((data / "clips").glob("*.mp4"))
            truth = assemble(clips, other, film, minutes=told.minutes, seed=told.seed)
            library = learned(data, told.epochs)
            began = time.process_time()
            everything = list(spot(film, library, threshold=0.0, each=True))
            spent = time.process_time() - began
            minutes = length_of(film) / 60.0
            floor = decoding(film)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    found = {
        "minutes": round(minutes, 2),
        "events": len(truth),
        "classes": len(library.events),
        "seconds of events": round(sum(one.seconds for one in truth), 1),
        **judge(everything, truth, library),
        "processor seconds per minute": round(spent / minutes, 2),
        "times decoding": round(spent / floor, 1),
    }
    print(found)
    if told.keep:
        words = " ".join(word for word in sys.argv[1:] if word != "--keep")
        one = Measurement(f"python -m benchmarks.spotted {words}".strip(), today(), commit(), found)
        write("spotted", one, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
