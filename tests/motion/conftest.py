"""Clips with motion that is known, encoded as cameras encode them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from everyframe.sources import FileSource
from everyframe.types import Frame

Pictures = Iterator[NDArray[np.uint8]]


def texture(height: int, width: int, seed: int, low: int = 60, high: int = 200) -> NDArray[np.uint8]:
    """Return ``(height, width)`` blotches of some pixels, as on clothes and gravel."""
    rough = np.random.default_rng(seed).random((height, width)).astype(np.float32)
    soft = np.asarray(cv2.GaussianBlur(rough, (0, 0), 2.0))
    soft = (soft - soft.min()) / (soft.max() - soft.min())
    return np.asarray(low + (high - low) * soft, np.uint8)


class Scene(Protocol):
    def __call__(
        self,
        velocity: tuple[float, float] = ...,
        *,
        seconds: float = ...,
        fps: int = ...,
        size: tuple[int, int] = ...,
        noise: float = ...,
        seed: int = ...,
    ) -> Pictures: ...


class Encode(Protocol):
    def __call__(
        self, pictures: Pictures, *, fps: int = ..., codec: str = ..., **options: str
    ) -> list[Frame]: ...


def _scene(
    velocity: tuple[float, float] = (0.0, 0.0),
    *,
    seconds: float = 2.0,
    fps: int = 25,
    size: tuple[int, int] = (320, 192),
    noise: float = 1.0,
    seed: int = 0,
) -> Pictures:
    width, height = size
    random = np.random.default_rng(seed)
    ground = texture(height, width, seed, 80, 120)
    side = height // 2
    thing = texture(side, side, seed + 1)
    # It begins so that it stays inside.
    left = 24.0 if velocity[0] >= 0 else width - side - 24.0
    top = 16.0 if velocity[1] > 0 else (height - side - 16.0 if velocity[1] < 0 else side / 2)
    for number in range(round(seconds * fps)):
        picture = ground.copy()
        if velocity != (0.0, 0.0):
            at = (left + velocity[0] * number / fps, top + velocity[1] * number / fps)
            move = np.array([[1, 0, at[0]], [0, 1, at[1]]], np.float32)
            cv2.warpAffine(thing, move, size, dst=picture, borderMode=cv2.BORDER_TRANSPARENT)
        yield np.clip(picture + random.normal(0.0, noise, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def scene() -> Scene:
    """Pictures of a patch that moves with ``velocity`` (px/s) over ground, or of nothing but ground."""
    return _scene


@pytest.fixture
def encode(tmp_path: Path) -> Encode:
    """Encode pictures, and return the frames that come back, with the encoder's vectors."""
    made = 0

    def run(pictures: Pictures, *, fps: int = 25, codec: str = "libx264", **options: str) -> list[Frame]:
        nonlocal made
        made += 1
        path = tmp_path / f"clip{made}.mp4"
        with av.open(str(path), "w") as output:
            stream: Any = None
            for number, picture in enumerate(pictures):
                if stream is None:
                    stream = output.add_stream(codec, rate=fps, options=options)
                    stream.width, stream.height = picture.shape[1], picture.shape[0]
                    stream.pix_fmt = "yuv420p"
                    if codec == "mpeg4":
                        stream.bit_rate = 2_000_000
                frame = av.VideoFrame.from_ndarray(picture, format="gray")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        frames = [item for item in FileSource(path, vectors=True) if isinstance(item, Frame)]
        return [
            replace(
                frame,
                luma=np.array(frame.luma),
                vectors=None if frame.vectors is None else np.array(frame.vectors),
                to_rgb=None,
            )
            for frame in frames
        ]

    return run


@pytest.fixture
def lose() -> Callable[[list[Frame], int], list[Frame]]:
    """Take out one frame of every so many; the others keep their numbers."""
    return lambda frames, every: [frame for frame in frames if frame.index % every != every - 1]
