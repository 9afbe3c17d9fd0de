"""What the tests of health share."""

from __future__ import annotations

import pytest
from tests.health.wall import SIZE

from everyframe.health import HealthWatcher
from everyframe.types import StreamInfo


@pytest.fixture
def watcher() -> HealthWatcher:
    return HealthWatcher(StreamInfo("wall", *SIZE))
