"""What people state instead of a threshold: at most so many alerts in so much time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from everyframe.anomaly.calibration import MOMENT, MOMENTS_PER_DAY
from everyframe.errors import SettingError

_PER_DAY = {"hour": 24.0, "day": 1.0, "week": 1 / 7, "month": 1 / 30}
_TRUSTED = 10.0  # how far beyond the footage that was seen a fitted tail may reach


@dataclass(frozen=True, slots=True)
class Budget:
    """An alert budget.

    Attributes:
        per_day: Alerts per camera-day that are welcome on normal footage.
    """

    per_day: float

    @classmethod
    def parse(cls, text: str | Budget) -> Budget:
        """Read ``2/day``, ``1/hour``, ``0.5/day`` or ``14/week``.

        Raises:
            SettingError: If it is not of that form.
        """
        if isinstance(text, Budget):
            return text
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:/|per)\s*([a-z]+?)s?\s*", text.lower())
        if match is None or match[2] not in _PER_DAY or float(match[1]) <= 0:
            raise SettingError(f"budget {text!r} is not of the form NUMBER/day; try 2/day, 1/hour or 14/week")
        return cls(float(match[1]) * _PER_DAY[match[2]])

    @property
    def p_value(self) -> float:
        """The chance per moment that spends just this budget."""
        return min(0.5, self.per_day / MOMENTS_PER_DAY)

    def needed(self) -> float:
        """Return how many seconds of normal footage it takes to promise this rate."""
        return MOMENT / self.p_value / _TRUSTED

    def __str__(self) -> str:
        return f"{self.per_day:g}/day"
