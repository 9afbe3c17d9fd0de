from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.errors import SettingError
from everyframe.settings import OTHERS, Settings, Tunable, read, table, tunable


def test_defaults_hold_when_nobody_says_anything() -> None:
    assert read({}, {}) == Settings()


def test_what_is_told_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {"EVERYFRAME_BUDGET": "1/hour", "EVERYFRAME_CLIP_BEFORE": "5"}
    settings = read({"budget": "3/day", "clip_after": None}, environ)
    assert (settings.budget, settings.clip_before, settings.clip_after) == ("3/day", 5.0, 3.0)


def test_every_default_is_within_its_own_range_and_every_row_says_what_it_does() -> None:
    for row in table():
        assert row.read(row.default, row.option) == row.default
        assert len(row.help) > 20


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"budgte": "1/day"}, "did you mean budget?"),
        ({"qqqq": 1}, "there are budget"),
        ({"clip_before": "-1"}, "--clip-before=-1 is out of its range; write 0 to 30 s."),
        ({"clip_before": "nan"}, "out of its range"),
        ({"timeout": "soon"}, "--timeout=soon is not a number"),
        ({"motion": "flwo"}, "did you mean flow?"),
        ({"motion": "x"}, "write flow or codec."),
        ({"adapt": "maybe"}, "write yes or no"),
        ({"budget": " "}, "write something like 2/day"),
    ],
)
def test_a_wrong_setting_is_said_with_what_to_write(told: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(told, {})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(SettingError) as caught:
        read({"timeout": 0, "clip_after": 99}, {"EVERYFRAME_MOTOIN": "flow", "EVERYFRAME_ADAPT": "perhaps"})
    for words in ("--timeout", "--clip-after", "did you mean EVERYFRAME_MOTION?", "EVERYFRAME_ADAPT=perhaps"):
        assert words in str(caught.value)


def test_the_variables_of_the_projects_own_tests_are_no_settings() -> None:
    assert read({}, dict.fromkeys(OTHERS, "1")) == Settings()


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(SettingError, match="did you mean timeout"):
        tunable("timeuot")


@pytest.mark.parametrize(
    "row", [row for row in table() if isinstance(row.default, float)], ids=lambda r: r.name
)
@given(number=st.floats())
def test_a_number_is_taken_exactly_where_it_is_in_range(row: Tunable, number: float) -> None:
    if not math.isnan(number) and row.low <= number <= row.high:
        assert row.read(repr(number), "x") == number
    else:
        with pytest.raises(SettingError):
            row.read(repr(number), "x")
