"""What a rule may do and when: conditions, guards, approval, acknowledgement, safe states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.actions.outside import QUEUE

from everyframe.actions import Decision, Outcome, Rule, RuleEngine
from everyframe.errors import SettingError
from everyframe.types import Event

T0 = 1_700_000_000.0
LONG, SHORT = {"lane.queue": 20.0}, {"lane.queue": 5.0}


def rule(**others: Any) -> Rule:
    values: dict[str, Any] = {
        "name": "queue",
        "when": [QUEUE],
        "mode": "auto",
        "cooldown": 0.0,
        "request": {"destination": "home", "payload": "2"},
    }
    return Rule.model_validate({**values, **others})


def outcomes(decisions: Sequence[Decision]) -> list[Outcome]:
    return [decision.outcome for decision in decisions]


def run(engine: RuleEngine, *steps: tuple[float, dict[str, float]]) -> list[Decision]:
    return [each for time, measures in steps for each in engine.step("north", T0 + time, measures)]


# -- conditions -----------------------------------------------------------------------------------------


def test_a_condition_fires_once_until_it_has_ceased() -> None:
    engine = RuleEngine([rule()])
    found = run(engine, (0, SHORT), (1, LONG), (2, LONG), (3, SHORT), (4, LONG))
    assert [(each.outcome, each.utc - T0) for each in found] == [(Outcome.FIRED, 1), (Outcome.FIRED, 4)]
    assert found[0].request == rule().request
    assert found[0].measures == LONG
    assert found[0].uid != found[1].uid


def test_a_condition_has_to_hold_without_a_break() -> None:
    engine = RuleEngine([rule(**{"for": 10.0})])
    assert run(engine, (0, LONG), (9, LONG), (9.5, SHORT), (10, LONG), (19, LONG)) == []
    (fired,) = run(engine, (20, LONG))
    assert fired.why == "the condition has held for 10.0 s"


@pytest.mark.parametrize("measures", [{}, {"lane.queue": float("nan")}])
def test_what_is_not_known_is_no_reason_to_act(measures: dict[str, float]) -> None:
    below = {"quantity": "queue", "zone": "lane", "below": 10.0}
    engine = RuleEngine([rule(), rule(name="empty", when=[below])])
    assert run(engine, (0, measures), (1, measures)) == []


def test_all_conditions_or_any_of_them() -> None:
    speed = {"quantity": "speed", "zone": "lane", "below": 3.0}
    engine = RuleEngine([rule(when=[QUEUE, speed]), rule(name="any", when=[QUEUE, speed], match="any")])
    assert [each.rule for each in run(engine, (0, LONG))] == ["any"]
    assert [each.rule for each in run(engine, (1, {**LONG, "lane.speed": 1.0}))] == ["queue"]


def test_an_alert_counts_for_a_while(alert: Event) -> None:
    engine = RuleEngine([rule(when=[{"alert": "speed", "within": 5.0}], **{"for": 2.0})])
    assert engine.step("north", T0, {}, [alert]) == []
    assert outcomes(engine.step("north", T0 + 2, {})) == [Outcome.FIRED]
    assert engine.step("north", T0 + 6, {}) == []
    assert engine.step("north", T0 + 7, {}, [replace(alert, deviations=())]) == []


def test_an_alert_counts_by_how_rare_it_is(alert: Event) -> None:
    engine = RuleEngine([rule(when=[{"alert": "any", "p_below": 0.0003}])])
    assert engine.step("north", T0, {}, [alert]) == []
    assert outcomes(engine.step("north", T0 + 1, {}, [replace(alert, p_value=0.0002)])) == [Outcome.FIRED]


def test_a_rule_over_a_fault_acts_on_it_and_not_on_others() -> None:
    safe = {"destination": "home", "payload": "0"}
    engine = RuleEngine([rule(when=[{"health": "dark"}], safe=safe)])
    assert outcomes(engine.step("north", T0, {}, (), ["dark"])) == [Outcome.FIRED]
    assert outcomes(engine.step("north", T0 + 1, {}, (), ["covered"])) == [Outcome.SAFE]


def test_nothing_is_asked_for_from_a_picture_that_looks_wrong_before_that_is_a_fault() -> None:
    engine = RuleEngine([rule(**{"for": 5.0}), rule(name="quick")])
    (quick,) = run(engine, (0, LONG))
    assert quick.rule == "quick"
    for second in (3, 4, 5, 6):
        assert engine.step("north", T0 + second, LONG, (), (), ["covered"]) == []
    # Seconds in which nobody knew do not count, and a rule that has fired does not fire anew for them.
    assert run(engine, (7, LONG), (11, LONG)) == []
    assert [each.rule for each in run(engine, (12, LONG))] == ["queue"]


def test_a_doubt_holds_back_only_rules_that_distrust_such_a_picture(alert: Event) -> None:
    engine = RuleEngine([rule(faults=["moved"]), rule(name="told", when=[{"alert": "any"}])])
    assert [each.rule for each in engine.step("north", T0, LONG, [alert], (), ["dark"])] == ["queue"]
    assert run(engine, (1, LONG)) == []  # the alert came of such a picture, too


def test_a_rule_is_over_its_cameras() -> None:
    engine = RuleEngine([rule(cameras=["south"])])
    assert run(engine, (0, LONG)) == []


# -- guards ---------------------------------------------------------------------------------------------


def test_a_new_rule_does_nothing_but_say_what_it_would_have_done() -> None:
    values = rule(safe={"destination": "home"}).model_dump(by_alias=True, exclude={"mode"})
    engine = RuleEngine([Rule.model_validate(values)])
    found = run(engine, (0, LONG)) + engine.step("north", T0 + 1, LONG, (), ["covered"])
    assert outcomes(found) == [Outcome.DRY_RUN, Outcome.DRY_RUN]
    assert [each.request for each in found] == [None, None]
    assert found[0].proposed == rule().request


def test_what_the_cool_down_holds_back_is_told_once_and_fires_when_it_is_over() -> None:
    engine = RuleEngine([rule(cooldown=60.0)])
    found = run(engine, (0, LONG), (1, SHORT), (2, LONG), (3, LONG), (59.9, LONG), (60, LONG), (61, LONG))
    assert [(each.outcome, each.utc - T0) for each in found] == [
        (Outcome.FIRED, 0),
        (Outcome.COOLDOWN, 2),
        (Outcome.FIRED, 60),
    ]
    assert found[1].why == "the last one was 2.0 s ago, not 60 s"


def test_no_more_than_so_many_an_hour_over_all_cameras() -> None:
    engine = RuleEngine([rule(per_hour=2)])
    found = [engine.step(camera, T0 + n, LONG) for n, camera in enumerate(("a", "b", "c"))]
    assert [outcomes(each) for each in found] == [[Outcome.FIRED], [Outcome.FIRED], [Outcome.RATE]]
    assert engine.step("c", T0 + 3600, LONG) == []
    assert outcomes(engine.step("c", T0 + 3600.1, LONG)) == [Outcome.FIRED]


def test_out_of_its_schedule_a_rule_is_held_back() -> None:
    # T0 is a Tuesday, 22:13 UTC.
    engine = RuleEngine([rule(days=["tue"], hours=["07:00-22:00"], zone="UTC")])
    assert outcomes(run(engine, (0, LONG))) == [Outcome.SCHEDULE]
    engine = RuleEngine([rule(days=["tue"], hours=["22:00-07:00"], zone="UTC")])
    assert outcomes(run(engine, (0, LONG))) == [Outcome.FIRED]


# -- approval -------------------------------------------------------------------------------------------


def test_a_person_approves_in_time() -> None:
    engine = RuleEngine([rule(mode="approve", approve_within=60.0)])
    (asked,) = run(engine, (0, LONG), (1, LONG), (2, SHORT), (3, LONG))
    assert (asked.outcome, asked.request, asked.until) == (Outcome.WAITING, None, T0 + 60)
    (fired,) = engine.approve(asked.uid, T0 + 59, "Ada")
    assert (fired.outcome, fired.uid, fired.why) == (Outcome.FIRED, asked.uid, "approved by Ada")
    assert fired.request == rule().request
    with pytest.raises(SettingError, match="waits for approval"):
        engine.approve(asked.uid, T0 + 60, "Ada")


def test_a_person_refuses_or_comes_too_late() -> None:
    engine = RuleEngine([rule(mode="approve", approve_within=60.0)])
    (asked,) = run(engine, (0, LONG), (1, SHORT))
    assert outcomes(engine.refuse(asked.uid, T0 + 5, "Ada")) == [Outcome.REFUSED]
    (again,) = run(engine, (10, LONG))
    assert outcomes(engine.approve(again.uid, T0 + 71, "Ada")) == [Outcome.UNANSWERED]
    assert engine.pending == {}


def test_nobody_needs_to_approve_what_a_blind_camera_saw() -> None:
    engine = RuleEngine([rule(mode="approve")])
    (asked,) = run(engine, (0, LONG))
    found = engine.step("north", T0 + 1, LONG, (), ["covered"])
    assert outcomes(found) == [Outcome.WITHDRAWN, Outcome.FAULT]
    with pytest.raises(SettingError, match="waits for approval"):
        engine.approve(asked.uid, T0 + 2, "Ada")


# -- acknowledgement ------------------------------------------------------------------------------------

ACK = {"ack_within": 5.0, "fallback": {"destination": "home", "payload": "1"}}


def test_what_is_acknowledged_in_time_has_no_fallback() -> None:
    engine = RuleEngine([rule(**ACK)])
    (fired,) = run(engine, (0, LONG))
    assert fired.until == T0 + 5
    assert outcomes(engine.acknowledge(fired.uid, T0 + 5)) == [Outcome.ACKNOWLEDGED]
    assert engine.acknowledge(fired.uid, T0 + 5) == []
    assert engine.tick(T0 + 9) == []


def test_what_is_not_acknowledged_has_its_fallback_whatever_the_camera_does() -> None:
    engine = RuleEngine([rule(**ACK)])
    (fired,) = run(engine, (0, LONG))
    assert engine.tick(T0 + 5) == []
    (fallback,) = engine.acknowledge(fired.uid, T0 + 5.1)  # too late
    assert (fallback.outcome, fallback.request) == (Outcome.FALLBACK, rule(**ACK).fallback)
    assert fallback.uid != fired.uid
    assert engine.tick(T0 + 6) == []


# -- what is safe ---------------------------------------------------------------------------------------

SAFE = {"safe": {"destination": "home", "payload": "0"}}


@pytest.mark.parametrize("fault", ["covered", "offline", "frozen", "dark", "moved"])
def test_a_camera_that_cannot_be_trusted_asks_for_the_safe_state_once(fault: str) -> None:
    engine = RuleEngine([rule(**SAFE)])
    run(engine, (0, LONG))
    (safe,) = engine.step("north", T0 + 1, LONG, (), [fault])
    assert (safe.outcome, safe.request, safe.why) == (Outcome.SAFE, rule(**SAFE).safe, f"camera: {fault}")
    assert engine.step("north", T0 + 2, LONG, (), [fault]) == []
    assert outcomes(run(engine, (3, LONG))) == [Outcome.FIRED]  # the condition has started over


def test_a_camera_that_fell_silent_cannot_be_trusted() -> None:
    engine = RuleEngine([rule(**SAFE)])
    run(engine, (0, LONG))
    assert engine.tick(T0 + 10) == []
    assert outcomes(engine.tick(T0 + 10.1)) == [Outcome.SAFE]
    assert engine.tick(T0 + 60) == []


def test_a_clock_that_was_set_back_does_not_hide_silence() -> None:
    engine = RuleEngine([rule(**SAFE)])
    run(engine, (3600, SHORT))
    assert engine.tick(T0) == []
    assert outcomes(engine.tick(T0 + 11)) == [Outcome.SAFE]


def test_to_stop_asks_for_the_safe_state_of_every_camera() -> None:
    engine = RuleEngine([rule(**SAFE)])
    engine.step("a", T0, SHORT)
    engine.step("b", T0, SHORT)
    assert [(each.outcome, each.camera) for each in engine.stop(T0 + 1)] == [
        (Outcome.SAFE, "a"),
        (Outcome.SAFE, "b"),
    ]


def test_a_safe_state_that_the_broker_asked_for_is_known_and_the_condition_starts_over() -> None:
    engine = RuleEngine([rule(**SAFE)])
    run(engine, (0, LONG))
    (known,) = engine.asked_by_broker("queue", "north", T0 + 1)
    assert (known.outcome, known.request) == (Outcome.SAFE, None)
    assert outcomes(run(engine, (2, LONG))) == [Outcome.FIRED]


# -- over a restart -------------------------------------------------------------------------------------


def test_guards_and_acknowledgements_go_on_after_a_restart_and_conditions_start_over() -> None:
    rules = [rule(cooldown=60.0, **ACK, **SAFE)]
    first = RuleEngine(rules)
    run(first, (0, LONG))
    again = RuleEngine(rules, first.dump())
    assert outcomes(again.step("north", T0 + 3, LONG)) == [Outcome.COOLDOWN]
    assert outcomes(again.tick(T0 + 5.1)) == [Outcome.FALLBACK]


def test_after_a_long_absence_the_safe_state_is_asked_for_first() -> None:
    rules = [rule(**SAFE)]
    first = RuleEngine(rules)
    run(first, (0, LONG))
    assert outcomes(RuleEngine(rules, first.dump()).tick(T0 + 3600)) == [Outcome.SAFE]


def test_a_rule_that_was_put_back_to_dry_run_sends_nothing_for_the_past() -> None:
    first = RuleEngine([rule(**ACK, **SAFE)])
    run(first, (0, LONG))
    again = RuleEngine([rule(mode="dry-run", **ACK, **SAFE)], first.dump())
    assert [each.request for each in again.tick(T0 + 60)] == [None, None]


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(SettingError, match="Two rules are called queue"):
        RuleEngine([rule(), rule()])


# -- properties -----------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["step", "tick", "ack", "approve", "refuse", "restart"]),
        st.sampled_from(["a", "b"]),
        st.floats(-30.0, 1500.0, width=32),  # a clock may be set back
        st.booleans(),
        st.booleans(),
    ),
    max_size=60,
)
RULES = st.builds(
    lambda hold, cooldown, per_hour, mode, ack, safe: rule(
        **{"for": hold},
        cooldown=cooldown,
        per_hour=per_hour,
        mode=mode,
        **(ACK if ack else {}),
        **(SAFE if safe else {}),
    ),
    st.sampled_from([0.0, 5.0]),
    st.sampled_from([0.0, 30.0, 600.0]),
    st.integers(1, 4),
    st.sampled_from(["dry-run", "approve", "auto"]),
    st.booleans(),
    st.booleans(),
)


def play(made: Rule, steps: list[tuple[str, str, float, bool, bool]]) -> list[Decision]:
    """Let a rule live through all sorts of things; return everything that it decided."""
    engine, utc, found = RuleEngine([made]), T0, []
    asked: list[str] = []
    for what, camera, passed, queue, covered in steps:
        utc += passed
        decided: list[Decision] = []
        if what == "step":
            health = ["covered"] if covered else []
            decided = engine.step(camera, utc, LONG if queue else SHORT, (), health)
        elif what == "tick":
            decided = engine.tick(utc)
        elif what == "restart":
            engine = RuleEngine([made], engine.dump())
        elif asked and what == "ack":
            decided = engine.acknowledge(asked[-1], utc)
        elif engine.pending and what in ("approve", "refuse"):
            answer = engine.approve if what == "approve" else engine.refuse
            decided = answer(engine.pending["queue"][0].uid, utc, "Ada")
        asked += [each.uid for each in decided if each.outcome in (Outcome.FIRED, Outcome.WAITING)]
        found += decided
    return found + engine.tick(utc + 10_000.0)


@given(RULES, STEPS)
@settings(max_examples=150, deadline=None)
def test_however_it_goes_a_rule_keeps_within_its_guards(
    made: Rule, steps: list[tuple[str, str, float, bool, bool]]
) -> None:
    found = play(made, steps)
    fired = [each for each in found if each.outcome is Outcome.FIRED]
    times = [each.utc for each in fired]
    for one in times:
        within = [other for other in times if 0.0 <= other - one <= 3600.0]
        assert len(within) <= made.per_hour
    for one, other in pairwise(times):
        assert other - one >= made.cooldown
    if made.mode.value == "dry-run":
        assert all(each.request is None for each in found)
    if made.mode.value == "approve":
        approved = {each.uid for each in found if each.outcome is Outcome.WAITING}
        assert {each.uid for each in fired} <= approved
    if made.ack_within is not None:
        answered = {each.uid for each in found if each.outcome is Outcome.ACKNOWLEDGED}
        fallbacks = [each for each in found if each.outcome is Outcome.FALLBACK]
        assert len(fallbacks) == len(fired) - len(answered)
    assert len({each.uid for each in fired}) == len(fired)
    assert play(made, steps) == found  # nothing but what it is told goes into a decision
