"""``density``: each attribute of what moves against the nearest that is normal at its place."""

from __future__ import annotations

from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from everyframe.anomaly.contexts import HOURS, rates
from everyframe.anomaly.detector import Attribute, Scene
from everyframe.anomaly.estimator import Estimator
from everyframe.anomaly.histograms import PlaceHistograms
from everyframe.anomaly.windows import COLUMNS, DOWN, HOUR, RIGHT, SPEED, STAY, Rows, Windows, X, Y
from everyframe.anomaly.wording import share, times, way
from everyframe.types import RGB, Deviation

_DIRECTIONS = 8
_NORMAL = 0.99  # share of what was seen at a place that counts as normal there
_EXTREME = 0.999  # share that stays below what people would call the fastest
_SHORT = 4.0  # seconds; shorter is passing by
_STALE = 0.05  # share of new fields after which the tables are made anew
_CLEAR = 0.35  # of the normal speed: slower things have no clear direction


class WindowsLook:
    """Looks through windows of the size of a body; see ``Windows.rows``."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    def rows(self, scene: Scene) -> Rows:
        """Return ``(n, 8)`` rows, one for each place where something moves or stays."""
        return self._windows.rows(scene.field, scene.stayed, scene.hour)

    def reset(self) -> None:
        """Nothing is remembered."""


class DensityDetector(Estimator):
    """Attribute by attribute, place by place: how far from what is normal here.

    Each attribute has its own score, so that an alert can say what deviates. Attribute-wise densities of
    what moves follow Reiss and Hoshen ("Attribute-based representations for accurate and interpretable video
    anomaly detection", 2022); places and hours lend each other strength instead of a detector trained
    elsewhere.

    Args:
        shape: ``(ny, nx)`` places.

    Attributes:
        speeds_: Histograms of speed in typical heights per second, for each place.
        stays_: Histograms of the seconds that something foreign stayed there.
        headings_: ``(ny, nx, 8)`` counts of directions, rightwards first, then clockwise.
        visits_: ``(25, ny, nx)`` fields in which something moved there, by local hour, last: no clock.
        exposure_: ``(25,)`` fields seen.
    """

    attributes: ClassVar[tuple[Attribute, ...]] = (
        # Speed shows at once and always counts. It is a mean over a window, so what is large counts for more;
        # size by itself found nothing that speed did not. The others are those that a few minutes of footage
        # know least of (where nobody went so far, what never stood there): they speak only far out in their
        # tails, and gather evidence before.
        Attribute("speed", back=0.3, agree=2, least=0.08, silent=0.0, weight=1.0),
        Attribute("direction", agree=3, least=0.08),
        Attribute("presence", agree=3, least=0.3),
        Attribute("lingering", agree=3, least=0.4, moves=False),
    )

    def __init__(self, shape: tuple[int, int] = (1, 1)) -> None:
        self.shape = shape

    @classmethod
    def look(cls, windows: Windows) -> WindowsLook:
        """Return what makes this detector's rows."""
        return WindowsLook(windows)

    @classmethod
    def fresh(cls, windows: Windows) -> DensityDetector:
        """Return a detector for a camera that has learned nothing."""
        return cls(windows.shape)

    def _prepare(self) -> None:
        if hasattr(self, "speeds_"):
            return
        self.speeds_ = PlaceHistograms(self.shape, 0.02, 12.0)
        self.stays_ = PlaceHistograms(self.shape, 0.5, 7200.0)
        self.headings_ = np.zeros((*self.shape, _DIRECTIONS), np.float32)
        self.visits_ = np.zeros((HOURS + 1, *self.shape), np.float32)
        self.exposure_ = np.zeros(HOURS + 1)
        self.n_features_in_ = len(COLUMNS)
        self._tables: dict[str, NDArray[Any]] | None = None
        self._fresh = 0  # fields observed since the tables were made

    def fit(self, X: Rows, y: None = None) -> DensityDetector:
        """Forget everything and learn from rows; see ``partial_fit``."""
        for name in ("speeds_", "stays_", "headings_", "visits_", "exposure_"):
            if hasattr(self, name):
                delattr(self, name)
        return self.partial_fit(X, y)

    def partial_fit(self, X: Rows, y: None = None, *, fields: int = 1) -> DensityDetector:  # noqa: ARG002
        """Count rows as normal.

        Args:
            X: ``(n, 8)`` rows as from ``Windows.rows``, all of one local hour; none is an observation too.
            y: Ignored.
            fields: How many fields the rows come from.

        Raises:
            ValueError: If ``X`` has another shape.
        """
        self._prepare()
        rows = _checked(X)
        hour = self._slot(rows)
        self.exposure_[hour] += fields
        self._tables = None
        staying = rows[rows[:, STAY] > _SHORT]
        self.stays_.add(*self._places(staying), staying[:, STAY])
        rows = rows[rows[:, SPEED] > 0]
        if len(rows) == 0:
            return self
        j, i = self._places(rows)
        self.speeds_.add(j, i, rows[:, SPEED])
        np.add.at(self.headings_, (j, i, self._heading(rows)), 1.0)
        np.add.at(self.visits_[hour], (j, i), 1.0)
        return self

    def observe(self, X: Rows, hour: float) -> None:
        """Learn the rows of one field at a local ``hour`` (NaN: no clock), even if there are none."""
        self._prepare()
        tables = self._tables
        if len(X):
            self.partial_fit(X)
        else:
            self.exposure_[HOURS if np.isnan(hour) else int(hour) % HOURS] += 1
        # Tables cost as much as scoring a hundred fields, and one more field changes next to nothing.
        self._fresh += 1
        self._tables = tables if self._fresh < _STALE * self.exposure_.sum() else None

    def merge(self, other: DensityDetector) -> DensityDetector:
        """Return a new detector that has learned what both have."""
        self._prepare()
        other._prepare()
        both = DensityDetector(self.shape)
        both._prepare()
        both.speeds_.counts = self.speeds_.counts + other.speeds_.counts
        both.stays_.counts = self.stays_.counts + other.stays_.counts
        both.headings_ = self.headings_ + other.headings_
        both.visits_ = self.visits_ + other.visits_
        both.exposure_ = self.exposure_ + other.exposure_
        return both

    def attribute_scores(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 4)`` scores, one for each of ``ATTRIBUTES``; higher is more abnormal.

        Speed and lingering are multiples of what 99 % stay below at that place; direction and presence
        are surprises, ``-log10`` of how often it happens there (presence: at that hour).
        """
        rows = _checked(X)
        scores = np.zeros((len(rows), len(ATTRIBUTES)), np.float32)
        if len(rows) == 0:
            return scores
        tables = self.tables()
        j, i = self._places(rows)
        moves = rows[:, SPEED] > 0
        pace = rows[:, SPEED] / tables["speed"][j, i]
        scores[:, 0] = pace
        surprise = tables["heading"][j, i, self._heading(rows)]
        scores[:, 1] = np.where(moves & (pace > _CLEAR), surprise, 0.0)
        scores[:, 2] = np.where(moves, tables["presence"][self._slot(rows), j, i], 0.0)
        scores[:, 3] = rows[:, STAY] / np.maximum(tables["stay"][j, i], _SHORT)
        return scores

    def decision_function(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n,)`` the strongest attribute of each row; higher is more abnormal."""
        found: NDArray[np.float32] = self.attribute_scores(X).max(axis=1, initial=0.0)
        return found

    def where(self, X: Rows) -> NDArray[np.float32]:
        """Return ``(n, 2)`` the place (``x``, ``y``, 0 to 1) of each row."""
        return _checked(X)[:, :2]

    def tables(self) -> dict[str, NDArray[Any]]:
        """Return what is normal at each place: by name, ``(ny, nx)`` or ``(.., ny, nx)``."""
        self._prepare()
        if self._tables is None:
            self._fresh = 0
            headings = cv2.GaussianBlur(
                self.headings_, (0, 0), sigmaX=2.4, sigmaY=1.2, borderType=cv2.BORDER_REPLICATE
            )
            total = headings.sum(axis=-1, keepdims=True)
            chance = (headings + 2.0 / _DIRECTIONS) / (total + 2.0)
            often = rates(np.stack([cv2.GaussianBlur(v, (0, 0), 0.8) for v in self.visits_]), self.exposure_)
            speed, fastest = self.speeds_.quantiles(_NORMAL, _EXTREME)
            stay, longest = self.stays_.quantiles(_NORMAL, _EXTREME)
            self._tables = {
                "speed": speed,
                "fastest": fastest,
                "stay": stay,
                "longest": longest,
                "heading": -np.log10(chance),
                "presence": -np.log10(np.minimum(often, 1.0)),
            }
        return self._tables

    def visits(self) -> NDArray[np.float64]:
        """Return ``(ny, nx)`` in how many fields something moved at each place, at any hour."""
        self._prepare()
        return np.asarray(self.visits_.sum(axis=0), np.float64)

    def forget(self, share: float) -> None:
        """Let everything learned so far count for ``share`` less, so that what is new weighs more."""
        self._prepare()
        self._tables = None
        for counts in (self.speeds_.counts, self.stays_.counts, self.headings_, self.visits_, self.exposure_):
            np.multiply(counts, 1.0 - share, out=counts)

    def state(self) -> dict[str, NDArray[Any]]:
        """Return everything learned as named arrays."""
        self._prepare()
        return {
            "speeds": self.speeds_.counts,
            "stays": self.stays_.counts,
            "headings": self.headings_,
            "visits": self.visits_,
            "exposure": self.exposure_,
        }

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take back what ``state`` returned.

        Raises:
            ValueError: If an array has another shape.
        """
        self._prepare()
        for name, form in self.state().items():
            if state[name].shape != form.shape:
                raise ValueError(f"{name} has another shape than the places")
        self.speeds_.counts = state["speeds"].astype(np.float32)
        self.stays_.counts = state["stays"].astype(np.float32)
        self.headings_ = state["headings"].astype(np.float32)
        self.visits_ = state["visits"].astype(np.float32)
        self.exposure_ = state["exposure"].astype(np.float64)
        self._tables = None

    def tell(self, attribute: int, row: Rows, score: float, windows: Windows) -> Deviation:
        """Return why a row ``(8,)`` deviates in an attribute, in words with its numbers."""
        name = self.attributes[attribute].name
        tables = self.tables()
        j, i = (int(v[0]) for v in self._places(row[None]))
        if name == "speed":
            tall = float(windows.tall[j])
            value, normal = float(row[SPEED]) * tall, float(tables["fastest"][j, i]) * tall
            return Deviation(name, value, normal, "px/s", times("moves", value / normal, "faster"), score)
        if name == "direction":
            heading = int(self._heading(row[None])[0])
            chance = 10.0 ** -float(tables["heading"][j, i, heading])
            text = f"moves {way(heading)}, as {share(chance)} do at this place"
            return Deviation(name, 100.0 * chance, 100.0 / _DIRECTIONS, "%", text, score)
        if name == "presence":
            hour = self._slot(row[None])
            chance = 10.0 ** -float(tables["presence"][hour, j, i])
            when = "" if hour == HOURS else " at this hour"
            text = f"moves where something is seen {share(chance, 'of the time')}{when}"
            return Deviation(name, 100.0 * chance, 100.0, "%", text, score)
        value, normal = float(row[STAY]), float(tables["longest"][j, i])
        return Deviation(name, value, normal, "s", times("stays", value / normal, "longer"), score)

    def picture(self, row: Rows) -> RGB | None:  # noqa: ARG002
        """Return ``None``: its numbers say it all."""
        return None

    def _places(self, rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        ny, nx = self.shape
        j = np.clip((rows[:, Y] * ny).astype(np.intp), 0, ny - 1)
        i = np.clip((rows[:, X] * nx).astype(np.intp), 0, nx - 1)
        return j, i

    @staticmethod
    def _heading(rows: Rows) -> NDArray[np.intp]:
        angle = np.arctan2(rows[:, DOWN], rows[:, RIGHT]) / (2 * np.pi) * _DIRECTIONS
        return np.rint(angle).astype(np.intp) % _DIRECTIONS

    @staticmethod
    def _slot(rows: Rows) -> int:
        if len(rows) == 0 or np.isnan(rows[0, HOUR]):
            return HOURS
        return int(rows[0, HOUR]) % HOURS


ATTRIBUTES = tuple(attribute.name for attribute in DensityDetector.attributes)
"""Names of the attributes that this detector's score is made of."""


def _checked(X: Rows) -> Rows:
    """Return rows as such; anything else would be counted as something that it is not."""
    rows: Rows = np.asarray(X, np.float32)
    if rows.ndim != 2 or rows.shape[1] != len(COLUMNS):
        raise ValueError(f"rows have the shape (n, {len(COLUMNS)}), not {rows.shape}; see Windows.rows")
    return rows
