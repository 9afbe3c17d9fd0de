"""From a picture's arrival to its alert on the page, in a real browser: ``python -m benchmarks.onpage``.

Eight live RTSP cameras that know five normal minutes, one whole server with default settings, and Chromium
with two pages open: the wall and the inbox. A page notes by its own clock, which is this machine's, when the
alert is in it. Scores look one second ahead, so what happened is up to a second older than the picture that
decided.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.kept import Measurement, commit, write
from benchmarks.live import FPS, SIZE, Server
from benchmarks.run import repeat
from everyframe.bench import synthetic
from everyframe.live.worker import baseline_path
from everyframe.watching import learn

PASSWORD = "a walk in the park"
WATCH = """
window.took = [];
new MutationObserver(changes => {
  for (const change of changes) for (const node of change.addedNodes) {
    if (node.nodeType !== 1) continue;
    for (const one of [node, ...node.querySelectorAll('[data-arrived]')]) {
      const at = one.dataset && one.dataset.arrived;
      if (at && !window.took.some(([known]) => known === at))
        window.took.push([at, Date.now() / 1000 - Number(at)]);
    }
  }
}).observe(document.body, {childList: true, subtree: true});
"""


@contextmanager
def served(folder: Path, cameras: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Run a whole server; yield its address and the first password."""
    tables = [f'[cameras."{name}"]\nsource = "{url}"\n' for name, url in cameras.items()]
    (folder / "everyframe.toml").write_text("\n".join(tables))
    log = folder / "log"
    command = [sys.executable, "-m", "everyframe", "serve", "-c", "everyframe.toml", "--port", "0"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--store", "data"],
            cwd=folder,
            stdout=out,
            stderr=out,
            env=os.environ | {"NO_COLOR": "1"},
        )
    try:
        while process.poll() is None:
            address = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
            password = re.search(r"Sign in as admin with (\S+)", log.read_text())
            if address and password:
                break
            time.sleep(0.2)
        else:
            raise RuntimeError(log.read_text())
        yield address[0], password[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def sign_in(page: Page, address: str, password: str) -> None:
    """Go through the door for the first time."""
    page.goto(address)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("The password so far").fill(password)
    page.get_by_label("The new one", exact=True).fill(PASSWORD)
    page.get_by_label("The new one again").fill(PASSWORD)
    page.get_by_role("button", name="Choose it").click()
    page.get_by_role("navigation").wait_for()


def measure(film: Path, folder: Path, cameras: int, minutes: float) -> dict[str, list[float]]:
    """Return how long alerts took, by page."""
    normal = film.with_name("normal.mp4")
    synthetic.write_clip(normal, seconds=300.0, fps=FPS, size=SIZE, seed=1)
    known = learn(normal)
    names = [f"camera {n:02}" for n in range(cameras)]
    (folder / "data" / "baselines").mkdir(parents=True)
    for name in names:
        known.save(baseline_path(folder / "data" / "baselines", name))
    server = Server(film)
    try:
        with (
            served(folder, dict.fromkeys(names, server.url)) as (address, password),
            sync_playwright() as play,
        ):
            path = shutil.which("chromium") or shutil.which("google-chrome")
            context = play.chromium.launch(executable_path=path, args=["--no-sandbox"]).new_context()
            pages = {"wall": context.new_page(), "review": context.new_page()}
            sign_in(pages["wall"], address, password)
            pages["wall"].goto(address)
            pages["review"].goto(f"{address}/review")
            for page in pages.values():
                page.evaluate(WATCH)
            end = time.monotonic() + minutes * 60.0
            while time.monotonic() < end:
                pages["wall"].wait_for_timeout(1000.0)
                counts = ", ".join(f"{name}: {len(page.evaluate('took'))}" for name, page in pages.items())
                print(f"\r  {(end - time.monotonic()) / 60:5.1f} min left: {counts}   ", end="", flush=True)
            print()
            return {name: [took for _, took in page.evaluate("took")] for name, page in pages.items()}
    finally:
        server.kill()


def main() -> None:
    """Measure, print and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--keep", action="store_true", help="keep the figures in benchmarks/results")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        short, film = folder / "short.mp4", folder / "film.mp4"
        synthetic.write_clip(short, seconds=None, fps=FPS, size=SIZE, script="anomalies")
        repeat(short, int(told.minutes) + 2, film)
        took = measure(film, folder, told.cameras, told.minutes)
    found: dict[str, Any] = {"cameras": told.cameras, "minutes": told.minutes}
    for name, times in took.items():
        ordered = sorted(times)
        found[f"{name}_alerts"] = len(ordered)
        if ordered:
            found[f"{name}_median_s"] = round(statistics.median(ordered), 3)
            found[f"{name}_p95_s"] = round(ordered[int(0.95 * (len(ordered) - 1))], 3)
    for name, value in found.items():
        print(f"{name:24} {value}")
    if told.keep:
        command = f"python -m benchmarks.onpage --cameras {told.cameras} --minutes {told.minutes:g}"
        write("live-page", Measurement(command, f"{datetime.now(UTC):%Y-%m-%d}", commit(), found))


if __name__ == "__main__":
    main()
