"""From the name of a way to measure motion to what does it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from everyframe.errors import SettingError
from everyframe.motion.codec import CodecMotion
from everyframe.motion.field import Motion, MotionSettings
from everyframe.motion.flow import FlowMotion
from everyframe.motion.masks import Masked, Polygon

_WAYS: dict[str, type[FlowMotion] | type[CodecMotion]] = {"flow": FlowMotion, "codec": CodecMotion}


def open_motion(name: str, settings: MotionSettings | None = None, masks: Sequence[Polygon] = ()) -> Motion:
    """Return a new ``flow`` (dense, from the pictures) or ``codec`` (from the encoder's motion vectors).

    Args:
        name: ``flow`` or ``codec``; the latter needs a source opened with ``vectors=True``.
        settings: Rate, distance in time and size of the grid.
        masks: Where in the picture nothing counts.

    Raises:
        SettingError: There is no such way.
    """
    way = _WAYS.get(name)
    if way is None:
        near = get_close_matches(name, _WAYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"write {' or '.join(_WAYS)}."
        raise SettingError(f"motion={name} is not known; {hint}")
    return Masked(way(settings), masks) if masks else way(settings)
