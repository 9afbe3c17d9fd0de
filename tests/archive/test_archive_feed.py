"""A feed of one's own from the index: made, moved by what was watched, cut, and told in words."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import everyframe as ef
from everyframe.archive import Feed, feed, follow, give_feedback
from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.store import Store
from everyframe.store.archive import Keeper
from everyframe.store.archive.profiles import Profile, Profiles

PLAYERS = ("Viktor AXELSEN", "An Se Young", "Kento MOMOTA")
LABELS = ("smash", "drop", "net shot", "lob")


@pytest.fixture
def store(kept_in: str, tmp_path: Path) -> Iterator[Store]:
    with Store(kept_in, folder=tmp_path) as made:
        keeper = Keeper(made)
        told = [
            Segment(
                10.0 * number,
                10.0 * number + 4,
                LABELS[number % 4],
                source="match",
                about={"player": PLAYERS[number % 3], "date": f"2026-01-{number % 28 + 1:02d}"},
            )
            for number in range(60)
        ]
        telling = keeper.begin("feed.csv", "1")
        keeper.keep(telling, told, "feed", rows=60)
        keeper.finish(telling)
        yield made


def order(found: Feed) -> list[int]:
    return [one.moment.id for one in found.shown]


def labels(found: Feed) -> list[str]:
    return [one.moment.segment.label for one in found.shown]


def test_two_profiles_on_one_index_have_feeds_of_their_own_and_say_why(store: Store) -> None:
    follow("mia", players=["axelsen"], kinds=["smash"], seconds=40.0, store=store)
    follow("Bo", players=["Se Young"], seconds=40.0, store=store)
    one, other = feed("mia", store=store), feed("bo", store=store)
    assert {show.moment.segment.about["player"] for show in one.shown[:3]} == {"Viktor AXELSEN"}
    assert set(order(one)).isdisjoint(order(other))
    assert order(one) == order(feed("MIA", store=store))
    first = one.shown[0]
    assert [reason.text for reason in first.reasons][:2] == [
        "you follow Viktor AXELSEN",
        "you watch this kind: smash",
    ]
    assert first.score == pytest.approx(sum(reason.points for reason in first.reasons))
    assert sum(show.moment.segment.seconds + 4 for show in one.shown) <= 40.0
    assert [profile.name for profile in Profiles(store).all()] == ["Bo", "mia"]


def test_what_was_watched_and_skipped_moves_the_feed_and_can_be_taken_back(store: Store) -> None:
    follow("mia", seconds=64.0, store=store)
    before = feed("mia", store=store)
    drop = next(show.moment.id for show in before.shown if show.moment.segment.label == "drop")
    smashes = [show.moment.id for show in before.shown if show.moment.segment.label == "smash"]
    give_feedback("mia", drop, "watched", store=store)
    for number in smashes:
        give_feedback("mia", number, "skipped", store=store)
    after = feed("mia", store=store)
    assert labels(after).count("drop") > labels(before).count("drop")
    assert labels(after).count("smash") < labels(before).count("smash")
    assert set(order(after)).isdisjoint({drop, *smashes})  # seen, or skipped
    assert "you watched the like: drop" in [
        reason.text for show in after.shown for reason in show.reasons if show.moment.segment.label == "drop"
    ]
    give_feedback("mia", drop, "watched", store=store)  # said twice, it counts once
    assert order(feed("mia", store=store)) == order(after)
    give_feedback("mia", drop, None, store=store)
    for number in smashes:
        give_feedback("mia", number, None, store=store)
    assert feed("mia", store=store) == before


def test_feedback_outlives_a_table_that_is_read_again(store: Store) -> None:
    follow("mia", store=store)
    first = feed("mia", store=store).shown[0].moment
    give_feedback("mia", first.id, "skipped", store=store)
    keeper = Keeper(store)
    for digest, told in (("2", []), ("3", [first.segment])):  # gone, and there again
        telling = keeper.begin("feed.csv", digest)
        keeper.keep(telling, told, "feed", rows=len(told))
        keeper.finish(telling)
    assert feed("mia", store=store).hints == [
        "All there is was skipped; take some of that back, or index more."
    ]


def test_a_profile_follows_more_less_and_nothing(store: Store) -> None:
    follow("mia", players=["Axelsen", "axelsén", "Momota"], teams=["Denmark"], store=store)
    profile = follow("mia", kinds=["smash"], drop=["MOMOTA"], seconds=300.0, store=store)
    assert profile == Profile("mia", ("Axelsen",), ("Denmark",), ("smash",), 300.0)
    assert Profiles(store).remove("mia")
    assert not Profiles(store).remove("mia")
    with pytest.raises(SettingError, match="There is no profile mia; there is none yet"):
        feed("mia", store=store)


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        ({"name": " - "}, "needs a name"),
        ({"name": "m" * 65}, "64 at most"),
        ({"seconds": 0.0}, "up to 24 hours"),
        ({"seconds": float("nan")}, "up to 24 hours"),
        ({"players": ["..."]}, "is no name to follow"),
        ({"kinds": [f"kind {number}" for number in range(201)]}, "follows 200 of a kind"),
    ],
)
def test_what_no_profile_can_be_is_refused(tmp_path: Path, profile: dict[str, object], why: str) -> None:
    with pytest.raises(SettingError, match=why):
        follow(**{"name": "mia", "store": str(tmp_path), **profile})  # type: ignore[arg-type]


def test_what_is_not_there_is_said(store: Store) -> None:
    follow("mia", seconds=5.0, store=store)
    assert "short enough for a feed of 5 s" in feed("mia", store=store).hints[0]
    assert "has its footage here" in feed("mia", here=True, store=store).hints[0]
    with pytest.raises(SettingError, match="There is no moment 999999"):
        give_feedback("mia", 999_999, "watched", store=store)
    with pytest.raises(SettingError, match="There is no profile bo; there is mia"):
        give_feedback("bo", 1, "watched", store=store)


def test_a_feed_is_told_and_cut_from_the_command_line(
    cup: Path, everyframe: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ef.index(cup, store=str(cup.parent / "store"), pictures=False)
    done = everyframe(
        *(
            "feed",
            "mia",
            "--add-player",
            "Lindqvist",
            "--add-kind",
            "smash",
            "--length",
            "15s",
            "-o",
            "mia.mp4",
        )
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert "smash  Ada Lindqvist v Bo Chen" in lines[0]
    assert "you follow Ada Lindqvist (+1.00), you watch this kind: smash (+0.60)" in lines[1]
    with closing(ef.open_source(cup.parent / "mia.mp4")) as film:
        assert film.info.duration is not None
        assert film.info.duration <= 15.1
    number = lines[0].split()[0]
    told = everyframe("feed", "mia", "--skipped", number, "--json").stdout.splitlines()
    found = [json.loads(line) for line in told]
    assert number not in [str(one["id"]) for one in found]
    assert found[0]["reasons"][0] == {"text": "you follow Ada Lindqvist", "points": 1.0}
    nobody = everyframe("feed", "bo")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert "There is no profile bo; there is mia." in nobody.stderr
