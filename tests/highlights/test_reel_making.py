"""A reel of drawn footage, with labels and without."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from tests.highlights.films import shown, write_film

import everyframe as ef
from everyframe.errors import EveryframeError, SettingError, SourceNotFound, SourceUnreadable
from everyframe.highlights import Segment
from everyframe.highlights.labels import read_segments
from everyframe.highlights.reel.interest import Watched, action, moments
from everyframe.highlights.reel.listing import sourced
from everyframe.sources.scene import ParkScene
from everyframe.store import write_clip
from everyframe.types import Frame


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of 12 s with a key frame each second."""
    return write_film(tmp_path_factory.mktemp("game") / "game.mp4", 300, sound="aac", flashes=[2.0, 6.0])


def calm_and_wild(path: Path, seconds: int, wild: list[tuple[int, int]]) -> Path:
    """Write a film in which nothing moves but a little noise, and a lot between the times told."""
    random = np.random.default_rng(1)
    ground = random.integers(60, 160, (72, 128)).astype(np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10, options={"g": "20"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for number in range(seconds * 10):
            picture = ground.copy()
            if any(start <= number / 10 < end for start, end in wild):
                left = (number * 17) % 80
                picture[10:60, left : left + 40] = 250
            output.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p"))
            )
        output.mux(stream.encode(None))
    return path


def test_labels_are_what_is_shown(game: Path, tmp_path: Path) -> None:
    table = tmp_path / "smashes.csv"
    table.write_text("start,end,label,player\n3,4,smash,Ada\n0:08,9,drop,\n")
    made = ef.reel(game, tmp_path / "reel.mp4", labels=table, before=0.4, after=0.4, gap=0, snap=0)
    assert [cut.label for cut in made.cuts] == ["smash", "drop"]
    assert made.cuts[0].events[0].about == {"player": "Ada"}
    assert [number for _, number in shown(made.path)] == [*range(65, 110), *range(190, 235)]
    assert made.seconds == pytest.approx(3.6)


def test_segments_can_be_given_as_such(game: Path, tmp_path: Path) -> None:
    found = [Segment(3.0, 4.0, "smash", 0.3), Segment(8.0, 9.0, "smash", 0.9)]
    made = ef.reel(game, tmp_path / "reel.mp4", labels=found, longest="3s", before=0.5, after=0.5, snap=0)
    assert [number for _, number in shown(made.path)] == list(range(188, 238))


def test_a_condensed_game_of_a_quarter_keeps_every_event_whole(game: Path, tmp_path: Path) -> None:
    found = [Segment(start, start + 0.9, "smash", start / 12) for start in (1.0, 4.0, 9.0)]
    made = ef.reel(game, tmp_path / "reel.mp4", labels=found, longest="25%", condense=True, snap=0)
    assert [cut.label for cut in made.cuts] == ["smash"] * 3
    assert made.seconds <= 3.0
    for cut, one in zip(made.cuts, found, strict=True):
        assert cut.start <= one.start
        assert cut.end >= one.end


def test_cuts_go_to_the_shots_nearby(tmp_path: Path) -> None:
    """The source is cut from one place to another at 4 s; the reel does not show a splinter of the other."""
    with av.open(str(tmp_path / "game.mp4"), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"g": "50"})
        stream.width, stream.height, stream.pix_fmt = 192, 108, "yuv420p"
        for number in range(250):
            place = np.random.default_rng(number >= 100).integers(0, 255, (9, 16)).astype(np.uint8)
            picture = np.kron(place, np.ones((12, 12), np.uint8))
            output.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p"))
            )
        output.mux(stream.encode(None))
    event = [Segment(2.0, 3.0, "smash")]
    made = ef.reel(tmp_path / "game.mp4", tmp_path / "reel.mp4", labels=event, after=1.3, before=0.5)
    assert made.pieces[0].last == pytest.approx(4.0)
    stays = ef.reel(tmp_path / "game.mp4", tmp_path / "reel.mp4", labels=event, after=1.3, before=0.5, snap=0)
    assert stays.pieces[0].last == pytest.approx(4.32)


def test_without_labels_it_shows_what_stands_out(tmp_path: Path) -> None:
    source = calm_and_wild(tmp_path / "yard.mp4", 60, [(20, 24), (41, 44)])
    made = ef.reel(source, tmp_path / "reel.mp4", longest=16)
    assert made.seconds <= 16
    for start, end in ((20, 24), (41, 44)):
        assert any(cut.start <= start and cut.end >= end for cut in made.cuts), made.cuts


def test_where_nothing_moves_there_is_a_reel_all_the_same(tmp_path: Path) -> None:
    source = calm_and_wild(tmp_path / "yard.mp4", 40, [])
    made = ef.reel(source, tmp_path / "reel.mp4", longest=12)
    assert 3 <= made.seconds <= 12
    assert {cut.label for cut in made.cuts} <= {"view", "action"}


def test_condensed_leaves_out_what_is_quiet(tmp_path: Path) -> None:
    source = calm_and_wild(tmp_path / "yard.mp4", 60, [(10, 18), (30, 45)])
    made = ef.reel(source, tmp_path / "reel.mp4", condense=True)
    assert 23 <= made.seconds <= 31
    fast = ef.reel(source, tmp_path / "reel.mp4", fast=8)
    assert fast.seconds == pytest.approx(made.seconds + (60 - made.seconds) / 8, abs=1.0)
    assert {piece.cut.speed for piece in fast.pieces} == {1.0, 8.0}


