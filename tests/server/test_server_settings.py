from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everyframe.actions import Timetable, read_values
from everyframe.errors import SettingError
from everyframe.server.settings import ServerSettings, camera_table, read, table


def written(folder: Path, text: str) -> Path:
    file = folder / "everyframe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_is_needed() -> None:
    assert read(None, {}, {}) == (ServerSettings(), (), read_values({}))


def test_every_default_is_within_its_own_range_and_every_row_says_what_it_does() -> None:
    for row in (*table(), *camera_table()):
        assert row.read(row.default, row.name) == row.default
        assert len(row.help) > 20


def test_the_file_holds_settings_and_cameras(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        port = 9000
        budget = "1/day"
        clip_before = 5
        [cameras.gate]
        source = "rtsp://ada:${GATE}@10.0.0.7/live"
        [cameras."back yard"]
        source = "/dev/video0"
        budget = "1/hour"
        learn_for = 120
        """,
    )
    settings, (gate, yard), _ = read(file, {}, {"GATE": "hunter2"})
    assert (settings.port, settings.watch.clip_before) == (9000.0, 5.0)
    assert (gate.name, gate.source, gate.budget, gate.learn_for) == (
        "gate", "rtsp://ada:hunter2@10.0.0.7/live", "1/day", 600.0,
    )  # fmt: skip
    assert (yard.name, yard.budget, yard.learn_for) == ("back yard", "1/hour", 120.0)


def test_the_file_holds_destinations_zones_and_rules_too(tmp_path: Path) -> None:
    text = """
        [cameras.gate]
        source = "synthetic:park"
        [destination.siren]
        kind = "webhook"
        url = "env:SIREN"
        [[zone]]
        camera = "gate"
        name = "door"
        polygon = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.6]]
        [[rule]]
        name = "crowd"
        when = [{ quantity = "count", zone = "door", above = 3 }]
        request = { destination = "siren" }
        """
    actions = read(written(tmp_path, text), {}, {"SIREN": "https://siren.example/on"}).actions
    assert [zone.name for zone in actions.zones["gate"]] == ["door"]
    assert [rule.name for rule in actions.rules] == ["crowd"]
    wrong = text.replace('quantity = "count"', 'quantity = "crowd"') + "\nbogus = 1"
    with pytest.raises(SettingError, match="rule crowd"):
        read(written(tmp_path, wrong), {}, {"SIREN": "https://siren.example/on"})


def test_a_camera_of_the_file_may_have_masks_and_times(tmp_path: Path) -> None:
    text = """
        [cameras.gate]
        source = "synthetic:park"
        masks = [[[0, 0.9], [0.3, 0.9], [0.3, 1], [0, 1]]]
        schedule = { days = ["mon"], hours = ["22:00-06:00"], zone = "Europe/Berlin" }
        """
    (gate,) = read(written(tmp_path, text), {}, {}).cameras
    assert gate.masks == (((0.0, 0.9), (0.3, 0.9), (0.3, 1.0), (0.0, 1.0)),)
    assert gate.schedule == Timetable(days=("mon",), hours=("22:00-06:00",), zone="Europe/Berlin")
    wrong = text.replace("[0.3, 1]", "[0.3, 2]").replace("22:00-06:00", "all night")
    with pytest.raises(SettingError) as caught:
        read(written(tmp_path, wrong), {}, {})
    assert "cameras.gate.masks: mask 1, corner 3 is no [x, y]" in str(caught.value)
    assert "In cameras.gate.schedule: hours: all night are no hours" in str(caught.value)
    with pytest.raises(SettingError, match=r"did you mean schedule\?"):
        read(written(tmp_path, text.replace("schedule", "schedul")), {}, {})


def test_what_is_told_wins_over_the_file_and_that_over_the_environment(tmp_path: Path) -> None:
    file = written(tmp_path, 'port = 9000\nhost = "10.0.0.1"\nbudget = "1/day"\n')
    environ = {"EVERYFRAME_BUDGET": "9/day", "EVERYFRAME_CLIP_AFTER": "7"}
    settings, _, _ = read(file, {"port": 9001, "host": None}, environ)
    assert (settings.port, settings.host) == (9001.0, "10.0.0.1")
    assert (settings.watch.budget, settings.watch.clip_after) == ("1/day", 7.0)


def test_all_faults_are_said_at_once_each_with_what_to_write(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        prot = 9000
        session_hours = 0
        log = "jsno"
        clip_before = 99
        tls_key = "key.pem"
        host = ["a"]
        [cameras.gate]
        sorce = "x"
        [cameras.yard]
        source = "rtsp://${NOBODY}@h/"
        budget = "often"
        detector = "densty"
        ground = "strret"
        [cameras."../x"]
        source = "x"
        """,
    )
    with pytest.raises(SettingError) as caught:
        read(file, {}, {})
    for words in (
        "no setting prot; did you mean port?",
        "session_hours=0 is out of its range; write 0.1 to 8760 h.",
        "log=jsno is not known; did you mean json?",
        "clip_before=99 is out of its range",
        "tls_certificate and tls_key",
        "host is not a single value",
        "no setting cameras.gate.sorce; did you mean source?",
        "the environment has no NOBODY",
        "cameras.yard.budget: ",
        "cameras.yard.detector: ",
        "cameras.yard.ground: strret: there is no such model; name street",
        "did you mean density?",
        "cannot be called '../x'",
    ):
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = ", "no TOML"),
        ("cameras = 3", "one [cameras.NAME] a camera"),
        ("[cameras]\ngate = 3", "not a table"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(written(tmp_path, text), {}, {})
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no settings file"):
        read(tmp_path / "none.toml", {}, {})


VALUES = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["", "9000", "json", "nan", "é", [], [1], {}, {"a": 1}]),
)


@given(
    st.dictionaries(
        st.sampled_from([row.name for row in table()] + ["cameras", "budget", "x"]), VALUES, max_size=4
    )
)
def test_whatever_is_told_is_read_or_refused_in_one_line(told: dict[str, object]) -> None:
    try:
        settings, _, _ = read(None, told, {})
    except SettingError:
        return
    assert 0 <= settings.port <= 65535
