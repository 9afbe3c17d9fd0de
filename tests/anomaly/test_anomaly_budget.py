"""Alert budgets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.anomaly.budget import Budget
from everyframe.errors import SettingError


@pytest.mark.parametrize(
    ("text", "per_day"),
    [
        ("2/day", 2.0),
        ("1/hour", 24.0),
        ("0.5/day", 0.5),
        ("14/week", 2.0),
        ("30/month", 1.0),
        (" 3 per days ", 3.0),
        ("2/DAY", 2.0),
    ],
)
def test_reads_what_people_write(text: str, per_day: float) -> None:
    assert Budget.parse(text).per_day == pytest.approx(per_day)


@pytest.mark.parametrize(
    "text", ["", "2", "2/year", "0/day", "-1/day", "nan/day", "two/day", "2/day/day", "1e9/day"]
)
def test_refuses_anything_else_in_one_line_that_shows_how(text: str) -> None:
    with pytest.raises(SettingError, match="2/day") as caught:
        Budget.parse(text)
    assert "\n" not in str(caught.value)


@given(st.floats(0.01, 1000.0))
def test_spends_itself_on_normal_moments(per_day: float) -> None:
    budget = Budget(per_day)
    assert budget.p_value * 8_640 == pytest.approx(per_day)
    assert Budget.parse(budget) is budget


@given(st.floats(0.01, 1000.0), st.floats(1.01, 10.0))
def test_a_stricter_budget_needs_more_footage(per_day: float, factor: float) -> None:
    assert Budget(per_day / factor).needed() > Budget(per_day).needed()


def test_two_a_day_needs_a_tenth_of_half_a_day() -> None:
    assert Budget(2.0).needed() == pytest.approx(86_400 / 2 / 10)
