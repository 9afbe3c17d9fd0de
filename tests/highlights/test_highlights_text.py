"""Words are the same however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.text import folded, near, stemmed

PLAYERS = ("Viktor AXELSEN", "Anders ANTONSEN", "An Se Young", "CHOU Tien Chen")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Two Smashes!", ["two", "smash"]),
        ("strikes, pitches; boxes", ["strike", "pitch", "box"]),
        ("rallies", ["rally"]),
        ("goals", ["goal"]),
        ("cross", ["cross"]),
        ("Louis", ["louis"]),
        ("PUSARLA V. Sindhu", ["pusarla", "v", "sindhu"]),
        ("Müller-Łuć_9", ["muller", "łuc", "9"]),
        ("殺球", ["殺球"]),
        ("", []),
    ],
)
def test_words_of_a_text(written: str, words: list[str]) -> None:
    assert stemmed(written) == words


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.one_of(st.text(max_size=80), st.text("sehxczi", max_size=12)))
def test_a_stem_is_its_own_stem(text: str) -> None:
    """What the tree of a query says is read again: words must not shrink each time."""
    words = stemmed(text)
    assert [word for stem in words for word in stemmed(stem)] == words


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Viktor Axelson", "Viktor AXELSEN"),
        ("axelsn", "Viktor AXELSEN"),
        ("Antonson", "Anders ANTONSEN"),
        ("Chou Tien-Chen", "CHOU Tien Chen"),
    ],
)
def test_a_name_is_found_by_one_near_it(wanted: str, found: str) -> None:
    assert near(wanted, PLAYERS)[0] == found


def test_what_is_near_nothing_finds_nothing() -> None:
    assert near("zzzz", PLAYERS) == []
