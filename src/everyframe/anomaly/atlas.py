"""What a baseline holds, as maps in the units that people read."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.baseline import Baseline

_DECADES = 3.5  # of the scale of presence

Map = NDArray[np.float64]
"""``(ny, nx)`` one value for each place."""


@dataclass(frozen=True, slots=True, eq=False)
class Atlas:
    """What is normal at each place.

    Attributes:
        visits: ``(25, ny, nx)`` share of the time in which something moves there, by hour, last: no clock.
        presence: The same over all hours.
        speed: Speed in px/s that 99 % stay below.
        headings: ``(ny, nx, 8)`` counts of directions.
        seen: Whether anything ever moved there.
        ghost: ``(gh, gw)`` the usual look of the scene, 0 to 1.
        hours: ``(25,)`` seconds of footage.
        low: Lowest share on the scale of presence.
        high: Highest.
    """

    visits: NDArray[np.float64]
    presence: Map
    speed: Map
    headings: NDArray[np.float64]
    seen: NDArray[np.float64]
    ghost: NDArray[np.float64]
    hours: NDArray[np.float64]
    low: float
    high: float

    @classmethod
    def of(cls, baseline: Baseline) -> Atlas:
        """Draw the maps of a baseline."""
        detector = baseline.detector
        exposure = np.maximum(detector.exposure_, 1.0)
        visits = detector.visits_ / exposure[:, None, None]
        presence = detector.visits_.sum(axis=0) / max(float(detector.exposure_.sum()), 1.0)
        high = min(1.0, max(float(presence.max()), 1e-3))
        low = max(high * 10.0**-_DECADES, 1.0 / max(float(detector.exposure_.sum()), 10.0))
        counts = detector.visits_.sum(axis=0)
        return cls(
            visits=visits.astype(np.float64),
            presence=presence.astype(np.float64),
            speed=detector.tables()["speed"] * baseline.windows.tall[:, None],
            headings=detector.headings_.astype(np.float64),
            # Soft at the border of where people go, so that the map fades out and does not end in steps.
            seen=np.clip(cv2.GaussianBlur(np.minimum(counts, 4.0), (0, 0), 0.7) / 2.0, 0.0, 1.0),
            ghost=_ghost(baseline),
            hours=np.asarray(baseline.about.hours, np.float64),
            low=min(low, high / 10),
            high=high,
        )

    def level(self, share: Map) -> Map:
        """Return where shares of the time lie on the scale of presence, 0 to 1; below 0 is off the scale."""
        smooth = cv2.GaussianBlur(share, (0, 0), 0.6)
        span = np.log10(self.high / self.low)
        level: Map = np.clip(np.log10(np.maximum(smooth, self.low * 0.1) / self.low) / span, -0.1, 1.0)
        return level


def _ghost(baseline: Baseline) -> NDArray[np.float64]:
    looks = baseline.background.looks
    if looks is None:
        return np.zeros(baseline.windows.shape)
    mean, _, share = np.split(looks, 3)
    usual = np.take_along_axis(mean, share.argmax(axis=0)[None], 0)[0]
    spread = max(2.5 * float(usual.std()), 1e-3)
    return np.asarray(0.5 + 0.5 * np.clip(usual / spread, -1.0, 1.0), np.float64)
