"""What verdicts are worth: ``python -m benchmarks.review`` prints alerts before and after 5, 10, 20 of them.

Footage is watched, the truth gives its verdict on each alert in order, and other footage is watched again
with the first so many of them: how many alerts are left, how many of those are about what somebody wants to
know of, and whether any of it is missed now that was found before.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from everyframe.anomaly import Baseline
from everyframe.anomaly.verdicts import Standing
from everyframe.bench.alerts import stretches_found
from everyframe.bench.dataset import Dataset, Entry, TestEntry, load
from everyframe.bench.speed import one_thread
from everyframe.demo.judge import judge
from everyframe.sources import open_source
from everyframe.sources.scene import ANOMALIES, ParkScene
from everyframe.types import Event, Frame, Gap, StreamInfo, VerdictKind
from everyframe.watcher import Watcher
from everyframe.watching import learn

COUNTS = (0, 5, 10, 20)
MOST_LOST = 0.02
"""Recall of everything else that verdicts may cost."""

HARMLESS = (("runner",), ("runner", "cyclist"), ("runner", "cart"), ("runner", "wrong_way"))
"""What is normal in the park after all, seed by seed: a jogger every day, and something else that recurs."""

_SIZE, _FPS = (240, 136), 5
_LEARNED = 480.0  # seconds
_REVIEWED, _WATCHED = 4, 3  # days
_HOUR = 1_700_000_000.0  # when the drawn days begin
_PARK_BUDGET = "2/day"  # what cameras have by default
_ROOM_BUDGET = "20/hour"  # or there would be nothing to judge in some hours of normal life


@dataclass(slots=True)
class Tally:
    """What was alerted on.

    Attributes:
        seconds: Of footage watched.
        alerts: All of them.
        right: Those that are about something real.
        found: Real things that an alert is about.
        real: Real things.
        named: Alerts that carry a name.
        rightly: Those of them whose name is right.
    """

    seconds: float = 0.0
    alerts: int = 0
    right: int = 0
    found: int = 0
    real: int = 0
    named: int = 0
    rightly: int = 0

    @property
    def recall(self) -> float:
        """Share of the real things that were found."""
        return self.found / max(1, self.real)


@dataclass(slots=True)
class Day:
    """A drawn day, kept, so that it is drawn once."""

    scene: ParkScene
    items: list[Frame | Gap] = field(default_factory=list)

    @classmethod
    def drawn(cls, seed: int, number: int) -> Day:
        """Draw a day on which everything happens that can."""
        start = _HOUR + 86_400.0 * number
        scene = ParkScene(100 * seed + number, None, _FPS, _SIZE, ",".join(ANOMALIES), start)
        return cls(scene, list(scene))


def alerts(
    baseline: Baseline,
    info: StreamInfo,
    items: Iterable[Frame | Gap],
    budget: str,
    verdicts: Sequence[Standing] = (),
) -> tuple[list[Event], float]:
    """Watch and return the events, and how many seconds that was."""
    watcher = Watcher(baseline, info, budget=budget, verdicts=verdicts)
    events: list[Event] = []
    last = 0.0
    for item in items:
        events += [finding.event for finding in watcher.step(item)]
        watcher.scores.clear()
        last = item.time if isinstance(item, Frame) else max(last, item.end)
    return events + [finding.event for finding in watcher.flush()], last


# -- the park ---------------------------------------------------------------------------------------------


def truth(scene: ParkScene, events: Sequence[Event]) -> list[str]:
    """Return what each event is about: a kind, or nothing."""
    kinds = [""] * len(events)
    for place, event in enumerate(events):
        for finding in judge(scene, [event], [0])[0]:
            if finding.event is not None:
                kinds[place] = finding.scripted.kind
    return kinds


def verdict_on(event: Event, kind: str, harmless: Sequence[str], watched: float) -> Standing:
    """Return what somebody says who knows."""
    if not kind:
        return Standing(event.sightings, VerdictKind.FALSE, watched=watched)
    if kind in harmless:
        return Standing(event.sightings, VerdictKind.NORMAL, watched=watched)
    return Standing(event.sightings, VerdictKind.REAL, kind, watched)


def park(seed: int, harmless: Sequence[str], watched: int) -> dict[int, Tally]:
    """Return a tally for each number of verdicts, over so many days watched."""
    baseline = learn(ParkScene(100 * seed + 99, _LEARNED, _FPS, _SIZE, start_utc=_HOUR))
    told: list[tuple[Event, str]] = []
    seconds = 0.0
    for number in range(_REVIEWED):
        day = Day.drawn(seed, number)
        events, passed = alerts(baseline, day.scene.info, day.items, _PARK_BUDGET)
        told += zip(events, truth(day.scene, events), strict=True)
        seconds += passed
    verdicts = [verdict_on(event, kind, harmless, seconds / len(told)) for event, kind in told]
    days = [Day.drawn(seed, _REVIEWED + number) for number in range(watched)]
    return {count: _park_after(baseline, days, verdicts[:count], harmless) for count in COUNTS}


def _park_after(
    baseline: Baseline, days: Sequence[Day], verdicts: Sequence[Standing], harmless: Sequence[str]
) -> Tally:
    tally = Tally()
    for day in days:
        events, passed = alerts(baseline, day.scene.info, day.items, _PARK_BUDGET, verdicts)
        kinds = truth(day.scene, events)
        findings, _ = judge(day.scene, events, list(range(len(events))))
        real = [one for one in findings if one.scripted.kind not in harmless]
        tally.seconds += passed
        tally.alerts += len(events)
        tally.right += sum(kind not in ("", *harmless) for kind in kinds)
        tally.real += len(real)
        tally.found += sum(one.event is not None for one in real)
        tally.named += sum(bool(event.name) for event in events)
        tally.rightly += sum(
            bool(event.name) and event.name == kind for event, kind in zip(events, kinds, strict=True)
        )
    return tally


# -- the room ---------------------------------------------------------------------------------------------


def room(
    dataset: Dataset, baseline: Baseline, step: int, kinds: Sequence[VerdictKind]
) -> Iterator[tuple[VerdictKind, dict[int, Tally]]]:
    """Yield a tally for each number of verdicts, all of them of one kind: the evenings are normal.

    Every other hour is reviewed, the hours between are watched, and so is what is labelled.

    Args:
        dataset: With an evening to watch.
        baseline: Learned from its normal day.
        step: Take only every so many pairs of hours.
        kinds: What is said of each alert.
    """
    told: list[Event] = []
    seconds = 0.0
    for entry in dataset.watch[:: 2 * step]:
        events, passed = _watched(dataset, entry, baseline, ())
        told += events
        seconds += passed
    print(f"{len(told)} alerts to judge in {seconds / 3600:.1f} hours", file=sys.stderr, flush=True)
    without = _room_after(dataset, baseline, step, ())
    for kind in kinds:
        verdicts = [Standing(event.sightings, kind, watched=seconds / len(told)) for event in told]
        after = {n: _room_after(dataset, baseline, step, verdicts[:n]) for n in COUNTS[1:]}
        yield kind, {0: without, **after}


def _room_after(dataset: Dataset, baseline: Baseline, step: int, verdicts: Sequence[Standing]) -> Tally:
    tally = Tally()
    for entry in dataset.watch[1 :: 2 * step]:
        events, passed = _watched(dataset, entry, baseline, verdicts)
        tally.alerts += len(events)
        tally.seconds += passed
    for test in dataset.test:
        events, passed = _watched(dataset, test, baseline, verdicts)
        labels = dataset.labels(test)
        real, found, stray = stretches_found(labels, np.arange(len(labels)) / dataset.fps, events)
        tally.real += real
        tally.found += found
        tally.alerts += len(events)
        tally.right += len(events) - stray
        tally.seconds += passed
    return tally


def _watched(
    dataset: Dataset, entry: Entry | TestEntry, baseline: Baseline, verdicts: Sequence[Standing]
) -> tuple[list[Event], float]:
    with closing(open_source(entry.source, starts=entry.starts, fps=dataset.fps)) as source:
        return alerts(baseline, source.info, source, _ROOM_BUDGET, verdicts)


def learned(dataset: Dataset, cache: Path) -> Baseline:
    """Return the baseline of a set, learned once for each cache."""
    place = cache / f"{dataset.name}.baseline"
    if not place.exists():
        sources, starts = [one.source for one in dataset.train], [one.starts for one in dataset.train]
        learn(sources, starts=starts, fps=dataset.fps).save(place)
    return Baseline.load(place)


# -- the table --------------------------------------------------------------------------------------------


def rows(name: str, tallies: dict[int, Tally]) -> Iterator[str]:
    """Yield the lines of a table."""
    for count, tally in tallies.items():
        per_day = tally.alerts / tally.seconds * 86_400
        share = tally.right / tally.alerts if tally.alerts else float("nan")
        called = f"{tally.rightly} of {tally.named}"
        yield (
            f"| {name} | {count} | {tally.alerts} | {per_day:,.0f} | {share:.2f} |"
            f" {tally.found} of {tally.real} ({tally.recall:.2f}) | {called} |"
        )


def added(tallies: Sequence[dict[int, Tally]]) -> dict[int, Tally]:
    """Return the sum of several tallies."""
    names = Tally.__dataclass_fields__
    return {
        count: Tally(**{name: sum(getattr(one[count], name) for one in tallies) for name in names})
        for count in COUNTS
    }


def kept(tallies: dict[int, Tally]) -> bool:
    """Say whether no number of verdicts cost more recall than it may."""
    return all(tally.recall >= tallies[0].recall - MOST_LOST for tally in tallies.values())


def main() -> int:
    """Print the table; return 1 where verdicts cost recall."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=4, help="drawn parks (default: 4)")
    options.add_argument("--cache", type=Path, help="folder that keeps baselines for the next time")
    options.add_argument("--small", action="store_true", help="fewer days and hours")
    options.add_argument("--parts", nargs="+", default=["park", "upcam"], choices=["park", "upcam"])
    told = options.parse_args()
    data = Path(os.environ.get("EVERYFRAME_DATA", Path(__file__).parents[2] / "shared" / "data"))
    good = True

    def show(name: str, tallies: dict[int, Tally]) -> None:
        nonlocal good
        good &= kept(tallies)
        print("\n".join(rows(name, tallies)), flush=True)

    print("| footage | verdicts | alerts | per day | share real | real ones found | rightly named |")
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch, one_thread():
        if "park" in told.parts:
            _parks(told.seeds, 2 if told.small else _WATCHED, show)
        if "upcam" in told.parts and (data / "upcam" / "dataset.json").exists():
            _rooms(load(data / "upcam"), told.cache or Path(scratch), 2 if told.small else 1, show)
    return 0 if good else 1


def _parks(seeds: int, days: int, show: Callable[[str, dict[int, Tally]], None]) -> None:
    found = []
    for seed in range(seeds):
        harmless = HARMLESS[seed % len(HARMLESS)]
        found.append(park(seed + 1, harmless, days))
        show(f"park {seed + 1}, normal: {' and '.join(harmless)}", found[-1])
    show("all parks", added(found))


def _rooms(dataset: Dataset, cache: Path, step: int, show: Callable[[str, dict[int, Tally]], None]) -> None:
    baseline = learned(dataset, cache)
    for kind, tallies in room(dataset, baseline, step, (VerdictKind.NORMAL, VerdictKind.FALSE)):
        show(f"{dataset.name}, all called {kind}", tallies)


if __name__ == "__main__":
    sys.exit(main())
