"""Time of day: what is normal at night is not what is normal at noon."""

from __future__ import annotations

from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

HOURS = 24
_SHARE = 1.2  # hours (standard deviation) over which neighbouring hours lend each other strength
_AROUND = 0.1  # of the picture's width (standard deviation): the surroundings of a place
_BORROWED = 600.0  # fields: the day counts for so many in each hour, surroundings at each place


def hour_of(utc: float | None) -> float:
    """Return the local time of day in hours, 0 to 24; NaN where there is no clock."""
    if utc is None:
        return float("nan")
    local = datetime.fromtimestamp(utc).astimezone()
    return local.hour + local.minute / 60 + local.second / 3600


def share_hours(counts: NDArray[np.floating]) -> NDArray[np.float64]:
    """Smooth ``(24, ...)`` counts over neighbouring hours, midnight being next to midnight."""
    apart = np.arange(HOURS)
    apart = np.minimum(apart, HOURS - apart)
    weight = np.exp(-0.5 * (apart / _SHARE) ** 2)
    mix = np.stack([np.roll(weight, hour) for hour in range(HOURS)])
    return np.tensordot(mix, counts.astype(np.float64), axes=1)


def rates(visits: NDArray[np.floating], exposure: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how often each place is visited, by hour, and over all hours last.

    Args:
        visits: ``(25, ny, nx)`` fields in which each place was active; the last without a clock.
        exposure: ``(25,)`` fields seen.

    Returns:
        ``(25, ny, nx)`` shares in (0, 1]. Minutes in which nobody was at a place say little: it borrows from
        its surroundings, and they from the whole picture, less and less as footage comes. So the middle of a
        lawn is rarer than its edge, where nobody went either. An hour without footage has the rate of the
        whole day; as its own footage comes, it counts for more.
    """
    whole_visits = visits.sum(axis=0, dtype=np.float64)
    whole_exposure = float(exposure.sum())
    usual: NDArray[np.float64] | float = max(float(whole_visits.mean()), 0.5) / (whole_exposure + 1.0)
    spread = _AROUND * visits.shape[2]
    around = cv2.GaussianBlur(whole_visits, (0, 0), spread, borderType=cv2.BORDER_REPLICATE)
    for nearer in (around, whole_visits):
        usual = (nearer + _BORROWED * usual) / (whole_exposure + _BORROWED)
    by_hour = share_hours(visits[:HOURS])
    seen = share_hours(exposure[:HOURS])[:, None, None]
    hourly = (by_hour + _BORROWED * usual) / (seen + _BORROWED)
    return np.concatenate([hourly, np.asarray(usual)[None]])
