"""Folders of numbered pictures."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.errors import SourceError, SourceNotFound, SourceUnreadable
from everyframe.sources.gaps import FREEZE_AFTER, mark_gaps
from everyframe.types import RGB, Frame, Gap, GapReason, StreamInfo

PICTURES = frozenset(
    {".bmp", ".jpeg", ".jpg", ".jp2", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
"""Endings that count as pictures."""

DEFAULT_FPS = 25.0

_ENDS = ((b"\xff\xd8", b"\xff\xd9"), (b"\x89PNG", b"IEND"))
"""How JPEG and PNG begin and end: cut short, the one decodes to a picture that is part grey, the other makes
libpng write to stderr."""

_DIGITS = re.compile(r"(\d+)")
_LEAST_SHARE = 0.02  # fewer pictures than this of a range of numbers: they are dates, not a numbering


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key by which ``frame-9`` comes before ``frame-10``."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(path.name)]


def _numbers(paths: list[Path]) -> list[int]:
    """Return each picture's place in the sequence, from 0; holes in the numbering are left open."""
    found = [_DIGITS.findall(path.stem) for path in paths]
    places = list(range(len(paths)))
    if not all(found):
        return places
    numbers = [int(digits[-1]) for digits in found]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    if not steps or min(steps) <= 0:
        return places
    every = math.gcd(*steps)
    span = (numbers[-1] - numbers[0]) // every + 1
    if len(paths) < _LEAST_SHARE * span:
        return places
    return [(number - numbers[0]) // every for number in numbers]


def _decode(path: Path, flags: int) -> NDArray[np.uint8] | None:
    """Read a picture, ``None`` where it is damaged; from memory, as OpenCV complains of files on stderr."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if not data or any(data.startswith(head) and data.rfind(end) < 0 for head, end in _ENDS):
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    return None if picture is None else np.asarray(picture, dtype=np.uint8)


def _rgb(path: Path, name: str) -> RGB:
    picture = _decode(path, cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise SourceUnreadable(f"{name}: {path.name} can no longer be read; put it back")
    return picture


class FolderSource:
    """A folder of numbered pictures of one size, in natural order.

    A picture's index is its number less the first one (divided by the common step where numbers go up in
    steps), and its time the index over ``fps``. Holes in the numbering are ``Gap(MISSING)``, pictures that
    cannot be read ``Gap(UNDECODABLE)``. Names without numbers, and numbers that are dates (they cover less
    than a fiftieth of their range), are taken as one picture after the other.

    Args:
        path: The folder.
        starts: When the first picture was taken; without a time zone, in this machine's local time.
        fps: Pictures per second; 25 where nobody knows.
        freeze_after: Seconds of equal pictures after which they count as a freeze.

    Raises:
        SourceNotFound: There is no such folder.
        SourceUnreadable: It holds no pictures, none that can be read, or (while reading) one of another size.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        starts: datetime | None = None,
        fps: float | None = None,
        freeze_after: float = FREEZE_AFTER,
    ) -> None:
        folder = Path(path)
        self._name = str(folder)
        self._closed = False
        self._freeze_after = freeze_after
        self._fps = float(fps or DEFAULT_FPS)
        try:
            entries = sorted((p for p in folder.iterdir() if p.suffix.lower() in PICTURES), key=_natural)
        except FileNotFoundError:
            raise SourceNotFound(f"{self._name}: there is no such folder") from None
        except OSError as error:
            raise SourceUnreadable(f"{self._name}: the folder cannot be read ({error.strerror})") from None
        entries = [p for p in entries if not p.name.startswith(".")]
        if not entries:
            kinds = ", ".join(sorted(ending[1:] for ending in PICTURES))
            raise SourceUnreadable(f"{self._name}: no pictures in this folder; they should end in {kinds}")
        self._pictures = list(zip(_numbers(entries), entries, strict=True))
        luma = next((p for p in (_decode(e, cv2.IMREAD_GRAYSCALE) for e in entries) if p is not None), None)
        if luma is None:
            raise SourceUnreadable(f"{self._name}: none of its {len(entries)} pictures can be read")
        self._shape = luma.shape
        frames = self._pictures[-1][0] + 1
        self._info = StreamInfo(
            name=self._name,
            width=luma.shape[1],
            height=luma.shape[0],
            fps=Fraction(self._fps).limit_denominator(100_000),
            frames=frames,
            duration=frames / self._fps,
            start_utc=starts.timestamp() if starts is not None else None,
        )

    def __repr__(self) -> str:
        return f"FolderSource({self._name!r})"

    @property
    def info(self) -> StreamInfo:
        """Size, number and rate of the pictures."""
        return self._info

    def close(self) -> None:
        """End every iteration at its next picture."""
        self._closed = True

    def __iter__(self) -> Iterator[Frame | Gap]:
        if self._closed:
            raise SourceError(f"{self._name} is closed; open it again to read it")
        yield from mark_gaps(self._read(), fps=self._fps, freeze_after=self._freeze_after)

    def between(self, start: float, end: float) -> Iterator[Frame]:
        """Yield the frames with ``start <= time <= end`` (seconds), repeated pictures too."""
        for number, path in self._pictures:
            if self._closed:
                raise SourceError(f"{self._name} is closed; open it again to read it")
            time = number / self._fps
            if time > end:
                return
            if time >= start and (frame := self._frame(number, path)) is not None:
                yield frame

    def _read(self) -> Iterator[Frame | Gap]:
        last, lost = 0, 0
        expected = 0
        for number, path in self._pictures:
            if self._closed:
                return
            frame = self._frame(number, path)
            if frame is None:
                lost += 1
                continue
            missing = number - expected - lost
            if lost:
                # Holes and damaged pictures in one stretch: told as one after the other.
                middle = number - missing if missing else number
                yield Gap(last / self._fps, middle / self._fps, GapReason.UNDECODABLE, lost)
                last = middle
            if missing:
                yield Gap(last / self._fps, number / self._fps, GapReason.MISSING, missing)
            yield frame
            last, lost, expected = number, 0, number + 1
        if lost:
            yield Gap(last / self._fps, self._pictures[-1][0] / self._fps, GapReason.UNDECODABLE, lost)

    def _frame(self, number: int, path: Path) -> Frame | None:
        luma = _decode(path, cv2.IMREAD_GRAYSCALE)
        if luma is None:
            return None
        if luma.shape != self._shape:
            wanted, found = (f"{width}x{height}" for height, width in (self._shape, luma.shape))
            raise SourceUnreadable(
                f"{self._name}: {path.name} is {found}, the pictures before it are {wanted}; "
                "make them one size or put them into folders of their own"
            )
        time = number / self._fps
        utc = None if self._info.start_utc is None else self._info.start_utc + time
        return Frame(number, time, luma, utc, None, "", partial(_rgb, path, self._name))
