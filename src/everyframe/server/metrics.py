"""What Prometheus scrapes: a registry of our own, filled when it is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from everyframe._version import __version__
from everyframe.live import CameraState, CameraStatus
from everyframe.server.house import House
from everyframe.store import browsing

GAUGES = {
    "fps": ("everyframe_camera_fps", "Pictures looked at per second, lately"),
    "lag": ("everyframe_camera_lag_seconds", "From a picture's arrival to its being done with"),
    "learned": ("everyframe_camera_learned_seconds", "Footage that the baseline knows"),
    "calibrating": ("everyframe_camera_calibrating_seconds", "Normal footage still missing for the budget"),
    "p_value": ("everyframe_camera_p_value", "How unusual the latest moment is; absent while not known"),
}
COUNTERS = {
    "frames": ("everyframe_camera_frames", "Pictures looked at since the camera was started"),
    "dropped": ("everyframe_camera_dropped", "Pictures left out because we were too slow"),
    "restarts": ("everyframe_camera_restarts", "How often its worker was started again"),
}


class Metrics:
    """Counts requests, and looks at the cameras when it is asked.

    Args:
        house: What it is about.
    """

    def __init__(self, house: House) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "everyframe_http_requests",
            "Requests that were answered",
            ("method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "everyframe_http_request_seconds", "How long an answer took", registry=self._registry
        )
        self._registry.register(_Cameras(house))

    def answered(self, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
        self._requests.labels(known, str(status)).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text form.

        Raises:
            StorageError: The store cannot be read.
        """
        return generate_latest(self._registry)


class _Cameras(Collector):
    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> list[Metric]:
        return []  # else the registry would collect once just to learn the names

    def collect(self) -> Iterator[Metric]:
        statuses = self._house.watching.statuses()
        for field, (name, text) in GAUGES.items():
            yield _gauge(name, text, field, statuses)
        for field, (name, text) in COUNTERS.items():
            counter = CounterMetricFamily(name, text, labels=["camera"])
            for camera, status in statuses.items():
                counter.add_metric([camera], getattr(status, field))
            yield counter
        state = GaugeMetricFamily(
            "everyframe_camera_state", "1 for the state that a camera is in", labels=["camera", "state"]
        )
        for camera, status in statuses.items():
            for word in CameraState:
                state.add_metric([camera, word.value], float(status.state == word))
        yield state
        yield GaugeMetricFamily(
            "everyframe_events", "Events in the store", browsing.browse(self._house.store, limit=0).total
        )
        yield GaugeMetricFamily(
            "everyframe_disk_free_bytes", "Free where clips lie", shutil.disk_usage(self._house.folder).free
        )
        about = GaugeMetricFamily("everyframe_build", "The version, as a label", labels=["version"])
        about.add_metric([__version__], 1.0)
        yield about


def _gauge(name: str, text: str, field: str, statuses: dict[str, CameraStatus]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=["camera"])
    for camera, status in statuses.items():
        value = getattr(status, field)
        if value is not None:
            gauge.add_metric([camera], value)
    return gauge
