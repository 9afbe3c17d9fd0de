"""What the texts of scoreboards say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.highlights.clocks import period_key
from everyframe.highlights.scoreboard.texts import as_pair, clock_text, parse

SCORES = st.integers(0, 199)
MINUTES, SECONDS = st.integers(0, 99), st.integers(0, 59)


@pytest.mark.parametrize(
    ("text", "numbers", "period", "clock"),
    [
        ("2-1", ("2", "1"), "", None),
        ("15 - 40", ("15", "40"), "", None),
        ("AD-40", ("AD", "40"), "", None),
        ("2:1", ("2", "1"), "", None),
        ("6 4 30", ("6", "4", "30"), "", None),
        ("A. NOVAK 6 4 3 0", ("6", "4", "3", "0"), "", None),
        ("LIONS 14 BEARS 7 Q3 07:21", ("14", "7"), "Q3", 441.0),
        ("LIV 2–1 MCI", ("2", "1"), "", None),
        ("76ERS 101", ("101",), "", None),
        ("U21 2-0", ("2", "0"), "", None),
        ("Q3 07:21", (), "Q3", 441.0),
        ("Q307:21", (), "Q3", 441.0),
        ("4TH0:12", (), "4th", 12.0),
        ("2ND 12:05", (), "2nd", 725.0),
        ("Ist half", (), "1st half", None),
        ("3rd quarter", (), "3rd quarter", None),
        ("TOP 5", (), "top 5", None),
        ("HT", (), "HT", None),
        ("1ST & 10", (), "", None),
        ("45+2'", (), "", 2820.0),
        ("67’", (), "", 4020.0),
        ("12.4", (), "", 12.4),
        (":07.3", (), "", 7.3),
        ("07.21", (), "", 441.0),
        ("1:07:21", (), "", 4041.0),
        ("１２：０５", (), "", 725.0),
        ("", (), "", None),
    ],
)
def test_texts_of_boards(text: str, numbers: tuple[str, ...], period: str, clock: float | None) -> None:
    told = parse(text)
    assert (told.numbers, told.period, told.clock) == (numbers, period, clock)


def test_minutes_alone_are_told_apart_from_seconds() -> None:
    assert parse("67'").step == 60.0
    assert parse("45+2").step == 60.0
    assert parse("67:00").step == 1.0


def test_letters_are_digits_only_where_digits_have_been() -> None:
    assert parse("O7:2l").clock is None
    assert parse("O7:2l", digits=True).clock == 441.0
    assert parse("O", digits=True).numbers == ("0",)
    assert parse("A", digits=True).numbers == ("AD",)


@given(st.text(max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    for digits in (False, True):
        told = parse(text, digits=digits)
        assert all(number == "AD" or 0 <= int(number) <= 999 for number in told.numbers)
        assert told.clock is None or told.clock >= 0.0
    as_pair(text)


@given(SCORES, SCORES, st.sampled_from(["-", " - ", " – "]))
def test_a_score_is_read_as_it_is_written(one: int, other: int, dash: str) -> None:
    told = parse(f"{one}{dash}{other}")
    assert told.numbers == (str(one), str(other))
    assert told.paired
    assert as_pair(f"{one}:{other}") == (str(one), str(other))


@given(st.integers(1, 9), st.sampled_from(["Q{}", "P{}", "{}th", "{}TH QTR", "Set {}"]), MINUTES, SECONDS)
def test_a_period_and_a_clock_are_read_as_they_are_written(
    number: int, form: str, minutes: int, seconds: int
) -> None:
    told = parse(f"{form.format(number)} {minutes:02d}:{seconds:02d}")
    assert told.clock == 60.0 * minutes + seconds
    assert period_key(told.period) == str(number)
    assert told.numbers == ()


@given(MINUTES, SECONDS)
def test_a_clock_is_written_as_it_is_read(minutes: int, seconds: int) -> None:
    assert parse(clock_text(60.0 * minutes + seconds)).clock == 60.0 * minutes + seconds
