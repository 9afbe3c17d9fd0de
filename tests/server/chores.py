"""Small pieces of work for the tests of jobs; processes import them by name."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from everyframe.errors import SettingError
from everyframe.server.desk import Desk, Stopped


def chore(task: Mapping[str, Any], desk: Desk) -> str:
    """Do what the task says: ``fail``, ``break``, ``die``, or ``wait`` for a file or to be stopped."""
    desk.tell("waiting", "a chore", 1, 4, "so far")
    desk.point(0.5, 1)
    desk.note("by  the\nway")
    match task["do"]:
        case "fail":
            raise SettingError("It cannot be;\ndo another.")
        case "break":
            raise RuntimeError("a fault of ours")
        case "die":
            os._exit(3)
        case "wait":
            end = time.monotonic() + 120.0
            while not Path(task["file"]).exists() and time.monotonic() < end:
                if desk.stopping.is_set() and not task.get("deaf"):
                    raise Stopped("What is done stays.")
                time.sleep(0.02)
    return "Done."
