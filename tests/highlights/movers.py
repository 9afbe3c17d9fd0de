"""Clips in which a patterned square moves as its class says; drawn, each a little different."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from everyframe.highlights import Segment

KINDS = ("across", "up", "waving")


def write_mover(path: Path, kind: str, seed: int, *, fps: int = 20, seconds: float = 1.6) -> Path:
    """Write a clip of one kind of motion; the seed decides place, size, pace and the ground."""
    chance = np.random.default_rng(seed)
    ground = chance.integers(70, 110, (96, 128)).astype(np.uint8)
    side = int(chance.integers(16, 24))
    body = chance.integers(120, 250, (side, side)).astype(np.uint8)
    pace, phase = chance.uniform(0.85, 1.2), chance.uniform(0.0, 6.0)
    turn = chance.choice([-1, 1])
    x, y = 64 - side / 2 + chance.uniform(-8, 8), 48 - side / 2 + chance.uniform(-6, 6)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 128, 96, "yuv420p", 2_000_000
        for number in range(round(fps * seconds)):
            time = number / fps - seconds / 2
            away = {
                "across": (turn * 45.0 * pace * time, 0.0),
                "up": (0.0, -35.0 * pace * time),
                "waving": (14.0 * np.sin(7.0 * pace * time + phase), 0.0),
                "circling": (
                    13.0 * np.cos(6.0 * pace * time + phase),
                    13.0 * np.sin(6.0 * pace * time + phase),
                ),
            }[kind]
            picture = ground.copy()
            left, top = (
                int(np.clip(v, 0, m - side))
                for v, m in zip((x + away[0], y + away[1]), (128, 96), strict=True)
            )
            picture[top : top + side, left : left + side] = body
            frame = av.VideoFrame.from_ndarray(np.repeat(picture[..., None], 3, axis=2), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def movers(folder: Path, kind: str, count: int, first: int = 0) -> list[Segment]:
    """Return segments of so many clips of a kind, each lasting its whole clip."""
    files = [write_mover(folder / kind / f"{seed}.mp4", kind, seed) for seed in range(first, first + count)]
    return [Segment(0.0, 1.6, kind, source=str(file)) for file in files]


def still(path: Path, seed: int, seconds: float) -> Path:
    """Write footage in which only the noise moves, and now and then the light."""
    chance = np.random.default_rng(seed)
    ground = chance.integers(70, 200, (96, 128)).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 128, 96, "yuv420p", 2_000_000
        for number in range(round(seconds * 20)):
            light = 12.0 * np.sin(number / 9.0)
            picture = np.clip(ground + light + chance.integers(-4, 5, ground.shape), 0, 255).astype(np.uint8)
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.repeat(picture[..., None], 3, 2), format="rgb24"))
            )
        container.mux(stream.encode())
    return path


def write_black(path: Path) -> Path:
    """Write a second in which there is nothing to see."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=20)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for _ in range(20):
            black = np.zeros((96, 128, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(black, format="rgb24")))
        container.mux(stream.encode())
    return path
