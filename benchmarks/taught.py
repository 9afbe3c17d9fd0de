"""Teach events from labelled clips and recognise those of other people, sequences and matches.

Each set is cut by groups, never at random: who or what a test clip shows was not seen in training. Design,
schedule and seed are the same for every set.

::

    python -m benchmarks.taught tennis7 --keep
    python -m benchmarks.taught tennis7 --epochs 24 --recurrent none
    python -m benchmarks.taught weizmann --adding
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kept import FOLDER, Measurement, commit, today, write
from everyframe.errors import EveryframeError
from everyframe.highlights import Library, Segment, Steps, steps_of
from everyframe.highlights.library import LIKENESS
from everyframe.highlights.recogniser import learn
from everyframe.vision.design import Design

HERE = Path(__file__).parent
INTERACTIONS = ("handshake", "hug", "kick", "point", "punch", "push")
GROUPS = {"weizmann": "person", "ut_interaction": "sequence", "tennis7": "fold"}
FEW = 5
LONGEST = 3600.0  # seconds; every clip is seen whole


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A clip, its class, and the group that is left out together."""

    windows: list[Steps]
    label: str
    group: str


def listed(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield file, class and group of each clip of a set."""
    if folder.name == "weizmann":
        for file in sorted(folder.glob("*/*.avi")):
            yield file, file.parent.name, file.name.split("_")[0]
    elif folder.name == "ut_interaction":
        for file in sorted(folder.glob("*.avi")):
            _, sequence, kind = file.stem.split("_")
            yield file, INTERACTIONS[int(kind)], sequence
    elif folder.name == "tennis7":
        with (folder / "labels.csv").open(newline="") as table:
            for row in csv.DictReader(table):
                yield folder / row["clip"], row["class"], row["fold"]
    else:
        raise EveryframeError(f"{folder.name} is none of the sets that this measures: {', '.join(GROUPS)}")


def seen(folder: Path) -> list[Clip]:
    """Return every clip of a set as steps, from its pixels.

    Raises:
        EveryframeError: There are no such clips.
    """
    found = [
        Clip(steps_of(Segment(0.0, LONGEST, label, source=str(file))), label, group)
        for file, label, group in listed(folder)
    ]
    if not found:
        raise EveryframeError(f"there are no clips in {folder}")
    return found


def leave_out(clips: Sequence[Clip], design: Design, epochs: int, seed: int) -> dict[str, Any]:
    """Leave each group out in turn; return the accuracy of each part alone and of all together."""
    classes = sorted({clip.label for clip in clips})
    truth = np.array([classes.index(clip.label) for clip in clips])
    said: dict[str, NDArray[np.float32]] = {}
    folds = {}
    began = time.process_time()
    for group in sorted({clip.group for clip in clips}, key=lambda name: (len(name), name)):
        inside = [number for number, clip in enumerate(clips) if clip.group == group]
        library = _learned([clip for clip in clips if clip.group != group], design, epochs, seed)
        for number in inside:
            for name, scores in opinions(library, clips[number]).items():
                said.setdefault(name, np.full((len(clips), len(classes)), np.nan, np.float32))[number] = (
                    scores
                )
        folds[group] = {name: _share(all_[inside], truth[inside]) for name, all_ in said.items()}
        print(f"  {group}: {folds[group]}", flush=True)
    return {
        "clips": len(clips),
        "classes": len(classes),
        "groups": len(folds),
        "accuracy": {name: _share(scores, truth) for name, scores in said.items()},
        "by_group": folds,
        "cpu_seconds": round(time.process_time() - began),
        "confusion": _confusion(said["all"], truth, classes),
    }


def opinions(library: Library, clip: Clip) -> dict[str, NDArray[np.float32]]:
    """Return what each part of a library says of a clip: heads, the network, the reading by likeness, all."""
    windows = [library.opinions(window) for window in clip.windows]
    told = {name: np.mean([one[name] for one in windows], axis=0) for name in windows[0]}
    found = {f"network, {name}": told[name] for name in library.heads} if len(library.heads) > 1 else {}
    if library.heads:
        found["network"] = np.asarray(np.mean([told[name] for name in library.heads], axis=0), np.float32)
    return {**found, LIKENESS: told[LIKENESS], "all": library.joined(told)}


def adding(clips: Sequence[Clip], design: Design, epochs: int, seed: int) -> dict[str, Any]:
    """Teach all classes but one, add that one from five clips; return its F1 and what the others lose.

    Each class is the new one in turn. The five are of five groups, where there are so many, and neither they
    nor what the others were taught with are of the group that is tested.
    """
    classes = sorted({clip.label for clip in clips})
    new_f1, before, after = [], [], []
    for new in classes:
        truth: list[str] = []
        told: list[str] = []
        kept: list[bool] = []  # of the clips of other classes, whether they were right before
        for group in sorted({clip.group for clip in clips}):
            rest = [clip for clip in clips if clip.group != group]
            tested = [clip for clip in clips if clip.group == group]
            library = _learned([clip for clip in rest if clip.label != new], design, epochs, seed)
            kept += [_name(library, clip) == clip.label for clip in tested if clip.label != new]
            library.add(new, [clip.windows for clip in _few([one for one in rest if one.label == new])])
            truth += [clip.label for clip in tested]
            told += [_name(library, clip) for clip in tested]
        others = [(true, said) for true, said in zip(truth, told, strict=True) if true != new]
        before.append(float(np.mean(kept)))
        after.append(float(np.mean([true == said for true, said in others])))
        new_f1.append(f1(truth, told, new))
        print(f"  {new}: F1 {new_f1[-1]:.3f}; the others {before[-1]:.3f}, then {after[-1]:.3f}", flush=True)
    return {
        "examples": FEW,
        "new_f1": round(float(np.mean(new_f1)), 4),
        "others_before": round(float(np.mean(before)), 4),
        "others_after": round(float(np.mean(after)), 4),
        "by_class": {name: round(float(value), 4) for name, value in zip(classes, new_f1, strict=True)},
    }


def _few(clips: Sequence[Clip]) -> list[Clip]:
    """Return five clips, of as many groups as there are."""
    by_group: dict[str, list[Clip]] = {}
    for clip in clips:
        by_group.setdefault(clip.group, []).append(clip)
    rounds = [clip for some in zip_longest(*by_group.values()) for clip in some if clip is not None]
    return rounds[:FEW]


def _name(library: Library, clip: Clip) -> str:
    return library.classes[int(library.scores(clip.windows).argmax())]


def f1(truth: Sequence[str], told: Sequence[str], name: str) -> float:
    """Return the F1 of one class; 0 where it was never told and never true."""
    hits = sum(t == s == name for t, s in zip(truth, told, strict=False))
    total = sum(t == name for t in truth) + sum(s == name for s in told)
    return 2.0 * hits / total if total else 0.0


def _learned(clips: Sequence[Clip], design: Design, epochs: int, seed: int) -> Library:
    return learn(
        [clip.windows for clip in clips],
        [clip.label for clip in clips],
        groups=[clip.group for clip in clips],
        design=design,
        epochs=epochs,
        seed=seed,
    )


def _share(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return round(float(np.mean(scores.argmax(axis=1) == truth)), 4)


def _confusion(
    scores: NDArray[np.float32], truth: NDArray[np.int64], classes: Sequence[str]
) -> dict[str, Any]:
    told = scores.argmax(axis=1)
    return {
        name: {classes[k]: int(np.sum(told[truth == i] == k)) for k in np.unique(told[truth == i])}
        for i, name in enumerate(classes)
    }


def main() -> int:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=sorted(GROUPS))
    parser.add_argument("--streams", nargs="+", default=["frames", "flow"], metavar="STREAM")
    parser.add_argument("--fusion", default="late")
    parser.add_argument("--recurrent", default="gru")
    parser.add_argument("--epochs", type=int, default=0, help="of a network beside the reading by likeness")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--adding", action="store_true", help="measure a class added from five clips instead")
    parser.add_argument("--keep", action="store_true", help="keep the figures for the page of results")
    told = parser.parse_args()
    data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
    try:
        design = Design(tuple(told.streams), told.fusion, told.recurrent)
        clips = seen(data / told.set)
        measured = adding if told.adding else leave_out
        found = measured(clips, design, told.epochs, told.seed)
    except EveryframeError as error:
        print(error, file=sys.stderr)
        return 2
    found["left_out"] = GROUPS[told.set]
    print(found)
    if told.keep:
        words = [word for word in sys.argv[1:] if word != "--keep"]
        one = Measurement(f"python -m benchmarks.taught {' '.join(words)}", today(), commit(), found)
        write("taught-" + "-".join(words).replace("--", ""), one, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
