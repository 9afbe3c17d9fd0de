"""Where frames come from: files, folders, streams, devices and the synthetic scene.

Everything here yields ``Frame | Gap`` in order of time (see ``everyframe.types.Source``)::

    from everyframe.sources import open_source

    for item in open_source("park.mp4"):
        ...
"""

from everyframe.sources.drops import Dropping
from everyframe.sources.files import FileSource
from everyframe.sources.folders import FolderSource
from everyframe.sources.gaps import mark_gaps
from everyframe.sources.live import LiveSource
from everyframe.sources.names import masked
from everyframe.sources.opening import open_source
from everyframe.sources.probe import Probe, probe
from everyframe.sources.reader import Backoff

__all__ = [
    "Backoff",
    "Dropping",
    "FileSource",
    "FolderSource",
    "LiveSource",
    "Probe",
    "mark_gaps",
    "masked",
    "open_source",
    "probe",
]
