from __future__ import annotations

import gc
from contextlib import closing
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from everyframe.errors import SourceError, SourceNotFound, SourceUnreadable
from everyframe.sources import FileSource
from everyframe.types import Frame, Gap, GapReason


def _read(path: Path, **options: Any) -> tuple[list[Frame], list[Gap]]:
    with closing(FileSource(path, **options)) as source:
        items = list(source)
    return [i for i in items if isinstance(i, Frame)], [i for i in items if isinstance(i, Gap)]


@pytest.fixture
def noisy(pictures: Any) -> Any:
    """A hundred pictures that compress badly, so that damage meets all of them."""
    noise = np.random.default_rng(0).integers(-8, 9, (100, 64, 96))
    return np.clip(pictures(100).astype(int) + noise, 0, 255).astype(np.uint8)


def test_every_frame_comes_as_it_was_written(write_video: Any, pictures: Any) -> None:
    wanted = pictures(30)
    frames, gaps = _read(write_video("a.mkv", wanted, codec="ffv1", pixels="gray"))
    assert gaps == []
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([n / 10 for n in range(30)])
    assert all(np.array_equal(frame.luma, picture) for frame, picture in zip(frames, wanted, strict=True))
    assert frames[0].utc is None


def test_what_the_container_says(write_video: Any, pictures: Any) -> None:
    with closing(FileSource(write_video("a.mp4", pictures(30)))) as source:
        info = source.info
    assert (info.width, info.height, info.fps, info.frames, info.codec) == (
        96,
        64,
        Fraction(10),
        30,
        "h264",
    )
    assert info.duration == pytest.approx(3.0)
    assert info.vectors
    assert not info.live


def test_luma_is_the_decoders_own_memory_and_read_only(write_video: Any, pictures: Any) -> None:
    frames, _ = _read(write_video("a.mp4", pictures(5)))
    assert frames[0].luma.base is not None, "a view"
    with pytest.raises(ValueError, match="read-only"):
        frames[0].luma[0, 0] = 1


def test_pictures_outlive_the_source(write_video: Any, pictures: Any) -> None:
    path = write_video("a.mp4", pictures(40))
    kept, _ = _read(path)
    copies = []
    with closing(FileSource(path)) as source:
        copies = [item.luma.copy() for item in source if isinstance(item, Frame)]
    assert all(np.array_equal(frame.luma, copy) for frame, copy in zip(kept, copies, strict=True))


def test_the_stride_of_odd_widths_is_honoured(write_video: Any, pictures: Any) -> None:
    wanted = pictures(5, width=90, height=50)
    frames, _ = _read(write_video("a.mkv", wanted, codec="ffv1", pixels="gray"))
    assert np.array_equal(frames[3].luma, wanted[3])


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mkv", "ffv1", "yuv420p10le"),
        ("b.mkv", "ffv1", "bgr0"),
        ("c.mkv", "ffv1", "gray16le"),
        ("d.mkv", "libx264", "yuv420p10le"),
        ("e.mkv", "libx264", "yuv444p"),
        ("f.mkv", "rawvideo", "nv12"),
        ("g.mkv", "rawvideo", "yuyv422"),
        ("h.mov", "qtrle", "rgb24"),
        ("i.mov", "prores_ks", "yuv422p10le"),
        ("j.gif", "gif", "rgb8"),
        ("k.webm", "libvpx-vp9", "yuv420p"),
        ("l.avi", "mpeg4", "yuv420p"),
        ("m.mov", "png", "gray16be"),
    ],
)
def test_every_pixel_format_gives_luma_and_colour(
    write_video: Any, pictures: Any, name: str, codec: str, pixels: str
) -> None:
    wanted = pictures(12)
    frames, _ = _read(write_video(name, wanted, codec=codec, pixels=pixels))
    assert len(frames) == 12
    luma, picture = frames[5].luma.astype(int), wanted[5].astype(int)
    assert luma.shape == (64, 96)
    assert frames[5].luma.dtype == np.uint8
    assert np.corrcoef(luma.ravel(), picture.ravel())[0, 1] > 0.95
    assert abs(luma.mean() - picture.mean()) < 12, "not darker or brighter than limited range makes it"
    assert frames[5].rgb().shape == (64, 96, 3)


def test_colour_is_converted_when_asked_for(write_video: Any) -> None:
    red = np.zeros((4, 48, 64, 3), np.uint8)
    red[..., 0] = 200
    red[:, :, 32:] = np.arange(4, dtype=np.uint8)[:, None, None, None]
    frames, _ = _read(write_video("a.mkv", red, codec="ffv1", pixels="bgr0", form="rgb24"))
    assert np.array_equal(frames[2].rgb(), red[2])


