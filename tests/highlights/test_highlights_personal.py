"""A feed is explained, stable, as long as it may be, and moved by feedback within bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.highlights.personal import (
    AROUND,
    LEARNED,
    UNLIKE,
    Candidate,
    Choice,
    Taste,
    counted,
    feed,
    names_in,
    reasons,
    weight,
)

LABELS, PLAYERS = ("smash", "drop", "net shot"), ("Viktor Axelsen", "An Se Young", "Kento Momota")
DAY = 86_400.0


def candidate(number: int, label: str, player: str, day: int = 0, seconds: float = 4.0) -> Candidate:
    start = 100.0 * number
    about = {"player": player, "competition": f"Open {number % 2}"}
    return Candidate(number, Segment(start, start + seconds, label, about=about), day * DAY)


CANDIDATES = st.lists(
    st.tuples(st.sampled_from(LABELS), st.sampled_from(PLAYERS), st.integers(0, 90), st.floats(0.5, 30.0)),
    min_size=1,
    max_size=30,
).map(lambda rows: [candidate(number, *row) for number, row in enumerate(rows, 1)])
FEEDBACK = st.lists(
    st.tuples(st.booleans(), st.fixed_dictionaries({"label": st.sampled_from(LABELS)})), max_size=30
)
TASTES = st.builds(
    Taste,
    players=st.lists(st.sampled_from(("axelsen", "Se-Young")), max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from(("Smashes", "drop")), max_size=2).map(tuple),
    counts=FEEDBACK.map(counted),
)


def score(taste: Taste, one: Candidate) -> float:
    return sum(reason.points for reason in reasons(taste, one, 90 * DAY))


def shown(choices: list[Choice]) -> list[Candidate]:
    return [one.candidate for one in choices]


def unlike(one: Candidate, other: Candidate) -> bool:
    same_player = one.segment.about["player"] == other.segment.about["player"]
    return one.segment.label != other.segment.label and not same_player


def test_every_moment_says_why_it_is_there() -> None:
    taste = Taste(players=("axelsen",), kinds=("smash",))
    told = [
        candidate(1, "smash", "Viktor Axelsen", 9),
        candidate(2, "smash", "Viktor Axelsen", 8),
        candidate(3, "drop", "An Se Young", 9),
    ]
    first, second, third = feed(taste, told)
    assert [one.candidate.id for one in (first, second, third)] == [1, 2, 3]
    assert [one.text for one in first.reasons] == [
        "you follow Viktor Axelsen",
        "you watch this kind: smash",
        "new",
    ]
    assert "unlike what came just before" in [one.text for one in third.reasons]
    assert third.score == pytest.approx(sum(one.points for one in third.reasons))


def test_what_is_unlike_comes_between_what_is_alike() -> None:
    told = [candidate(number, "smash", PLAYERS[0], 1) for number in (1, 2)]
    told.append(candidate(3, "drop", PLAYERS[1], 0))  # a little worse than both
    assert [one.candidate.id for one in feed(Taste(), told)] == [2, 3, 1]


def test_what_was_seen_comes_last_and_the_unsure_after_the_sure() -> None:
    told = [candidate(number, "smash", PLAYERS[0]) for number in (1, 2, 3)]
    told[2] = Candidate(3, told[2].segment, 0.0, seen=True)
    unsure = Segment(0.0, 4.0, "smash", 0.5, about={"player": PLAYERS[0]})
    order = feed(Taste(), [*told, Candidate(4, unsure, 0.0)])
    assert [one.candidate.id for one in order] == [2, 1, 4, 3]
    assert "you have seen it" in [one.text for one in order[-1].reasons]
    assert "only 50% sure" in [one.text for one in order[2].reasons]


def test_one_stretch_of_footage_is_shown_once() -> None:
    said = [Segment(10.0, 14.0, label, source="final.mp4") for label in ("smash", "jump smash")]
    order = feed(Taste(kinds=("jump smash",)), [Candidate(at, one) for at, one in enumerate(said)])
    assert [one.candidate.segment.label for one in order] == ["jump smash"]


def test_a_feed_of_no_length_is_refused() -> None:
    with pytest.raises(SettingError, match="allow it more time"):
        feed(Taste(), [], 0.0)


@given(taste=TASTES, told=CANDIDATES, longest=st.floats(1.0, 200.0), seed=st.integers(0, 9))
def test_the_order_is_stable_and_the_length_is_kept(
    taste: Taste, told: list[Candidate], longest: float, seed: int
) -> None:
    newest = max(one.utc or 0.0 for one in told)
    shuffled = random.Random(seed).sample(told, len(told))
    order = feed(taste, told, longest)
    assert order == feed(taste, shuffled, longest)
    lasts = sum(one.candidate.segment.seconds + AROUND for one in order)
    assert lasts <= longest + 1e-9
    for place, one in enumerate(order):  # nothing that is left and fits would have been better there
        rest = [
            Choice(other, tuple(reasons(taste, other, newest)))
            for other in told
            if other not in shown(order[:place])
        ]
        free = longest - sum(other.segment.seconds + AROUND for other in shown(order[:place]))
        for other in rest:
            if other.candidate.segment.seconds + AROUND <= free:
                bonus = UNLIKE if place and unlike(order[place - 1].candidate, other.candidate) else 0.0
                assert other.score + bonus <= one.score + 1e-6
    chosen = {one.candidate.id for one in order}
    assert len(chosen) == len(order)
    left = [one for one in told if one.id not in chosen]
    assert all(one.segment.seconds + AROUND > longest - lasts - 1e-9 for one in left)


@given(taste=TASTES, feedback=FEEDBACK, label=st.sampled_from(LABELS), told=CANDIDATES)
def test_feedback_on_a_kind_moves_that_kind_and_no_other_and_undone_it_is_as_before(
    taste: Taste, feedback: list[tuple[bool, dict[str, str]]], label: str, told: list[Candidate]
) -> None:
    def after(*more: bool) -> Taste:
        counts = counted([*feedback, *((watched, {"label": label}) for watched in more)])
        return Taste(taste.players, taste.teams, taste.kinds, counts)

    for one in told:
        before, watched, skipped = (score(after(*more), one) for more in ((), (True,), (False,)))
        if one.segment.label == label:
            assert skipped < before < watched
        else:
            assert skipped == before == watched
    assert counted([*feedback, (True, {"label": label})][:-1]) == counted(feedback)
    assert counted(reversed(feedback)) == counted(feedback)


@given(watched=st.integers(0, 10**9), skipped=st.integers(0, 10**9), kind=st.sampled_from(sorted(LEARNED)))
def test_feedback_is_bounded_however_often_it_is_given(watched: int, skipped: int, kind: str) -> None:
    assert abs(weight(kind, watched, skipped)) < LEARNED[kind]
    assert weight(kind, watched, skipped) == -weight(kind, skipped, watched)


def test_two_tastes_give_two_feeds() -> None:
    told = [candidate(number, LABELS[number % 3], PLAYERS[number % 3], number) for number in range(12)]
    one, other = (feed(Taste(players=(name,)), told, 30.0) for name in ("axelsen", "momota"))
    assert {choice.candidate.id for choice in one}.isdisjoint({choice.candidate.id for choice in other})


def test_feedback_is_counted_by_every_name_in_a_moment() -> None:
    names = names_in(candidate(1, "smash", "Viktor AXELSEN").segment)
    assert counted([(True, names), (False, {"label": "Smash"})]) == {
        ("label", "smash"): (1, 1),
        ("player", "viktor axelsen"): (1, 0),
        ("competition", "open 1"): (1, 0),
    }
