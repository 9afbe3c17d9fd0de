"""The main job once, on a drawn park path whose truth is known: learn, watch, show, and check.

:func:`run` learns some minutes of a normal day, watches another day on which seven things happen that are not
normal, keeps the events with their clips, writes the page, and holds every alert against the truth.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from everyframe.demo.ahead import Ahead
from everyframe.demo.judge import Finding, judge
from everyframe.sources.scene import ParkScene
from everyframe.store import RunKind, RunState, Store, StoreSink, words
from everyframe.store.report import ReportTable, write_report
from everyframe.types import Event
from everyframe.watching import Progress, learn, watch

LEARN_SECONDS = 300.0
"""Normal footage to learn from."""

CALM_SECONDS = 120.0
"""Normal footage at the end of what is watched, besides that between the things that happen."""

BUDGET = "1/hour"
"""The demo's alert budget: it has minutes to learn from, not days."""

PAGE = "report.html"
BASELINE = "park.baseline"

Told = Callable[[str, Progress], None]
"""Is told what goes on (``learning``, ``watching``) and how far it has come."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo came to.

    Attributes:
        findings: Each scripted thing, in order of time.
        false: Alerts on what is normal: those that meet nothing scripted in time and place.
        normal: Seconds of normal footage that were watched.
        folder: Where everything lies.
        page: The page of events.
        baseline: What was learned.
    """

    findings: list[Finding]
    false: list[Event]
    normal: float
    folder: Path
    page: Path
    baseline: Path

    @property
    def passed(self) -> bool:
        """Whether each kind was found and nothing normal was alerted on."""
        return all(finding.event is not None for finding in self.findings) and not self.false


def run(
    folder: Path | str,
    *,
    seed: int = 1,
    script: str = "anomalies",
    learn_seconds: float = LEARN_SECONDS,
    progress: Told | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """Learn a normal day, watch another, write the page, and hold it against the truth.

    Args:
        folder: Where the store, the clips, the baseline and the page go; made where it is missing.
        seed: Another seed makes other people, in the same park.
        script: What happens (``everyframe.sources.scene.script``).
        learn_seconds: How much normal footage to learn from.
        progress: Told how far it has come.
        stop: Ends it early when set; the outcome is then of what was watched until then.

    Raises:
        SettingError: The scene cannot be drawn so.
        StorageError: Something cannot be written.
    """
    folder = Path(folder)
    with Store(folder) as store:
        with closing(Ahead(seed=2 * seed, duration=learn_seconds)) as normal:
            baseline = learn(normal, progress=_telling(progress, "learning"), stop=stop)
        baseline.save(folder / BASELINE)
        length = ParkScene(2 * seed + 1, script=script).info.duration or 0.0
        day = Ahead(seed=2 * seed + 1, duration=length + CALM_SECONDS, script=script)
        with (
            closing(day),
            store.begin("park path", day.info, RunKind.WATCH, budget=BUDGET, baseline=BASELINE) as kept,
        ):
            sink = StoreSink(kept, folder / "events")
            events = list(
                watch(
                    day,
                    baseline,
                    budget=BUDGET,
                    sinks=[sink],
                    run=kept,
                    progress=_telling(progress, "watching"),
                    stop=stop,
                )
            )
            if stop is not None and stop.is_set():
                kept.finish(RunState.INTERRUPTED)
        findings, false = judge(day.scene, events, sink.delivered)
        normal_seconds = (day.info.duration or 0.0) - sum(s.end - s.start for s in day.scene.truth)
        outcome = Outcome(findings, false, normal_seconds, folder, folder / PAGE, folder / BASELINE)
        write_report(store, [kept.id], outcome.page, "A day on the park path", [_table(outcome)])
    return outcome


def _table(outcome: Outcome) -> ReportTable:
    rows: list[list[str | bool | None]] = [
        [
            finding.scripted.kind.replace("_", " "),
            f"{words.moment(finding.scripted.start)} – {words.moment(finding.scripted.end)}",
            finding.event is not None,
            None if finding.after is None else words.duration(finding.after),
            None if finding.event is None else finding.event.reason,
        ]
        for finding in outcome.findings
    ]
    note = (
        f"The scene is drawn, so the truth is known. Alerts in {words.duration(outcome.normal)} of normal "
        f"footage: {len(outcome.false)}."
    )
    return ReportTable("What was scripted", ["what", "when", "found", "after", "why"], rows, note)


def _telling(progress: Told | None, doing: str) -> Callable[[Progress], None] | None:
    if progress is None:
        return None
    told = progress
    return lambda reached: told(doing, reached)
