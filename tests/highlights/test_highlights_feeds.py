"""Tables that others wrote become segments, or a line that says why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everyframe.errors import EveryframeError, SettingError
from everyframe.highlights.clocks import GameClock
from everyframe.highlights.feeds import Joined, Place, Said, beside, readings, segments
from everyframe.highlights.forms import guessed, known_form, read_form
from everyframe.highlights.tables import read_table
from everyframe.highlights.times import day_of, seconds_of

FILM = Place("final.mp4", 60.0)


def said(path: Path, default: Place = FILM, **columns: str) -> list[Said]:
    table = read_table(path)
    return list(segments(Joined(table, guessed(path, table.columns, columns)), {}, default))


def written(folder: Path, text: str, name: str = "plays.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_row_says_what_happens_and_all_else_is_kept(tmp_path: Path, mark: str) -> None:
    head = mark.join(("Start", "End", "Event", "Player", "Tournament", "Date", "Weather"))
    row = mark.join(("0:01", "2.5", "smash", "An Se Young", "Open 2021", "2021/1/5", "fine"))
    (one,) = said(written(tmp_path, f"\ufeff{head}\r\n{row}\r\n\r\n"))
    assert one.segment is not None
    assert (one.segment.start, one.segment.end, one.segment.label) == (1.0, 2.5, "smash")
    assert one.segment.source == "final.mp4"
    assert dict(one.segment.about) == {
        "player": "An Se Young",
        "competition": "Open 2021",
        "date": "2021-01-05",
        "Weather": "fine",
    }


def test_an_instant_has_something_before_and_after_it(tmp_path: Path) -> None:
    (one, two) = said(written(tmp_path, "time,label\n30,goal\n1,goal\n"))
    assert one.segment is not None
    assert two.segment is not None
    assert (one.segment.start, one.segment.end, two.segment.start) == (28.0, 32.0, 0.0)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x,2,smash,,,", "x is no start"),
        ("5,2,smash,,,", "smash ends at 2 s and begins at 5 s"),
        ("1,2,,,,", "does not say what happens"),
        (",2,smash,,,", "does not say when"),
        ("1,2,smash,2021-02-30,,", "2021-02-30 is no day"),
        ("1,2,smash,,1.5,", "1.5 is no confidence from 0 to 1"),
        ("70,72,smash,,,", "outside final.mp4, which lasts 60 s"),
        ("1,2", "it has 2 cells where the head has 6"),
        ('1,2,"sma"sh,,,', "cannot be read"),
    ],
)
def test_what_cannot_be_used_says_why_and_the_others_are_taken(tmp_path: Path, row: str, why: str) -> None:
    path = written(tmp_path, f"start,end,label,date,confidence,other\n{row}\n3,4,drop,,0.5,\n")
    bad, good = said(path)
    assert bad.segment is None
    assert why in bad.fault
    assert "\n" not in bad.fault
    assert good.segment is not None
    assert (good.row, good.segment.confidence) == (3, 0.5)


def test_a_column_of_another_name_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "t,kind,batter\n5,home run,Kim\n")
    (one,) = said(path, start="t", label="kind", player="batter")
    assert one.segment is not None
    assert (one.segment.label, one.segment.about["player"]) == ("home run", "Kim")
    with pytest.raises(SettingError, match="has no column battr for player; did you mean batter"):
        said(path, start="t", label="kind", player="battr")
    with pytest.raises(SettingError, match=r"says what happens: name it with --column label=NAME .*t, kind"):
        said(path)
    with pytest.raises(SettingError, match="that says when"):
        said(path, label="kind")


def test_json_is_a_list_or_has_one_and_lines_will_do(tmp_path: Path) -> None:
    rows = [{"start": 1, "end": 2, "label": "smash", "rally": {"n": 3}}, 7]
    whole = {"competition": "Open", "segments": rows}
    for name, text in (
        ("a.json", json.dumps(rows)),
        ("b.json", json.dumps(whole)),
        ("c.jsonl", "\n".join(map(json.dumps, rows))),
    ):
        one, two = said(written(tmp_path, text, name))
        assert one.segment is not None
        assert one.segment.about["rally"] == '{"n": 3}'
        assert two.fault == "it is no object"
    assert read_table(tmp_path / "b.json").about == {"competition": "Open"}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"label\xff\n", "not text in UTF-8"),
        ("a.json", b"{", "line 1: this is not JSON"),
        ("a.json", b"3", "a list of objects"),
        ("a.json", b"[" * 100_000, "not JSON"),
        ("a.csv", b'"label\n', "its head cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SettingError, match=why):
        list(read_table(tmp_path / name).rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.text('",;\n\r{}[]:a1 ', max_size=200).map(str.encode)))
@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl"])
def test_any_file_is_a_table_or_says_in_one_line_why_not(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(data)
    try:
        found = said(path)
    except EveryframeError as error:
        found = [Said(0, None, str(error))]
    assert all("\n" not in one.fault for one in found)
    assert all((one.segment is None) == bool(one.fault) for one in found)


def test_a_play_is_joined_by_the_clock_of_the_game(tmp_path: Path) -> None:
    clock = readings(read_table(written(tmp_path, "time,period,clock\n10,1,12:00\n40,1,11:30\n", "c.csv")))
    film = Place("final.mp4", 60.0, GameClock(clock))
    path = written(
        tmp_path, "qtr,clock,event,player\nQ1,11:45,goal,Kim\nQ1,2:00,goal,Kim\nQ3,5:00,goal,Kim\n"
    )
    one, two, three = said(path, film)
    assert one.segment is not None
    assert (one.segment.start, one.segment.end) == (23.0, 27.0)
    assert (one.segment.about["period"], one.segment.about["clock"]) == ("Q1", "11:45")
    assert "nowhere near" in two.fault
    assert "not read in period Q3" in three.fault
    (alone, *_) = said(path)
    assert "the clock of final.mp4 was not read: there is no file NAME.clock.csv" in alone.fault


def test_readings_need_their_columns(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no column period"):
        readings(read_table(written(tmp_path, "time,clock\n1,2\n")))
    with pytest.raises(SettingError, match="none of its rows"):
        readings(read_table(written(tmp_path, "time,period,clock\nx,1,y\n")))


@pytest.fixture
def match(tmp_path: Path) -> Path:
    """Return a match in the form of ShuttleSet, made up."""
    (tmp_path / "A_B_Open").mkdir()
    written(
        tmp_path,
        "video,tournament,round,year,month,day,winner,loser\n"
        "A_B_Open,Open 2020,Finals,2020,1,5,Ada LI,Bo CHEN\n",
        "match.csv",
    )
    head = "rally,ball_round,time,frame_num,roundscore_A,roundscore_B,player,type"
    rows = "1,1.0,00:02:53,4334,0,1,B,發短球\n1,2.0,0:2:55,4380,0,1,A,殺球\n1,3.0,0:2:57,4390,0,1,B,新\n"
    written(tmp_path / "A_B_Open", f"{head}\n{rows}", "set1.csv")
    return tmp_path


def test_the_form_of_shuttleset_joins_strokes_with_their_match(match: Path) -> None:
    form = known_form("shuttleset")
    (path,) = match.glob(form.rows)
    own = {"folder": path.parent.name, "file": path.stem}
    joined = Joined(read_table(path), form, beside(match, form), own)
    one, two, three = [each.segment for each in segments(joined, {"A_B_Open": Place("A_B_Open")}, Place())]
    assert one is not None
    assert two is not None
    assert three is not None
    assert (one.label, one.start, one.source) == ("short service", 173.0, "A_B_Open")
    assert (one.about["player"], one.about["opponent"]) == ("Bo CHEN", "Ada LI")
    assert (two.label, two.about["player"], two.about["date"]) == ("smash", "Ada LI", "2020-01-05")
    assert (two.about["competition"], two.about["text"], two.about["period"]) == (
        "Open 2020",
        "Finals",
        "set 1",
    )
    assert three.label == "新"
    elsewhere = Joined(read_table(path), form, beside(match, form), {**own, "folder": "another"})
    assert "match.csv has no row for another" in next(segments(elsewhere, {}, Place())).fault


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("{", "no JSON"),
        ("[]", "an object with fields"),
        ('{"fields": {"label": "{a}"}}', "that says when"),
        ('{"fields": {"label": "{a}", "start": "{b}"}, "colour": 1}', "a form has no colour"),
        ('{"fields": {"label": 3, "start": "{b}"}}', "not as it should be"),
        ('{"fields": {"label": "{a}", "start": "{b}"}, "beside": {"file": "x"}}', "not as it should be"),
    ],
)
def test_a_form_that_is_none_is_refused(tmp_path: Path, told: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        read_form(written(tmp_path, told, "form.json"))
    with pytest.raises(SettingError, match="there is shuttleset"):
        known_form("no such")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("83.5", 83.5), ("1:23.5", 83.5), ("0:01:23", 83.0), ("12:00", 720.0), ("x", None), ("nan", None)],
)
def test_times(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026/3/2", "2026-03-02"),
        ("20260302", "2026-03-02"),
        ("2026-03-02T14:00:00", "2026-03-02"),
        ("2026-02-30", None),
        ("0001-01-01", None),
        ("today", None),
    ],
)
def test_days(text: str, day: str | None) -> None:
    assert day_of(text) == day


@given(st.text(max_size=30))
def test_no_text_is_too_odd_for_a_time_or_a_day(text: str) -> None:
    seconds_of(text)
    day_of(text)
