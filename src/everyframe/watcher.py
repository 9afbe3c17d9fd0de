"""Watches one source, item by item: scores, events, and slow learning from what is normal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from everyframe.anomaly.baseline import Baseline
from everyframe.anomaly.budget import Budget
from everyframe.anomaly.joining import Finding, Joiner
from everyframe.anomaly.scoring import LIKENESS, Scored, Scorer
from everyframe.anomaly.verdicts import Standing, Verdicts
from everyframe.errors import BaselineMismatch
from everyframe.motion import Field, Polygon, open_motion
from everyframe.types import Frame, Gap, StreamInfo

_ADAPT_EVERY = 60.0  # seconds of footage between two steps of adaptation
_HALF_LIFE = 14 * 86_400.0  # seconds of footage after which what was learned counts half
_QUIET = 0.05  # chance above which a moment may be learned from
_AFTERMATH = 10.0  # seconds before and after an event that are not learned from
_CAREFUL = 0.25  # of the pace of learning, for looks that come while watching
_FIRST_LOOK = 5.0  # seconds after which it shows whether this is the view that was learned
_LOST = 60.0  # seconds after which a camera that was moved is not taken for one that somebody sets right


@dataclass(frozen=True, slots=True)
class Status:
    """What a watcher can promise.

    Attributes:
        calibrating: Whether there is too little normal footage to promise the rate that was asked for.
        missing: Seconds of normal footage still missing for that.
        alert_p: Chance per moment of ten seconds below which there is an alert.
    """

    calibrating: bool
    missing: float
    alert_p: float


class Watcher:
    """Watches one source, item by item.

    Args:
        baseline: What is normal; it is not changed.
        info: What is watched.
        budget: Alerts that are welcome, as ``2/day``.
        adapt: Whether to go on learning from what is normal.
        at_once: Whether to tell events when they begin, and again when they have ended.
        verdicts: What people said of earlier events; see ``take_verdicts``.
        masks: Where in the picture nothing is watched.

    Raises:
        BaselineMismatch: If the baseline is for another frame size.
        SettingError: If the budget cannot be read.
    """

    def __init__(
        self,
        baseline: Baseline,
        info: StreamInfo,
        *,
        budget: str | Budget = "2/day",
        adapt: bool = True,
        at_once: bool = False,
        verdicts: Iterable[Standing] = (),
        masks: Sequence[Polygon] = (),
    ) -> None:
        baseline.check(info)
        self.baseline = Baseline.from_bytes(baseline.to_bytes())
        self.budget = Budget.parse(budget)
        self.scores: deque[Scored] = deque()
        """The scores since they were last taken away; empty it, or it grows."""
        self._info = info
        self._adapt = adapt
        self._motion = open_motion(baseline.about.motion, baseline.settings, masks)
        self._scorer = Scorer(self.baseline)
        self._joiner = Joiner(self.baseline, self.budget.p_value, at_once=at_once)
        self.field: Field | None = None
        """The motion that was measured last."""
        self._known = False
        self._looked_since: float | None = None
        self._last: float | None = None
        self._calm: deque[Scored] = deque()
        self._troubled = float("-inf")
        self._adapted: float | None = None
        self.take_verdicts(verdicts)

    def take_verdicts(self, verdicts: Iterable[Standing]) -> None:
        """Heed what people said of events, from the next score on; may be called at any time.

        Args:
            verdicts: All that stand; they replace those taken before.
        """
        heard = Verdicts(self.baseline, verdicts, self.budget.p_value)
        self._scorer.heed(heard)
        self._joiner.verdicts = heard

    @property
    def status(self) -> Status:
        """What can be promised now."""
        missing = max(0.0, self.budget.needed() - self.baseline.calibrated_seconds)
        return Status(missing > 0.0, missing, self.budget.p_value)

    @property
    def busy(self) -> bool:
        """Whether something unusual is going on, or was a moment ago."""
        return self._joiner.busy

    def step(self, item: Frame | Gap) -> list[Finding]:
        """Take the next frame or gap; return the events that are over (or begin, where told at once).

        Raises:
            BaselineMismatch: If the picture shows another view, or has changed its size.
        """
        if isinstance(item, Gap):
            return self._pause(item)
        if item.size != (self._info.width, self._info.height):
            raise BaselineMismatch(
                f"{self._info.name} changed its picture to {item.size[0]}x{item.size[1]}, but the baseline"
                f" was learned at {self._info.width}x{self._info.height}: learn one at the new size"
            )
        field = self.field = self._motion.step(item)
        if field is None:
            return []
        found = self._take(self._scorer.step(field))
        self._look(field.time)
        lost = self._scorer.lost_since
        if lost is not None and field.time - lost > _LOST:
            raise self._elsewhere("was moved and shows")
        self._learn_background(field.time)
        self._last = field.time
        return found

    def flush(self) -> list[Finding]:
        """Return what is still open: nothing more will come."""
        return self._take(self._scorer.flush()) + self._joiner.flush()

    def _pause(self, gap: Gap) -> list[Finding]:
        # Lost and repeated frames need nothing: motion is told per second, and averages go by time.
        if not gap.reason.breaks:
            return []
        self._motion.reset()
        self.baseline.background.reset()
        self._last = None
        self._looked_since = None
        return self._take(self._scorer.flush())

    def _take(self, scores: list[Scored]) -> list[Finding]:
        found: list[Finding] = []
        for scored in scores:
            found += self._joiner.step(scored)
            self.scores.append(scored)
            if self._adapt:
                self._learn(scored)
        return found

    def _look(self, time: float) -> None:
        """Compare the view with the learned one once it has settled."""
        if self._known:
            return
        if self._looked_since is None:
            self._looked_since = time
        if time - self._looked_since < _FIRST_LOOK:
            return
        self._known = True
        likeness = self.baseline.background.likeness()
        if likeness is not None and likeness < LIKENESS:
            raise self._elsewhere("shows")

    def _elsewhere(self, shows: str) -> BaselineMismatch:
        return BaselineMismatch(
            f"{self._info.name} {shows} another view than the baseline learned from"
            f" {self.baseline.about.sources[0]}: learn one from this camera with `everyframe learn`"
        )

    def _learn_background(self, time: float) -> None:
        calm = not self._joiner.busy and time - self._troubled > _AFTERMATH
        here = self._scorer.lost_since is None
        if self._adapt and calm and here and self._last is not None:
            self.baseline.background.learn(_CAREFUL * min(1.0, time - self._last))

    def _learn(self, scored: Scored) -> None:
        """Learn what moves, late enough to know that no event came of it."""
        if scored.p_value < _QUIET or self._joiner.busy:
            self._troubled = scored.time
            self._calm.clear()
            return
        if scored.time - self._troubled > _AFTERMATH:
            self._calm.append(scored)
        if self._adapted is None:
            self._adapted = scored.time
        passed = scored.time - self._adapted
        if passed < _ADAPT_EVERY:
            return
        self._adapted = scored.time
        ensemble = self.baseline.ensemble
        ensemble.forget(1.0 - 0.5 ** (passed / _HALF_LIFE))
        while self._calm and scored.time - self._calm[0].time > _AFTERMATH:
            old = self._calm.popleft()
            ensemble.observe(old.seen.rows, old.hour)
