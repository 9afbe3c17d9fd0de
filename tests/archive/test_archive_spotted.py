"""What a recogniser spots is kept as what it says now; what others said stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest

import everyframe as ef
from everyframe.archive.indexing import Indexed
from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.store import Store
from everyframe.store.archive import StoredMoment


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as made:
        yield made


@pytest.fixture
def final(cup: Path, store: Store) -> Path:
    """Return footage of which people said something already."""
    ef.index(cup, store=store, said_by="person", pictures=False)
    return cup / "final 2026-03-02.mp4"


def spot(store: Store, footage: Path, segments: Sequence[Segment], by: str = "badminton") -> Indexed:
    return ef.index(footage, segments=segments, recogniser=by, store=store, pictures=False)


def said(store: Store, by: str = "recogniser") -> list[StoredMoment]:
    moments = ef.search(last=100, store=store).moments
    return sorted((one for one in moments if one.said_by == by), key=lambda one: one.segment.start)


def test_a_second_run_replaces_what_the_recogniser_said_and_nothing_else(store: Store, final: Path) -> None:
    people = said(store, "person")
    assert len(people) == 4
    first = [Segment(2.0, 4.0, "smash", 0.7), Segment(5.0, 6.0, "drop", 0.4)]
    assert spot(store, final, first).moments == 2
    assert spot(store, final, first).moments == 0
    before = said(store)
    surer = [Segment(2.0, 4.0, "smash", 0.9), Segment(7.0, 8.0, "net shot", 0.6)]
    assert spot(store, final, surer).moments == 1
    after = said(store)
    assert [(one.segment.label, one.segment.confidence) for one in after] == [
        ("smash", 0.9),
        ("net shot", 0.6),
    ]
    assert after[0].id == before[0].id  # a person may have kept its number
    assert after[0].segment.about["recogniser"] == "badminton"
    assert after[0].path == final.resolve()
    assert after[0].segment.about["date"] == "2026-03-02"
    assert spot(store, final, []).moments == 0  # it looked, and saw nothing
    assert said(store) == []
    assert said(store, "person") == people


def test_two_recognisers_do_not_take_from_each_other(store: Store, final: Path) -> None:
    same = [Segment(2.0, 4.0, "smash", 0.7)]
    assert [spot(store, final, same, by).moments for by in ("one", "two")] == [1, 1]
    spot(store, final, [], "one")
    assert [one.segment.about["recogniser"] for one in said(store)] == ["two"]


def test_two_cameras_with_files_of_one_name_keep_their_own(
    store: Store, clip: Path, cup: Path, tmp_path: Path
) -> None:
    files = [tmp_path / camera / "0001.mp4" for camera in ("gate", "yard")]
    for number, path in enumerate(files):
        path.parent.mkdir()
        path.write_bytes(clip.read_bytes() + bytes(8 + number))  # another digest; readers pass over it
        path.with_suffix(".csv").write_text(f"start,end,label\n{number},9,said\n", encoding="utf-8")
    told = [Segment(number, 5.0, "spotted", source=str(path)) for number, path in enumerate(files)]
    ef.index(files, store=store, pictures=False)
    done = ef.index(segments=told, recogniser="b", store=store, pictures=False)
    assert done.faults == []
    for label in ("said", "spotted"):
        found = ef.search(label=label, store=store)
        assert {(one.path, one.segment.start) for one in found} == {
            (path.resolve(), float(number)) for number, path in enumerate(files)
        }


def test_what_lies_outside_the_footage_is_left_out_and_said(store: Store, final: Path) -> None:
    done = spot(store, final, [Segment(11.0, 12.3, "smash"), Segment(40.0, 44.0, "drop")])
    assert (done.moments, done.left_out) == (1, 1)
    assert "drop at 40 to 44 s is outside: it lasts 12 s; it is left out" in done.faults[0]
    assert said(store)[0].segment.end == 12.0


class _Later(Event):
    """Is set once it was asked for often enough."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self._left = asked

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_stopped_it_goes_on(store: Store, final: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everyframe.archive.spotted._BATCH", 2)
    told = [Segment(0.5 * at, 0.5 * at + 1.0, "smash") for at in range(8)]
    first = ef.index(final, segments=told, recogniser="a", store=store, pictures=False, stop=_Later(4))
    kept = len(said(store))
    assert first.stopped
    assert 0 < kept < 8
    assert spot(store, final, told, "a").moments == 8 - kept
    assert len(said(store)) == 8


@pytest.mark.parametrize(
    ("segments", "by", "why"),
    [
        ([Segment(0, 1, "smash")], " ", "Say which recogniser"),
        ([Segment(0, 1, "smash")], "a", "smash at 0 s does not say in which footage"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    store: Store, cup: Path, segments: list[Segment], by: str, why: str
) -> None:
    (cup / "second.mp4").write_bytes((cup / "final 2026-03-02.mp4").read_bytes())
    with pytest.raises(SettingError, match=why):
        ef.index(cup, segments=segments, recogniser=by, store=store)
