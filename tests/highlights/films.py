"""Films that tests draw: each picture shows its number, and a flash comes with a beep."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
_BITS = 12
_CELL = 16  # pixels of a bit
FLASH = 0.08  # seconds
SIZE = (224, 128)


def draw(number: int, size: tuple[int, int] = SIZE, *, flash: bool = False) -> NDArray[np.uint8]:
    """Draw a picture ``(H, W)`` that shows its number as cells at the top, and something that moves below."""
    width, height = size
    picture = np.full((height, width), 250 if flash else 60, np.uint8)
    left = (7 * number) % (width - 24)
    picture[-60:-36, left : left + 24] = 150
    for bit in range(_BITS):
        picture[:_CELL, bit * _CELL : (bit + 1) * _CELL] = 225 if number >> bit & 1 else 20
    return picture


def number_of(picture: NDArray[Any]) -> int:
    """Read the number that a picture shows."""
    middle = picture[_CELL // 2, _CELL // 2 : _BITS * _CELL : _CELL]
    return int(sum((int(value) > 128) << bit for bit, value in enumerate(middle)))


def beep(seconds: float, at: Sequence[float], rate: int = RATE) -> NDArray[np.float32]:
    """Return ``(2, N)`` samples of silence with beeps that begin at the times given."""
    samples = np.zeros((2, round(seconds * rate)), np.float32)
    tone = 0.6 * np.sin(2 * np.pi * 1000 * np.arange(round(FLASH * rate)) / rate).astype(np.float32)
    for time in at:
        start = round(time * rate)
        part = tone[: max(0, samples.shape[1] - start)]
        samples[:, start : start + len(part)] = part
    return samples


def write_film(
    path: Path,
    pictures: int,
    *,
    fps: Fraction | int = 25,
    times: Sequence[float] | None = None,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pixels: str = "yuv420p",
    sound: str = "",
    flashes: Sequence[float] = (),
    first: int = 0,
    late: float = 0.0,
    sound_rate: int = RATE,
) -> Path:
    """Write a film.

    Args:
        path: Its ending says the container.
        pictures: How many.
        fps: Per second.
        times: When each is shown, where they vary.
        size: ``(width, height)``.
        codec: Of the pictures.
        options: Of the encoder.
        pixels: Their format.
        sound: Codec of the sound; none where empty.
        flashes: Seconds at which there is a flash, with a beep.
        first: Number of the first picture.
        late: Seconds by which the sound begins after the pictures.
        sound_rate: Samples per second.
    """
    told = list(times) if times is not None else [float(Fraction(n) / Fraction(fps)) for n in range(pictures)]
    base = Fraction(1, 90_000)
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(
            codec, rate=Fraction(fps), options=options or {"g": "25", "sc_threshold": "0"}
        )
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        if times is not None:
            stream.codec_context.time_base = base
        track: Any = output.add_stream(sound, rate=sound_rate, layout="stereo") if sound else None
        if track is not None:
            samples = beep(told[-1] + 0.2, flashes, sound_rate)
            at = round(late * sound_rate)
        for number, time in enumerate(told):
            flash = any(start - 1e-6 <= time < start + FLASH - 1e-6 for start in flashes)
            frame = av.VideoFrame.from_ndarray(draw(first + number, size, flash=flash), format="gray")
            if times is not None:
                frame.pts, frame.time_base = round(time * 90_000), base
            else:
                frame.pts, frame.time_base = number, 1 / Fraction(fps)
            output.mux(stream.encode(frame.reformat(format=pixels)))
            if track is not None:
                due = min(round((time + 0.1) * sound_rate), samples.shape[1])
                if due > at:
                    block = av.AudioFrame.from_ndarray(
                        np.ascontiguousarray(samples[:, at:due]), format="fltp", layout="stereo"
                    )
                    block.sample_rate = sound_rate
                    block.pts, block.time_base = at, Fraction(1, sound_rate)
                    output.mux(track.encode(block))
                    at = due
        output.mux(stream.encode(None))
        if track is not None:
            output.mux(track.encode(None))
    return path


def shown(path: Path) -> list[tuple[float, int]]:
    """Return the time and the number of each picture of a film."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = float(stream.time_base or 0)
        return [
            (round((frame.pts or 0) * base, 4), number_of(frame.to_ndarray(format="gray")))
            for frame in container.decode(stream)
        ]


def moments(path: Path) -> tuple[list[float], list[float]]:
    """Return when flashes and beeps begin in a film, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        base = float(stream.time_base or 0)
        bright = [
            ((frame.pts or 0) * base, frame.to_ndarray(format="gray")[40:].mean() > 190)
            for frame in container.decode(stream)
        ]
    flashes = [time for (_, before), (time, now) in pairwise(bright) if now and not before]
    level, rate = heard(path)
    loud = level > 0.2
    quiet_before = np.convolve(loud, np.ones(round(0.05 * rate)), "full")[: len(loud)]
    starts = [n for n in np.flatnonzero(loud) if quiet_before[n - 1] == 0] if loud.any() else []
    return flashes, [float(n / rate) for n in starts]


def heard(path: Path) -> tuple[NDArray[np.float32], int]:
    """Return a film's sound as one row of absolute samples from time 0 on, and the rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        base = float(stream.time_base or 0)
        parts: list[tuple[int, NDArray[np.float32]]] = []
        for frame in container.decode(stream):
            at = round((frame.pts or 0) * base * frame.sample_rate)
            data = frame.to_ndarray()
            parts.append((at, np.abs(data[0] if data.ndim > 1 else data).astype(np.float32)))
            rate = frame.sample_rate
    end = max(at + len(part) for at, part in parts)
    level = np.zeros(end, np.float32)
    for at, part in parts:
        level[max(at, 0) : at + len(part)] = part[max(0, -at) :]
    return level, rate
