"""A film of drawn sources: every picture and every sound is the right one, at the right time."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.highlights.films import draw, heard, moments, shown, write_film

from everyframe.errors import SettingError, SourceUnreadable
from everyframe.highlights.reel.cutting import Way, cut_film
from everyframe.highlights.reel.footage import open_footage
from everyframe.highlights.reel.pieces import Piece
from everyframe.highlights.reel.planning import Cut
from everyframe.highlights.segments import Segment

NTSC = Fraction(30_000, 1001)


def made(
    folder: Path, *cuts: tuple[Path, float, float] | tuple[Path, float, float, float], way: Way = "smart"
) -> tuple[list[Piece], Path, list[str]]:
    """Cut a film; return its pieces, where it lies, and what was said."""
    notes: list[str] = []
    sources = {str(cut[0]): open_footage(cut[0]) for cut in cuts}
    planned = [
        Cut(str(source), start, end, (Segment(start, end, "smash"),) if not rest else (), *rest)
        for source, start, end, *rest in cuts
    ]
    path = folder / "reel.mp4"
    return cut_film(planned, sources, path, way=way, note=notes.append), path, notes


def expected(*stretches: tuple[int, int], fps: Fraction | int = 25) -> list[tuple[float, int]]:
    """Return time and number of each picture of a film with these stretches, the ends left out."""
    numbers = [number for first, end in stretches for number in range(first, end)]
    return [(round(float(n / Fraction(fps)), 4), number) for n, number in enumerate(numbers)]


GOPS = {
    "without B pictures": {"g": "25", "bf": "0"},
    "with B pictures": {"g": "25", "bf": "3", "x264-params": "b-pyramid=normal:scenecut=0"},
    "open groups": {"g": "25", "bf": "2", "x264-params": "open-gop=1:scenecut=0"},
    "many slices": {"g": "12", "x264-params": "slices=4"},
    "baseline": {"g": "25", "profile": "baseline"},
    "one key frame": {"g": "1000"},
    "key frames only": {"g": "1"},
}


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts", "mov"])
@pytest.mark.parametrize("kind", GOPS)
def test_every_picture_comes_once_at_its_time(tmp_path: Path, kind: str, ending: str) -> None:
    source = write_film(tmp_path / f"game.{ending}", 150, options=GOPS[kind])
    pieces, film, notes = made(tmp_path, (source, 0.6, 3.2), (source, 4.0, 5.0))
    assert shown(film) == expected((15, 80), (100, 125))
    assert notes == []
    if kind not in ("one key frame", "open groups"):
        assert sum(piece.copied for piece in pieces) >= 25, "most of it is copied"


def test_cuts_on_key_frames_encode_nothing(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150, options={"g": "25", "bf": "0", "sc_threshold": "0"})
    pieces, film, _ = made(tmp_path, (source, 1.0, 3.0), (source, 4.0, 5.0))
    assert [piece.encoded for piece in pieces] == [0, 0]
    with av.open(str(source)) as one, av.open(str(film)) as other:
        before = [bytes(packet) for packet in one.demux(video=0) if packet.size]
        after = [bytes(packet) for packet in other.demux(video=0) if packet.size]
    strip = [packet[packet.find(b"\x65") :] if n == 0 else packet for n, packet in enumerate(before)]
    assert after[1:50] == strip[26:75]
    assert after[51:75] == strip[101:125]


def test_only_the_edges_are_encoded(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150, options={"g": "25", "bf": "0", "sc_threshold": "0"})
    pieces, film, _ = made(tmp_path, (source, 0.8, 5.6))
    assert (pieces[0].copied, pieces[0].encoded) == (115, 5)
    assert shown(film) == expected((20, 140))


@pytest.mark.parametrize("fps", [25, NTSC, Fraction(24_000, 1001), 60, Fraction(25, 2), 10])
@pytest.mark.parametrize("way", ["smart", "encode"])
def test_rates_stay_what_they_are(tmp_path: Path, fps: Fraction | int, way: Way) -> None:
    source = write_film(tmp_path / "game.mp4", 100, fps=fps)
    start, end = float(30 / Fraction(fps)), float(90 / Fraction(fps))
    _, film, _ = made(tmp_path, (source, start, end), way=way)
    assert shown(film) == expected((30, 90), fps=fps)


@pytest.mark.parametrize("way", ["smart", "encode"])
def test_intervals_that_vary_stay_what_they_are(tmp_path: Path, way: Way) -> None:
    steps = np.random.default_rng(4).choice([0.02, 0.04, 0.1, 0.333], 100)
    times = [round(float(time), 3) for time in np.cumsum(steps) - steps[0]]
    source = write_film(tmp_path / "game.mp4", 100, times=times)
    _, film, _ = made(tmp_path, (source, times[10], times[40]), (source, times[60], times[90]), way=way)
    length = times[40] - times[10]
    told = [(times[n] - times[10], n) for n in range(10, 40)]
    told += [(length + times[n] - times[60], n) for n in range(60, 90)]
    found = shown(film)
    assert [number for _, number in found] == [number for _, number in told]
    assert [time for time, _ in found] == pytest.approx([time for time, _ in told], abs=2e-3)


@pytest.mark.parametrize("sound", ["aac", "libopus", "mp2"])
@pytest.mark.parametrize("way", ["smart", "encode"])
def test_flash_and_beep_come_together(tmp_path: Path, sound: str, way: Way) -> None:
    flashes = [0.6, 1.4, 3.0, 4.2, 5.2]
    source = write_film(tmp_path / "game.mkv", 150, sound=sound, flashes=flashes, options={"g": "40"})
    _, film, _ = made(tmp_path, (source, 1.0, 2.2), (source, 2.52, 4.6), (source, 5.0, 5.6), way=way)
    seen, beeps = moments(film)
    assert seen == pytest.approx([0.4, 1.2 + 0.48, 1.2 + 1.68, 1.2 + 2.08 + 0.2], abs=1e-3)
    assert beeps == pytest.approx(seen, abs=0.04)


def test_they_come_together_where_the_rate_varies(tmp_path: Path) -> None:
    steps = np.random.default_rng(5).choice([1, 1, 2, 3], 120)
    times = [round(float(n) / 30, 5) for n in np.cumsum(steps) - steps[0]]
    source = write_film(
        tmp_path / "phone.mp4", 120, fps=30, times=times, sound="aac", flashes=[times[30], times[80]]
    )
    _, film, _ = made(tmp_path, (source, times[60], times[110]), (source, times[11], times[50]))
    seen, beeps = moments(film)
    between = times[110] - times[60] + times[30] - times[11]
    assert seen == pytest.approx([times[80] - times[60], between], abs=2e-3)
    assert beeps == pytest.approx(seen, abs=0.04)


def test_ffprobe_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    """Copied and encoded pieces after one another, with sound and chapters."""
    program = shutil.which("ffprobe")
    if program is None:
        pytest.skip("ffprobe is not installed; see .ci/packages.txt")
    source = write_film(tmp_path / "game.mp4", 100, fps=NTSC, sound="aac", flashes=[2.0])
    other = write_film(tmp_path / "other.mkv", 50, codec="mpeg4", options={})
    pieces, film, _ = made(tmp_path, (source, 0.5, 2.5), (other, 0.4, 1.2))
    told = ["-v", "error", "-count_frames", "-show_streams", "-show_chapters", "-show_format", "-of", "json"]
    done = subprocess.run([program, *told, str(film)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    streams = {one["codec_type"]: one for one in found["streams"]}
    assert int(streams["video"]["nb_read_frames"]) == sum(len(piece.found.stamps) for piece in pieces)
    assert pieces[0].copied > 0
    length = float(pieces[-1].end)
    for kind in ("video", "audio"):
        assert float(streams[kind]["start_time"]) == pytest.approx(0.0, abs=0.01)
        assert float(streams[kind]["duration"]) == pytest.approx(length, abs=0.04)
    starts = [float(one["start_time"]) for one in found["chapters"]]
    assert starts == pytest.approx([0.0, float(pieces[1].start)], abs=1e-3)


def test_they_stay_together_over_many_cuts(tmp_path: Path) -> None:
    """Nothing adds up: not rounding, not the encoder's blocks of sound."""
    source = write_film(
        tmp_path / "game.mp4",
        300,
        fps=NTSC,
        sound="aac",
        flashes=[n * 0.5005 for n in range(1, 20)],
        sound_rate=44_100,
    )
    cuts = [(source, 0.3 + 0.5005 * n, 0.75 + 0.5005 * n) for n in range(18)]
    _, film, _ = made(tmp_path, *cuts)
    seen, beeps = moments(film)
    assert len(seen) == len(beeps) == 18
    assert np.abs(np.array(seen) - np.array(beeps)).max() < 0.02


