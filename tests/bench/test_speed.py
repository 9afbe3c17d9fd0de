from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from everyframe.bench.speed import Speed, decode, measure, measure_file, mog2, one_thread
from everyframe.errors import SourceNotFound, SourceUnreadable


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "square.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for at in range(20):
            picture = np.full((48, 64, 3), 90, np.uint8)
            picture[10:30, 2 * at : 2 * at + 16] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


class Clock:
    """Stands still, except while a runner moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self.now

    def runner(self, name: str, *seconds: float) -> "Runner":
        return Runner(self, name, list(seconds))


class Runner:
    def __init__(self, clock: Clock, name: str, seconds: list[float]) -> None:
        self.clock, self.name, self.seconds = clock, name, seconds

    def __call__(self) -> int:
        self.clock.now += self.seconds.pop(0)
        self.clock.order.append(self.name)
        return 10


def test_runners_take_turns_and_the_middle_counts() -> None:
    clock = Clock()
    speeds = measure({"a": clock.runner("a", 1.0, 5.0, 2.0), "b": clock.runner("b", 0.5, 0.5, 1.0)}, 3, clock)
    assert speeds == {"a": Speed(5.0, 2.0, 10.0), "b": Speed(20.0, 10.0, 20.0)}
    assert clock.order == ["a", "b", "b", "a", "a", "b"]


def test_a_runner_without_frames_is_no_measurement() -> None:
    with pytest.raises(SourceUnreadable, match="watch found no frame"):
        measure({"watch": lambda: 0})
    with pytest.raises(ValueError, match="repeats"):
        measure({"watch": lambda: 1}, repeats=0)


def test_everything_runs_on_one_thread() -> None:
    before = cv2.getNumThreads()
    seen: list[int] = []

    def look() -> int:
        seen.append(cv2.getNumThreads())
        seen.extend(pool["num_threads"] for pool in threadpool_info())
        return 1

    measure({"look": look}, repeats=1)
    assert set(seen) == {1}
    with pytest.raises(RuntimeError, match="stop"), one_thread():
        raise RuntimeError("stop")
    assert cv2.getNumThreads() == before


def test_every_way_counts_every_frame(clip: Path) -> None:
    assert decode(clip) == 20
    assert mog2(clip) == 20


def test_others_are_measured_beside_ours(clip: Path) -> None:
    given: list[Path] = []

    def watch(path: Path) -> int:
        given.append(path)
        return decode(path)

    speeds = measure_file(str(clip), {"watch": watch}, repeats=2)
    assert list(speeds) == ["decode", "mog2", "watch"]
    assert given == [clip, clip]
    for speed in speeds.values():
        assert 0 < speed.fps_min <= speed.fps_median <= speed.fps_max


@pytest.mark.parametrize("runner", [decode, mog2])
def test_bad_files_are_said_in_one_line(runner: object, tmp_path: Path) -> None:
    assert callable(runner)
    with pytest.raises(SourceNotFound, match="there is no file"):
        runner(tmp_path / "none.mp4")
    fake = tmp_path / "fake.mp4"
    fake.write_text("not a video " * 50)
    with pytest.raises(SourceUnreadable, match="cannot be decoded") as caught:
        runner(fake)
    assert "\n" not in str(caught.value)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(SourceUnreadable, match="holds no video"):
        decode(path)
