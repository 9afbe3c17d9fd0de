"""Scenes are opened by address; whoever mistypes one is told what was meant."""

from fractions import Fraction

import numpy as np
import pytest

from everyframe.errors import SettingError, SourceNotFound
from everyframe.sources.scene import ParkScene, open_scene


def test_an_address_without_settings_is_four_normal_minutes() -> None:
    info = open_scene("synthetic:park").info
    assert (info.width, info.height, info.fps, info.duration) == (480, 270, Fraction(10), 240.0)


def test_every_setting_arrives() -> None:
    scene = open_scene(
        "synthetic:park?seed=3&minutes=1.5&fps=30000/1001&size=320x180&script=light&starts=2024-05-06T14:00:00"
    )
    same = ParkScene(3, 90.0, Fraction(30000, 1001), (320, 180), "light", 1715004000.0)
    assert scene.info == same.info
    assert np.array_equal(scene.frame(7).luma, same.frame(7).luma)
    assert scene.info.start_utc == 1715004000.0
    assert open_scene(
        "synthetic:park?starts=2024-05-06T16:00:00%2B02:00".replace("%2B", "+")
    ).info.start_utc == (1715004000.0)


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("synthetic:park?sede=3", SettingError, "did you mean 'seed'"),
        ("synthetic:park?zzz=3", SettingError, "seed, minutes"),
        ("synthetic:park?seed=x", SettingError, "seed=x cannot be read"),
        ("synthetic:park?size=big", SettingError, "480x270"),
        ("synthetic:park?fps=1/0", SettingError, "fps=1/0 cannot be read"),
        ("synthetic:park?minutes=nan", SettingError, "out of range"),
        ("synthetic:park?starts=monday", SettingError, "2024-05-06"),
        ("synthetic:park?seed=1&seed=2", SettingError, "twice"),
        ("synthetic:park?script=cyclits", SettingError, "cyclist"),
        ("synthetic:zoo", SourceNotFound, "synthetic:park"),
        ("synthetic:", SourceNotFound, "synthetic:park"),
    ],
)
def test_mistakes_are_answered_in_one_line(spec: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        open_scene(spec)
    assert "\n" not in str(caught.value)
