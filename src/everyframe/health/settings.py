"""How long each fault must last, and how far from usual is too far."""

from __future__ import annotations

from dataclasses import dataclass, fields

from everyframe.errors import SettingError


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """Times in seconds of footage.

    Attributes:
        look_every: Between two looks at the picture.
        learn_for: Looks are only learned from, not judged, for so long after the very first.
        usual_over: Time constant with which what is usual follows what is seen.
        stalled_after: Without a picture.
        offline_after: Without a picture; then it is no longer called stalled.
        dark_after: Nearly black.
        blinded_after: Overexposed; a camera takes seconds to get used to a light that was switched on.
        covered_after: Nothing left to see.
        partly_covered_after: Most of the picture flat; long, because a lorry may stop there.
        defocused_after: Soft.
        shifted_after: The known view is there, but elsewhere in the picture.
        another_view_after: Nothing of the known view is there; long, because somebody may stand there.
        accept_after: A new view that stayed for so long is the usual one from then on.
        good_for: All must be well for so long before a fault is over.
        clock_after: A clock that is off, or drifts.
        clock_off: Seconds by which a live source's UTC may differ from this machine's.
        clock_leap: Seconds by which UTC and the source's own time may part at once, or in ten minutes.

    Raises:
        SettingError: A time is not positive.
    """

    look_every: float = 1.0
    learn_for: float = 8.0
    usual_over: float = 600.0
    stalled_after: float = 3.0
    offline_after: float = 30.0
    dark_after: float = 5.0
    blinded_after: float = 10.0
    covered_after: float = 4.0
    partly_covered_after: float = 20.0
    defocused_after: float = 10.0
    shifted_after: float = 4.0
    another_view_after: float = 60.0
    accept_after: float = 1800.0
    good_for: float = 5.0
    clock_after: float = 10.0
    clock_off: float = 60.0
    clock_leap: float = 10.0

    def __post_init__(self) -> None:
        for row in fields(self):
            value = getattr(self, row.name)
            if not value > 0.0:
                raise SettingError(f"{row.name}={value:g} is not a time; use seconds above 0.")
