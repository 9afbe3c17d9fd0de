"""A reel from footage: what was labelled or found in it, or what stands out where nothing was."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from everyframe.errors import SettingError
from everyframe.highlights.labels import read_segments
from everyframe.highlights.reel.beside import kinds, write_beside
from everyframe.highlights.reel.cutting import Note, Progress, Tell, Way, cut_film
from everyframe.highlights.reel.footage import Footage, open_footage
from everyframe.highlights.reel.interest import Watched, action, loaded, moments, unusual, watch
from everyframe.highlights.reel.lengths import limit_of
from everyframe.highlights.reel.listing import sourced
from everyframe.highlights.reel.pieces import Piece
from everyframe.highlights.reel.planning import SHORT, Boundaries, Cut, Order, Rules, condensed, plan
from everyframe.highlights.reel.reading import decoded
from everyframe.highlights.segments import Segment
from everyframe.highlights.shots import ShotDetector
from everyframe.sources.pictures import luma_of

FIRST = 90.0
"""Seconds of a reel of footage in which nothing was labelled, where nobody says otherwise."""

_AROUND = 0.6  # seconds of pictures before and after that telling a cut from a flash takes
_TWICE = 2.0  # times the length of the reel that is proposed for it

if TYPE_CHECKING:
    from everyframe.anomaly.baseline import Baseline

Spec = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Reel:
    """A film that was cut.

    Attributes:
        path: Where it lies.
        seconds: How long it lasts.
        pieces: What is in it, in order.
        beside: What was written beside it.
    """

    path: Path
    seconds: float
    pieces: tuple[Piece, ...]
    beside: tuple[Path, ...]

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """What was planned, in order."""
        return tuple(piece.cut for piece in self.pieces)


def reel(
    sources: Spec | Sequence[Spec] = (),
    output: Spec = "reel.mp4",
    *,
    labels: Spec | Iterable[Segment] | None = None,
    longest: float | str | None = None,
    before: float = 2.0,
    after: float = 2.0,
    gap: float = 1.0,
    snap: float = 0.5,
    order: Order = "time",
    condense: bool = False,
    fast: float | None = None,
    baseline: Baseline | Spec | None = None,
    way: Way = "smart",
    beside: str | Sequence[str] = (),
    progress: Tell | None = None,
    note: Note | None = None,
) -> Reel:
    """Cut a reel.

    Args:
        sources: Video files, in the order of the reel; may be left out where the labels name them.
        output: Where the film goes, an MP4.
        labels: What to show: segments, or a CSV, JSON or OTIO file of them. Without, what stands out.
        longest: Seconds, ``1:30``, or ``25%`` of the sources; without labels 90 s, otherwise as long as it
            takes.
        before: Seconds to show before an event.
        after: Seconds to show after it.
        gap: Cuts at most this many seconds apart become one.
        snap: Seconds by which a cut may move to the boundary of a shot; 0 looks for none.
        order: ``time`` or ``rank``.
        condense: Show all the action and leave out what is quiet; where it is too long, there is less
            around each event first, and only then fewer events.
        fast: Show what is quiet so many times as fast, instead of leaving it out.
        baseline: What is normal, for footage without labels: what deviates from it comes first.
        way: ``smart`` copies what can be copied; ``encode`` encodes all of it.
        beside: What else to write: of ``vtt``, ``json``, ``edl``, ``fcpxml``, ``otio``, ``hls``.
        progress: Is told how far it has come.
        note: Is told, a line each, what went otherwise than one may think.

    Raises:
        SettingError: There is nothing to cut, or something contradicts.
        LabelError: The labels cannot be read.
        SourceError: A source cannot be read.
        StorageError: The film cannot be written.
    """
    wanted = kinds(beside if isinstance(beside, str) else ",".join(beside))
    if fast is not None:
        condense = True
        if longest is not None:
            raise SettingError("what is sped up shows all of the footage: leave out how long it may last")
    if way not in ("smart", "encode"):
        raise SettingError(f"a reel is cut the way smart or encode, not {way}")
    if labels is not None and baseline is not None:
        raise SettingError("labels say what to show already: leave out the baseline")
    place = Path(output)
    if place.suffix.lower() != ".mp4":
        raise SettingError(f"{place}: a reel is an MP4; let its name end in .mp4")
    named = [os.fspath(one) for one in ([sources] if isinstance(sources, str | os.PathLike) else sources)]
    say = note or _nothing
    segments: list[Segment] | None = None
    if labels is not None:
        told = read_segments(labels) if isinstance(labels, str | os.PathLike) else list(labels)
        if not told:
            raise SettingError("there is nothing to cut: the list of segments is empty")
        segments, named = sourced(told, named)
    if not named:
        raise SettingError("no footage was named; give video files, or labels that name them")
    footage = {source: open_footage(source) for source in dict.fromkeys(named)}
    _check_apart(place, footage)
    shots: dict[str, list[float]] = {}
    lengths = {source: one.length for source, one in footage.items()}
    limit = math.inf if longest is None else limit_of(longest, sum(lengths.values()))
    if segments is None:
        limit = FIRST if longest is None and not condense else limit
        segments, shots = _proposed(footage, limit, condense, baseline, progress)
        before, after = min(before, 1.0), min(after, 1.0)  # it is not known to the moment what happens
    _tell_outside(segments, lengths, say)
    whole = SHORT if condense and labels is not None and snap > 0.0 else 0.0
    rules = Rules(before, after, gap, limit, order, snap, give=condense, whole=whole)
    boundaries: Boundaries | Mapping[str, Sequence[float]] = shots or _looked_for(footage)
    cuts = plan(segments, lengths, rules, boundaries if snap > 0.0 else None)
    if fast is not None:
        cuts = condensed(cuts, lengths, fast)
    pieces = cut_film(cuts, footage, place, way=way, progress=progress, note=note)
    written = write_beside(place, pieces, wanted)
    return Reel(place, float(pieces[-1].end), tuple(pieces), tuple(written))


def _proposed(
    footage: Mapping[str, Footage],
    longest: float,
    condense: bool,
    baseline: Baseline | Spec | None,
    progress: Tell | None,
) -> tuple[list[Segment], dict[str, list[float]]]:
    """Return what stands out, and where shots begin."""
    passes = 1 if baseline is None else 2
    total = passes * sum(one.length for one in footage.values())
    done = 0.0

    def teller(name: str) -> Callable[[float], object]:
        def tell(time: float) -> None:
            if progress is not None:
                progress(Progress(done + time, total, name))

        return tell

    known = None if baseline is None else loaded(baseline)
    watched: list[Watched] = []
    found: list[Segment] = []
    for source, one in footage.items():
        watched.append(watch(one, source, teller(one.name)))
        done += one.length
        if known is not None:
            found += unusual(source, known, teller(one.name))
            done += one.length
    shots = {one.source: one.shots for one in watched}
    if condense:
        return found + action(watched), shots
    most = _TWICE * min(longest, sum(one.length for one in footage.values()))
    return found + _apart(moments(watched, most, 1.0 if known is None else 0.5), found), shots


def _apart(segments: Iterable[Segment], others: Sequence[Segment]) -> list[Segment]:
    """Return the segments that do not overlap with any of the others: those are better known."""
    return [one for one in segments if not any(one.overlap(other) > 0.0 for other in others)]


def _tell_outside(segments: Iterable[Segment], lengths: Mapping[str, float], say: Note) -> None:
    """Tell of events that lie after the end of their source, a line for each source."""
    outside: dict[str, list[Segment]] = {}
    for one in segments:
        if one.start >= lengths[one.source]:
            outside.setdefault(one.source, []).append(one)
    for source, several in outside.items():
        first = several[0]
        what = f"{first.label} at {first.start:g} s"
        if len(several) > 1:
            what = f"{len(several)} events, the first of them {what},"
        say(f"{source} ends at {lengths[source]:.1f} s; {what} after that: left out")


def _check_apart(output: Path, footage: Mapping[str, Footage]) -> None:
    for one in footage.values():
        if output.exists() and Path(one.path).exists() and output.samefile(one.path):
            raise SettingError(f"{output} is one of the sources; choose another name for the output.")


def _looked_for(footage: Mapping[str, Footage]) -> Boundaries:
    """Look for shots only where it matters: around the cuts."""

    @lru_cache(maxsize=256)
    def boundaries(source: str, low: float, high: float) -> list[float]:
        one = footage[source]
        detector = ShotDetector()
        found = []
        with closing(decoded(one, max(one.origin, one.stamp(max(0.0, low - _AROUND))))) as pictures:
            for stamp, picture in pictures:
                time = one.time(stamp)
                if time > high + _AROUND:
                    break
                found += detector.step(time, luma_of(picture))
        found += detector.flush()
        return [shot.time for shot in found if low <= shot.time <= high]

    return boundaries


def _nothing(*_: object) -> None:
    pass
