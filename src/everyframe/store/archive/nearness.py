"""What looks like what: vectors of moments in one USearch file beside the store.

The vectors are in the database, and the file is made of them: it may be removed, and is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from everyframe.errors import EveryframeError
from everyframe.files import writing
from everyframe.store.archive_models import MomentRow, VectorRow
from everyframe.store.store import Store

FILE = "archive.usearch"
_PIECE = 500


class Nearness:
    """Finds moments that look alike.

    Args:
        store: Whose folder has the file.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self._store.folder / FILE

    def like(self, session: Session, number: int, count: int) -> dict[int, float] | None:
        """Return the moments that look most like one: how like they are, at most 1, by number.

        ``None`` where nobody knows what that one looks like.
        """
        row = session.get(VectorRow, number)
        if row is None:
            return None
        found = self._fresh(session, row.maker).search(_numbers(row.data), count + 1)
        likes = {int(key): 1.0 - float(far) for key, far in zip(found.keys, found.distances, strict=True)}
        likes.pop(number, None)
        return likes

    def keep(self, vectors: Mapping[int, NDArray[np.float32]], maker: str, strips: Mapping[int, str]) -> None:
        """Keep what moments look like, by number: vectors, and pictures relative to the store's folder."""
        with self._store.writing() as session:
            there = set(session.scalars(select(MomentRow.id).where(MomentRow.id.in_(vectors))))
            for number in there:
                data = vectors[number].astype(np.float16).tobytes()
                session.merge(VectorRow(moment_id=number, maker=maker, data=data))
            for number in there & strips.keys():
                row = session.get(MomentRow, number)
                if row is not None:
                    row.strip = strips[number]

    def refresh(self) -> None:
        """Bring the file up to date, so that the first search need not."""
        with self._store.reading() as session:
            maker = session.scalar(select(VectorRow.maker).limit(1))
            if maker is not None:
                self._fresh(session, maker)

    def _fresh(self, session: Session, maker: str) -> Any:
        """Return an index that has what the database has."""
        of_it = VectorRow.maker == maker
        known = session.scalar(select(func.count()).select_from(VectorRow).where(of_it)) or 0
        last = session.scalar(select(func.max(VectorRow.moment_id)).where(of_it)) or 0
        index = self._read()
        if index is not None and len(index) == known and last in index:
            return index
        wanted = set(session.scalars(select(VectorRow.moment_id).where(of_it)))
        have = set() if index is None else {int(key) for key in index.keys}
        if index is None or have - wanted:
            index, have = None, set()
        for piece in _pieces(sorted(wanted - have)):
            rows = session.execute(
                select(VectorRow.moment_id, VectorRow.data).where(VectorRow.moment_id.in_(piece))
            ).all()
            vectors = np.stack([_numbers(data) for _, data in rows])
            if index is None:
                index = _new(vectors.shape[1])
            index.add(np.array([number for number, _ in rows], np.uint64), vectors)
        assert index is not None
        with suppress(EveryframeError), writing(self.path) as temporary:  # it is only a copy
            index.save(str(temporary))
        return index

    def _read(self) -> Any:
        if not self.path.is_file():
            return None
        try:
            return _usearch().restore(str(self.path))
        except (RuntimeError, ValueError, KeyError):  # damaged, or of another version
            return None


def _usearch() -> Any:
    """Return USearch's class of indexes."""
    # NumKong, which USearch computes with, crashes the import of ONNX Runtime where it was loaded first; a
    # process that searches may recognise next, so ONNX Runtime always comes first.
    import onnxruntime  # noqa: F401
    from usearch.index import Index

    return Index


def _new(size: int) -> Any:
    return _usearch()(ndim=size, metric="cos", dtype="f16")


def _numbers(data: bytes) -> NDArray[np.float32]:
    return np.frombuffer(data, np.float16).astype(np.float32)


def _pieces(values: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(values), _PIECE):
        yield values[start : start + _PIECE]
