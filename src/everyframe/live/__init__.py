"""Many cameras at once: each watched by a process of its own, all kept running."""

from everyframe.live.spec import CameraSpec, CameraState, CameraStatus, LiveSettings, Notice
from everyframe.live.supervisor import Supervisor

__all__ = ["CameraSpec", "CameraState", "CameraStatus", "LiveSettings", "Notice", "Supervisor"]
