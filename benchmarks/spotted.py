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
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.film import assemble
from benchmarks.kept import FOLDER, Measurement, commit, today, write
from benchmarks.taught import listed
from everyframe.errors import EveryframeError
from everyframe.highlights import Library, Segment, teach
from everyframe.highlights.measuring import TOLERANCES, mean_average_precision, spotted
from everyframe.highlights.nothing import length_of
from everyframe.highlights.reel import Cut, Rules, plan
from everyframe.highlights.reel.planning import SHORT
from everyframe.highlights.shots import shots
from everyframe.highlights.spotting import judged, spot_several, told
from everyframe.sources import open_source
from everyframe.types import Frame

HERE = Path(__file__).parent
SHOWN = {"tennis7": ("0", "1"), "ut_interaction": ("1", "2", "3")}
"""Groups of each set that the film shows; the others are learned from."""

HOURS = slice(6, 22, 3)  # of the camera's day that are learned as nothing
QUARTER = 0.25  # of the length is what a condensed game lasts
TOUCH = 0.2  # seconds that an event may lose at an end, or be touched, for it to be whole, or not shown
ORDERS = 20  # of chance, whose mean is told
SPEED_OF = 5.0  # minutes of such a film, a copy for each core, by which speed is told
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


def judge(everything: Sequence[Segment], once: Sequence[Segment], truth: Sequence[Segment]) -> dict[str, Any]:
    """Return how well events were spotted.

    Args:
        everything: What each class says, with its confidence.
        once: What the library tells by itself.
        truth: What happens.
    """
    found: dict[str, Any] = {
        f"mAP at {tolerance:g} s": round(mean_average_precision(everything, truth, tolerance), 4)
        for tolerance in TOLERANCES
    }
    found["average mAP"] = round(sum(found.values()) / len(found), 4)
    for named, how in ((True, "named"), (False, "whatever it is called")):
        one = spotted(once, truth, NEAR, named=named)
        found[how] = {
            "precision": round(one.precision, 4),
            "recall": round(one.recall, 4),
            "f1": round(one.f1, 4),
        }
    return found


def condense(told: Sequence[Segment], truth: Sequence[Segment], film: Path) -> dict[str, Any]:
    """Return how much of what happens a condensed game of a quarter of the length keeps.

    What is shown is planned from what was told and from where shots begin, and from nothing else that is
    known of the film. Beside it, what would be kept were it known what happens, and were what was told taken
    in an order of chance.
    """
    length = length_of(film)
    with closing(open_source(str(film))) as source:
        begins = [shot.time for shot in shots(item for item in source if isinstance(item, Frame))]
    rules = Rules(before=1.0, after=1.0, longest=QUARTER * length, give=True, whole=SHORT)

    def planned(events: Sequence[Segment]) -> list[Cut]:
        return plan(events, {str(film): length}, rules, {str(film): begins})

    cuts = planned(told)
    whole, cut = kept(cuts, truth)
    chance = np.random.default_rng(0)
    by_chance = [
        kept(planned([replace(one, confidence=float(chance.random())) for one in told]), truth)[0]
        for _ in range(ORDERS)
    ]
    return {
        "share of the length": round(sum(one.seconds for one in cuts) / length, 4),
        "events kept": round(whole, 4),
        "events cut in the middle": cut,
        "events kept, were it known what happens": round(kept(planned(truth), truth)[0], 4),
        "events kept, of what was told in an order of chance": round(float(np.mean(by_chance)), 4),
    }


def kept(cuts: Sequence[Cut], truth: Sequence[Segment]) -> tuple[float, int]:
    """Return the share of events that cuts show whole, and how many they cut in the middle."""
    whole = cut = 0
    for event in truth:
        shown = [min(event.end, one.end) - max(event.start, one.start) for one in cuts]
        best = max(shown, default=0.0)
        whole += best >= event.seconds - TOUCH
        cut += TOUCH < best < event.seconds - TOUCH
    return whole / len(truth), cut


def decode(film: Path) -> float:
    """Read every picture and return the processor seconds that it takes."""
    began = time.process_time()
    with closing(open_source(str(film))) as source:
        for item in source:
            if isinstance(item, Frame):
                item.luma.ravel()[::4096].sum()
    return time.process_time() - began


def hours_an_hour(film: Path, library: Library, cores: int) -> dict[str, Any]:
    """Return how many hours of footage are looked through, and decoded, in an hour of the wall's clock."""
    files = [str(film)] * cores
    hours = cores * length_of(film) / 3600.0
    began = time.monotonic()
    for _, found in spot_several(files, library, workers=cores):
        if isinstance(found, EveryframeError):
            raise found
    spotting = time.monotonic() - began
    began = time.monotonic()
    with ProcessPoolExecutor(cores, mp_context=get_context("forkserver")) as pool:
        list(pool.map(decode, [film] * cores))
    return {
        "cores": cores,
        "hours spotted per hour": round(hours / spotting * 3600.0, 1),
        "hours decoded per hour": round(hours / (time.monotonic() - began) * 3600.0, 1),
    }


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
    asked = parser.parse_args()
    data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
    clips = [
        (file, label)
        for name, shown in SHOWN.items()
        for file, label, group in listed(data / name)
        if group in shown
    ]
    with tempfile.TemporaryDirectory() as scratch:
        try:
            film = asked.film or Path(scratch) / "film.mp4"
            other = sorted((data / "clips").glob("*.mp4"))
            truth = assemble(clips, other, film, minutes=asked.minutes, seed=asked.seed)
            library = learned(data, asked.epochs)
            began = time.process_time()
            windows = list(judged(film, library))
            everything = list(told(windows, library, str(film), threshold=0.0, each=True))
            once = list(told(windows, library, str(film), threshold=library.bar))
            spent = time.process_time() - began
            minutes = length_of(film) / 60.0
            floor = decode(film)
            condensed = condense(once, truth, film)
            found = {
                "minutes": round(minutes, 2),
                "events": len(truth),
                "classes": len(library.events),
                "seconds of events": round(sum(one.seconds for one in truth), 1),
                "bar": round(library.bar, 2),
                "told": len(once),
                **judge(everything, once, truth),
                "processor seconds per minute": round(spent / minutes, 2),
                "times decoding": round(spent / floor, 1),
                "condensed": condensed,
            }
            print(found, flush=True)
            short = Path(scratch) / "short.mp4"
            assemble(clips, other, short, minutes=min(asked.minutes, SPEED_OF), seed=asked.seed)
            found |= hours_an_hour(short, library, os.cpu_count() or 1)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    print(found)
    if asked.keep:
        words = " ".join(word for word in sys.argv[1:] if word != "--keep")
        one = Measurement(f"python -m benchmarks.spotted {words}".strip(), today(), commit(), found)
        write("spotted-film", one, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
