"""The film itself: one track of pictures, one of sound, and chapters, in an MP4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from pathlib import Path
from types import TracebackType
from typing import Any

import av
from av.audio.stream import AudioStream

from everyframe.highlights.reel import h264
from everyframe.highlights.reel.encoding import Encoded, Encoder, Form, black
from everyframe.highlights.reel.sound import RATE, Samples, frame_of

_BIT_RATE = 160_000  # of the sound
_MILLI = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the film.

    Attributes:
        start: Seconds.
        end: Likewise.
        title: What happens in it.
    """

    start: float
    end: float
    title: str


class Film:
    """Writes an MP4 in the order of time; a context manager.

    Args:
        path: Where.
        form: What its pictures have in common.
        header: The parameter sets of what is copied, where something is.
        sound: Whether it has any.
        chapters: Its parts.
        reorder: How many pictures later than shown a picture of it is decoded at most.
        title: What players call it.
    """

    def __init__(
        self,
        path: Path,
        form: Form,
        *,
        header: h264.Header | None,
        sound: bool,
        chapters: Sequence[Chapter],
        reorder: int,
        title: str = "",
    ) -> None:
        self._base = Fraction(1, form.ticks)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        own = Encoder(form).header
        extradata = h264.boxed([header, own] if header is not None else [own])
        self._pictures = _track(self._container, form, extradata)
        self._sound: AudioStream | None = None
        if sound:
            self._sound = self._container.add_stream("aac", rate=RATE, layout="stereo")
            self._sound.bit_rate = _BIT_RATE
        if title:
            self._container.metadata["title"] = title
        self._container.set_chapters(
            [
                {
                    "id": number,
                    "start": round(one.start * 1000),
                    "end": round(one.end * 1000),
                    "time_base": _MILLI,
                    "metadata": {"title": one.title},
                }
                for number, one in enumerate(chapters)
            ]
        )
        self._container.start_encoding()
        self._interval = round(form.ticks / form.rate)
        self._reorder = reorder
        self._shown: list[int] = []  # of the latest pictures, a heap
        self._count = 0
        self._first = 0
        self._heard = 0

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._sound is not None:
            self._container.mux(self._sound.encode(None))
        self._container.close()

    def show(self, picture: Encoded, lasts: int) -> None:
        """Add a picture, in the order of decoding; it is shown for ``lasts`` ticks."""
        packet = av.Packet(picture.data)
        packet.pts, packet.dts = picture.tick, self._decoding_tick(picture.tick)
        packet.duration, packet.time_base = lasts, self._base
        packet.is_keyframe = picture.key
        packet.stream = self._pictures
        self._container.mux(packet)

    def hear(self, samples: Samples) -> None:
        """Add sound."""
        assert self._sound is not None
        if samples.shape[1]:
            self._container.mux(self._sound.encode(frame_of(samples, self._heard)))
            self._heard += samples.shape[1]

    def _decoding_tick(self, tick: int) -> int:
        """Return when a picture is decoded: as many pictures before it is shown as the film needs anywhere.

        Pieces of different encoders have different delays; this is one clock for all of them.
        """
        if self._count == 0:
            self._first = tick
        heappush(self._shown, tick)
        self._count += 1
        if len(self._shown) > self._reorder:
            return heappop(self._shown)
        return self._first - (self._reorder + 1 - self._count) * self._interval


def _track(container: av.container.OutputContainer, form: Form, extradata: bytes) -> Any:
    """Add a track of pictures with a header that we made ourselves."""
    # PyAV makes such a track from another file's only: a film of one picture, in memory.
    seed = io.BytesIO()
    with av.open(seed, "w", format="mp4") as one:
        stream: Any = one.add_stream("libx264", rate=form.rate, options={"profile": form.profile})
        stream.width, stream.height = form.size
        stream.pix_fmt = form.pixels
        context = stream.codec_context
        context.sample_aspect_ratio = form.aspect
        context.color_range, context.color_primaries, context.color_trc, context.colorspace = form.colour
        one.mux(stream.encode(black(form)))
        one.mux(stream.encode(None))
    seed.seek(0)
    with closing(av.open(seed)) as template:
        track: Any = container.add_stream_from_template(template.streams.video[0])
    track.codec_context.extradata = extradata
    track.time_base = track.codec_context.time_base = Fraction(1, form.ticks)
    return track
