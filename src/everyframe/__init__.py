"""Everyframe: know what is normal, see what is not, find what matters.

::

    import everyframe as ef

    baseline = ef.learn("park-monday.mp4")
    for event in ef.watch("park-tuesday.mp4", baseline, budget="2/day"):
        print(event.start, event.reason, event.box, event.p_value)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from everyframe._version import __version__

if TYPE_CHECKING:
    from everyframe.anomaly import Baseline, Budget
    from everyframe.archive import index, search
    from everyframe.errors import EveryframeError
    from everyframe.highlights import Library, Segment, add_classes, read_labels, recognise, teach
    from everyframe.highlights.reel import Reel, reel
    from everyframe.highlights.scoreboard import Scoreboard, read_scoreboard
    from everyframe.highlights.spotting import spot
    from everyframe.sources import open_source, probe
    from everyframe.store import Store
    from everyframe.types import Box, Deviation, Event, Frame, Gap, GapReason, Source, StreamInfo, VerdictKind
    from everyframe.vision.dense.footage import segment
    from everyframe.vision.dense.segmenter import Segmenter
    from everyframe.vision.inside import Architecture, architecture
    from everyframe.watcher import Watcher
    from everyframe.watching import learn, watch

_HOMES = {
    "Architecture": "everyframe.vision.inside",
    "Baseline": "everyframe.anomaly",
    "Box": "everyframe.types",
    "Budget": "everyframe.anomaly",
    "Deviation": "everyframe.types",
    "Event": "everyframe.types",
    "EveryframeError": "everyframe.errors",
    "Frame": "everyframe.types",
    "Gap": "everyframe.types",
    "GapReason": "everyframe.types",
    "Library": "everyframe.highlights",
    "Reel": "everyframe.highlights.reel",
    "Scoreboard": "everyframe.highlights.scoreboard",
    "Segment": "everyframe.highlights",
    "Segmenter": "everyframe.vision.dense.segmenter",
    "Source": "everyframe.types",
    "Store": "everyframe.store",
    "StreamInfo": "everyframe.types",
    "VerdictKind": "everyframe.types",
    "Watcher": "everyframe.watcher",
    "add_classes": "everyframe.highlights",
    "architecture": "everyframe.vision.inside",
    "index": "everyframe.archive",
    "learn": "everyframe.watching",
    "open_source": "everyframe.sources",
    "probe": "everyframe.sources",
    "read_labels": "everyframe.highlights",
    "read_scoreboard": "everyframe.highlights.scoreboard",
    "recognise": "everyframe.highlights",
    "reel": "everyframe.highlights.reel",
    "search": "everyframe.archive",
    "segment": "everyframe.vision.dense.footage",
    "spot": "everyframe.highlights.spotting",
    "teach": "everyframe.highlights",
    "watch": "everyframe.watching",
}

__all__ = [
    "Architecture",
    "Baseline",
    "Box",
    "Budget",
    "Deviation",
    "Event",
    "EveryframeError",
    "Frame",
    "Gap",
    "GapReason",
    "Library",
    "Reel",
    "Scoreboard",
    "Segment",
    "Segmenter",
    "Source",
    "Store",
    "StreamInfo",
    "VerdictKind",
    "Watcher",
    "__version__",
    "add_classes",
    "architecture",
    "index",
    "learn",
    "open_source",
    "probe",
    "read_labels",
    "read_scoreboard",
    "recognise",
    "reel",
    "search",
    "segment",
    "spot",
    "teach",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``everyframe --help`` is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'everyframe' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
