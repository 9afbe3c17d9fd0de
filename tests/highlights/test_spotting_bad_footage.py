"""Footage as it should not be: what can be seen is looked through, what cannot is told in one line."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from tests.highlights.movers import KINDS, movers, write_black, write_mover

from everyframe.errors import EveryframeError, LabelError
from everyframe.highlights import Library, Segment, steps_of, teach
from everyframe.highlights.spotting import spot

pytestmark = pytest.mark.xdist_group("taught")  # what they share is taught once


@pytest.fixture(scope="module")
def library(lessons: list[Segment]) -> Library:
    return teach(lessons, epochs=0)


def sound(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return path


def test_what_has_no_picture_is_refused_in_one_line(library: Library, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("this is no film")
    (tmp_path / "empty.mp4").write_bytes(b"")
    for path in (sound(tmp_path / "talk.wav"), tmp_path / "text.mp4", tmp_path / "empty.mp4"):
        with pytest.raises(EveryframeError) as spotted:
            list(spot(path, library))
        with pytest.raises(EveryframeError) as taught:
            teach([Segment(0.0, 1.0, f"k{number % 2}", source=str(path)) for number in range(10)])
        for told in (spotted, taught):
            assert path.name in str(told.value)
            assert "\n" not in str(told.value)


def test_corrupt_pictures_cost_what_they_show_and_no_more(library: Library, tmp_path: Path) -> None:
    film = write_mover(tmp_path / "film.mp4", "up", 300, seconds=6.0)
    data = bytearray(film.read_bytes())
    chance = np.random.default_rng(0)
    for place in chance.integers(len(data) // 3, len(data) // 2, 40):
        data[place] ^= 0xFF
    film.write_bytes(bytes(data))
    told = list(spot(film, library, threshold=0.0))
    assert told
    assert all(0.0 <= one.start < one.end <= 6.2 for one in told)


def test_a_film_that_is_cut_off_is_looked_through_as_far_as_it_goes(library: Library, tmp_path: Path) -> None:
    film = write_mover(tmp_path / "film.ts", "up", 300, seconds=6.0)
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    assert list(spot(film, library, threshold=0.0))


def test_time_that_leaps_makes_no_event_that_spans_it(library: Library, tmp_path: Path) -> None:
    one = write_mover(tmp_path / "one.ts", "up", 300, seconds=3.0).read_bytes()
    (tmp_path / "leaps.ts").write_bytes(one + one)
    told = list(spot(tmp_path / "leaps.ts", library, threshold=0.0))
    assert told
    assert all(event.seconds <= 3.2 for event in told)


def test_what_is_black_is_no_example(tmp_path: Path) -> None:
    film = write_black(tmp_path / "black.mp4")
    with pytest.raises(LabelError, match=r"black\.mp4 from 0 to 1 s shows nothing"):
        steps_of(Segment(0.0, 1.0, "up", source=str(film)))


def test_labels_of_a_class_that_is_alone_or_rare_are_refused(tmp_path: Path) -> None:
    few = [one for kind in KINDS[:2] for one in movers(tmp_path, kind, 2)]
    with pytest.raises(LabelError, match="across has 2 examples; label 5 of each class at least"):
        teach(few)
    with pytest.raises(LabelError, match="label a second class"):
        teach([few[0]] * 5)
