"""The whole server, in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHOSEN = "a walk in the park"
"""The password that an admin chooses."""


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

    def first_password(self) -> str:
        """Return the password that it told once."""
        return str(wait_for(lambda: re.search(r"Sign in as admin with (\S+)", self.log.read_text()))[1])

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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser, or skip where there is none."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("Chromium is not installed; see .ci/packages.txt")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def sign_in(page: Page, served: Served) -> None:
    """Go through the door for the first time, and choose a password."""
    told = served.first_password()
    page.goto(served.address)
    page.get_by_label("Password").fill(told)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("The password so far").fill(told)
    page.get_by_label("The new one", exact=True).fill(CHOSEN)
    page.get_by_label("The new one again").fill(CHOSEN)
    page.get_by_role("button", name="Choose it").click()
    page.get_by_role("navigation").wait_for()
