"""A reel of cuts as a person put them: their order and their edges are what is shown."""

from __future__ import annotations

import math
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.highlights.films import shown, write_film

from everyframe.errors import SettingError
from everyframe.highlights import Segment
from everyframe.highlights.reel import Cut, assemble, fitting


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("game") / "game.mp4", 100, sound="aac", flashes=[2.0])


def cut(source: Path | str, start: float, end: float, confidence: float = 1.0) -> Cut:
    return Cut(str(source), start, end, (Segment(start, end, "smash", confidence, str(source)),))


def test_cuts_are_shown_in_their_order_and_as_they_were_trimmed(game: Path, tmp_path: Path) -> None:
    cuts = [cut(game, 3.0, 3.4), cut(game, 0.2, 0.6), cut(game, 3.0, 3.4)]
    lists = ("vtt", "json", "edl", "fcpxml", "otio")
    made = assemble(cuts, tmp_path / "reel.mp4", title="Ada & <Bo>", beside=lists, places=False)
    numbers = [number for _, number in shown(made.path)]
    assert numbers == [*range(75, 85), *range(5, 15), *range(75, 85)]
    with av.open(str(made.path)) as container:
        assert container.metadata["title"] == "Ada & <Bo>"
    for path in made.beside:
        told = path.read_text()
        assert "game.mp4" in told or path.suffix == ".vtt"
        assert str(game.parent) not in told, "where footage lies is nobody's business"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (3.0, 9.0, "cut 2, smash: from 3 to 9 s, but game.mp4 lasts 4.00 s; trim it"),
        (2.0, 2.0, "from 2 to 2 s"),
        (4.1, 4.3, "lasts 4.00 s"),
    ],
)
def test_a_cut_outside_its_footage_is_named(
    game: Path, tmp_path: Path, start: float, end: float, words: str
) -> None:
    event = (Segment(0.0, 1.0, "smash"),)
    with pytest.raises(SettingError, match=words):
        assemble([cut(game, 0, 1), Cut(str(game), start, end, event)], tmp_path / "reel.mp4")
    with pytest.raises(SettingError, match="choose at least one moment"):
        assemble([], tmp_path / "reel.mp4")
    assert list(tmp_path.iterdir()) == []


@given(
    st.lists(st.tuples(st.integers(1, 99), st.integers(0, 9)), min_size=1, max_size=20), st.integers(100, 600)
)
def test_the_best_that_fit_are_shown_in_order(told: list[tuple[int, int]], tenths: int) -> None:
    cuts = [cut(f"{n}.mp4", 0, length / 10, rank / 9) for n, (length, rank) in enumerate(told)]
    shown = fitting(cuts, tenths / 10)
    assert shown == [one for one in cuts if one in shown], "in order"
    spare = tenths / 10 - sum(one.seconds for one in shown)
    assert spare >= -1e-4
    best = max(one.confidence for one in cuts)
    assert any(one.confidence == best for one in shown)
    assert all(one.seconds > spare - 1e-4 for one in cuts if one not in shown)
    assert fitting(cuts, math.inf) == cuts


def test_where_nothing_fits_it_says_so() -> None:
    with pytest.raises(SettingError, match="the shortest cut lasts 2 s"):
        fitting([cut("a.mp4", 0, 2)], 1.0)
