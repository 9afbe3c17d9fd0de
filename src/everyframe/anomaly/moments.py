"""Moments of normal footage, kept on disk until the half that did not learn from them can judge."""

from __future__ import annotations

import io
import logging
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.detector import Attribute
from everyframe.anomaly.reading import smooth
from everyframe.anomaly.windows import Rows

_log = logging.getLogger(__name__)

_LEAST = 3.0  # seconds; shorter pieces are no moment
_NONE = -1  # stands for a member of the ensemble that saw nothing in a field

Seen = list[Rows | None]
Judge = Callable[[list[Seen]], NDArray[np.float32]]


@dataclass(slots=True, eq=False)
class Moment:
    """Some seconds of footage while they go on.

    Attributes:
        fold: Which half learns from them.
        start: Time of the first field, in seconds.
        hour: Of the day.
        judged: Whether they are judged as they come, and not in the end.
        times: Of each field.
        seen: What each member of the ensemble saw in each field, where they are not judged yet.
        best: The strongest of each attribute in each field, where they are.
    """

    fold: int
    start: float
    hour: float
    judged: bool
    times: list[float] = field(default_factory=list)
    seen: list[list[NDArray[np.float16] | None]] = field(default_factory=list)
    best: list[NDArray[np.float32]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A moment that is over: either judged, or where what was seen lies in the file."""

    fold: int
    hour: float
    peaks: NDArray[np.float64] | None
    times: NDArray[np.float64] | None = None
    offset: int = 0
    counts: NDArray[np.int32] | None = None
    columns: tuple[int, ...] = ()


class Moments:
    """Keeps moments until they are judged; a day of them takes a few megabytes of memory.

    What was seen lies in a file without a name, which the system removes with the process.

    Args:
        most: Values that may be kept in the file, of two bytes each.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[_Kept] = []
        self._file: IO[bytes] | None = None
        self._end = 0
        self.values = 0
        """How many values wait in the file."""

    @property
    def full(self) -> bool:
        """Whether there is no room: what comes now is to be judged as it comes."""
        return self.values >= self._most

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def hours(self) -> list[float]:
        """The hour of each moment."""
        return [kept.hour for kept in self._kept]

    def close(self, moment: Moment, attributes: Sequence[Attribute], judge: Judge) -> None:
        """Keep a moment that is over, unless it is too short.

        Args:
            moment: The moment.
            attributes: Of the ensemble, for smoothing.
            judge: Returns ``(fields, k)`` the strongest of each attribute; called where the disk is full.
        """
        if not moment.times or moment.times[-1] - moment.times[0] < _LEAST:
            return
        if not moment.judged and self._write(moment):
            return
        best = np.stack(moment.best) if moment.judged else judge([_floats(seen) for seen in moment.seen])
        peaks = smooth(np.array(moment.times), best, attributes).max(axis=0)
        self._kept.append(_Kept(moment.fold, moment.hour, peaks))

    def peaks(self, attributes: Sequence[Attribute], judges: Sequence[Judge]) -> NDArray[np.float64]:
        """Return ``(n, k)`` the highest smoothed score of each attribute in each moment.

        Args:
            attributes: Of the ensemble.
            judges: Of what each half sees: ``judges[1]`` judges what half 0 learned from.
        """
        found = np.empty((len(self._kept), len(attributes)), np.float64)
        for row, kept in zip(found, self._kept, strict=True):
            if kept.peaks is not None:
                row[:] = kept.peaks
            else:
                assert kept.times is not None
                best = judges[1 - kept.fold](self._read(kept))
                row[:] = smooth(kept.times, best, attributes).max(axis=0)
        return found

    def _write(self, moment: Moment) -> bool:
        members = range(len(moment.seen[0]))
        counts = [[_NONE if one is None else len(one) for one in seen] for seen in moment.seen]
        there = [[one for seen in moment.seen if (one := seen[m]) is not None] for m in members]
        columns = tuple(rows[0].shape[1] if rows else 0 for rows in there)
        data = b"".join(one.tobytes() for rows in there for one in rows)
        try:
            if self._file is None:
                self._file = _open()
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            _log.info("what is learned cannot be kept on disk (%s): it is judged as it comes", error)
            self._most = 0
            return False
        times = np.array(moment.times)
        self._kept.append(
            _Kept(moment.fold, moment.hour, None, times, self._end, np.array(counts, np.int32), columns)
        )
        self._end += len(data)
        self.values += len(data) // 2
        return True

    def _read(self, kept: _Kept) -> list[Seen]:
        assert self._file is not None
        assert kept.counts is not None
        self._file.seek(kept.offset)
        seen: list[Seen] = [[None] * len(kept.columns) for _ in kept.counts]
        for m, columns in enumerate(kept.columns):
            for n, count in enumerate(kept.counts[:, m]):
                if count != _NONE:
                    data = self._file.read(2 * int(count) * columns)
                    rows = np.frombuffer(data, np.float16).reshape(int(count), columns)
                    seen[n][m] = rows.astype(np.float32)
        return seen


def _open() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # nowhere to write at all: some megabytes of memory, then
        return io.BytesIO()


def _floats(seen: list[NDArray[np.float16] | None]) -> Seen:
    return [None if one is None else one.astype(np.float32) for one in seen]
