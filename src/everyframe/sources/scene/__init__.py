"""A synthetic scene whose truth is known: a park path, its people, and scripted anomalies and faults."""

from everyframe.sources.scene.dataset import write_dataset
from everyframe.sources.scene.park import Actor, ParkScene
from everyframe.sources.scene.script import ANOMALIES, FAULTS, Scripted
from everyframe.sources.scene.spec import open_scene

__all__ = ["ANOMALIES", "FAULTS", "Actor", "ParkScene", "Scripted", "open_scene", "write_dataset"]