def test_sound_that_begins_late_is_heard_where_it_was(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mkv", 100, sound="aac", flashes=[1.4, 3.0], late=1.0)
    _, film, _ = made(tmp_path, (source, 0.2, 3.6))
    seen, beeps = moments(film)
    assert beeps == pytest.approx(seen, abs=0.04)
    assert len(seen) == 2


def test_joints_are_faded(tmp_path: Path) -> None:
    flashes = [round(0.08 * n, 2) for n in range(60)]  # one long tone
    source = write_film(tmp_path / "game.mp4", 100, sound="aac", flashes=flashes)
    _, film, _ = made(tmp_path, (source, 0.52, 1.52), (source, 2.0, 3.0))
    level, rate = heard(film)
    joint = rate
    assert level[joint - 60 : joint + 60].max() < 0.5 * level[rate // 2 : rate // 2 + 480].max()
    assert level[joint - 1200 : joint - 600].max() > 0.4


def test_a_source_without_sound_is_silent_beside_one_that_has_some(tmp_path: Path) -> None:
    loud = write_film(tmp_path / "loud.mp4", 75, sound="aac", flashes=[1.0])
    mute = write_film(tmp_path / "mute.mp4", 75, first=1000)
    _, film, _ = made(tmp_path, (mute, 0.0, 2.0), (loud, 0.0, 2.0), (mute, 1.0, 2.0))
    seen, beeps = moments(film)
    assert seen == pytest.approx([3.0])
    assert beeps == pytest.approx([3.0], abs=0.04)
    assert len(heard(film)[0]) / 48_000 == pytest.approx(5.0, abs=0.03)


def test_sources_without_sound_make_a_film_without(tmp_path: Path) -> None:
    source = write_film(tmp_path / "mute.mp4", 75)
    _, film, _ = made(tmp_path, (source, 1.0, 2.0))
    with av.open(str(film)) as container:
        assert not container.streams.audio


def test_sources_that_differ_come_into_one_form(tmp_path: Path) -> None:
    lead = write_film(tmp_path / "a.mp4", 100)
    wide = write_film(tmp_path / "b.mp4", 50, size=(448, 128), first=1000, codec="mpeg4", options={})
    other = write_film(
        tmp_path / "c.mkv", 50, first=2000, options={"g": "25", "x264-params": "ref=2:cabac=0"}
    )
    pieces, film, notes = made(tmp_path, (lead, 0.0, 3.0), (wide, 0.4, 1.2), (other, 0.4, 1.6))
    assert [piece.copied > 0 for piece in pieces] == [True, False, False]
    assert len(notes) == 2
    assert "b.mp4 is encoded again: it is mpeg4" in notes[0]
    assert "c.mkv is encoded again: its encoder was set otherwise" in notes[1]
    found = shown(film)
    assert [number for _, number in found[:75]] == list(range(75))
    assert [number for _, number in found[95:]] == list(range(2010, 2040))
    with av.open(str(film)) as container:
        picture = next(frame for n, frame in enumerate(container.decode(video=0)) if n == 80).to_ndarray(
            format="gray"
        )
    assert picture.shape == (128, 224)
    assert picture[:28].max() < 40, "black above what is wider"
    assert picture[40:90].mean() > 40


def test_a_phone_held_upright_stays_upright(tmp_path: Path) -> None:
    path = tmp_path / "phone.mov"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 224, 128, "yuv420p"
        stream.set_display_rotation(-90.0)
        for _ in range(50):
            # As the sensor has it: what is up in the scene is at the left of the picture.
            picture = np.full((128, 224), 60, np.uint8)
            picture[:, :60] = 220
            output.mux(
                stream.encode(av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p"))
            )
        output.mux(stream.encode(None))
    assert open_footage(path).rotation == 270
    _, film, notes = made(tmp_path, (path, 0.0, 1.0))
    assert "turned by its metadata" in notes[0]
    with av.open(str(film)) as container:
        frame = next(container.decode(video=0))
        upright = frame.to_ndarray(format="gray")
    assert upright.shape == (224, 128)
    assert upright[:40].mean() > 180 > 100 > upright[100:].mean()
    assert frame.rotation == 0


def test_interlaced_footage_is_told_and_comes_out_whole(tmp_path: Path) -> None:
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1"}
    source = write_film(tmp_path / "tape.ts", 100, options=options)
    assert open_footage(source).interlaced
    _, film, notes = made(tmp_path, (source, 1.0, 3.0))
    assert notes == [f"{source} is encoded again: it is interlaced"]
    assert shown(film) == expected((25, 75))
    assert not open_footage(film).interlaced


def test_deeper_pixels_are_told_and_encoded(tmp_path: Path) -> None:
    source = write_film(tmp_path / "deep.mp4", 75, pixels="yuv420p10le")
    _, film, notes = made(tmp_path, (source, 1.0, 3.0))
    assert "no encoder here matches its High 10 yuv420p10le" in notes[0]
    assert shown(film) == expected((25, 75))


def test_quiet_parts_go_by_faster(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 250, sound="aac", flashes=[9.0])
    pieces, film, _ = made(tmp_path, (source, 0.0, 8.0, 4.0), (source, 8.0, 10.0))
    found = shown(film)
    assert float(pieces[0].end) == pytest.approx(2.0)
    fast = [(time, number) for time, number in found if time < 1.999]
    assert 40 <= len(fast) <= 55
    assert all(abs(number - 100 * time) <= 4 for time, number in fast)
    assert [number for time, number in found if time >= 1.999] == list(range(200, 250))
    seen, beeps = moments(film)
    assert seen == pytest.approx([3.0])
    assert beeps == pytest.approx([3.0], abs=0.04)


def test_chapters_are_the_cuts(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150)
    _, film, _ = made(tmp_path, (source, 1.0, 2.2), (source, 3.0, 5.0))
    with av.open(str(film)) as container:
        told = [(Fraction(one["start"], 1000), Fraction(one["end"], 1000)) for one in container.chapters()]
        names = [one["metadata"]["title"] for one in container.chapters()]
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(3.2, abs=0.05)
    assert told == [(0, Fraction(6, 5)), (Fraction(6, 5), Fraction(16, 5))]
    assert names == ["smash", "smash"]


def test_damaged_pictures_are_told_and_time_goes_on(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150, sound="aac", flashes=[4.0])
    with av.open(str(source)) as container:
        spots = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(source.read_bytes())
    for position, size in spots[30:45]:
        assert position is not None
        data[position + 4 : position + size] = bytes(size - 4)
    source.write_bytes(data)
    pieces, film, notes = made(tmp_path, (source, 1.08, 5.0), way="encode")
    assert pieces[0].lost > 0
    assert f"{pieces[0].lost} pictures between 1.1 s and 5.0 s cannot be decoded" in notes[0]
    assert len(notes) == 1
    seen, beeps = moments(film)
    assert seen == pytest.approx([4.0 - 1.08])
    assert beeps == pytest.approx(seen, abs=0.04)


def test_a_cut_without_any_picture_is_left_out_and_told(tmp_path: Path) -> None:
    source = write_film(tmp_path / "slow.mp4", 20, times=[float(n) for n in range(20)])
    pieces, _, notes = made(tmp_path, (source, 2.0, 4.0), (source, 5.2, 5.6))
    assert len(pieces) == 1
    assert "slow.mp4 has no picture between 5.20 s and 5.60 s" in notes[0]


def test_no_picture_at_all(tmp_path: Path) -> None:
    source = write_film(tmp_path / "slow.mp4", 20, times=[float(n) for n in range(20)])
    with pytest.raises(SettingError, match="no picture in any of the cuts"):
        made(tmp_path, (source, 5.2, 5.6))
    assert list(tmp_path.iterdir()) == [source]


def test_the_same_cuts_give_the_same_film(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 150, sound="aac", flashes=[2.0])
    _, film, _ = made(tmp_path, (source, 0.8, 5.6))
    once = film.read_bytes()
    made(tmp_path, (source, 0.8, 5.6))
    assert film.read_bytes() == once


def test_timestamps_that_leap_back_are_told(tmp_path: Path) -> None:
    """Two recordings one after the other in one file, as some recorders write them."""
    one = write_film(tmp_path / "one.ts", 75).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(one + one)
    with pytest.raises(SourceUnreadable, match=r"both\.ts: its timestamps leap back near"):
        made(tmp_path, (path, 0.0, 6.0))


def test_pictures_without_a_time_are_told(tmp_path: Path) -> None:
    path = write_film(tmp_path / "raw.h264", 50)
    with pytest.raises(SourceUnreadable, match=r"raw\.h264"):
        made(tmp_path, (path, 0.0, 1.0))


def test_a_film_of_more_cuts_than_one_would_want(tmp_path: Path) -> None:
    source = write_film(tmp_path / "game.mp4", 250, options={"g": "10"})
    stretches = [(n, n + 7) for n in range(0, 240, 8)]
    _, film, _ = made(tmp_path, *((source, a / 25, b / 25) for a, b in stretches))
    assert shown(film) == expected(*stretches)


def test_what_is_drawn_can_be_read() -> None:
    from tests.highlights.films import number_of

    assert [number_of(draw(number)) for number in (0, 1, 999, 4095)] == [0, 1, 999, 4095]
