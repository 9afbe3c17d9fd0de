"""From a picture's arrival to its alert on the page, in a real browser: ``python -m benchmarks.onpage``.

Eight live RTSP cameras that know five normal minutes, one whole server with default settings, and Chromium
with two pages open: the wall and the inbox. A page notes by its own clock, which is this machine's, when the
alert is in it. Scores look one second ahead, so what happened is up to a second older than the picture that
decided.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext
from tests.server.whole import Served, chromium, sign_in

from benchmarks.kept import Measurement, commit, write
from benchmarks.live import FPS, SIZE, Server, knowing
from benchmarks.run import repeat
from everyframe.bench import synthetic
from everyframe.live.worker import baseline_path

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


def measure(film: Path, folder: Path, cameras: int, minutes: float) -> dict[str, list[float]]:
    """Return how long alerts took, by page."""
    known = knowing(film.with_name("normal.mp4"))
    names = [f"camera {n:02}" for n in range(cameras)]
    (folder / "data" / "baselines").mkdir(parents=True)
    for name in names:
        known.save(baseline_path(folder / "data" / "baselines", name))
    server = Server(film)
    try:
        tables = [f'[cameras."{name}"]\nsource = "{server.url}"\n' for name in names]
        served = Served(folder, "\n".join(tables))
        try:
            with chromium() as browser:
                return look(browser.new_context(), served, minutes)
        finally:
            served.end()
    finally:
        server.kill()


def look(visitor: BrowserContext, served: Served, minutes: float) -> dict[str, list[float]]:
    """Keep two pages open, and return how long alerts took to each."""
    pages = {"wall": visitor.new_page(), "review": visitor.new_page()}
    sign_in(pages["wall"], served)
    pages["wall"].goto(served.address)
    pages["review"].goto(f"{served.address}/review")
    for page in pages.values():
        page.evaluate(WATCH)
    end = time.monotonic() + minutes * 60.0
    while time.monotonic() < end:
        pages["wall"].wait_for_timeout(1000.0)
        counts = ", ".join(f"{name}: {len(page.evaluate('took'))}" for name, page in pages.items())
        print(f"\r  {(end - time.monotonic()) / 60:5.1f} min left: {counts}   ", end="", flush=True)
    print()
    return {name: [took for _, took in page.evaluate("took")] for name, page in pages.items()}


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
