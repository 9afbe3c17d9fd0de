"""The whole server, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Served:
    """A server in a process of its own.

    Args:
        folder: Where it runs.
        settings: Its settings file.
        place: Of its store.
    """

    def __init__(self, folder: Path, settings: str, place: str = "data") -> None:
        (folder / "everyframe.toml").write_text(settings)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVERYFRAME_")}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "everyframe",
                    *["serve", "-c", "everyframe.toml", "--port", "0", "--store", place],
                ],
                cwd=folder,
                env=kept | {"NO_COLOR": "1", "COLUMNS": "200", "XDG_DATA_HOME": str(folder / "share")},
                stdout=log,
                stderr=log,
            )
        self.address = wait_for(lambda: re.search(r"https?://127\.0\.0\.1:\d+", self.log.read_text()))[0]

    def kill(self) -> None:
        """Kill it as the power would, but not its workers."""
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def wait_for(look: Callable[[], Any], seconds: float = 120.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")