def test_motion_vectors_point_where_things_move(write_video: Any, pictures: Any) -> None:
    path = write_video("a.mp4", pictures(20), options={"g": "100", "bf": "0"})
    frames, _ = _read(path, vectors=True)
    assert frames[0].vectors is None, "the first is intra-coded"
    assert frames[0].picture == "I"
    moved = frames[10].vectors
    assert moved is not None
    assert frames[10].picture == "P"
    on_square = moved[(np.abs(moved["dst_y"].astype(int) - 28) < 8) & (moved["motion_x"] != 0)]
    shift = np.median(on_square["motion_x"] / on_square["motion_scale"])
    assert shift == pytest.approx(-3, abs=0.5), "they point back by the three pixels that it walks"
    assert all(frame.vectors is None for frame in _read(path)[0]), "only on request"


def test_pictures_are_let_go_of_at_once(write_video: Any, pictures: Any) -> None:
    """Else memory fills up with decoded pictures until Python's collector comes by."""
    path = write_video("a.mp4", pictures(60))
    gc.collect()
    gc.disable()
    try:
        with closing(FileSource(path, vectors=True)) as source:
            for item in source:
                assert isinstance(item, Frame)
                item.rgb()
        held = sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())
    finally:
        gc.enable()
    assert held < 5


def test_variable_frame_rate_is_right(write_video: Any, pictures: Any) -> None:
    """The trap of a variable frame rate that shifts every event time."""
    times = np.cumsum([0, 0.04, 0.04, 0.2, 0.16, 0.033, 0.12, 0.2, 0.04, 0.1]).tolist()
    for name in ("a.mkv", "a.mp4"):
        frames, gaps = _read(write_video(name, pictures(10), times=times))
        assert [frame.time for frame in frames] == pytest.approx(times, abs=0.001)
        assert gaps == []


def test_time_begins_with_the_first_frame(write_video: Any, pictures: Any) -> None:
    frames, _ = _read(write_video("a.mkv", pictures(5), times=[7.0, 7.1, 7.2, 7.3, 7.4]))
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_a_stream_without_timestamps_takes_the_rate_it_is_told(write_video: Any, pictures: Any) -> None:
    path = write_video("a.h264", pictures(20))
    frames, _ = _read(path)
    assert len(frames) == 20
    assert np.allclose(np.diff([frame.time for frame in frames]), 1 / 25)


def test_a_jump_in_the_file_is_a_gap(write_video: Any, pictures: Any) -> None:
    times = [n / 10 for n in range(20)] + [5 + n / 10 for n in range(20)]
    frames, gaps = _read(write_video("a.mkv", pictures(40), times=times))
    (gap,) = gaps
    assert (gap.start, gap.end) == pytest.approx((1.9, 5.0))
    assert gap.reason is GapReason.MISSING
    assert frames[-1].index == 39


def test_a_recording_whose_clock_starts_again_goes_on(write_video: Any, pictures: Any) -> None:
    """As when a camera restarts in the middle of a transport stream."""
    one = write_video("a.ts", pictures(60), times=[100 + n / 10 for n in range(60)])
    two = write_video("b.ts", pictures(50, seed=5), times=[n / 10 for n in range(50)])
    both = one.with_name("both.ts")
    both.write_bytes(one.read_bytes() + two.read_bytes())
    with closing(FileSource(both)) as source:
        items = list(source)
        frames = [item for item in items if isinstance(item, Frame)]
        found = {frame.index: frame for frame in source.between(6.5, 8.0)}
    assert len(frames) == 110
    assert [item.reason for item in items if isinstance(item, Gap)] == [GapReason.JUMP]
    assert np.allclose(np.diff([frame.time for frame in frames]), 0.1, atol=0.02)
    assert list(found) == [frame.index for frame in frames if 6.5 <= frame.time <= 8.0]
    assert all(np.array_equal(found[n].luma, frames[n].luma) for n in found)


