"""The sound of stretches of footage: as long as the pictures to a sample, faded at the joints."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.filter import Graph
from numpy.typing import NDArray

from everyframe.highlights.reel.footage import Footage

RATE = 48_000
"""Samples per second of a reel."""
FADE = 0.005
"""Seconds of rise and fall at a joint: none is heard as a click."""

_LAYOUT = "stereo"
_BLOCK = RATE // 10
_BACK = (0.5, 5.0, None)  # seconds before the wanted time from which on to decode: codecs need a start
_LATE = 0.1  # seconds after the wanted time at which a seek has gone too far
_APART = 0.02  # seconds by which a sample may lie beside its time before the sound is put right
_MOST_ERRORS = 100

Samples = NDArray[np.float32]
"""``(2, N)`` samples between -1 and 1."""


def stretch(footage: Footage, start: float, end: float, count: int, speed: float = 1.0) -> Generator[Samples]:
    """Yield the sound of a stretch in blocks, ``count`` samples in all; silence where there is none.

    Args:
        footage: Where.
        start: Seconds.
        end: Likewise.
        count: Samples at ``RATE``.
        speed: How many times as fast; the pitch stays.
    """
    done = 0
    coming = _heard(footage, start, end) if footage.sound else iter(())
    if speed != 1.0:
        coming = _faster(coming, speed)
    for block in coming:
        part = block[:, : count - done]
        yield _faded(part, done, count)
        done += part.shape[1]
        if done >= count:
            return
    while done < count:
        size = min(_BLOCK, count - done)
        yield np.zeros((2, size), np.float32)
        done += size


def _faded(block: Samples, at: int, count: int) -> Samples:
    ramp = max(1, min(round(FADE * RATE), count // 2))
    if at >= ramp and at + block.shape[1] <= count - ramp:
        return block
    place = np.arange(at, at + block.shape[1], dtype=np.float32) + 0.5
    gain = np.clip(np.minimum(place, count - place) / ramp, 0.0, 1.0).astype(np.float32)
    faded: Samples = block * gain
    return faded


def _heard(footage: Footage, start: float, end: float) -> Iterator[Samples]:
    """Yield the sound from ``start`` on without a hole: what is missing is silence."""
    at = 0  # samples yielded
    behind = 0  # samples since ``start`` that the decoded sound has reached
    over = round((end - start) * RATE)
    for time, block in _decoded(footage, start):
        if time is not None:
            due = round((time - start) * RATE)
            if abs(due - behind) > _APART * RATE or behind == 0:
                behind = due
        while at < min(behind, over):
            size = min(_BLOCK, behind - at)
            yield np.zeros((2, size), np.float32)
            at += size
        skip = max(0, at - behind)
        behind += block.shape[1]
        if skip < block.shape[1]:
            yield block[:, skip:]
            at += block.shape[1] - skip
        if at >= over:
            return


def _decoded(footage: Footage, start: float) -> Iterator[tuple[float | None, Samples]]:
    """Yield times in seconds and blocks of sound from a little before ``start`` on."""
    for back in _BACK:
        with closing(footage.opened()) as container:
            stream = container.streams.audio[0]
            base = float(stream.time_base or 0) or 1.0 / RATE
            zero = float(footage.origin * footage.time_base)
            if back is not None and start > back:
                try:
                    container.seek(round((zero + start - back) / base), stream=stream)
                except av.error.FFmpegError:
                    continue
            resampler = AudioResampler(format="fltp", layout=_LAYOUT, rate=RATE)
            first = True
            for frame in _frames(container, stream):
                time = frame.pts * base - zero if frame.pts is not None else None
                if first and back is not None and start > back and (time is None or time > start + _LATE):
                    break
                first = False
                frame.pts = None
                try:
                    ready = resampler.resample(frame)
                except ValueError:  # the form changes in the middle
                    resampler = AudioResampler(format="fltp", layout=_LAYOUT, rate=RATE)
                    ready = resampler.resample(frame)
                for number, one in enumerate(ready):
                    yield (time if number == 0 else None), one.to_ndarray().astype(np.float32, copy=False)
            if not first or back is None:
                return


def _frames(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[AudioFrame]:
    coming = container.demux(stream)
    errors = 0
    while errors < _MOST_ERRORS:
        try:
            packet = next(coming, None)
            if packet is None:
                return
            yield from packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            errors += 1
            coming = container.demux(stream)


def _faster(blocks: Iterator[Samples], speed: float) -> Iterator[Samples]:
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout=_LAYOUT, time_base=Fraction(1, RATE))
    planar = graph.add("aformat", f"sample_fmts=fltp:channel_layouts={_LAYOUT}")
    graph.link_nodes(source, graph.add("atempo", f"{speed:.6f}"), planar, graph.add("abuffersink"))
    graph.configure()
    at = 0
    for block in blocks:
        for start in range(0, block.shape[1], _BLOCK):
            part = np.ascontiguousarray(block[:, start : start + _BLOCK])
            graph.push(frame_of(part, at))
            at += part.shape[1]
            yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame.to_ndarray().astype(np.float32, copy=False)


def frame_of(samples: Samples, at: int) -> AudioFrame:
    """Return samples as FFmpeg takes them, ``at`` samples after the beginning."""
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=_LAYOUT)
    frame.sample_rate = RATE
    frame.pts, frame.time_base = at, Fraction(1, RATE)
    return frame
