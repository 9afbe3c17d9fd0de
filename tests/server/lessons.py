"""A film of lessons: drawn things that move as their classes say, with still stretches between."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tests.highlights.movers import write_mover

FPS = 20
SECONDS, PAUSE = 1.6, 1.0
KINDS = ("across", "waving")


def write_lessons(path: Path, kinds: list[str], first: int = 0) -> list[tuple[float, float, str]]:
    """Write a film (H.264) of so many movements after each other; return start, end and kind of each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told, shown = [], 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"

        def show(frame: av.VideoFrame) -> None:
            nonlocal shown
            frame.pts, frame.time_base, frame.pict_type = shown, Fraction(1, FPS), 0
            container.mux(stream.encode(frame))
            shown += 1

        chance = np.random.default_rng(first)
        for number, kind in enumerate(kinds):
            part = write_mover(path.parent / f".{number}.mp4", kind, first + number)
            told.append((shown / FPS, shown / FPS + SECONDS, kind))
            with av.open(str(part)) as other:
                for frame in other.decode(video=0):
                    show(frame)
            part.unlink()
            ground = chance.integers(70, 110, (96, 128)).astype(np.uint8)
            for _ in range(round(PAUSE * FPS)):
                show(av.VideoFrame.from_ndarray(np.repeat(ground[..., None], 3, axis=2), format="rgb24"))
        container.mux(stream.encode())
    return told
