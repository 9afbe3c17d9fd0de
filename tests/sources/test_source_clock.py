from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from hypothesis import given
from hypothesis import strategies as st

from everyframe.sources import open_source
from everyframe.sources.containers import Clock
from everyframe.types import Frame


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
def test_pictures_of_an_avi_with_b_frames_come_a_frame_apart(tmp_path: Path, codec: str) -> None:
    """AVI stores when pictures are decoded, not when they are shown; decoders of H.264 make the latter up."""
    path = tmp_path / "match.avi"
    with av.open(str(path), "w", format="avi") as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.max_b_frames = 2
        for number in range(40):
            picture = np.zeros((64, 96, 3), np.uint8)
            picture[:, 2 * number : 2 * number + 6] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    frames = [item for item in open_source(str(path)) if isinstance(item, Frame)]
    times = np.array([frame.time for frame in frames])
    assert len(frames) == 40
    assert times[-1] - times[0] == pytest.approx(39 / 25, abs=0.05)
    assert np.diff(times)[1:] == pytest.approx(0.04)
    middles = [float(np.flatnonzero(frame.luma[32] > 120).mean()) for frame in frames]
    assert middles == sorted(middles)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40))
def test_stamps_that_only_rise_are_taken_as_they_are(steps: list[int]) -> None:
    clock = Clock()
    stamps = np.cumsum(steps).tolist()
    assert [clock.stamp(stamp, stamp - 1) for stamp in stamps] == stamps
    assert clock.stamp(None, stamps[-1] + 7) == stamps[-1] + 7
    assert Clock().stamp(None, None) is None
