"""Labelled footage to measure on: any folder with a ``dataset.json``.

::

    {"name": "walkway", "fps": 10,
     "train": ["train/01", {"source": "monday.mp4", "starts": "2020-11-15T00:00:00"}],
     "test":  [{"source": "test/01", "labels": "labels/01.csv", "masks": "masks/01"}],
     "watch": ["tuesday.mp4"]}

A source is a video file or a folder of numbered frames; ``fps`` is the rate of the folders. ``train`` is
normal throughout, ``watch`` (may be left out) is more of it, for counting false alarms. ``labels`` holds
one line per frame, 0 or 1; ``masks`` (may be left out) one picture per frame, white where the anomaly is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from everyframe.bench.align import align, numbered
from everyframe.bench.form import Field, read_form
from everyframe.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Entry:
    """One source that is normal throughout.

    Attributes:
        source: A video file or a folder of numbered frames.
        starts: Local time of its first frame, where known.
    """

    source: Path
    starts: datetime | None = None


@dataclass(frozen=True, slots=True)
class TestEntry:
    """One labelled source.

    Attributes:
        source: A video file or a folder of numbered frames.
        starts: Local time of its first frame, where known.
        labels: A file with one 0 or 1 per frame and line.
        masks: A folder with one picture per frame, white where the anomaly is, or ``None``.
    """

    __test__ = False  # pytest: this is no test

    source: Path
    starts: datetime | None
    labels: Path
    masks: Path | None


@dataclass(frozen=True)
class Dataset:
    """A set of sources, some of them labelled.

    Attributes:
        name: What the set is called.
        root: Its folder.
        fps: Frames per second of the sources that are folders.
        train: Normal throughout.
        test: Labelled.
        watch: More normal footage, for counting false alarms; may be empty.
    """

    name: str
    root: Path
    fps: float
    train: list[Entry]
    test: list[TestEntry]
    watch: list[Entry]

    def labels(self, entry: TestEntry) -> NDArray[np.bool_]:
        """Return ``(n,)`` bool, true where a frame is abnormal.

        Raises:
            DatasetError: The file cannot be read, is empty, or a line of it is neither 0 nor 1.
        """
        try:
            lines = entry.labels.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            raise DatasetError(f"{entry.labels} cannot be read; it should hold one 0 or 1 per line") from None
        marks: list[str] = []
        for at, line in enumerate(lines, start=1):
            for mark in line.replace(",", " ").split():
                if mark not in {"0", "1"}:
                    raise DatasetError(
                        f"{entry.labels}, line {at}: {mark[:20]!r} is not a label; write 0 or 1"
                    )
                marks.append(mark)
        if not marks:
            raise DatasetError(f"{entry.labels} is empty; it should hold one 0 or 1 per frame")
        abnormal: NDArray[np.bool_] = np.array(marks) == "1"
        return abnormal

    def frames(self, entry: Entry | TestEntry) -> NDArray[np.int64] | None:
        """Return ``(n,)`` positions, from 0 at the first, of the frames in a folder; ``None`` for a video."""
        if not entry.source.is_dir():
            return None
        numbers = np.fromiter(numbered(entry.source), dtype=np.int64)
        return numbers - numbers[:1]

    def aligned(self, entry: TestEntry, indices: ArrayLike, total: int) -> NDArray[np.bool_]:
        """Return the label of each wanted frame, whatever the labels count (see :func:`align`).

        A folder with holes may also lack its first or last frames while the labels still count them; the
        numbers in the names then say which label is meant.

        Args:
            entry: The labelled source.
            indices: ``(k,)`` positions as in ``Frame.index``: from 0 at the first frame, holes included.
            total: Positions from the first frame to the last; of a folder, its own files count instead.

        Returns:
            ``(k,)`` bool.

        Raises:
            DatasetError: There are too few labels or too many.
        """
        labels, name = self.labels(entry), str(entry.labels)
        present = self.frames(entry)
        if present is None:
            return align(labels, indices, total, present=np.arange(total), name=name)
        span = int(present[-1]) + 1
        offset = next(iter(numbered(entry.source))) - self._origin
        holes = span > len(present) or offset > 0
        if holes and len(labels) > span and len(labels) >= offset + span:
            return labels[np.asarray(indices, dtype=np.int64) + offset]
        return align(labels, indices, span, present=present, name=name)

    def mask(self, entry: TestEntry, index: int) -> NDArray[np.bool_] | None:
        """Return where the anomaly is in the frame at ``index`` (as in ``Frame.index``).

        Masks carry the numbers of their frames; where they do not, they are taken in order.

        Returns:
            ``(H, W)`` bool, or ``None`` where the set has no masks.

        Raises:
            DatasetError: There is no mask for this frame, or it is not a picture.
        """
        if entry.masks is None:
            return None
        files = self._masks(entry)
        if index not in files:
            raise DatasetError(f"{entry.masks} has no mask for frame {index} of {entry.source.name}; add it")
        picture = cv2.imread(str(files[index]), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise DatasetError(f"{files[index]} is not a picture that can be read; replace it")
        return picture > 127

    def _masks(self, entry: TestEntry) -> dict[int, Path]:
        """Return the masks of an entry by position; listed once per folder."""
        assert entry.masks is not None
        if entry.masks not in self._listed:
            self._listed[entry.masks] = self._by_position(entry, numbered(entry.masks))
        return self._listed[entry.masks]

    def _by_position(self, entry: TestEntry, masks: dict[int, Path]) -> dict[int, Path]:
        present = self.frames(entry)
        if present is None:
            first = min(masks, default=0)
            return {number - first: path for number, path in masks.items()}
        first = next(iter(numbered(entry.source)))
        if all(int(position) + first in masks for position in present):
            return {number - first: path for number, path in masks.items()}
        if len(masks) == len(present):
            return dict(zip(present.tolist(), masks.values(), strict=True))
        if len(masks) == int(present[-1]) + 1:
            return dict(enumerate(masks.values()))
        raise DatasetError(
            f"{entry.masks} has {len(masks)} masks for {len(present)} frames; give one per frame"
        )

    @cached_property
    def _origin(self) -> int:
        """The number that a complete folder of this set begins with: the lowest that any begins with."""
        entries: Sequence[Entry | TestEntry] = [*self.train, *self.test, *self.watch]
        return min(next(iter(numbered(e.source)), 0) for e in entries if e.source.is_dir())

    @cached_property
    def _listed(self) -> dict[Path, dict[int, Path]]:
        return {}


def _source(field: Field) -> Path:
    found = field.path()
    if found.is_dir() and not numbered(found):
        raise field.fault(f"names {field.value}, a folder without pictures")
    return found


def _entry(field: Field) -> Entry:
    if isinstance(field.value, str):
        return Entry(_source(field))
    if not isinstance(field.value, dict):
        raise field.fault("should be a path, or an object with source and starts")
    return Entry(_source(field["source"]), field["starts"].time() if field.has("starts") else None)


def _test_entry(field: Field) -> TestEntry:
    return TestEntry(
        source=_source(field["source"]),
        starts=field["starts"].time() if field.has("starts") else None,
        labels=field["labels"].path(folder=False),
        masks=field["masks"].path(folder=True) if field.has("masks") else None,
    )


def load(root: str | Path) -> Dataset:
    """Read the data set in a folder; every source, label file and mask folder must be there.

    Raises:
        DatasetError: The form is missing or wrong; the message names the file, the field and the fault.
    """
    form = read_form(Path(root))
    dataset = Dataset(
        name=form["name"].text(),
        root=Path(root),
        fps=form["fps"].rate(),
        train=[_entry(field) for field in form["train"].items()],
        test=[_test_entry(field) for field in form["test"].items()],
        watch=[_entry(field) for field in form["watch"].items()] if form.has("watch") else [],
    )
    for part in ("train", "test"):
        if not getattr(dataset, part):
            raise form[part].fault("is empty; name at least one source")
    for entry in dataset.test:
        _check_count(dataset, entry)
    return dataset


def _check_count(dataset: Dataset, entry: TestEntry) -> None:
    """Refuse wrong labels before hours of learning, not after; a video's frames cost too much to count."""
    present = dataset.frames(entry)
    if present is None:
        dataset.labels(entry)
    else:
        dataset.aligned(entry, present, int(present[-1]) + 1)


def without_clock(dataset: Dataset) -> Dataset:
    """Return the same set as if nobody knew when it was filmed."""
    return replace(
        dataset,
        train=[replace(entry, starts=None) for entry in dataset.train],
        test=[replace(entry, starts=None) for entry in dataset.test],
        watch=[replace(entry, starts=None) for entry in dataset.watch],
    )
