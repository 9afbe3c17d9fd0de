"""Teach events from labelled clips and recognise those of other people, sequences and matches.

Each set is cut by groups, never at random: who or what a test clip shows was not seen in training. Design,
schedule and seed are the same for every set.

::

    python -m benchmarks.taught tennis7
    python -m benchmarks.taught tennis7 --recurrent none
    python -m benchmarks.taught weizmann --adding
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kept import FOLDER, Measurement, commit, write
from everyframe.errors import EveryframeError
from everyframe.highlights import Library, Segment, Steps, steps_of
from everyframe.highlights.library import LIKENESS
from everyframe.highlights.recogniser import EPOCHS, learn
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


def seen(folder: Path, cache: Path) -> list[Clip]:
    """Return every clip of a set as steps; what was made once is kept in ``cache``."""
    kept = cache / f"{folder.name}.npz"
    files = list(listed(folder))
    if not files:
        raise EveryframeError(f"there are no clips in {folder}")
    if not kept.exists():
        arrays: dict[str, NDArray[Any]] = {}
        for number, (file, label, _) in enumerate(files):
            whole = Segment(0.0, LONGEST, label, source=str(file))
            for window, steps in enumerate(steps_of(whole)):
                for name, value in (*steps.maps.items(), ("times", steps.times)):
                    arrays[f"{number}.{window}.{name}"] = value
        np.savez(kept, **arrays)
    found = [Clip([], label, group) for _, label, group in files]
    with np.load(kept) as told:
        for key in sorted({tuple(map(int, name.split(".")[:2])) for name in told.files}):
            maps = {name: told[f"{key[0]}.{key[1]}.{name}"] for name in ("frames", "flow")}
            found[key[0]].windows.append(Steps(maps, told[f"{key[0]}.{key[1]}.times"]))
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


def adding(clips: Sequence[Clip], design: Design, epochs: int, seed: int, folds: int) -> dict[str, Any]:
    """Teach all classes but one, add that one from five clips; return its F1 and what the others lose.

    Each class is the new one in turn, in the first groups; both training and the five clips know nothing of
    the group that is tested.
    """
    classes = sorted({clip.label for clip in clips})
    groups = sorted({clip.group for clip in clips}, key=lambda name: (len(name), name))[:folds]
    new_f1, before, after = [], [], []
    for new in classes:
        truth: list[str] = []
        without: list[str] = []
        with_: list[str] = []
        for group in groups:
            rest = [clip for clip in clips if clip.group != group]
            library = _learned([clip for clip in rest if clip.label != new], design, epochs, seed)
            tested = [clip for clip in clips if clip.group == group]
            old = [clip for clip in tested if clip.label != new]
            without += [library.classes[int(library.scores(clip.windows).argmax())] for clip in old]
            library.add(new, [clip.windows for clip in rest if clip.label == new][:FEW])
            truth += [clip.label for clip in (*old, *(clip for clip in tested if clip.label == new))]
            told = [*old, *(clip for clip in tested if clip.label == new)]
            with_ += [library.classes[int(library.scores(clip.windows).argmax())] for clip in told]
        others = [name for name in classes if name != new]
        known = [label for label in truth if label != new]
        before.append(np.mean([f1(known, without, name) for name in others]))
        after.append(np.mean([f1(truth, with_, name) for name in others]))
        new_f1.append(f1(truth, with_, new))
        print(f"  {new}: F1 {new_f1[-1]:.3f}; the others {before[-1]:.3f}, then {after[-1]:.3f}", flush=True)
    return {
        "examples": FEW,
        "groups": len(groups),
        "new_f1": round(float(np.mean(new_f1)), 4),
        "others_before": round(float(np.mean(before)), 4),
        "others_after": round(float(np.mean(after)), 4),
        "by_class": {name: round(float(value), 4) for name, value in zip(classes, new_f1, strict=True)},
    }


def f1(truth: Sequence[str], told: Sequence[str], name: str) -> float:
    """Return the F1 of one class; 0 where it was never told and never true."""
    hits = sum(t == s == name for t, s in zip(truth, told, strict=False))
    total = sum(t == name for t in truth) + sum(s == name for s in told)
    return 2.0 * hits / total if total else 0.0


def _learned(clips: Sequence[Clip], design: Design, epochs: int, seed: int) -> Library:
    return learn(
        [clip.windows for clip in clips],
        [clip.label for clip in clips],
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
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="0: no network")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--adding", action="store_true", help="measure a class added from five clips instead")
    parser.add_argument("--folds", type=int, default=3, help="groups that --adding tests")
    parser.add_argument(
        "--cache", type=Path, help="folder that keeps what was seen; a temporary one otherwise"
    )
    told = parser.parse_args()
    data = Path(os.environ.get("EVERYFRAME_DATA", HERE.parent.parent / "shared" / "data"))
    with tempfile.TemporaryDirectory() as scratch:
        try:
            design = Design(tuple(told.streams), told.fusion, told.recurrent)
            clips = seen(data / told.set, told.cache or Path(scratch))
            if told.adding:
                found = adding(clips, design, told.epochs, told.seed, told.folds)
            else:
                found = leave_out(clips, design, told.epochs, told.seed)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    found["left_out"] = GROUPS[told.set]
    print(found)
    words = [word for word in sys.argv[1:] if not word.startswith("--cache")]
    if told.cache:
        words = [word for word in words if word != str(told.cache)]
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    one = Measurement(f"python -m benchmarks.taught {' '.join(words)}", day, commit(), found)
    write("taught-" + "-".join(words), one, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
