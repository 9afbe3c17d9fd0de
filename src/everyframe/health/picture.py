"""What one picture after the other says of the camera: dark, blinded, covered, defocused, moved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from everyframe.health import wording
from everyframe.health.habits import Habit
from everyframe.health.kinds import HealthKind
from everyframe.health.looking import LEAST_SHARPNESS, Look, look_at
from everyframe.health.settings import HealthSettings
from everyframe.health.usual import Usual
from everyframe.health.verdicts import Grade, Verdict
from everyframe.health.views import Place, Sighting, Views
from everyframe.types import Luma

KINDS = (
    HealthKind.DARK,
    HealthKind.BLINDED,
    HealthKind.COVERED,
    HealthKind.DEFOCUSED,
    HealthKind.MOVED,
)
"""The kinds that a picture tells, in the order in which they hide each other."""

_NEARLY_BLACK = 16.0  # levels above black that 95 % of the picture stay below
_DARKER = 0.25  # of the usual level
_FALL = 24.0  # levels by which it must at least be darker: nightfall is slower than what is usual follows
_MOSTLY = 0.5  # share of the picture that is white
_LESS_USUAL = 0.5  # of that share
_TEXTURED = 2.0  # levels of deviation in a tile: there is something to see
_FLAT = 1.2  # levels: there is not
_FLATTER = 0.2  # of the usual deviation
_TO_SEE = 0.25  # share of the tiles in which there must usually be something
_ALL_FLAT = 0.85  # share of those
_MOST_FLAT = 0.6
_WHOLE = 0.7  # likeness of a view of which no more than half is hidden
_FAINT = 0.3  # likeness of what is hardly to be seen
_GLOW = 24.0  # levels above black: what covers the picture is lit; in a dark room nothing is covered
_CRISP = 0.08  # usual sharpness above that of slopes, from which on softness can be told
_SOFT = 0.4  # of that
_FORGETS = 86_400.0  # seconds after which softness is usual

_UNSEEN, _GOOD = Verdict(Grade.UNSEEN), Verdict(Grade.GOOD)


class PictureJudge:
    """Judges looks at the picture by what is usual for this camera.

    Args:
        settings: How long things take.
    """

    def __init__(self, settings: HealthSettings) -> None:
        self._settings = settings
        self._usual = Usual(settings.usual_over)
        self._views = Views(settings.usual_over, settings.accept_after)
        self._nights, self._glares = Habit("nights"), Habit("glares")
        self._shape: tuple[int, ...] = ()

    @property
    def learned(self) -> bool:
        """Whether enough was seen to judge by."""
        return self._usual.seconds >= self._settings.learn_for

    def step(self, luma: Luma, utc: float | None, seconds: float) -> dict[HealthKind, Verdict]:
        """Judge the next picture.

        Args:
            luma: ``(H, W)`` ``uint8``.
            utc: POSIX seconds, where known.
            seconds: That this look stands for.

        Returns:
            A verdict for each of ``KINDS``.
        """
        if luma.shape != self._shape:
            self._shape = luma.shape
            self._usual.forget_sharpness()
        look = look_at(luma)
        self._usual.see(look)
        verdicts = dict.fromkeys(KINDS, _UNSEEN)
        if not self.learned:
            self._usual.learn(look, seconds)
            self._views.learn(look.edges, seconds)
            return verdicts
        for kind, verdict in self._verdicts(look, utc, seconds):
            verdicts[kind] = verdict
        self._learn(look, verdicts, seconds)
        return verdicts

    def _verdicts(self, look: Look, utc: float | None, seconds: float) -> list[tuple[HealthKind, Verdict]]:
        """Return verdicts as far as there is anything to see."""
        told = [(HealthKind.DARK, self._dark(look, utc, seconds))]
        if self._black(look):
            return told
        told.append((HealthKind.BLINDED, self._blinded(look, utc, seconds)))
        if told[-1][1].grade is not Grade.GOOD:
            return told
        flat = self._flat(look)
        if flat >= _ALL_FLAT:
            told.append((HealthKind.COVERED, self._all_covered(look, flat)))
            return told
        # What is mostly covered is no view to learn.
        sighting = self._views.find(look.edges, seconds if flat < _MOST_FLAT else 0.0)
        told.append((HealthKind.COVERED, self._partly_covered(look, flat, sighting)))
        if told[-1][1].grade is Grade.GOOD:
            told.append((HealthKind.DEFOCUSED, self._defocused(look)))
            told.append((HealthKind.MOVED, _moved(sighting)))
        return told

    def _black(self, look: Look) -> bool:
        return look.high - self._usual.black <= _NEARLY_BLACK

    def _dark(self, look: Look, utc: float | None, seconds: float) -> Verdict:
        usual, black = self._usual, self._usual.black
        darker = look.high - black <= min(_DARKER * (usual.high - black), usual.high - black - _FALL)
        expected = self._nights.is_usual(utc)
        self._nights.step(utc, self._black(look), seconds)
        if not self._black(look) or not darker or expected:
            return _GOOD
        return Verdict(Grade.BAD, wording.dark(look.high, usual.high))

    def _blinded(self, look: Look, utc: float | None, seconds: float) -> Verdict:
        share = look.share_above(self._usual.white)
        white = share >= _MOSTLY and self._usual.blown <= _LESS_USUAL * share
        expected = self._glares.is_usual(utc)
        self._glares.step(utc, white, seconds)
        if not white or expected:
            return _GOOD
        return Verdict(Grade.BAD, wording.blinded(share, self._usual.blown))

    def _flat(self, look: Look) -> float:
        """Return the share of the tiles with something to see in which there is nothing now."""
        usual = self._usual.texture
        textured = usual >= _TEXTURED
        if textured.mean() < _TO_SEE:
            return 0.0
        flat = look.texture < np.maximum(_FLAT, _FLATTER * usual)
        return float(flat[textured].mean())

    def _all_covered(self, look: Look, flat: float) -> Verdict:
        """Judge a picture without contrast: in a faint light the known view shows all the same."""
        if self._views.likeness(look.edges) >= _FAINT:
            return _UNSEEN
        return Verdict(Grade.BAD, wording.covered(flat))

    def _partly_covered(self, look: Look, flat: float, sighting: Sighting) -> Verdict:
        lit = look.middle - self._usual.black >= _GLOW
        if flat >= _MOST_FLAT and lit and sighting.likeness < _WHOLE:
            return Verdict(Grade.WEAK, wording.covered(flat))
        return _GOOD if self._usual.texture.max() >= _TEXTURED else _UNSEEN

    def _defocused(self, look: Look) -> Verdict:
        usual = self._usual.crispness
        if look.sharpness is None or usual < _CRISP:
            return _UNSEEN
        crispness = (look.sharpness - LEAST_SHARPNESS) / usual
        if crispness > _SOFT:
            return _GOOD
        return Verdict(Grade.BAD, wording.defocused(max(crispness, 0.0)))

    def _learn(self, look: Look, verdicts: Mapping[HealthKind, Verdict], seconds: float) -> None:
        """Learn from a look at which nothing is wrong; of softness alone a little, for it may stay."""
        wrong = {kind for kind, verdict in verdicts.items() if verdict.grade > Grade.GOOD}
        if self._black(look):
            if not wrong:
                self._usual.learn_light(look, seconds)
        elif not wrong:
            self._usual.learn(look, seconds)
        elif wrong == {HealthKind.DEFOCUSED}:
            self._usual.learn(look, seconds * self._settings.usual_over / _FORGETS)

    def save(self) -> dict[str, NDArray[np.generic]]:
        """Return what is usual, as arrays."""
        parts = (self._usual, self._views, self._nights, self._glares)
        kept = {name: array for part in parts for name, array in part.save().items()}
        return {**kept, "shape": np.array(self._shape)}

    def restore(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take what ``save`` returned."""
        for part in (self._usual, self._views, self._nights, self._glares):
            part.restore(arrays)
        self._shape = tuple(int(side) for side in np.asarray(arrays["shape"], int))


def _moved(sighting: Sighting) -> Verdict:
    if sighting.place is Place.UNSEEN:
        return _UNSEEN
    if sighting.place is Place.SHIFTED:
        return Verdict(Grade.BAD, wording.shifted(*sighting.shift))
    if sighting.place is Place.UNKNOWN:
        return Verdict(Grade.WEAK, wording.elsewhere(sighting.likeness))
    return _GOOD
