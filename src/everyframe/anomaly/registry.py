"""From the names of detectors to what they are."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points

from everyframe.anomaly.density import DensityDetector
from everyframe.anomaly.detector import Detector
from everyframe.anomaly.ica import IcaDetector
from everyframe.anomaly.rbm import RbmDetector
from everyframe.anomaly.scene import SceneDetector
from everyframe.anomaly.sparse import SparseDetector
from everyframe.errors import SettingError

_OURS: dict[str, tuple[type[Detector], ...]] = {
    "density": (DensityDetector, SceneDetector),
    "sparse": (SparseDetector,),
    "ica": (IcaDetector,),
    "rbm": (RbmDetector,),
    "scene": (SceneDetector,),
}

GROUP = "everyframe.detectors"
"""Entry points of other packages: each loads a class that is a ``Detector``."""


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
        kinds = _OURS.get(word) or tuple(point.load() for point in entry_points(group=GROUP, name=word))
        if not kinds:
            near = get_close_matches(word, names(), n=1)
            hint = f"did you mean {near[0]}?" if near else f"there is {', '.join(names())}; join several by +"
            raise SettingError(f"detector={name} is not known; {hint}")
        found += [kind for kind in kinds if kind not in found]
    return tuple(found)
