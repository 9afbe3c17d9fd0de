"""One page that shows what was unusual, where, when and why."""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from everyframe.errors import SettingError
from everyframe.files import atomic_write
from everyframe.store import chart, words
from everyframe.store.records import RunKind, RunState, Score, StoredEvent, StoredRun
from everyframe.store.store import Store
from everyframe.types import Deviation, Gap

EMBED_BYTES = 30_000_000
"""Clips and pictures lie inside the page up to this size of the page, else beside it."""

_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg", ".png": "image/png"}
_GAPS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table at the end of the page.

    Attributes:
        title: Its heading.
        columns: The heads of its columns.
        rows: Its cells; ``True`` and ``False`` become marks for yes and no, ``None`` a dash.
        note: A sentence below the heading.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | bool | None]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Bar:
    """One deviation: two bars, measured and normal, in percent of the longer."""

    name: str
    text: str
    value: str
    normal: str
    value_width: float
    normal_width: float


@dataclass(frozen=True, slots=True)
class _Card:
    """One event."""

    id: int
    reason: str
    when: str
    date: str | None
    lasted: str
    rare: str
    clip: str | None
    thumbnail: str | None
    why: str | None
    bars: tuple[_Bar, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    """One run."""

    run: StoredRun
    began: str
    state: str | None
    facts: tuple[tuple[str, str, str], ...]
    chart: chart.Chart | None
    cards: tuple[_Card, ...]
    calm: str
    gaps: tuple[tuple[str, str, str, str], ...]
    gaps_left: int


def write_report(
    store: Store,
    run_ids: Sequence[int] | None,
    out: Path | str,
    title: str = "What was unusual",
    extra: Sequence[ReportTable] = (),
) -> Path:
    """Write one HTML page about runs: no network, no script, light and dark, phone and desktop.

    Clips and pictures lie inside the page while that stays under 30 MB; else the page refers to the files.

    Args:
        store: Where the runs are kept.
        run_ids: Which runs, in this order; ``None`` for all that watched, newest first.
        out: Where the page goes; it is there whole or not at all.
        title: The page's heading.
        extra: Tables for the end of the page.

    Returns:
        ``out``.

    Raises:
        SettingError: If there is no such run.
        StorageError: If it cannot be read or written.
    """
    out = Path(out)
    runs = _chosen(store.runs(), run_ids)
    events = {run.id: store.events(run=run.id) for run in runs}
    files = [
        path
        for kept in events.values()
        for entry in kept
        for path in (entry.clip, entry.thumbnail, entry.why)
    ]
    link = _linker([path for path in files if path is not None], out)
    sections = [_section(run, events[run.id], store.gaps(run.id), store.scores(run.id), link) for run in runs]
    environment = Environment(
        loader=PackageLoader("everyframe.store"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html").render(title=title, sections=sections, extra=extra)
    atomic_write(out, page.encode())
    return out


def _chosen(runs: Sequence[StoredRun], wanted: Sequence[int] | None) -> list[StoredRun]:
    if wanted is None:
        return [run for run in reversed(runs) if run.kind is RunKind.WATCH]
    known = {run.id: run for run in runs}
    for number in wanted:
        if number not in known:
            there = ", ".join(str(run.id) for run in runs[-20:]) or "none"
            raise SettingError(f"There is no run {number}; choose one of: {there}.")
    return [known[number] for number in wanted]


def _linker(files: Sequence[Path], out: Path) -> Callable[[Path | None], str | None]:
    """Return what makes an address of a file: inside the page if all fit, else beside it."""
    sizes = {path: path.stat().st_size for path in files if path.is_file()}
    embed = sum(sizes.values()) * 4 / 3 <= EMBED_BYTES

    def link(path: Path | None) -> str | None:
        if path is None or path not in sizes:
            return None  # moved away or removed since: the event is worth showing all the same
        if embed:
            data = base64.b64encode(path.read_bytes()).decode()
            return f"data:{_TYPES.get(path.suffix.lower(), 'application/octet-stream')};base64,{data}"
        try:
            return quote(Path(os.path.relpath(path.resolve(), out.resolve().parent)).as_posix())
        except ValueError:  # on another drive
            return path.resolve().as_uri()

    return link


def _section(
    run: StoredRun,
    events: Sequence[StoredEvent],
    gaps: Sequence[Gap],
    scores: Sequence[Score],
    link: Callable[[Path | None], str | None],
) -> _Section:
    lost = [gap for gap in gaps if gap.end > gap.start]
    missing = sum(gap.end - gap.start for gap in lost)
    facts = (
        ("Alerts", f"{len(events)}", f"budget {run.budget}" if run.budget else "no budget was set"),
        ("Watched", words.duration(run.seconds), f"{run.frames:,} frames"),
        (
            "No picture",
            words.duration(missing) if missing else "none",
            f"{len(gaps):,} {'gap' if len(gaps) == 1 else 'gaps'}" if gaps else "no gaps",
        ),
    )
    weakest = max((entry.event.p_value for entry in events), default=None)
    longest = sorted(gaps, key=lambda gap: gap.start - gap.end)[:_GAPS_SHOWN]
    return _Section(
        run=run,
        began=words.date(run.started_utc),
        state={
            RunState.FINISHED: None,
            RunState.INTERRUPTED: "It was interrupted; this is what was found until then.",
            RunState.RUNNING: "It still goes on, or was cut off; this is what was found so far.",
        }[run.state],
        facts=facts,
        chart=chart.draw(scores, events, gaps, run.alert_p if run.alert_p is not None else weakest),
        cards=tuple(_card(entry, link) for entry in events),
        calm=_calm(run, scores),
        gaps=tuple(_gap(gap) for gap in sorted(longest, key=lambda gap: gap.start)),
        gaps_left=len(gaps) - len(longest),
    )


def _calm(run: StoredRun, scores: Sequence[Score]) -> str:
    """Say what it means that there are no events."""
    said = f"In {words.duration(run.seconds)} of footage nothing was unusual enough for an alert"
    said += f" within the budget of {run.budget}." if run.budget else "."
    known = [(score.p_value, score.time) for score in scores if score.p_value is not None]
    if known:
        p_value, time = min(known)
        said += f" The most unusual moment was at {words.moment(time)}: {words.how_rare(p_value)}."
    elif scores:
        said += " It was calibrating all the while: alerts begin when there is enough normal footage."
    return said


def _card(entry: StoredEvent, link: Callable[[Path | None], str | None]) -> _Card:
    event = entry.event
    return _Card(
        id=entry.id,
        reason=_sentence(event.reason),
        when=f"{words.moment(event.start)} – {words.moment(event.end)}",
        date=None if event.utc is None else words.date(event.utc),
        lasted=words.duration(event.duration),
        rare=_sentence(words.how_rare(event.p_value)),
        clip=link(entry.clip),
        thumbnail=link(entry.thumbnail),
        why=link(entry.why),
        bars=tuple(_bar(deviation) for deviation in event.deviations[:4]),
    )


def _bar(deviation: Deviation) -> _Bar:
    values = (abs(deviation.value), abs(deviation.normal))
    longest = max((value for value in values if math.isfinite(value)), default=0.0)

    def width(value: float) -> float:
        if math.isnan(value):
            return 0.0
        return (
            100.0
            if math.isinf(value) or (longest == 0 and value)
            else round(100 * value / (longest or 1.0), 1)
        )

    unit = deviation.unit if deviation.unit in ("", "°", "%") else f" {deviation.unit}"
    return _Bar(
        name=deviation.attribute,
        text=_sentence(deviation.text),
        value=words.number(deviation.value) + unit,
        normal=words.number(deviation.normal) + unit,
        value_width=width(values[0]),
        normal_width=width(values[1]),
    )


def _gap(gap: Gap) -> tuple[str, str, str, str]:
    frames = "–" if gap.frames is None else f"{gap.frames:,}"
    return words.moment(gap.start), words.duration(gap.end - gap.start), str(gap.reason), frames


def _sentence(text: str) -> str:
    """Begin with a capital letter; the rest stays."""
    return text[:1].upper() + text[1:]
