"""Verdicts change what is alerted on later, from end to end, on the synthetic park."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from everyframe.anomaly import Baseline
from everyframe.anomaly.verdicts import Standing
from everyframe.store import Store, StoreSink
from everyframe.types import VerdictKind
from everyframe.watcher import Watcher
from everyframe.watching import watch

pytestmark = pytest.mark.xdist_group("watching")  # what they share is drawn once

if TYPE_CHECKING:
    from pathlib import Path

    from tests.watching.conftest import Tape


def test_what_was_called_normal_is_no_alert_the_next_time(
    park_baseline: Baseline, ride: Tape, tmp_path: Path
) -> None:
    with Store(tmp_path) as store:
        with store.begin("park", ride.info, "watch") as run:
            before = list(watch(ride, park_baseline, sinks=[StoreSink(run)], run=run))
        assert before
        given = [store.give_verdict(one.id, "normal", "ada") for one in store.events()]
        assert list(watch(ride, park_baseline, verdicts=store.standing("park"))) == []
        for number in given:
            store.undo_verdict(number, "ada")
        assert list(watch(ride, park_baseline, verdicts=store.standing("park"))) == before


def test_verdicts_can_be_taken_while_watching(park_baseline: Baseline, ride: Tape) -> None:
    watcher = Watcher(park_baseline, ride.info)
    first = [found for item in ride for found in watcher.step(item)]
    assert first
    sightings = [found.event.sightings for found in first]
    watcher.take_verdicts([Standing(one, VerdictKind.REAL, "cyclist") for one in sightings])
    named = [found for item in ride.later(100.0) for found in watcher.step(item)]
    assert [found.event.name for found in named] == ["cyclist"] * len(named)
    assert all(found.event.reason.startswith("looks like cyclist: ") for found in named)
    assert named
    watcher.take_verdicts([Standing(one, VerdictKind.NORMAL) for one in sightings])
    assert [found for item in ride.later(200.0) for found in watcher.step(item)] + watcher.flush() == []


def test_what_was_called_normal_is_learned_from(park_baseline: Baseline, ride: Tape) -> None:
    """Nothing is troubled by it any more, so adaptation goes on while it is there."""
    sightings = [event.sightings for event in watch(ride, park_baseline)]
    confirmed = [Standing(one, VerdictKind.NORMAL) for one in sightings]
    learned = []
    for verdicts in ((), confirmed):
        watcher = Watcher(park_baseline, ride.info, verdicts=verdicts)
        for start in (0.0, 50.0, 100.0):
            for item in ride.later(start):
                watcher.step(item)
        learned.append(watcher.baseline.detector.exposure_.sum())
    assert learned[1] > learned[0]
