"""Any text is a query; what it means is said by its tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.highlights.query import LONGEST, parse, terms

PIECES = st.sampled_from(
    (*("and", "or", "not", "(", ")", '"', "-", "*", "-smash", "axel*"), *("home", "runs", "Öl", "殺球", "OR"))
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("home run", "home run"),
        ('"home run"', '"home run"'),
        ("smash AND axelsen", "smash axelsen"),
        ("smash or drop", "smash or drop"),
        ("smash, not drop", "smash not drop"),
        ("smash -drop", "smash not drop"),
        ("axelsen (smash or drop)", "axelsen (smash or drop)"),
        ("a or b c", "a or (b c)"),
        ("not not a", "a"),
        ("not (a or b)", "not (a or b)"),
        ("Smashes", "smash"),
        ("Ratchanök", "ratchanok"),
        ("Se-Young", '"se young"'),
        ("axel*", "axel*"),
        ('"home r"*', '"home r"*'),
        ("or", '"or"'),
        ("and not", '"and" "not"'),
        ("a or", 'a "or"'),
        ('"or"', '"or"'),
        ("((a", "a"),
        ("a))) b", "a b"),
        ('"open', "open"),
        ("a a", "a"),
    ],
)
def test_what_is_written_is_what_is_meant(written: str, meant: str) -> None:
    assert str(parse(written)) == meant


@pytest.mark.parametrize("nothing", ["", " ", "()", '""', "-", "!?", "(()", "*"])
def test_where_there_is_no_word_there_is_no_query(nothing: str) -> None:
    assert parse(nothing) is None


@given(st.one_of(st.text(max_size=LONGEST), st.lists(PIECES, max_size=40).map(" ".join)))
def test_any_text_is_a_query_and_its_tree_says_the_same_again(text: str) -> None:
    try:
        tree = parse(text)
    except SettingError:
        assert len(text) > 50  # as many words as nobody writes
        return
    if tree is not None:
        assert parse(str(tree)) == tree


@pytest.mark.parametrize(
    "text", ["(" * 1_000, "a (" * 333, "not " * 250, "not (" * 199 + "a", "a or (b " * 24]
)
def test_brackets_may_be_as_deep_as_somebody_likes(text: str) -> None:
    try:
        tree = parse(text)
    except SettingError:
        return
    assert tree is None or parse(str(tree)) == tree


def test_what_nobody_would_write_is_refused() -> None:
    with pytest.raises(SettingError, match="1,000 are the most"):
        parse("a" * 1_001)
    with pytest.raises(SettingError, match="more than 50 words"):
        parse("a " * 51)


def test_what_is_wanted_is_all_but_what_is_not() -> None:
    assert [str(term) for term in terms(parse("a (b or not c) -d"))] == ["a", "b"]
