"""A reel of what the archive finds, and one film of the day of a camera."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from tests.store.conftest import make_event as make_event  # a fixture

import everyframe as ef
from everyframe.archive import pick, pick_alerts
from everyframe.cli.asked import to_show
from everyframe.errors import SettingError
from everyframe.store import Store
from everyframe.types import Event, StreamInfo

NOON = datetime(2026, 11, 25, 12).astimezone().timestamp()  # by the clock of this machine
DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as made:
        yield made


@pytest.fixture
def yard(store: Store, clip: Path, make_event: Callable[..., Event]) -> Store:
    """Return a store with alerts of two cameras on two days; of one the clip is gone, one is dismissed."""
    told = [("gate", 0.0, 0.001), ("yard", 60.0, 0.01), ("gate", -30.0, 0.5), ("gate", DAY, 0.001)]
    for number, (camera, later, p_value) in enumerate(told):
        own = store.folder / f"{number}.mp4"
        own.write_bytes(clip.read_bytes())
        with store.begin(camera, StreamInfo(camera, 160, 90), "watch") as run:
            run.add_event(make_event(utc=NOON + later, p_value=p_value), clip=own)
    with store.begin("gate", StreamInfo("gate", 160, 90), "watch") as run:
        run.add_event(make_event(utc=NOON + 5), clip=clip.with_name("gone.mp4"))
        false = run.add_event(make_event(utc=NOON + 9), clip=clip)
    store.give_verdict(false, "false", "ada")
    return store


def test_what_is_found_comes_in_order_of_time_where_its_footage_is_here(cup: Path, store: Store) -> None:
    ef.index(cup, store=store, pictures=False)
    found = pick("smash", store=store)
    assert [one.start for one in found.segments] == [2.0, 9.0]
    assert {one.source for one in found.segments} == {str((cup / "final 2026-03-02.mp4").resolve())}
    assert (found.absent, found.hints) == (1, [])
    nothing = pick("smash", player="Moreau", store=store)
    assert (nothing.segments, nothing.absent) == ([], 1)
    assert "is not here (city-open)" in nothing.hints[0]
    assert "“zebra”" in pick("zebra", store=store).hints[0]


def test_a_reel_is_cut_of_what_is_found(
    cup: Path, everyframe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ef.index(cup, store=str(cup.parent / "store"), pictures=False)
    words = ("--query", "smash", "--last", "10", "--before", "0", "--after", "0", "--snap", "0")
    done = everyframe("reel", *words, "-o", "r.mp4", "--json")
    assert done.returncode == 0, done.stderr
    assert "1 of 3 are left out: they are not here." in done.stderr
    told = json.dumps(json.loads(done.stdout))
    assert told.count('"smash"') >= 2
    with closing(ef.open_source(cup.parent / "r.mp4")) as made:
        assert made.info.duration == pytest.approx(4.0, abs=0.2)


def test_where_nothing_is_found_it_says_so_and_exits_with_one(
    cup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = str(tmp_path / "store")
    ef.index(cup, store=place, pictures=False)
    with pytest.raises(SystemExit) as left:
        to_show("smash", alerts=False, camera=None, store=place, player="Lindkvist")
    assert left.value.code == 1
    assert "did you mean Ada Lindqvist?" in capsys.readouterr().err
    assert to_show(None, alerts=False, camera=None, store=None, player=None) is None
    for arguments in ({"query": "smash", "alerts": True}, {"query": None, "alerts": False, "camera": "gate"}):
        with pytest.raises(SettingError, match=r"leave out|tell --alerts, too"):
            to_show(**{"camera": None, "store": place, **arguments})  # type: ignore[arg-type]


def test_the_film_of_a_day_has_the_clips_of_that_day_in_order(
    yard: Store, everyframe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    found = pick_alerts("gate", since="2026-11-25", until=date(2026, 11, 25), store=yard)
    assert [Path(one.source).name for one in found.segments] == ["2.mp4", "0.mp4"]
    assert [one.confidence for one in found.segments] == [0.5, 0.999]
    assert found.absent == 1
    assert found.segments[0].label == "gate 11:59:30 cyclist"
    assert found.segments[0].about["date"] == "2026-11-25"
    assert len(pick_alerts(store=yard).segments) == 4
    assert len(pick_alerts("gate", since="2026-11-26", store=yard).segments) == 1
    day = ("--camera", "gate", "--from", "2026-11-25", "--to", "2026-11-25", "--store", str(yard.folder))
    done = everyframe("reel", "--alerts", *day, "-o", "day.mp4")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[2], Path(line[4]).name) for line in lines] == [
        ("0:00", "11:59:30", "2.mp4"),
        ("0:12", "12:00:00", "0.mp4"),
    ]
    assert "1 of 3 are left out: they are not here." in done.stderr
    with closing(ef.open_source("day.mp4")) as made:
        assert made.info.duration == pytest.approx(24.0, abs=0.2)


@pytest.mark.parametrize(
    ("camera", "since", "why"),
    [
        ("gaet", None, "There is no camera gaet in the store; there is gate, yard."),
        ("gate", "2026-12-01", "There is no alert in these days"),
    ],
)
def test_a_day_without_alerts_says_so(yard: Store, camera: str, since: str | None, why: str) -> None:
    found = pick_alerts(camera, since=since, store=yard)
    assert (found.segments, why in found.hints[0]) == ([], True)
