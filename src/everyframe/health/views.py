"""The views that this camera has: the same place by day, by night, by lamplight; and whether this is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from everyframe.health.looking import FIELD

Edges = NDArray[np.complex64]

KEPT = 6
"""Views that are remembered; the one not seen for longest gives way."""

_KNOWN = 0.5  # likeness from which on a view is known at a glance
_SAME_PLACE = 0.2  # likeness of the same place in another light; other places reach 0.1
_ELSEWHERE = 0.45  # likeness of the same place, shifted
_CLEARER = 0.15  # by which a shift must explain it better than standing still
_NEAR = 1  # cells: this far off counts as standing still
_LEAST_SHIFT = 2  # cells
_LEAST_OVERLAP = 0.35  # of what both views show
_OTHER_LIGHT = 20.0  # seconds after which the same place in another light is a view of its own
_FEWER_EDGES = 0.3  # of those of a view; what has fewer cannot tell that it is another one
_LEAST_EDGES = 0.01  # mean square of a view's edges, below which there is nothing to know it by
_SIZE = (2 * FIELD[0], 2 * FIELD[1])  # room for shifts without going round
_EVERYWHERE = fft.rfft2(np.ones(FIELD, np.float32), s=_SIZE)


class Place(Enum):
    """What a look says about where the camera looks."""

    KNOWN = auto()
    OTHER_LIGHT = auto()  # the same place, but it never looked like this
    SHIFTED = auto()
    UNKNOWN = auto()
    UNSEEN = auto()  # there is nothing that it could be known by


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the camera looks, as far as one look tells.

    Attributes:
        place: What this is.
        likeness: To the view that it is most like, at most 1.
        shift: ``(across, down)`` shares of the picture by which that view lies elsewhere.
    """

    place: Place
    likeness: float
    shift: tuple[float, float] = (0.0, 0.0)


class View:
    """The mean directions of edges of one view; what moves averages out."""

    def __init__(self, edges: Edges, seconds: float = 0.0) -> None:
        self.edges = edges.copy()
        self.seconds = seconds

    def likeness(self, edges: Edges) -> float:
        """Return the correlation with a look, at most 1."""
        both = float(np.vdot(self.edges, self.edges).real * np.vdot(edges, edges).real)
        return float(np.vdot(self.edges, edges).real) / both**0.5 if both > 0.0 else 0.0

    def learn(self, edges: Edges, seconds: float, over: float) -> None:
        """Learn from a look that stands for so many seconds; none teach nothing."""
        if seconds <= 0.0:
            return
        self.seconds += seconds
        weight = min(1.0, max(seconds / self.seconds, 1.0 - float(np.exp(-seconds / over))))
        self.edges += np.complex64(weight) * (edges - self.edges)

    @property
    def strength(self) -> float:
        """Mean square of its edges."""
        return _strength(self.edges)


