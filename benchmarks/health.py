"""Is every fault of a camera told, and nothing else? ``python -m benchmarks.health``.

Faults are those that the drawn park has in its script, and those drawn over real footage. Real footage as it
is has none, however often a clip is repeated. ``--small`` leaves the real footage out.

Thresholds were chosen by looking at how alike views are, and how sharp edges, in the clips and in the hours
05-02, 05-06, 05-08, 05-12, 05-22, 06-16 and 06-23 of ``upcam`` (sharpness in all hours); others check them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.run import CLIPS
from everyframe.bench.dataset import load
from everyframe.health import HealthEvent, HealthKind, HealthWatcher
from everyframe.sources import open_source
from everyframe.sources.scene import ParkScene
from everyframe.types import Frame, Gap, Luma, StreamInfo

Items = Iterator[Frame | Gap]
Footage = dict[str, Callable[[], Items]]

SCRIPTED = {
    "dropout": HealthKind.STALLED,
    "freeze": HealthKind.FROZEN,
    "covered": HealthKind.COVERED,
    "moved": HealthKind.MOVED,
    "light": None,
    "stutter": None,
}
CAMERA = StreamInfo("camera", 0, 0)
HOURS = (2, 12, 20)  # of the day in the room, over which faults are drawn
LEAD, LASTS, BETWEEN = 60.0, 90.0, 60.0  # seconds around faults drawn over footage
THINNED = 0.5  # seconds between two frames that are kept; one a second is looked at
NEAR = 3.0  # seconds by which a fault may seem to begin early


def _cloth(luma: Luma) -> Luma:
    blurred = cv2.GaussianBlur(luma, (0, 0), luma.shape[1] / 16)
    return _noisy(blurred * np.float32(0.3) + 10, luma)


def _hand(luma: Luma) -> Luma:
    """Cover three quarters of the picture, as if by something near and out of focus."""
    near = np.full(luma.shape, 90.0, np.float32)
    edge = round(luma.shape[1] * 0.75)
    return np.asarray(np.hstack([_noisy(near, luma)[:, :edge], luma[:, edge:]]), np.uint8)


def _blur(luma: Luma) -> Luma:
    return _noisy(cv2.GaussianBlur(luma, (0, 0), max(1.5, luma.shape[1] / 320)), luma)


def _glare(luma: Luma) -> Luma:
    return np.asarray(np.minimum(luma.astype(np.float32) * 2.0 + 150.0, 255.0), np.uint8)


def _shift(luma: Luma) -> Luma:
    across, down = luma.shape[1] * 0.12, luma.shape[0] * 0.05
    matrix = np.array([[1.0, 0.0, across], [0.0, 1.0, down]])
    moved = cv2.warpAffine(luma, matrix, luma.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def _elsewhere(luma: Luma) -> Luma:
    return np.asarray(np.ascontiguousarray(luma[:, ::-1]), np.uint8)


def _noisy(picture: NDArray[Any], luma: Luma) -> Luma:
    """Add the grain that a sensor has behind any lens."""
    grain = np.random.default_rng(int(luma[0, 0])).normal(0.0, 1.0, luma.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


DRAWN: dict[str, tuple[HealthKind, Callable[[Luma], Luma]]] = {
    "lens cap": (HealthKind.DARK, lambda luma: np.full_like(luma, 3)),
    "glare": (HealthKind.BLINDED, _glare),
    "cloth": (HealthKind.COVERED, _cloth),
    "three quarters covered": (HealthKind.COVERED, _hand),
    "out of focus": (HealthKind.DEFOCUSED, _blur),
    "turned a little": (HealthKind.MOVED, _shift),
    "turned away (mirrored)": (HealthKind.MOVED, _elsewhere),
}


@dataclass(slots=True)
class Tally:
    """What became of faults of one sort."""

    there: int = 0
    told: int = 0
    delays: list[float] = field(default_factory=list)

    def row(self, name: str, kind: str) -> str:
        """Return a row of the table."""
        delay = f"{statistics.median(self.delays):.0f} s" if self.delays else "–"
        return f"| {name} | {kind} | {self.there} | {self.told} | {delay} |"


def told_of(items: Iterable[Frame | Gap], info: StreamInfo) -> list[tuple[float, HealthEvent]]:
    """Return the events that begin, each with the time at which it is told."""
    watcher, time, told = HealthWatcher(info), 0.0, []
    for item in items:
        time = item.end if isinstance(item, Gap) else item.time
        began = [event for event in watcher.step(item) if event.end is None]
        told += [(time, event) for event in began]
    return told


def repeated(path: Path, seconds: float) -> Items:
    """Yield a clip over and over, as one stream, without the frames that nobody would look at."""
    with closing(open_source(path)) as source:
        items = list(thinned(iter(source)))
        length = max(item.end if isinstance(item, Gap) else item.time for item in items) + THINNED
    shift = 0.0
    while shift < seconds:
        for item in items:
            if isinstance(item, Gap):
                yield replace(item, start=item.start + shift, end=item.end + shift)
            else:
                yield replace(item, time=item.time + shift)
        shift += length


def in_a_row(paths: Sequence[Path], starts: datetime | None) -> Items:
    """Yield files one after the other, as one stream."""
    shift, first = 0.0, None if starts is None else starts.timestamp()
    for path in paths:
        last = 0.0
        with closing(open_source(path)) as source:
            for item in source:
                if isinstance(item, Gap):
                    last = max(last, item.end + shift)  # what is missing at the end of a file counts too
                    yield replace(item, start=item.start + shift, end=item.end + shift)
                    continue
                last = item.time + shift
                yield replace(item, time=last, utc=None if first is None else first + last)
        shift = last + 0.2


def thinned(items: Items) -> Items:
    """Leave frames out that nobody would look at; so they need not be kept, and no fault drawn over them."""
    last = -1.0
    for item in items:
        if isinstance(item, Gap) or item.time - last >= THINNED:
            last = last if isinstance(item, Gap) else item.time
            yield item


def with_faults(items: Items, spans: dict[tuple[float, float], Callable[[Luma], Luma]]) -> Items:
    """Draw faults over footage while their time is."""
    for item in items:
        draws = [
            draw
            for (start, end), draw in spans.items()
            if isinstance(item, Frame) and start <= item.time <= end
        ]
        yield replace(item, luma=draws[0](item.luma)) if draws and isinstance(item, Frame) else item


def scripted(seeds: int) -> bool:
    """Print what is told of the faults of the drawn park; return whether all is as it should be."""
    tallies = {kind: Tally() for kind in SCRIPTED}
    others = 0
    for seed in range(1, seeds + 1):
        scene = ParkScene(seed=seed, fps=5, size=(320, 180), script="faults")
        told = told_of(scene, scene.info)
        for fault in scene.truth:
            tally = tallies[fault.kind]
            tally.there += 1
            found = _take(told, SCRIPTED[fault.kind], fault.start, fault.end)
            if found is not None:
                tally.told += 1
                tally.delays.append(found - fault.start)
        others += len(told)
    print("| fault of the drawn park | told as | there | told | delay |")
    print("|---|---|---|---|---|")
    for name, tally in tallies.items():
        print(tally.row(name, SCRIPTED[name] or "nothing"))
    print(f"\nOther alarms: {others}\n")
    return others == 0 and all(t.told == t.there for name, t in tallies.items() if SCRIPTED[name])


def _take(
    told: list[tuple[float, HealthEvent]], kind: HealthKind | None, start: float, end: float
) -> float | None:
    """Take the first event of a kind that begins in a span out of the list; return when it was told."""
    for number, (time, event) in enumerate(told):
        if event.kind is kind and start - NEAR <= event.start <= end:
            told.pop(number)
            return time
    return None


def drawn(footage: Footage) -> None:
    """Print what is told of faults drawn over real footage."""
    print("| fault drawn over footage | told as | there | told | delay |")
    print("|---|---|---|---|---|")
    tallies = {name: Tally() for name in DRAWN}
    others = []
    for clip, items in footage.items():
        starts = [LEAD + number * (LASTS + BETWEEN) for number in range(len(DRAWN))]
        spans = {
            (start, start + LASTS): draw for start, (_, draw) in zip(starts, DRAWN.values(), strict=True)
        }
        told = told_of(_until(with_faults(thinned(items()), spans), starts[-1] + LASTS + BETWEEN), CAMERA)
        for start, (name, (kind, _)) in zip(starts, DRAWN.items(), strict=True):
            tally = tallies[name]
            tally.there += 1
            found = _take(told, kind, start, start + LASTS)
            if found is not None:
                tally.told += 1
                tally.delays.append(found - start)
        others += [f"{clip}: {event.kind} at {event.start:.0f} s ({event.text})" for _, event in told]
    for name, tally in tallies.items():
        print(tally.row(name, DRAWN[name][0]))
    print(f"\nOther alarms: {len(others)}", *others, "", sep="\n")


def _until(items: Items, end: float) -> Items:
    for item in items:
        if isinstance(item, Frame) and item.time > end:
            return
        yield item


def quiet(footage: Footage) -> bool:
    """Print the alarms on footage without faults; return whether there are none."""
    print("| footage without faults | hours | alarms |")
    print("|---|---|---|")
    good = True
    for name, items in footage.items():
        last = [0.0]
        told = told_of(_noting(items(), last), CAMERA)
        good &= not told
        words = "; ".join(f"{event.kind} at {event.start:.0f} s: {event.text}" for _, event in told)
        print(f"| {name} | {last[0] / 3600:.1f} | {len(told)}{' – ' + words if words else ''} |", flush=True)
    print()
    return good


def _noting(items: Items, last: list[float]) -> Items:
    for item in items:
        last[0] = item.end if isinstance(item, Gap) else item.time
        yield item


def cost(path: Path) -> None:
    """Print how long the looks at a clip take beside the watching of it, by turns in one run."""
    from everyframe.bench.speed import one_thread
    from everyframe.watching import learn, watch

    baseline = learn(path)
    shares = []
    with one_thread(), closing(open_source(path)) as source:
        items = list(source)
        for _ in range(3):
            began = process_time()
            for _ in watch(path, baseline, adapt=False):
                pass
            middle = process_time()
            watcher = HealthWatcher(source.info)
            for item in items:
                watcher.step(item)
            shares.append((process_time() - middle) / (middle - began))
    print(f"Looking after health takes {statistics.median(shares):.1%} of the time of watching {path.name}.")


def main() -> int:
    """Print the tables; return 1 where a scripted fault is missed or anything else is told."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=5, help="days in the drawn park (default: 5)")
    options.add_argument("--small", action="store_true", help="the drawn park only")
    chosen = options.parse_args()
    good = scripted(chosen.seeds)
    if chosen.small:
        return 0 if good else 1
    data = Path(os.environ.get("EVERYFRAME_DATA", Path(__file__).parents[2] / "shared" / "data"))
    clips = [data / "clips" / name for name in CLIPS if (data / "clips" / name).exists()]
    over: Footage = {path.name: partial(repeated, path, 1e9) for path in clips}
    still: Footage = {f"{path.name}, over and over": partial(repeated, path, 3600.0) for path in clips}
    room = data / "upcam"
    if room.exists():
        hours = load(room)
        train = [one.source for one in hours.train]
        still["upcam, a day"] = partial(in_a_row, train, hours.train[0].starts)
        still["upcam, the next evening"] = partial(in_a_row, [one.source for one in hours.watch], None)
        over |= {f"upcam {train[number].name}": partial(in_a_row, [train[number]], None) for number in HOURS}
    if not clips or not room.exists():
        print(f"Some real footage is not in {data}: clips and upcam are looked for.")
    drawn(over)
    good &= quiet(still)
    for path in clips:
        cost(path)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