def test_what_deviates_from_a_baseline_comes_first(tmp_path: Path) -> None:
    def park(name: str, **told: object) -> Path:
        scene = ParkScene(size=(160, 90), fps=5, **told)  # type: ignore[arg-type]
        grey = (Frame(item.index, item.time, item.luma) for item in scene if isinstance(item, Frame))
        return write_clip(grey, tmp_path / name, fps=5)

    known = ef.learn(park("monday.mp4", seed=1, duration=45.0))
    tuesday = ParkScene(seed=2, script="cyclist", size=(160, 90), fps=5)
    cyclist = tuesday.truth[0]
    made = ef.reel(
        park("tuesday.mp4", seed=2, script="cyclist"), tmp_path / "reel.mp4", baseline=known, longest=15
    )
    best = max(made.cuts, key=lambda cut: cut.confidence)
    assert best.confidence > 0.5
    assert best.start <= cyclist.end
    assert best.end >= cyclist.start
    assert "reason" in best.events[0].about


def test_moments_do_not_overlap_and_fill_what_was_asked() -> None:
    random = np.random.default_rng(3)
    watched = [Watched(name, random.random(200) ** 4, random.random(200)) for name in "ab"]
    found = moments(watched, 60.0)
    assert 60 <= sum(one.seconds for one in found) <= 70
    assert found[0].confidence == 1.0
    assert all(one.overlap(other) == 0.0 for one in found for other in found if one is not other)
    assert {one.source for one in found} == {"a", "b"}


def test_action_is_parted_from_quiet() -> None:
    motion = np.full(100, 0.1)
    motion[30:50] = 6.0
    (one,) = action([Watched("a", motion, np.zeros(100))])
    assert [one.start, one.end] == pytest.approx([30, 50], abs=1)


def test_labels_say_of_which_file_they_are(tmp_path: Path) -> None:
    rows = [{"file": "a.mp4", "start": 1, "end": 2, "label": "x", "confidence": 0.5, "date": "2026-05-01"}]
    (tmp_path / "a.json").write_text(json.dumps({"segments": rows}))
    (one,) = read_segments(tmp_path / "a.json")
    assert one == Segment(1.0, 2.0, "x", 0.5, str(tmp_path / "a.mp4"), {"date": "2026-05-01"})
    assert sourced([one], []) == ([one], [one.source])
    moved = str(tmp_path / "elsewhere" / "a.mp4")
    assert sourced([one], [moved, "b.mp4"])[0][0].source == moved
    with pytest.raises(SettingError, match=r"none of the segments is of b\.mp4"):
        sourced([one], ["b.mp4"])
    with pytest.raises(SettingError, match="does not say of which of the files"):
        sourced([Segment(1, 2, "x")], ["a.mp4", "b.mp4"])
    with pytest.raises(SettingError, match="name the file, too"):
        sourced([Segment(1, 2, "x")], [])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"labels": []}, "the list of segments is empty"),
        ({"labels": [Segment(50, 60, "smash")]}, "no event lies within the footage"),
        ({"labels": [Segment(1, 6, "smash")], "longest": 2}, "the shortest event lasts 5 s"),
        ({"longest": "soon"}, "is no length of time"),
        ({"fast": 4, "longest": 60}, "leave out how long it may last"),
        ({"fast": 0.5}, "times as fast"),
        ({"beside": "avid"}, "'avid' cannot lie beside a film"),
        ({"way": "magic"}, "not magic"),
        ({"before": -1}, "before is -1 s"),
        ({"labels": [Segment(1, 2, "x")], "baseline": "park.baseline"}, "leave out the baseline"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    game: Path, tmp_path: Path, told: dict[str, object], words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        ef.reel(game, tmp_path / "reel.mp4", **told)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_footage_that_is_none(game: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0" * 16_000)
    kinds: list[tuple[object, type[EveryframeError], str]] = [
        (tmp_path / "none.mp4", SourceNotFound, "there is no such file"),
        (tmp_path / "text.mp4", SourceUnreadable, "this is not video"),
        (tmp_path / "sound.wav", SourceUnreadable, "it holds no video"),
        (tmp_path, SettingError, "a reel is cut from video files"),
        ((), SettingError, "no footage was named"),
    ]
    for source, kind, words in kinds:
        with pytest.raises(kind, match=words):
            ef.reel(source, tmp_path / "reel.mp4", labels=[Segment(1, 2, "x")] if source else None)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=r"let its name end in \.mp4"):
        ef.reel(game, tmp_path / "reel.avi")
    with pytest.raises(SettingError, match="is one of the sources"):
        ef.reel(game, game)


def test_events_outside_are_told_and_left_out(game: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    found = [Segment(3, 4, "smash"), Segment(40, 41, "drop"), Segment(50, 51, "drop")]
    made = ef.reel(game, tmp_path / "reel.mp4", labels=found, note=notes.append)
    assert [cut.label for cut in made.cuts] == ["smash"]
    assert notes == [f"{game} ends at 12.0 s; 2 events, the first of them drop at 40 s, after that: left out"]