def test_local_and_utc_start(write_video: Any, pictures: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video("a.mp4", pictures(11))
    frames, _ = _read(path, starts=datetime(2024, 5, 1, 12, tzinfo=UTC))
    assert frames[10].utc == pytest.approx(datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC).timestamp())
    local = datetime(2024, 5, 1, 12)  # noqa: DTZ001 - this machine's local time is what is meant
    with closing(FileSource(path, starts=local)) as source:
        assert source.info.start_utc == local.timestamp()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_truncated_file_gives_what_is_there_and_a_gap(write_video: Any, noisy: Any, name: str) -> None:
    container = {"movflags": "faststart"} if name == "a.mp4" else {}
    whole = write_video(name, noisy, options={"g": "20"}, container=container)
    everything, gaps = _read(whole)
    assert (len(everything), gaps) == (100, [])
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    frames, gaps = _read(whole)
    assert 40 < len(frames) < 70
    for frame, other in zip(frames[:-3], everything, strict=False):
        assert np.array_equal(frame.luma, other.luma)
    if name != "a.ts":  # a transport stream does not say how long it was
        assert gaps[-1].end == pytest.approx(9.9, abs=0.05)
        assert gaps[-1].reason is GapReason.MISSING


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_flipped_bytes_are_gaps_and_reading_goes_on(write_video: Any, noisy: Any, name: str) -> None:
    container = {"movflags": "faststart"} if name == "a.mp4" else {}
    path = write_video(name, noisy, options={"g": "20"}, container=container)
    data = bytearray(path.read_bytes())
    for place in np.random.default_rng(3).integers(len(data) // 3, len(data) // 2, 40):
        data[place] ^= 0xFF
    path.write_bytes(data)
    frames, gaps = _read(path)
    assert frames[-1].time == pytest.approx(9.9, abs=0.2), "it went on to the end"
    assert len(frames) < 100
    assert GapReason.UNDECODABLE in {gap.reason for gap in gaps}
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))


def test_the_gap_of_lost_packets_is_where_the_pictures_are_missing(write_video: Any, noisy: Any) -> None:
    path = write_video("a.mp4", noisy, options={"g": "20"}, container={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 6000] = bytes(6000)
    path.write_bytes(data)
    frames, gaps = _read(path)
    lost = max(gaps, key=lambda gap: gap.end - gap.start)
    assert lost.reason is GapReason.UNDECODABLE
    assert lost.frames == pytest.approx((lost.end - lost.start) * 10, abs=1)
    assert frames[-1].index == 99


def _no_file(folder: Path) -> Path:
    return folder / "nothing.mp4"


def _text(folder: Path) -> Path:
    (folder / "text.mp4").write_text("This is no video.\n" * 100)
    return folder / "text.mp4"


def _empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def _headless(folder: Path) -> Path:
    (folder / "noise.mkv").write_bytes(np.random.default_rng(0).bytes(5000))
    return folder / "noise.mkv"


def _audio(folder: Path) -> Path:
    path = folder / "audio.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.rate = 44100
        output.mux(stream.encode(sound))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (_no_file, SourceNotFound, "no such file"),
        (_text, SourceUnreadable, "not video"),
        (_empty, SourceUnreadable, "not video"),
        (_headless, SourceUnreadable, "not video"),
        (_audio, SourceUnreadable, "only audio"),
    ],
)
def test_what_is_no_video_is_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], make: Any, error: type[SourceError], says: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(error, match=says) as caught:
        FileSource(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", ""), "FFmpeg keeps its noise to itself"


def test_a_file_of_which_nothing_can_be_decoded(write_video: Any, noisy: Any) -> None:
    path = write_video("a.mp4", noisy, container={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    start = data.find(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    path.write_bytes(data)
    with pytest.raises(SourceUnreadable, match="no frame"):
        FileSource(path)


def test_damage_makes_no_noise(write_video: Any, noisy: Any, capfd: pytest.CaptureFixture[str]) -> None:
    path = write_video("a.mp4", noisy, options={"g": "20"}, container={"movflags": "faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _read(path)
    assert capfd.readouterr().err == ""


def test_a_colon_in_the_name_is_no_protocol(write_video: Any, pictures: Any, monkeypatch: Any) -> None:
    path = write_video("10:30:00.mp4", pictures(5))
    monkeypatch.chdir(path.parent)
    frames, _ = _read(Path(path.name))
    assert len(frames) == 5


def test_more_threads_give_the_same_frames(write_video: Any, pictures: Any) -> None:
    path = write_video("a.mp4", pictures(40))
    one, two = _read(path)[0], _read(path, threads=2)[0]
    assert [frame.time for frame in one] == [frame.time for frame in two]
    assert all(np.array_equal(a.luma, b.luma) for a, b in zip(one, two, strict=True))


def test_between_finds_the_same_frames_in_long_groups_with_b_frames(write_video: Any, noisy: Any) -> None:
    path = write_video("a.mp4", noisy, options={"g": "40", "bf": "3", "sc_threshold": "0"})
    with closing(FileSource(path)) as source:
        wanted = {item.index: item for item in source if isinstance(item, Frame)}
        for start in np.arange(0, 9.5, 0.35):
            found = list(source.between(start, start + 0.6))
            assert [frame.index for frame in found] == [
                n for n in wanted if start <= wanted[n].time <= start + 0.6
            ]
            assert all(np.array_equal(frame.luma, wanted[frame.index].luma) for frame in found)
