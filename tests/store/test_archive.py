"""Moments are kept once and found at once, in SQLite and in PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from everyframe.errors import SettingError, StorageError
from everyframe.highlights import Segment
from everyframe.store import Store
from everyframe.store.archive import Keeper, StoredMoment, Wanted, find, moment
from everyframe.store.archive.nearness import Nearness

JANUARY = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0
PLAYERS = ("Viktor AXELSEN", "Anders ANTONSEN", "An Se Young")
LABELS = ("smash", "wrist smash", "net shot", "drop")


def segment(number: int, **about: str) -> Segment:
    player = PLAYERS[number % 3]
    told = {
        "player": player,
        "opponent": PLAYERS[(number + 1) % 3],
        "competition": f"Open {number % 2 + 2020}",
    }
    told |= {"date": f"2026-01-{number % 28 + 1:02d}", "text": ("Finals", "Semi-finals")[number % 2]}
    return Segment(float(number), number + 2.0, LABELS[number % 4], 1.0, f"match {number % 5}", told | about)


@pytest.fixture
def store(kept_in: str, tmp_path: Path) -> Iterator[Store]:
    with Store(kept_in, folder=tmp_path) as made:
        yield made


@pytest.fixture
def filled(store: Store) -> Store:
    keep(store, [segment(number) for number in range(120)])
    return store


def keep(store: Store, told: list[Segment], path: str = "feed.csv", digest: str = "1") -> int:
    keeper = Keeper(store)
    telling = keeper.begin(path, digest)
    fresh = keeper.keep(telling, told, "feed", rows=len(told))
    keeper.finish(telling)
    return fresh


def found(store: Store, **wanted: object) -> list[StoredMoment]:
    return find(store, Wanted(**wanted)).moments  # type: ignore[arg-type]


def test_what_was_kept_comes_back_as_it_was(store: Store) -> None:
    one = segment(7, rally="3", period="set 2", clock="11:42")
    assert keep(store, [one]) == 1
    (back,) = found(store)
    assert back.segment == one
    assert (back.utc, back.said_by, back.footage, back.path) == (
        JANUARY + 7 * DAY + 7,
        "feed",
        "match 2",
        None,
    )
    assert moment(store, back.id) == back
    assert moment(store, back.id + 1) is None


def test_the_last_of_a_player_are_the_newest(filled: Store) -> None:
    last = found(filled, label="smash", player="viktor axelsen", newest=True, limit=3)
    assert len(last) == 3
    assert all(one.segment.label == "smash" for one in last)
    assert all(one.segment.about["player"] == PLAYERS[0] for one in last)
    every = found(filled, label="smash", player="Axelsen", newest=True, limit=100)
    assert last == every[:3]
    times = [one.utc or 0.0 for one in every]
    assert times == sorted(times, reverse=True)
    assert len(every) == 10


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("smash", {"smash", "wrist smash"}),
        ("Smashes", {"smash", "wrist smash"}),
        ("smash not wrist", {"smash"}),
        ("smash -wrist", {"smash"}),
        ('"wrist smash" or drop', {"wrist smash", "drop"}),
        ("not smash", {"net shot", "drop"}),
        ("not (smash or drop)", {"net shot"}),
        ("smash or not wrist", {"smash", "wrist smash", "net shot", "drop"}),
        ("wri*", {"wrist smash"}),
        ('"shot net"', set()),
        ("axelsén finals smash", {"smash", "wrist smash"}),
    ],
)
def test_text_is_searched_for_with_and_or_and_not(filled: Store, text: str, labels: set[str]) -> None:
    assert {one.segment.label for one in found(filled, text=text, limit=200)} == labels


def test_the_best_match_comes_first(store: Store) -> None:
    plain = Segment(1.0, 2.0, "rally", about={"text": "a smash among many other words that say little of it"})
    keep(store, [plain, Segment(3.0, 4.0, "smash"), replace(plain, start=1.5)])
    assert [one.segment.label for one in found(store, text="smash")] == ["smash", "rally", "rally"]


def test_where_no_word_is_wanted_no_match_is_better_and_the_newest_come_first(filled: Store) -> None:
    times = [one.utc or 0.0 for one in found(filled, text="not smash not lob", limit=50)]
    assert len(times) == 50
    assert times == sorted(times, reverse=True)


def test_a_range_of_dates_has_its_first_day_and_what_is_undated_is_in_none(filled: Store) -> None:
    keep(filled, [Segment(1.0, 2.0, "smash")], "other.csv", "2")
    within = found(filled, since=JANUARY + 3 * DAY, until=JANUARY + 5 * DAY, limit=100)
    assert {one.segment.about["date"] for one in within} == {"2026-01-04", "2026-01-05"}
    before = found(filled, text="smash", until=JANUARY + 2 * DAY, limit=100)
    assert before
    assert {one.segment.about["date"] for one in before} <= {"2026-01-01", "2026-01-02"}
    assert found(filled, newest=True, limit=200)[-1].utc is None


def test_pages_follow_one_another(filled: Store) -> None:
    whole = found(filled, text="smash", limit=60)
    pages = [find(filled, Wanted("smash", limit=7, offset=start)) for start in range(0, 60, 7)]
    assert [one for page in pages for one in page] == whole
    assert [page.more for page in pages] == [True] * 8 + [False]


def test_the_same_twice_is_one(store: Store) -> None:
    told = [segment(number) for number in range(30)]
    assert keep(store, told) == 30
    assert keep(store, told) == 0
    assert keep(store, told, "copy.csv") == 0
    assert keep(store, [*told, segment(99)], "feed.csv", "2") == 1
    assert keep(store, [told[0], told[0]], "third.csv", "3") == 0
    assert len(found(store, limit=100)) == 31


def test_what_a_changed_file_says_no_more_is_gone(store: Store) -> None:
    told = [segment(number) for number in range(30)]
    keep(store, told)
    keep(store, [segment(1, text="corrected"), *told[10:]], "feed.csv", "2")
    kept = found(store, limit=100)
    assert len(kept) == 21
    assert {one.segment.start for one in kept} == {1.0, *map(float, range(10, 30))}
    assert not found(store, label="drop", player="Antonsen", until=JANUARY + 9 * DAY)
    assert [one.segment.about["text"] for one in found(store, text="corrected")] == ["corrected"]


def test_a_telling_goes_on_where_it_was_left(store: Store) -> None:
    keeper = Keeper(store)
    telling = keeper.begin("feed.csv", "1")
    keeper.keep(telling, [segment(1)], "feed", rows=1, left_out=0)
    again = Keeper(store).begin("feed.csv", "1")
    assert (again.rows, again.done) == (1, False)
    keeper.finish(again)
    assert Keeper(store).begin("feed.csv", "1").done


def test_a_batch_that_fails_leaves_nothing_and_the_next_one_is_whole(store: Store) -> None:
    keeper = Keeper(store)
    telling = keeper.begin("feed.csv", "1")
    broken = replace(telling, id=10_000_000)  # a row of this telling cannot be written
    with pytest.raises(StorageError, match="Cannot use the database"):
        keeper.keep(broken, [segment(1)], "feed", rows=1)
    assert found(store) == []
    assert keeper.keep(telling, [segment(1)], "feed", rows=1) == 1
    assert found(store)[0].segment == segment(1)


def test_footage_is_one_however_it_is_called_and_gives_its_moments_their_day(store: Store) -> None:
    keeper = Keeper(store)
    telling = keeper.begin("feed.csv", "1")
    keeper.keep(telling, [Segment(5.0, 7.0, "goal", source="Final")], "feed", rows=1)
    assert found(store)[0].utc is None
    video = {"digest": "abc", "name": "final", "path": "/v/final.mp4", "seconds": 60.0, "date": "2026-01-03"}
    assert keeper.know(video)
    assert not keeper.know(video | {"name": "copy", "path": "/v/copy.mp4"})
    (one,) = found(store)
    assert (one.utc, one.footage) == (JANUARY + 2 * DAY + 5.0, "copy")
    keeper.know(video | {"date": "2026-01-04"})
    assert found(store, since=JANUARY + 3 * DAY)[0].segment.about["date"] == "2026-01-04"


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ({"player": "Axelson"}, "no player like “Axelson”; did you mean Viktor AXELSEN?"),
        ({"player": "Zzz"}, "no player like “Zzz”; there are 3, such as An Se Young"),
        ({"team": "Red"}, "No moment names its team"),
        ({"text": "smahs"}, "“smahs”; did you mean smash?"),
        ({"text": "smash", "since": JANUARY + 300 * DAY}, "from 2026-01-01 to 2026-01-28"),
        ({"text": "smash", "label": "drop"}, "leave something out"),
    ],
)
def test_where_nothing_is_found_it_says_what_to_try(
    filled: Store, wanted: dict[str, object], hint: str
) -> None:
    nothing = find(filled, Wanted(**wanted))  # type: ignore[arg-type]
    assert nothing.moments == []
    assert hint in " ".join(nothing.hints)


def test_an_empty_archive_says_how_to_begin(store: Store) -> None:
    assert "run `everyframe index`" in find(store, Wanted("smash")).hints[0]


def test_what_is_said_in_like_words_is_like(filled: Store) -> None:
    one = found(filled, label="drop", player="An Se Young", limit=1)[0]
    likes = found(filled, like=one.id, limit=5)
    assert one.id not in [like.id for like in likes]
    assert all(like.segment.label == "drop" for like in likes)
    with pytest.raises(SettingError, match="There is no moment 999999"):
        found(filled, like=999_999)


def test_what_looks_alike_is_like_and_the_file_can_be_made_anew(filled: Store) -> None:
    numbers = [one.id for one in found(filled, limit=60)]
    own = np.random.default_rng(1)
    vectors = {number: own.normal(size=16).astype(np.float32) for number in numbers}
    vectors[numbers[7]] = vectors[numbers[3]] + np.float32(0.05)
    nearness = Nearness(filled)
    nearness.keep(vectors, "test", {numbers[3]: "archive/3.jpg"})
    nearness.refresh()
    first = found(filled, like=numbers[3], limit=4)
    assert first[0].id == numbers[7]
    assert first[0].likeness == pytest.approx(1.0, abs=0.02)
    nearness.path.write_bytes(b"damaged")
    assert found(filled, like=numbers[3], limit=4) == first
    nearness.path.unlink()
    assert found(filled, like=numbers[3], limit=4) == first
    fresh = found(filled, limit=61)[-1].id
    nearness.keep({fresh: vectors[numbers[3]]}, "test", {})
    assert {one.id for one in found(filled, like=numbers[3], limit=2)} == {fresh, numbers[7]}
    only = found(filled, like=numbers[3], label="drop", limit=100)
    assert {one.segment.label for one in only} == {"drop"}
    assert moment(filled, numbers[3]).strip == filled.folder / "archive/3.jpg"  # type: ignore[union-attr]


def test_whoever_searched_for_what_looks_alike_can_recognise_next() -> None:
    """USearch loaded before ONNX Runtime crashes a process, unless certain others came before both."""
    lines = (
        "import sys",
        "from everyframe.store.archive.nearness import _new",
        "_new(4)",
        "import onnxruntime",
        "print(*(name for name in sys.modules if name in ('onnxruntime', 'usearch')))",
    )
    command = [sys.executable, "-c", "\n".join(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "onnxruntime usearch\n"), done.stderr


@pytest.mark.parametrize("limit", [0, 1_001])
def test_a_limit_is_within_bounds(store: Store, limit: int) -> None:
    with pytest.raises(SettingError, match="1 to 1,000"):
        found(store, limit=limit)


# -- against looking at everything ------------------------------------------------------------------------

MOMENTS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 3), st.integers(0, 2), st.integers(1, 28)),
    min_size=1,
    max_size=60,
    unique=True,
)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("changing")) as made:
        yield made


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # each example writes: making a failure small would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    told=MOMENTS,
    label=st.sampled_from([None, *LABELS]),
    player=st.sampled_from([None, *PLAYERS]),
    text=st.sampled_from(["", "smash", "drop or net", "not smash"]),
    since=st.none() | st.integers(1, 28),
    until=st.none() | st.integers(1, 28),
    limit=st.integers(1, 12),
)
def test_the_newest_are_those_that_looking_at_all_moments_finds(
    changing: Store,
    told: list[tuple[int, int, int, int]],
    label: str | None,
    player: str | None,
    text: str,
    since: int | None,
    until: int | None,
    limit: int,
) -> None:
    rows = [
        Segment(
            float(at),
            at + 1.0,
            LABELS[what],
            1.0,
            "m",
            {"player": PLAYERS[who], "date": f"2026-01-{day:02d}"},
        )
        for at, what, who, day in told
    ]
    others = {"smash": {"net shot", "drop"}, "drop or net": {"smash", "wrist smash"}}
    others |= {"": set(), "not smash": {"smash", "wrist smash"}}
    low, high = (since or 1) - 1, (until or 29) - 1
    wanted = [
        one
        for one in rows
        if label in (None, one.label)
        and player in (None, one.about["player"])
        and one.label not in others[text]
        if low <= int(one.about["date"][-2:]) - 1 < high
    ]
    wanted.sort(key=lambda one: (one.about["date"], one.start), reverse=True)
    keep(changing, rows, "changing.csv", repr(rows))  # what the example before this one said is gone
    asked = Wanted(
        text=text,
        label=label,
        player=player,
        since=None if since is None else JANUARY + low * DAY,
        until=None if until is None else JANUARY + high * DAY,
        newest=True,
        limit=limit,
    )
    got = find(changing, asked)
    assert [(one.segment.about["date"], one.segment.start) for one in got] == [
        (one.about["date"], one.start) for one in wanted[:limit]
    ]
    assert got.more == (len(wanted) > limit)
