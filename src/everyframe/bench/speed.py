"""Speed: how many frames per second several ways of watching get through, all in one run and on one thread.

Machines differ, and the same machine differs from minute to minute. So nothing is measured alone: the
runners take turns, and what counts is one runner's speed beside the others'.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import av
import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from everyframe.errors import SourceNotFound, SourceUnreadable


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a runner was, over the repetitions.

    Attributes:
        fps_median: Frames per second, the middle of the repetitions.
        fps_min: The slowest.
        fps_max: The fastest.
    """

    fps_median: float
    fps_min: float
    fps_max: float


def measure(
    runners: Mapping[str, Callable[[], int]], repeats: int = 3, clock: Callable[[], float] = perf_counter
) -> dict[str, Speed]:
    """Let each runner go ``repeats`` times, interleaved, so that what slows the machine slows all alike.

    Every round begins with another runner, so none always follows the same one.

    Args:
        runners: By name; each processes a whole source and returns how many frames that were.
        repeats: How many rounds.
        clock: Tells seconds.

    Raises:
        SourceUnreadable: A runner found no frame.
        ValueError: There are no repeats.
    """
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}, but should be at least 1")
    names = list(runners)
    rates: dict[str, list[float]] = {name: [] for name in names}
    with one_thread():
        for turn in range(repeats):
            first = turn % len(names) if names else 0
            for name in names[first:] + names[:first]:
                began = clock()
                frames = runners[name]()
                seconds = clock() - began
                if frames < 1:
                    raise SourceUnreadable(f"{name} found no frame to measure on; give a longer video")
                rates[name].append(frames / max(seconds, 1e-9))
    return {name: Speed(statistics.median(some), min(some), max(some)) for name, some in rates.items()}


def measure_file(
    path: str | Path, others: Mapping[str, Callable[[Path], int]], repeats: int = 3
) -> dict[str, Speed]:
    """Measure decoding alone and the pipeline that people write by hand beside ``others``, on one file.

    Args:
        path: A video file.
        others: By name, such as ``watch`` and ``watch_codec``; each takes the path, processes the whole file
            and returns how many frames that were.
        repeats: How many rounds.

    Returns:
        ``decode``, ``mog2`` and the others, by name.

    Raises:
        SourceNotFound: There is no such file.
        SourceUnreadable: It holds no video.
    """
    file = Path(path)
    runners: dict[str, Callable[[], int]] = {"decode": lambda: decode(file), "mog2": lambda: mog2(file)}
    for name, runner in others.items():
        runners[name] = _bound(runner, file)
    return measure(runners, repeats)


def _bound(runner: Callable[[Path], int], file: Path) -> Callable[[], int]:
    return lambda: runner(file)


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV and the linear algebra libraries on one thread while inside."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(limits=1):
            yield
    finally:
        cv2.setNumThreads(before)


def decode(path: str | Path) -> int:
    """Decode a whole file with PyAV on one thread, touch each luma plane, and return the number of frames.

    Raises:
        SourceNotFound: There is no such file.
        SourceUnreadable: It holds no video.
    """
    frames = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise SourceUnreadable(f"{path} holds no video; give a file that does")
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for picture in container.decode(stream):
                plane = picture.planes[0]
                # One byte of each row: the plane is there and was read, and that takes next to no time.
                np.ndarray((plane.height,), np.uint8, memoryview(plane), 0, (plane.line_size,)).max()
                frames += 1
    except FileNotFoundError:
        raise SourceNotFound(f"there is no file {path}; check the path") from None
    except (av.FFmpegError, OSError) as error:
        raise SourceUnreadable(f"{path} cannot be decoded ({error.strerror}); give a video file") from None
    return frames


def mog2(path: str | Path) -> int:
    """Find moving blobs as the tutorials do, on one thread, and return the number of frames.

    ``cv2.VideoCapture`` (BGR frames), the MOG2 background subtractor as it comes, a threshold that drops its
    shadows, an opening by 3 x 3, contours, and a box around each of more than 100 px. This is what
    ``watch`` is held against.

    Zivkovic, "Improved adaptive Gaussian mixture model for background subtraction", ICPR 2004.

    Raises:
        SourceNotFound: There is no such file.
        SourceUnreadable: It holds no video.
    """
    if not Path(path).exists():
        raise SourceNotFound(f"there is no file {path}; check the path")
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    if not video.isOpened():
        raise SourceUnreadable(f"{path} cannot be decoded; give a video file")
    background = cv2.createBackgroundSubtractorMOG2()
    kernel = np.ones((3, 3), np.uint8)
    frames = 0
    try:
        while True:
            more, picture = video.read()
            if not more:
                return frames
            _, moving = cv2.threshold(background.apply(picture), 200, 255, cv2.THRESH_BINARY)
            opened = cv2.morphologyEx(moving, cv2.MORPH_OPEN, kernel)
            contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for contour in contours:
                if cv2.contourArea(contour) > 100:
                    cv2.boundingRect(contour)
            frames += 1
    finally:
        video.release()
