"""How fast is an archive, small and large? ``python -m benchmarks.archive``.

The strokes of ShuttleSet (36,484 rows of 44 matches) are indexed by the command that a person would type, and
searched a thousand times in each of three ways. Then they are repeated until there are a million, each time a
week later, at a tournament of another name, so that nothing is said twice; and searched again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.kept import Measurement, commit, write
from everyframe.archive import search
from everyframe.errors import EveryframeError
from everyframe.highlights import Segment
from everyframe.highlights.feeds import Joined, Place, beside, segments
from everyframe.highlights.forms import known_form
from everyframe.highlights.tables import read_table
from everyframe.store import Store
from everyframe.store.archive import Keeper
from everyframe.store.archive_models import MomentRow

MILLION = 1_000_000
BATCH = 5_000
SHUTTLESET = "match_events/ShuttleSet"


def data() -> Path:
    """Return where ShuttleSet lies.

    Raises:
        EveryframeError: It does not.
    """
    root = Path(os.environ.get("EVERYFRAME_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (root / SHUTTLESET / "set" / "match.csv").is_file():
        raise EveryframeError(f"there is no ShuttleSet in {root}: see CONTRIBUTING.md for where data goes")
    return root / SHUTTLESET


def strokes(root: Path) -> list[Segment]:
    """Read all strokes."""
    form, folder, found = known_form("shuttleset"), root / "set", []
    joins = beside(folder, form)
    for path in sorted(folder.glob(form.rows)):
        joined = Joined(read_table(path), form, joins, {"folder": path.parent.name, "file": path.stem})
        found += [one.segment for one in segments(joined, _Anywhere(), Place()) if one.segment is not None]
    return found


class _Anywhere(dict[str, Place]):
    def __missing__(self, name: str) -> Place:
        return Place(name)


def repeated(once: list[Segment], count: int) -> Iterator[Segment]:
    """Yield strokes over and over, each time a week later and elsewhere."""
    for round_ in range(1, 1 + -(-count // len(once))):
        for one in islice(once, max(0, count - (round_ - 1) * len(once))):
            about = dict(one.about)
            about["date"] = str(date.fromisoformat(about["date"]) + timedelta(days=7 * round_))
            about["competition"] += f" edition {round_}"
            yield replace(one, source=f"{one.source} {round_}", about=about)


def fill(store: Store, once: list[Segment], total: int) -> float:
    """Repeat strokes until there are so many; return seconds."""
    began = time.perf_counter()
    keeper = Keeper(store)
    telling = keeper.begin("the same, repeated", "repeated")
    rest, done = repeated(once, total - len(once)), 0
    while piece := list(islice(rest, BATCH)):
        done += len(piece)
        keeper.keep(telling, piece, "feed", rows=done)
        print(f"\r  {len(once) + done:,} moments", end="", flush=True)
    keeper.finish(telling)
    print()
    return time.perf_counter() - began


def queries(once: list[Segment], seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return a thousand searches of each of three kinds."""
    own = random.Random(seed)
    players = sorted({one.about["player"] for one in once})
    labels = sorted({one.label for one in once})
    days = sorted({one.about["date"] for one in once})
    first, span = (
        date.fromisoformat(days[0]),
        (date.fromisoformat(days[-1]) - date.fromisoformat(days[0])).days,
    )

    def of_player() -> dict[str, Any]:
        name = own.choice(players)
        return {"label": "smash", "player": own.choice([name, name.lower(), name.split()[-1]]), "last": 10}

    def of_dates() -> dict[str, Any]:
        since = first + timedelta(days=own.randrange(span))
        told: dict[str, Any] = {"since": since, "until": since + timedelta(days=own.randrange(1, 200))}
        if own.random() < 0.5:
            told["label"] = own.choice(labels)
        return told | own.choice([{"last": 10}, {"limit": 20}])

    def of_text() -> dict[str, Any]:
        one, other = own.choice(players).split()[-1].lower(), own.choice(players).split()[-1].lower()
        label, second = own.choice(labels), own.choice(labels)
        texts = (
            *(label, f"{label} {one}", f"{one} or {other}", f"{label} (finals or semi) not {one}"),
            *(
                f'"{label}" or "{second}"',
                f"{one[:4]}* {label} 2020",
                f"not {label} {other}",
                "thailand finals",
            ),
        )
        return {"text": own.choice(texts)} | own.choice([{"last": 10}, {"limit": 20}])

    return {
        name: [make() for _ in range(1_000)]
        for name, make in (
            ("last ten smashes of a player", of_player),
            ("a range of dates", of_dates),
            ("text", of_text),
        )
    }


def timed(store: Store, asked: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Search; return milliseconds by kind, on the wall's clock, and that of this thread alone."""
    told: dict[str, dict[str, float]] = {}
    for kind, every in asked.items():
        wall, own, found = [], [], 0
        for one in every:
            began, worked = time.perf_counter(), time.thread_time()
            result = search(store=store, **one)
            own.append(1e3 * (time.thread_time() - worked))
            wall.append(1e3 * (time.perf_counter() - began))
            found += bool(result.moments)
        wall, own = sorted(wall), sorted(own)
        told[kind] = {
            "median_ms": round(wall[len(wall) // 2], 2),
            "p99_ms": round(wall[int(0.99 * len(wall))], 2),
            "worst_ms": round(wall[-1], 2),
            "p99_own_ms": round(own[int(0.99 * len(own))], 2),
            "answered": found,
        }
        print(f"  {kind}: {told[kind]}", flush=True)
    return told


def measure(place: str, folder: Path, total: int, seed: int) -> dict[str, Any]:
    """Measure in one database."""
    root = data()
    began = time.perf_counter()
    command = [sys.executable, "-m", "everyframe", "index", str(root), "--store", place, "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    found: dict[str, Any] = {
        "load_s": round(time.perf_counter() - began, 1),
        "load_average": os.getloadavg()[0],
        "indexed": {"moments": told["moments"], "left_out": told["left_out"], "tables": told["tables"]},
    }
    print(f"  indexed in {found['load_s']} s: {found['indexed']}", flush=True)
    once = strokes(root)
    asked = queries(once, seed)
    with Store(place, folder=folder) as store:
        found["strokes"] = {"moments": kept(store), "queries": timed(store, asked)}
        found["fill_s"] = round(fill(store, once, total), 1)
        found["million"] = {"moments": kept(store), "queries": timed(store, asked)}
    found["load_average_at_the_end"] = os.getloadavg()[0]
    return found


def kept(store: Store) -> int:
    """Return how many moments there are: a stroke that is there twice in the same words is one."""
    with store.reading() as session:
        return session.scalar(select(func.count(MomentRow.id))) or 0


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """Lend a database of one's own."""
    if name == "sqlite":
        yield str(folder / "store")
        return
    from tests.databases import PostgresServer

    server = PostgresServer()
    try:
        yield server.url(server.fresh())
    finally:
        server.stop()


def main() -> int:
    """Measure what is asked for, print it and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--total", type=int, default=MILLION, help="how many moments in the end")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the figures in benchmarks/results")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, database(told.database, Path(scratch)) as place:
        try:
            found = {"database": told.database} | measure(place, Path(scratch), told.total, told.seed)
        except EveryframeError as error:
            print(error, file=sys.stderr)
            return 2
    if told.keep:
        command = f"python -m benchmarks.archive --database {told.database}"
        write(
            f"archive-{told.database}", Measurement(command, f"{datetime.now(UTC):%Y-%m-%d}", commit(), found)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