class Views:
    """Up to ``KEPT`` views, the last seen first.

    Args:
        over: Seconds over which each follows what is seen.
        accept_after: Seconds after which a view elsewhere becomes one of these.
    """

    def __init__(self, over: float, accept_after: float) -> None:
        self._over, self._accept_after = over, accept_after
        self._views: list[View] = []
        self._candidate: View | None = None
        self._same_place = 0.0  # seconds for which it has been this place in another light

    def find(self, edges: Edges, seconds: float) -> Sighting:
        """Say where a look is, and take note of it.

        A view in another light, or one elsewhere that stays, joins those that are known.

        Args:
            edges: Of the look.
            seconds: That it stands for; 0 where nothing shall be learned from it.
        """
        if not self._views or max(view.strength for view in self._views) < _LEAST_EDGES:
            self.learn(edges, seconds)
            return Sighting(Place.UNSEEN, 0.0)
        likenesses = [view.likeness(edges) for view in self._views]
        best = int(np.argmax(likenesses))
        if likenesses[best] >= _KNOWN:
            self._candidate, self._same_place = None, 0.0
            self._views.insert(0, self._views.pop(best))
            self._views[0].learn(edges, seconds, self._over)
            return Sighting(Place.KNOWN, likenesses[best])
        seen = _sighting(self._views[best].edges, edges)
        if seen.place is Place.UNKNOWN and best:
            seen = _sighting(self._views[0].edges, edges)
        self._same_place = self._same_place + seconds if seen.place is Place.OTHER_LIGHT else 0.0
        if self._stays(edges, seconds):
            return Sighting(Place.KNOWN, 1.0)
        if seen.place is Place.UNKNOWN and _strength(edges) < _FEWER_EDGES * self._views[best].strength:
            return Sighting(Place.UNSEEN, seen.likeness)
        return seen

    def likeness(self, edges: Edges) -> float:
        """Return the correlation of a look with the view that it is most like; nothing is learned."""
        return max((view.likeness(edges) for view in self._views), default=0.0)

    def learn(self, edges: Edges, seconds: float) -> None:
        """Learn the first view, whatever it is."""
        if not self._views:
            self._views.append(View(edges))
        self._views[0].learn(edges, seconds, self._over)

    def _stays(self, edges: Edges, seconds: float) -> bool:
        """Follow a view that is not known; return whether it has stayed for long and is known now."""
        if self._candidate is None or self._candidate.likeness(edges) < _KNOWN:
            self._candidate = View(edges)
        self._candidate.learn(edges, seconds, self._over)
        if self._candidate.seconds < self._accept_after and self._same_place < _OTHER_LIGHT:
            return False
        self._views = [self._candidate, *self._views][:KEPT]
        self._candidate, self._same_place = None, 0.0
        return True

    def save(self) -> dict[str, NDArray[np.generic]]:
        """Return the views as arrays."""
        edges = np.array([view.edges for view in self._views], np.complex64).reshape(-1, *FIELD)
        seconds = np.array([view.seconds for view in self._views])
        return {"views": np.stack([edges.real, edges.imag], axis=1), "views_seconds": seconds}

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take what ``save`` returned."""
        parts = np.asarray(arrays["views"], np.float32).reshape(-1, 2, *FIELD)
        seconds = [float(one) for one in np.asarray(arrays["views_seconds"], float)]
        edges = (parts[:, 0] + 1j * parts[:, 1]).astype(np.complex64)
        self._views = [View(one, known) for one, known in zip(edges, seconds, strict=True)][:KEPT]
        self._candidate, self._same_place = None, 0.0


def _strength(edges: Edges) -> float:
    """Return the mean square of edges."""
    return float(np.vdot(edges, edges).real) / edges.size


def _sighting(view: Edges, edges: Edges) -> Sighting:
    """Look for a view at every place of a look."""
    surface = likeness_by_shift(view, edges)
    still = float(surface[np.ix_(*[np.arange(-_NEAR, _NEAR + 1)] * 2)].max())
    row, column = np.unravel_index(int(surface.argmax()), surface.shape)
    down = int(row) - (_SIZE[0] if row > _SIZE[0] // 2 else 0)
    across = int(column) - (_SIZE[1] if column > _SIZE[1] // 2 else 0)
    best = float(surface[row, column])
    shift = (across / FIELD[1], down / FIELD[0])
    away = max(abs(across), abs(down))
    if away >= _LEAST_SHIFT and best >= _ELSEWHERE and best >= still + _CLEARER:
        return Sighting(Place.SHIFTED, best, shift)
    if away <= _NEAR and best >= _SAME_PLACE:
        return Sighting(Place.OTHER_LIGHT, best)
    return Sighting(Place.UNKNOWN, best, shift)


def likeness_by_shift(view: Edges, edges: Edges) -> NDArray[np.float32]:
    """Return the normalised cross-correlation of two fields at every shift.

    Each shift is normalised by what of both fields overlaps there, so that a view of which half is left is as
    like as a whole one (Padfield, "Masked object registration in the Fourier domain", 2012). Overlaps that
    hold less than a third of the edges count as if they held a third, or chance would win there.

    Args:
        view: ``FIELD`` complex.
        edges: Likewise.

    Returns:
        ``(2 * rows, 2 * columns)``; the shift by ``(down, across)`` is at ``[down, across]``, negative ones
        counted from the end.
    """
    was, now = np.abs(view) ** 2, np.abs(edges) ** 2
    together = fft.ifft2(fft.fft2(edges, s=_SIZE) * np.conj(fft.fft2(view, s=_SIZE))).real
    now_there = fft.irfft2(fft.rfft2(now, s=_SIZE) * np.conj(_EVERYWHERE), s=_SIZE)
    was_there = fft.irfft2(_EVERYWHERE * np.conj(fft.rfft2(was, s=_SIZE)), s=_SIZE)
    least = _LEAST_OVERLAP**2 * float(was.sum()) * float(now.sum())
    both = np.maximum(np.maximum(now_there, 0.0) * np.maximum(was_there, 0.0), max(least, 1e-12))
    return np.asarray(together / np.sqrt(both), np.float32)
