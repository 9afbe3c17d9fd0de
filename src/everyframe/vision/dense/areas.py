"""How much of each picture each class takes, as a table."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from numpy.typing import NDArray

from everyframe.vision.dense.classes import Classes
from everyframe.vision.dense.drawing import percent, shares

_DIGITS = 4


class Areas:
    """Shares of classes, a row for each picture.

    Args:
        classes: What is told apart.
        key: What a row is called by: ``picture`` or ``time``.
    """

    def __init__(self, classes: Classes, key: str) -> None:
        self._classes = classes
        self._key = key
        self._rows: list[tuple[str | float, NDArray[np.float64]]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, name: str | float, mask: NDArray[np.uint8]) -> dict[str, object]:
        """Take a picture's classes ``(H, W)``; return its row."""
        self._rows.append((name, shares(mask, self._classes)))
        return self._row(*self._rows[-1])

    def mean(self) -> NDArray[np.float64]:
        """Return ``(classes,)``, the mean share over all pictures."""
        if not self._rows:
            return np.zeros(len(self._classes))
        return np.asarray(np.mean([told for _, told in self._rows], axis=0), np.float64)

    def to_csv(self) -> str:
        """Return the table: a row for each picture, a column for each class, shares from 0 to 1."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [self._key, *self._classes.names], lineterminator="\n")
        writer.writeheader()
        for name, told in self._rows:
            row = self._row(name, told)
            shared = row["shares"]
            assert isinstance(shared, dict)
            writer.writerow({self._key: row[self._key], **shared})
        return text.getvalue()

    def to_json(self) -> str:
        """Return the same as a list of objects."""
        return json.dumps([self._row(name, told) for name, told in self._rows], indent=1) + "\n"

    def _row(self, name: str | float, told: NDArray[np.float64]) -> dict[str, object]:
        named = {
            one: round(float(share), _DIGITS) for one, share in zip(self._classes.names, told, strict=True)
        }
        return {self._key: round(name, 3) if isinstance(name, float) else name, "shares": named}


def in_words(told: NDArray[np.float64], classes: Classes, most: int = 5) -> str:
    """Say the largest shares: ``road 34 %, building 22 %, sky 20 %``."""
    order = [int(number) for number in np.argsort(-told, kind="stable")[:most] if told[number] >= 0.005]
    return ", ".join(f"{classes.names[number]} {percent(told[number])}" for number in order) or "nothing"
