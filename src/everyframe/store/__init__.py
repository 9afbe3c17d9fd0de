"""What was found, kept: events with their clips and pictures, and the page that shows them."""

from everyframe.store import serving as serving  # its tables belong to every store
from everyframe.store.clips import clip_for, write_clip
from everyframe.store.pictures import thumbnail
from everyframe.store.records import RunKind, RunState, Score, StoredEvent, StoredRun
from everyframe.store.ring import FrameRing
from everyframe.store.run import Run
from everyframe.store.sinks import Evidence, JsonLinesSink, Sink, StoreSink
from everyframe.store.store import Store
from everyframe.store.verdicts import Verdict

__all__ = [
    "Evidence",
    "FrameRing",
    "JsonLinesSink",
    "Run",
    "RunKind",
    "RunState",
    "Score",
    "Sink",
    "Store",
    "StoreSink",
    "StoredEvent",
    "StoredRun",
    "Verdict",
    "clip_for",
    "thumbnail",
    "write_clip",
]
