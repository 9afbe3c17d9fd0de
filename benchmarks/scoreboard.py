"""What is read of drawn scoreboards: ``python -m benchmarks.scoreboard [--held-out] [--seeds N]``.

Games are drawn with boards of several layouts, fonts, sizes, opacities and bit rates, and what they said when
is known. Told of each: the share of time (with the board in the picture) in which score, clock (within one
second) and period are right; precision and recall of score changes within two seconds and with the right
scores; seconds of processor time per minute of film (decoding included), beside decoding alone, and once per
film for finding the board. The styles that are held out were not used while this was made. With ``--file
FILE`` it reads one film whose truth nobody knows, and tells what that costs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from benchmarks.boards import Game, Score, Style
from everyframe.errors import SettingError
from everyframe.highlights.clocks import period_key
from everyframe.highlights.scoreboard import Scoreboard, read_scoreboard
from everyframe.highlights.scoreboard.engine import engine
from everyframe.sources import open_source

NEAR = 2.0
"""Seconds that a score change may be off."""

_DARK, _LIGHT = ((18, 28, 64), (245, 245, 245)), ((235, 235, 235), (15, 15, 20))


@dataclass(frozen=True, slots=True)
class Case:
    """A style, and how the film is made."""

    style: Style
    size: tuple[int, int] = (640, 360)
    crf: int = 23


DEVELOPED = (
    Case(Style("line", "line")),
    Case(Style("stack", "stack", corner="tr", opacity=0.6, period="{nth}")),
    Case(Style("tennis", "tennis", corner="bl", period="")),
    Case(Style("football", "line", font="italic", dash=" - ", up=True, period="")),
    Case(Style("small, light", "stack", font="aileron", height=10, colours=_LIGHT, opacity=1.0)),
    Case(Style("shot clock", "line", font="sans", corner="bl", shot=True)),
    Case(Style("line, low rate", "line", corner="br", weight=800), crf=32),
    Case(Style("condensed", "line", font="DejaVuSansCondensed-Bold.ttf", corner="tr", colours=_LIGHT)),
    Case(Style("colon", "line", font="uni", dash=":", up=True, corner="tr", period="{nth} HALF", height=13)),
    Case(
        Style(
            "serif, dash", "line", font="DejaVuSerif-Bold.ttf", dash="-", up=True, corner="br", period="{nth}"
        )
    ),
    Case(Style("glass", "stack", font="sans", corner="br", weight=400, opacity=0.35, period="P{n}"), crf=28),
    Case(Style("large picture", "tennis", font="uni", corner="br", period=""), size=(1280, 720), crf=30),
    Case(Style("tennis, mono", "tennis", font="DejaVuSansMono.ttf", corner="tl", period="", colours=_LIGHT)),
)

HELD_OUT = (
    Case(Style("small condensed", "stack", font="DejaVuSansCondensed-Bold.ttf", height=11, corner="tr")),
    Case(
        Style("mono, shot clock", "line", font="DejaVuSansMono.ttf", colours=_LIGHT, shot=True, period="P{n}")
    ),
    Case(Style("serif", "stack", font="DejaVuSerif-Bold.ttf", corner="bl", period="{nth}", opacity=0.9)),
    Case(
        Style(
            "tiny",
            "line",
            font="DejaVuSansCondensed-Bold.ttf",
            height=8,
            colours=((120, 20, 30), (255, 240, 120)),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one game."""

    found: bool
    score: float
    clock: float | None
    period: float | None
    right: int
    told: int
    changes: int
    finding: float
    reading: float
    decoding: float
    reads: int


