"""What lies beside a film: lists that come back to the frame, chapters, JSON, HLS."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.highlights.films import shown, write_film
from tests.highlights.test_reel_cutting import NTSC, made

from everyframe.errors import SettingError, StorageError
from everyframe.highlights.reel import cutlists
from everyframe.highlights.reel.beside import KINDS, kinds, write_beside
from everyframe.highlights.reel.pieces import Piece

LISTS = ("edl", "fcpxml", "otio")
VARIABLE = "variable"


@pytest.fixture(scope="module", params=[25, NTSC, VARIABLE, 10, Fraction(25, 2), Fraction(60_000, 1001)])
def film(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Piece], Path]:
    """Return the pieces and the path of a film with all that lies beside it."""
    folder = tmp_path_factory.mktemp("film")
    if request.param == VARIABLE:  # a phone: nominally 30, with pictures left out in the dark
        steps = np.random.default_rng(2).choice([1, 1, 1, 2, 3], 300)
        times = [round(float(n) / 30, 5) for n in np.cumsum(steps) - steps[0]]
        source = write_film(folder / "game & set.mp4", 300, fps=30, times=times)
    else:
        source = write_film(folder / "game & set.mp4", 300, fps=request.param)
    last = 299 / float(request.param) if request.param != VARIABLE else times[-1]
    cuts = [(source, last * a, last * b) for a, b in ((0.1, 0.237), (0.25, 0.31), (0.5, 0.777), (0.01, 0.05))]
    pieces, path, _ = made(folder, *cuts)
    write_beside(path, pieces, KINDS)
    return pieces, path


@dataclass
class Read:
    """A clip as it was read."""

    source: Any
    there: Any
    speed: float
    url: str


def clips(path: Path, rate: Fraction) -> list[Read]:
    timeline = cutlists.read_list(path, rate)  # clips know their place only as long as it lives
    return [
        Read(
            clip.source_range,
            clip.range_in_parent(),
            clip.effects[0].time_scalar if clip.effects else 1.0,
            clip.media_reference.target_url,
        )
        for clip in timeline.find_children(descended_from_type=otio.schema.Clip)
    ]


@pytest.mark.parametrize("kind", LISTS)
def test_lists_come_back_with_the_same_cuts_to_the_frame(film: tuple[list[Piece], Path], kind: str) -> None:
    pieces, path = film
    rate = cutlists.rate_of_list(pieces[0].footage.rate)
    found = clips(path.with_suffix(f".{kind}"), rate)
    assert len(found) == len(pieces)
    for clip, piece in zip(found, pieces, strict=True):
        source, there = clip.source, clip.there
        assert source.start_time.rate == pytest.approx(float(rate))
        assert source.start_time.value == round(piece.first * rate)
        assert there.start_time.value == round(piece.start * rate)
        assert there.end_time_exclusive().value == round(piece.end * rate)
        assert abs(source.start_time.to_seconds() - piece.first) <= 0.5 / rate + 1e-6
        assert "game%20%26%20set.mp4" in clip.url


def test_frames_of_a_fixed_rate_are_the_source_s_own(tmp_path: Path) -> None:
    """Frame 30 of the source is frame 30 of the list, and as many are told as the film has."""
    source = write_film(tmp_path / "game.mp4", 200, fps=NTSC)
    pieces, path, _ = made(tmp_path, (source, 30 / float(NTSC), 95 / float(NTSC)))
    write_beside(path, pieces, LISTS)
    assert len(shown(path)) == 65
    for kind in LISTS:
        (clip,) = clips(path.with_suffix(f".{kind}"), NTSC)
        assert (clip.source.start_time.value, clip.source.duration.value) == (30, 65)


def test_otio_and_edl_come_back_without_any_help_of_ours(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150)
    pieces, path, _ = made(tmp_path, (source, 1.0, 2.2), (source, 3.0, 5.0))
    write_beside(path, pieces, LISTS)
    for kind, told in (("otio", {}), ("edl", {"rate": 25}), ("fcpxml", {"adapter_name": "fcpx_xml"})):
        timeline = otio.adapters.read_from_file(str(path.with_suffix(f".{kind}")), **told)
        ranges = [clip.source_range for clip in timeline.find_children(descended_from_type=otio.schema.Clip)]
        assert [(one.start_time.value, one.duration.value) for one in ranges] == [(25, 30), (75, 50)]


@pytest.mark.parametrize("fps", [25, NTSC])
def test_sped_up_parts_are_told(tmp_path: Path, fps: Fraction | int) -> None:
    source = write_film(tmp_path / "game.mp4", 300, fps=fps)
    pieces, path, _ = made(tmp_path, (source, 0.0, 8.0, 4.0), (source, 8.0, 9.0))
    write_beside(path, pieces, LISTS)
    rate = Fraction(fps)
    for kind in ("otio", "edl"):
        fast, plain = clips(path.with_suffix(f".{kind}"), rate)
        assert [fast.speed, plain.speed] == pytest.approx([4.0, 1.0], abs=0.01)
        assert fast.there.duration.value == round(pieces[0].end * rate)
    edl = path.with_suffix(".edl").read_text()
    assert re.search(r"00:00:00[:;]00 00:00:0[78][:;]\d\d 00:00:00[:;]00 00:00:0[12][:;]\d\d", edl)
    assert "<timeMap>" in path.with_suffix(".fcpxml").read_text()


@pytest.mark.parametrize(
    ("rate", "told"),
    [
        (Fraction(25), Fraction(25)),
        (Fraction(2997, 100), NTSC),
        (Fraction(867_000_000, 28_928_899), NTSC),
        (Fraction(10), Fraction(30)),
        (Fraction(25, 2), Fraction(25)),
        (Fraction(15), Fraction(30)),
        (Fraction(12), Fraction(24)),
        (Fraction(1193, 60), Fraction(24_000, 1001)),
    ],
)
def test_the_rate_of_a_list_is_one_that_editors_know(rate: Fraction, told: Fraction) -> None:
    assert cutlists.rate_of_list(rate) == told


@given(st.fractions(min_value=1, max_value=200))
def test_any_rate_has_a_list(rate: Fraction) -> None:
    assert 23 < cutlists.rate_of_list(rate) <= 60


def test_chapters_as_webvtt(film: tuple[list[Piece], Path]) -> None:
    pieces, path = film
    text = path.with_suffix(".vtt").read_text()
    assert text.startswith("WEBVTT\n\n1\n00:00:00.000 --> ")
    times = re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\nsmash", text)
    assert len(times) == len(pieces)
    for told, piece in zip(times, pieces, strict=True):
        hours, minutes, seconds = told[:3]
        assert 3600 * int(hours) + 60 * int(minutes) + float(seconds) == pytest.approx(
            float(piece.start), abs=6e-4
        )


def test_json_says_where_everything_is(film: tuple[list[Piece], Path]) -> None:
    pieces, path = film
    told = json.loads(path.with_suffix(".json").read_text())
    assert told["film"] == "reel.mp4"
    assert told["seconds"] == pytest.approx(float(pieces[-1].end))
    numbers = shown(path)
    for cut in told["cuts"]:
        count = sum(1 for time, _ in numbers if cut["film_start"] - 1e-3 <= time < cut["film_end"] - 1e-3)
        assert count == cut["pictures"]
        assert cut["film_end"] - cut["film_start"] == pytest.approx(cut["end"] - cut["start"], abs=1e-4)
        assert cut["events"][0]["label"] == "smash"


def test_hls_plays_as_the_film_does(film: tuple[list[Piece], Path]) -> None:
    _, path = film
    playlist = path.with_suffix(".hls") / "reel.m3u8"
    text = playlist.read_text()
    assert '#EXT-X-MAP:URI="init.mp4"' in text
    assert text.rstrip().endswith("#EXT-X-ENDLIST")
    assert [number for _, number in shown(playlist)] == [number for _, number in shown(path)]
    assert not [one for one in path.parent.iterdir() if ".part" in one.name or ".old" in one.name]


def test_a_playlist_that_is_there_is_replaced(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150)
    for start in (1.0, 3.0):
        pieces, path, _ = made(tmp_path, (source, start, start + 1.0))
        (playlist,) = write_beside(path, pieces, ["hls"])
        assert shown(playlist)[0][1] == start * 25
    assert sorted(one.name for one in tmp_path.iterdir()) == ["game.mp4", "reel.hls", "reel.mp4"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 75)
    pieces, path, _ = made(tmp_path, (source, 1.0, 2.0))
    path.with_suffix(".hls").write_text("in the way")
    (path.with_suffix(".edl")).mkdir()
    for kind in ("hls", "edl"):
        with pytest.raises(StorageError, match=f"Cannot write .*reel.{kind}"):
            write_beside(path, pieces, [kind])
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == 25


def test_what_can_lie_beside() -> None:
    assert kinds("edl, otio,edl") == ("edl", "otio")
    assert kinds("all") == KINDS
    assert kinds("") == ()
    with pytest.raises(SettingError, match="'avid' cannot lie beside a film; choose of vtt, json"):
        kinds("edl,avid")
