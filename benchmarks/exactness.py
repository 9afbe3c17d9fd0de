"""How exact reels are, measured in what was written: drawn films with numbered pictures, flashes and clicks.

Nothing here takes the cutter's word: the numbers are read from the decoded pictures of the reel, the clicks
from its decoded sound, and the cut lists by OpenTimelineIO; each is held against what was drawn.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
from tests.highlights.films import moments, shown, write_film

from everyframe.highlights import Segment
from everyframe.highlights.reel import reel
from everyframe.highlights.reel.cutlists import rate_of_list, read_list

PICTURES = 600
RATES = {"25": Fraction(25), "29.97": Fraction(30_000, 1001), "variable": Fraction(30)}
CUTS = 12
LISTS = ("edl", "fcpxml", "otio")


def measure(folder: Path) -> dict[str, dict[str, object]]:
    """Return how exact a reel is at each frame rate; ``folder`` is where films go."""
    return {name: _one(folder / f"{name}.mp4", rate, name == "variable") for name, rate in RATES.items()}


def _one(source: Path, rate: Fraction, varies: bool) -> dict[str, object]:
    # A phone: nominally 30 pictures a second, some of them left out.
    steps = np.random.default_rng(2).choice([1, 1, 1, 2, 3], PICTURES) if varies else np.ones(PICTURES, int)
    times = [float(Fraction(int(n)) / rate) for n in np.cumsum(steps) - steps[0]]
    every = times[-1] / (2 * CUTS + 1)
    flashes = [times[bisect_left(times, every * (n + 0.7))] for n in range(2 * CUTS)]
    write_film(source, PICTURES, fps=rate, times=times if varies else None, sound="aac", flashes=flashes)
    # Edges between pictures, too: what is shown begins with the first whole one.
    events = [Segment(every * (2 * n + 0.23), every * (2 * n + 1.61), f"event {n}") for n in range(CUTS)]
    output = source.with_name(f"{source.stem}-reel.mp4")
    made = reel(
        source, output, labels=events, before=0, after=0, gap=0, snap=0, beside=[*LISTS, "vtt", "hls"]
    )
    found = shown(output)
    seen, heard = moments(output)
    expected = [number for one in events for number in _numbers(times, one)]
    with av.open(str(output)) as container:
        chapters = [float(one["start"] * (one["time_base"] or 0)) for one in container.chapters()]
    begins, playlist = _begins(found), output.with_suffix(".hls") / "reel.m3u8"
    known = rate_of_list(made.pieces[0].footage.rate)
    return {
        "cuts": len(made.cuts),
        "pictures": len(found),
        "wrong_pictures": sum(a != b for a, b in zip([n for _, n in found], expected, strict=True)),
        "flashes": len(seen),
        "worst_offset_ms": round(1000 * max(abs(a - b) for a, b in zip(seen, heard, strict=True)), 1),
        "worst_chapter_ms": round(
            1000 * max(abs(a - found[b][0]) for a, b in zip(chapters, begins, strict=True)), 1
        ),
        "list_rate": str(known),
        **{
            f"{kind}_error_frames": _list_error(output.with_suffix(f".{kind}"), known, found, begins, times)
            for kind in LISTS
        },
        "hls_same_pictures": [number for _, number in shown(playlist)] == [number for _, number in found],
        "ffprobe": _probed(output, len(found)),
    }


def _numbers(times: Sequence[float], one: Segment) -> range:
    """Return the numbers of the pictures that begin within a stretch."""
    return range(bisect_left(times, one.start), bisect_left(times, one.end))


def _begins(found: Sequence[tuple[float, int]]) -> list[int]:
    """Return which pictures of a reel are the first of a cut: their numbers leap."""
    numbers = [number for _, number in found]
    return [0, *(n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1)]


def _list_error(
    path: Path,
    rate: Fraction,
    found: Sequence[tuple[float, int]],
    begins: Sequence[int],
    times: Sequence[float],
) -> int:
    """Return by how many frames a list's edges differ at most from what the reel shows."""
    timeline = read_list(path, rate)
    clips = list(timeline.find_children(descended_from_type=otio.schema.Clip))
    errors = [abs(len(clips) - len(begins)) * PICTURES]
    for clip, first in zip(clips, begins, strict=False):
        told, there = clip.source_range, clip.range_in_parent()
        errors.append(abs(round(told.start_time.value) - round(times[found[first][1]] * rate)))
        errors.append(abs(round(there.start_time.value) - round(found[first][0] * rate)))
    return max(errors)


def _probed(film: Path, pictures: int) -> str:
    """Return what ffprobe says of a film: ``ok``, its complaint, or that it is not installed."""
    program = shutil.which("ffprobe")
    if program is None:
        return "not installed"
    told = ["-v", "error", "-count_frames", "-show_streams", "-show_chapters", "-of", "json"]
    done = subprocess.run([program, *told, str(film)], capture_output=True, text=True, check=False)
    if done.returncode or done.stderr.strip():
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"
    stream = next(one for one in json.loads(done.stdout)["streams"] if one["codec_type"] == "video")
    count = int(stream["nb_read_frames"])
    return "ok" if count == pictures else f"{count} pictures where there should be {pictures}"