def main() -> int:
    """Measure, and print a line for each style and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    parser.add_argument("--only", help="the styles of these names, parted by semicolons")
    parser.add_argument("--file", type=Path)
    told = parser.parse_args()
    engine()  # loading it is not a part of reading
    if told.file is not None:
        print(json.dumps(_cost(told.file)))
        return 0
    cases: tuple[Case, ...] = HELD_OUT if told.held_out else DEVELOPED
    if told.only:
        cases = tuple(case for case in cases if case.style.name in told.only.split(";"))
    lines = {}
    for case in cases:
        line = lines[case.style.name] = _line(
            list(_results(case, told.seconds, range(told.first, told.first + told.seeds))), told.seconds
        )
        said = "  ".join(f"{key} {value}" for key, value in line.items())
        print(f"{case.style.name:16} {said}", file=sys.stderr, flush=True)
    print(
        json.dumps(
            {
                "held out": told.held_out,
                "seconds": told.seconds,
                "first": told.first,
                "seeds": told.seeds,
                "styles": lines,
            }
        )
    )
    return 0


def judge(game: Game, path: Path) -> Result:
    """Read a game's film, and hold what was read against what it said."""
    started = process_time()
    with closing(open_source(path)) as source:
        for _ in source:
            pass
    decoding = process_time() - started
    marks = [process_time()]
    try:
        made = read_scoreboard(path, progress=lambda _: marks.append(process_time()))
    except SettingError:
        spent = process_time() - marks[0]
        return Result(False, 0.0, None, None, 0, 0, len(game.changes), spent, 0.0, decoding, 0)
    finding, reading = marks[1] - marks[0], process_time() - marks[1]
    right, told = matched(game, made)
    score, clock, period = _shares(game, made)
    return Result(
        True, score, clock, period, right, told, len(game.changes), finding, reading, decoding, made.reads
    )


def matched(game: Game, made: Scoreboard) -> tuple[int, int]:
    """Return how many of the score changes that were told are right, and how many were told."""
    free = [(time, f"{as_text(before)} -> {as_text(after)}") for time, before, after in game.changes]
    right = 0
    for segment in made.segments:
        near = [one for one in free if abs(one[0] - segment.end) <= NEAR and one[1] == segment.about["score"]]
        if near:
            free.remove(near[0])
            right += 1
    return right, len(made.segments)


def as_text(score: Score) -> str:
    """Return a score as ``Scoreboard`` tells it."""
    return " ".join("-".join(pair) for pair in zip(*score, strict=True))


def _shares(game: Game, made: Scoreboard) -> tuple[float, float | None, float | None]:
    """Return in what share of the time score, clock and period are right, by tenths of a second."""
    times = [tenth / 10 + 0.05 for tenth in range(int(game.seconds * 10)) if game.at(tenth / 10).shown]
    scores = clocks = periods = 0
    for time in times:
        truth = game.at(time)
        scores += made.score_at(time) == as_text(truth.score)
        told = made.clock_at(time)
        clocks += truth.clock is not None and told is not None and abs(told - truth.clock) <= 1.0
        periods += period_key(made.period_at(time)) == period_key(truth.period)
    count = len(times)
    timed, named = game.at(0.0).clock is not None, bool(game.at(0.0).period)
    return scores / count, clocks / count if timed else None, periods / count if named else None


def _results(case: Case, seconds: float, seeds: range) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            game = Game(case.style, seconds, seed, case.size)
            yield judge(game, game.write(Path(folder) / f"{seed}.mp4", crf=case.crf))


def _line(results: list[Result], seconds: float) -> dict[str, float | int | str | None]:
    def mean(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(sum(known) / len(known), 3) if known else None

    right, told = sum(one.right for one in results), sum(one.told for one in results)
    changes = sum(one.changes for one in results)
    decoding = sum(one.decoding for one in results)
    reading = sum(one.reading for one in results)
    minutes = seconds * len(results) / 60.0
    return {
        "found": f"{sum(one.found for one in results)}/{len(results)}",
        "score": mean([one.score for one in results]),
        "clock": mean([one.clock for one in results]),
        "period": mean([one.period for one in results]),
        "precision": round(right / told, 3) if told else None,
        "recall": round(right / changes, 3) if changes else None,
        "changes": changes,
        "decoding (s/min)": round(decoding / minutes, 2),
        "reading (s/min)": round(reading / minutes, 2),
        "reading / decoding": round(reading / decoding, 2),
        "finding (s)": mean([one.finding for one in results]),
        "reads": sum(one.reads for one in results),
    }


def _cost(path: Path) -> dict[str, float | str | int]:
    """Return what reading a film costs, in seconds of processor time."""
    started = process_time()
    with closing(open_source(path)) as source:
        for _ in source:
            pass
        seconds = source.info.duration or 0.0
    decoding = process_time() - started
    started = process_time()
    try:
        made = read_scoreboard(path)
        told = f"{len(made.segments)} score changes, {len(made.readings)} readings of the clock"
    except SettingError as error:
        told = str(error)
    return {"seconds": seconds, "decoding": decoding, "all": process_time() - started, "told": told}


if __name__ == "__main__":
    sys.exit(main())
