"""A camera's own health as events: offline, frozen, dark, covered, moved, and what else may be wrong."""

from everyframe.health.kinds import HealthEvent, HealthKind
from everyframe.health.settings import HealthSettings
from everyframe.health.watcher import HealthWatcher

__all__ = ["HealthEvent", "HealthKind", "HealthSettings", "HealthWatcher"]
