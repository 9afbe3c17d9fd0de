"""From the names of detectors to what they are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points

from everyframe.anomaly.detector import Detector
from everyframe.errors import SettingError

GROUP = "everyframe.detectors"
"""Entry points of other packages: each loads a class that is a ``Detector``."""

_OURS = {
    "density": ("density:DensityDetector", "scene:SceneDetector"),
    "sparse": ("sparse:SparseDetector",),
    "ica": ("ica:IcaDetector",),
    "rbm": ("rbm:RbmDetector",),
    "scene": ("scene:SceneDetector",),
}
"""Likewise loaded when asked for: most cameras use one, and some need parts of SciPy that load slowly."""


def names() -> tuple[str, ...]:
    """Return what can be asked for; several are joined by ``+``."""
    return (*_OURS, *sorted(point.name for point in entry_points(group=GROUP)))


def kinds_of(name: str) -> tuple[type[Detector], ...]:
    """Return the detectors of ``density``, ``sparse`` or ``density+sparse``.

    Raises:
        SettingError: One of them is not known.
    """
    found: list[type[Detector]] = []
    for word in (part.strip() for part in name.split("+")):
        kinds = tuple(point.load() for point in _points(word))
        if not kinds:
            near = get_close_matches(word, names(), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(names())}; join several by +"
            raise SettingError(f"detector={name} is not known; {hint}")
        found += [kind for kind in kinds if kind not in found]
    return tuple(found)


def _points(name: str) -> Iterable[EntryPoint]:
    if name in _OURS:
        return [EntryPoint(name, f"everyframe.anomaly.{kind}", GROUP) for kind in _OURS[name]]
    return entry_points(group=GROUP, name=name)
